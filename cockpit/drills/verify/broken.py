"""Which link is broken between an alert and those to be told, by Alertmanager's configuration. Pure."""

from collections.abc import Sequence

from cockpit.alerts.why.words import labels_text
from cockpit.clients.sink import Notification
from cockpit.clients.wire import WireAlert
from cockpit.drills.model import Inhibited, Notified
from cockpit.drills.state import Exercise, Outcome
from cockpit.drills.verify.looked import Look, Peer, held
from cockpit.drills.verify.settings import Inhibition, Settings
from cockpit.errors import CockpitError


def not_routed(condition: Notified, name: str, look: Look, exercise: Exercise) -> str:
    """Return where the alert is routed to, where that is not the receiver of the condition."""
    wanted = condition.notified
    for peer, alert in held(name, look, exercise):
        if isinstance(peer.settings, CockpitError):
            continue
        takers = peer.settings.takers(alert.labels)
        kinds = [kind for each in takers for kind in peer.settings.kinds(each)]
        if takers and wanted not in (*takers, *kinds):
            reached = "; ".join(str(peer.settings.routing.receiver(each)) for each in takers)
            return f"it is routed to {reached} instead"
    return ""


def no_inhibition(peer: Peer, target: WireAlert, sources: Sequence[WireAlert]) -> str:
    """Return why no rule of the Alertmanager lets one of `sources` inhibit `target`."""
    if isinstance(peer.settings, CockpitError):
        return f"the configuration of {peer.name} cannot be read: {peer.settings}"
    rules = peer.settings.inhibitions
    if not rules:
        return f"{peer.name} has no inhibition rule"
    for source in sources:
        for rule in rules:
            if rule.concerns(source.labels, target.labels):
                return _unequal(rule, source, target)
    if not sources:
        return f"no alert at {peer.name} inhibits it"
    by = sources[0].labels.get("alertname", "")
    return f"no inhibition rule of {peer.name} lets {by} inhibit it ({labels_text(target.labels)})"


def _unequal(rule: Inhibition, source: WireAlert, target: WireAlert) -> str:
    by = source.labels.get("alertname", "")
    differing = rule.unequal(source.labels, target.labels)
    if not differing:
        return f"a rule lets {by} inhibit it, yet Alertmanager does not"
    said = ", ".join(
        f"{label} ({_value(source, label)} of {by}, {_value(target, label)} of it)" for label in differing
    )
    return f"the inhibition rule for {by} asks for an equal {said}"


def _value(alert: WireAlert, label: str) -> str:
    return alert.labels.get(label) or "none"


def lost_end(missing: Sequence[Notification], look: Look, exercise: Exercise) -> str:
    """Return why receivers that were told of an alert were not told that it is over."""
    kinds = sorted({each.kind for each in missing})
    said = f"{' and '.join(kinds)} {'was' if len(kinds) == 1 else 'were'} not told that it is over"
    for peer in look.peers:
        if not isinstance(peer.settings, CockpitError) and (off := _off(peer.settings, missing)):
            return f"{said}: send_resolved is off for {' and '.join(off)}"
    if any(_was_inhibited(name, exercise) for each in missing for name in each.alerts):
        return f"{said}: it was inhibited, and Alertmanager tells nobody of what ends while it is inhibited"
    return f"{said}: nothing was sent, or the receiver refused it"


def _off(own: Settings, missing: Sequence[Notification]) -> list[str]:
    """Return the receivers that alerts like those of `missing` go to and that are not told of an end."""
    found = {
        receiver: kinds
        for receiver, kinds in own.unresolved.items()
        if any(each.kind in kinds for each in missing)
    }
    taking = {taker for each in missing for taker in own.takers({"alertname": _name(each), **each.labels})}
    return sorted(found.keys() & taking) or sorted(found)


def _name(message: Notification) -> str:
    return next(iter(message.alerts), "")


def _was_inhibited(name: str, exercise: Exercise) -> bool:
    return any(
        isinstance(condition, Inhibited) and condition.inhibited == name and seen.outcome is Outcome.PASSED
        for phase in exercise.phases
        for condition, seen in zip(phase.phase.verify, phase.conditions, strict=True)
    )
