"""Whether a receiver was told by what the Alertmanagers count, where no sink sees it arrive. Pure."""

from cockpit.drills.model import Notified
from cockpit.drills.state import Exercise, Seen
from cockpit.drills.verify.carrying import annotations, lacks
from cockpit.drills.verify.counts import Rise, rise
from cockpit.drills.verify.limits import after, carried, late, untold
from cockpit.drills.verify.looked import Look, channels, firing_since
from cockpit.drills.verify.seen import awaited, failed, inconclusive, passed
from cockpit.errors import CockpitError


def by_counters(condition: Notified, name: str, look: Look, exercise: Exercise) -> Seen:
    """Return whether all integrations of the receiver were sent something since the alert fired.

    The counters are over all alerts of an integration: they are evidence, not proof. What a message carries
    is looked up in the alert's annotations.
    """
    if reason := _blind(look):
        return inconclusive(reason)
    since = firing_since(name, look, exercise)
    kinds = channels(condition.notified, look)
    names = " and ".join(kinds)
    if since is None:
        return awaited(untold(condition, names, since, look))
    risen = rise(look.counts, kinds, since)
    if risen is None:
        return inconclusive(f"Alertmanager's counters were not read before {name} fired")
    notes = annotations(name, {}, look, exercise)
    if notes is not None and (said := lacks(condition.carrying, notes, look.links)):
        return failed(f"{names} can be told of {name} only {said}", alert=name, annotations=dict(notes))
    if failing := _failing(risen):
        return failing
    if risen.by is None or not all(risen.requests.values()):
        return awaited(untold(condition, names, since, look))
    if said := late(condition, (risen.after or risen.by) - since, look):
        return failed(f"{names} told{after(risen.by, since, look)}, {said}", **_evidence(name, since, risen))
    looked_up = f"{carried(condition)} by the alert's annotations" if condition.carrying else ""
    said = (
        f"{names} told{after(risen.by, since, look)}{looked_up}: counted by Alertmanager, not seen to arrive"
    )
    return passed(said, **_evidence(name, since, risen), annotations=dict(notes or {}))


def _blind(look: Look) -> str:
    """Return why the counters say nothing now; empty where they do."""
    failed = [str(peer.counters) for peer in look.peers if isinstance(peer.counters, CockpitError)]
    unread = [str(peer.settings) for peer in look.peers if isinstance(peer.settings, CockpitError)]
    return "; ".join(failed or unread) if look.peers else "no Alertmanager is configured"


def _failing(risen: Rise) -> Seen | None:
    """Return that requests fail; where only some do, nobody tells whose they were."""
    for kind, count in risen.failed.items():
        if round(count) >= 1:
            total = max(round(risen.requests[kind]), round(count))
            said = f"{kind}: {round(count)} of {total} requests failed, counted by Alertmanager"
            some = round(count) < total
            return inconclusive(f"{said}; whose they were is not told") if some else awaited(said)
    return None


def _evidence(name: str, since: float, risen: Rise) -> dict[str, object]:
    return {
        "by": "alertmanager",
        "alert": name,
        "firing_since": since,
        "requests": risen.requests,
        "failed": risen.failed,
        "received_at": risen.by,
    }
