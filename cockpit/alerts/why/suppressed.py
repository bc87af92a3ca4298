"""The rung of silences, inhibitions and mute times: is anybody kept from being told, and by what? Pure."""

from cockpit.alerts.routing import Matcher
from cockpit.alerts.why.facts import Facts, Peer
from cockpit.alerts.why.model import UNSUPPRESSED, Rung, RungState
from cockpit.alerts.why.received import holders
from cockpit.alerts.why.routed import labels_known
from cockpit.alerts.why.rule import NOT_KNOWN
from cockpit.alerts.why.words import error_text, shown, when
from cockpit.clients.source import SourceError
from cockpit.clients.wire import Silence, WireAlert
from cockpit.units import short_duration

_NAMED = 3


def suppressed_rung(facts: Facts) -> Rung:
    """Return what suppresses the alert: it counts where every Alertmanager that has it does so."""
    having = holders(facts)
    if not having:
        return _later(facts)
    free = [peer.name for peer, alert in having if not _suppressors(alert)]
    held = [(peer, alert) for peer, alert in having if _suppressors(alert)]
    if not held:
        return Rung(
            name=UNSUPPRESSED,
            state=RungState.OK,
            evidence="no silence, inhibition or mute time holds it",
            at=facts.now,
        )
    peer, alert = held[0]
    said, due = _said(peer, alert, facts)
    if free:
        detail = (f"{peer.name} alone: {said[0]}", *said[1:])
        evidence = f"not at {', '.join(free)}"
        return Rung(name=UNSUPPRESSED, state=RungState.OK, evidence=evidence, detail=detail, at=facts.now)
    return Rung(
        name=UNSUPPRESSED,
        state=RungState.BROKEN,
        evidence=said[0],
        detail=tuple(said[1:]),
        at=facts.now,
        due=due,
    )


def _suppressors(alert: WireAlert) -> tuple[str, ...]:
    return (*alert.silenced_by, *alert.inhibited_by, *alert.muted_by)


def _said(peer: Peer, alert: WireAlert, facts: Facts) -> tuple[list[str], float | None]:
    """Return a line for each that suppresses it, and when the last silence ends where nothing else does."""
    known = {} if isinstance(peer.silences, SourceError) else {each.id: each for each in peer.silences}
    found = [known.get(mark) for mark in alert.silenced_by]
    said = [
        _silence(each, facts.now) if each else f"silenced by {shown(mark)}"
        for mark, each in zip(alert.silenced_by, found, strict=True)
    ]
    names = [_name(mark, facts) for mark in alert.inhibited_by[:_NAMED]]
    if names:
        more = len(alert.inhibited_by) - len(names)
        said.append(f"inhibited by {', '.join(names)}{f' and {more} more' if more > 0 else ''}")
    if alert.muted_by:
        said.append(f"muted by the time interval {', '.join(map(shown, alert.muted_by))}")
    only_silenced = not alert.inhibited_by and not alert.muted_by and all(found)
    return said, max(each.ends_at for each in found if each) if only_silenced else None


def _name(fingerprint: str, facts: Facts) -> str:
    return shown(facts.names.get(fingerprint) or f"the alert {fingerprint}")


def _silence(silence: Silence, now: float) -> str:
    left = short_duration(max(0.0, silence.ends_at - now))
    comment = f': "{shown(silence.comment)}"' if silence.comment else ""
    by = shown(silence.created_by) or "somebody"
    return f"silenced by {by} until {when(silence.ends_at, now)}, {left} left{comment} (id {silence.id[:8]})"


def _later(facts: Facts) -> Rung:
    if not labels_known(facts):
        return Rung(name=UNSUPPRESSED, state=RungState.LATER, evidence=NOT_KNOWN)
    labels = facts.subject.labels
    for peer in facts.peers:
        for silence in () if isinstance(peer.silences, SourceError) else peer.silences:
            if silence.state == "active" and _covers(silence, labels):
                evidence = f"would be {_silence(silence, facts.now)}"
                return Rung(name=UNSUPPRESSED, state=RungState.LATER, evidence=evidence)
    failed = [each.silences for each in facts.peers if isinstance(each.silences, SourceError)]
    evidence = f"not known: {error_text(failed[0])}" if failed else "no silence waits for it"
    return Rung(name=UNSUPPRESSED, state=RungState.LATER, evidence=evidence)


def silence_ended(facts: Facts) -> float:
    """Return when the last silence of the alert that is over ended, in Unix seconds; 0 for none."""
    return max(
        (
            silence.ends_at
            for peer, alert in holders(facts)
            for silence in (() if isinstance(peer.silences, SourceError) else peer.silences)
            if silence.state == "expired" and _covers(silence, alert.labels)
        ),
        default=0.0,
    )


def _covers(silence: Silence, labels: dict[str, str]) -> bool:
    try:
        return all(Matcher(name, op, value).matches(labels) for name, op, value in silence.matchers)
    except ValueError:
        return False
