"""Which link is broken between an alert and those to be told, by Alertmanager's configuration. Pure."""

from collections.abc import Mapping, Sequence

from cockpit.alerts.why.words import labels_text
from cockpit.clients.sink import Notification
from cockpit.clients.wire import WireAlert
from cockpit.drills.model import Notified
from cockpit.drills.state import Exercise
from cockpit.drills.verify.looked import Look, Peer, held, history
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


def lost_end(name: str, missing: Sequence[Notification], look: Look, exercise: Exercise) -> str:
    """Return why receivers that were told of the alert `name` were not told that it is over."""
    kinds = sorted({each.kind for each in missing})
    said = f"{' and '.join(kinds)} {'was' if len(kinds) == 1 else 'were'} not told that it is over"
    for peer in look.peers:
        if isinstance(peer.settings, CockpitError) or isinstance(peer.alerts, CockpitError):
            continue
        if off := _off(peer.settings, missing):
            return f"{said}: send_resolved is off for {' and '.join(off)}"
        for labels in history(name, look, exercise):
            if by := _inhibiting(peer.settings, peer.alerts, labels):
                return f"{said}: {by} inhibits it, and nobody is told before that is over"
    return f"{said}: nothing was sent, or the receiver refused it"


def _inhibiting(own: Settings, alerts: Sequence[WireAlert], labels: Mapping[str, str]) -> str:
    """Return the name of an alert that inhibits what has `labels`, though it is over; empty without one."""
    names = (
        alert.labels.get("alertname", "")
        for alert in alerts
        for rule in own.inhibitions
        if rule.concerns(alert.labels, labels) and not rule.unequal(alert.labels, labels)
    )
    return next(names, "")


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
