"""Whether a receiver was told of an alert, in time and with what it takes to act. Pure."""

from collections.abc import Sequence
from typing import Any

from cockpit.clients.sink import Notification
from cockpit.drills.model import Notified
from cockpit.drills.state import Exercise, Seen
from cockpit.drills.verify.carrying import annotations, lacking
from cockpit.drills.verify.counted import by_counters
from cockpit.drills.verify.limits import after, carried, granted, late, untold
from cockpit.drills.verify.looked import Look, channels, firing_since, messages
from cockpit.drills.verify.seen import awaited, failed, inconclusive, passed
from cockpit.errors import CockpitError

_KEPT = ("receiver", "kind", "received_at", "alerts", "labels", "summary", "text", "runbook", "body")


def notified(condition: Notified, name: str, look: Look, exercise: Exercise) -> Seen:
    """Return whether the receiver was told of the alert `name`, by the sink or else by the counters."""
    if look.told is None:
        return by_counters(condition, name, look, exercise)
    if isinstance(look.told, CockpitError):
        return inconclusive(str(look.told))
    told = [each for each in messages(name, look, exercise) if each.status == "firing"]
    first = {
        kind: next((each for each in told if kind in (each.kind, each.receiver)), None)
        for kind in channels(condition.notified, look)
    }
    came = [each for each in first.values() if each is not None]
    since = firing_since(name, look, exercise)
    if wrong := _wrong(condition, name, came, since, look, exercise):
        return wrong
    if missing := [kind for kind, each in first.items() if each is None]:
        if unseen := _unseen(look):
            return inconclusive(unseen)
        return awaited(untold(condition, " and ".join(missing), since, look))
    last = max(each.received_at for each in came)
    said = f"{condition.notified} told{after(last, since, look)}{carried(condition)}"
    return passed(said, **_evidence(came, name, since))


def _unseen(look: Look) -> str:
    """Return why it cannot be told whether anybody has to be told now; empty where it can."""
    return str(look.rules) if isinstance(look.rules, CockpitError) else look.silent


def _wrong(
    condition: Notified,
    name: str,
    came: Sequence[Notification],
    since: float | None,
    look: Look,
    exercise: Exercise,
) -> Seen | None:
    """Return what is wrong with a message that came: time does not mend it."""
    for each in came:
        evidence = _evidence([each], name, since)
        if granted(condition, look) is not None and since is None:
            return inconclusive(f"{each.kind} was told, but when {name} began to fire is not known")
        if since is not None and (said := late(condition, each.received_at - since, look)):
            return failed(f"{each.kind} told{after(each.received_at, since, look)}, {said}", **evidence)
        notes = annotations(name, each.labels, look, exercise)
        if condition.carrying and notes is None:
            return inconclusive(f"{each.kind} was told, but the annotations of {name} are not known")
        if said := lacking(condition.carrying, each, notes or {}, look.links):
            return failed(f"{each.kind} was told of {name} {said}", **evidence)
    return None


def _evidence(came: Sequence[Notification], name: str, since: float | None) -> dict[str, Any]:
    """Return what is recorded of the messages: the first as it is, the others as a list."""
    kept = [{key: getattr(each, key) for key in _KEPT} for each in came]
    others = {"others": kept[1:]} if len(kept) > 1 else {}
    times = {} if since is None else {"firing_since": since}
    return {"by": "sink", "alert": name, **times, **kept[0], **others}
