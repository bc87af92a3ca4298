"""The rung of silences, inhibitions and mute times: is anybody kept from being told, and by what? Pure."""

from collections.abc import Iterator

from cockpit.alerts.routing import Matcher, Route
from cockpit.alerts.why.facts import Facts, Peer
from cockpit.alerts.why.model import UNSUPPRESSED, Rung, RungState
from cockpit.alerts.why.received import holders
from cockpit.alerts.why.routed import labels_known, taken_by
from cockpit.alerts.why.rule import NOT_KNOWN
from cockpit.alerts.why.words import error_text, labels_text, shown, when
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
        return _free(having, facts)
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


def _free(having: tuple[tuple[Peer, WireAlert], ...], facts: Facts) -> Rung:
    """Return the rung of an alert that nothing is told to hold: not known where mute times are not told."""
    soon = tuple(_planned(facts, having[0][1].labels))
    intervals = dict.fromkeys(name for each in taken_by(facts) for name in _intervals(each.route))
    if intervals and not any(peer.tells_mutes for peer, _ in having):
        names = ", ".join(map(shown, intervals))
        evidence = f"whether time interval {names} mutes it now: Alertmanager tells that from 0.28 on"
        hint = "no silence or inhibition holds it; look up the interval in Alertmanager's configuration"
        return Rung(
            name=UNSUPPRESSED, state=RungState.UNKNOWN, evidence=evidence, detail=(hint, *soon), at=facts.now
        )
    evidence = "no silence, inhibition or mute time holds it"
    return Rung(name=UNSUPPRESSED, state=RungState.OK, evidence=evidence, detail=soon, at=facts.now)


def _intervals(route: Route) -> tuple[str, ...]:
    return (*route.muted_in, *(f"{name} (active)" for name in route.active_in))


def _planned(facts: Facts, labels: dict[str, str]) -> Iterator[str]:
    """Yield the silences that will cover `labels` once they begin."""
    for silence in _covering(facts, labels, "pending"):
        starts = when(silence.starts_at, facts.now)
        yield f"from {starts} on it will be {_silence(silence, facts.now)}"


def _covering(facts: Facts, labels: dict[str, str], state: str) -> list[Silence]:
    """Return the silences of `state` that cover `labels`, each once: peers gossip them."""
    found = {
        silence.id: silence
        for peer in facts.peers
        for silence in (() if isinstance(peer.silences, SourceError) else peer.silences)
        if silence.state == state and _covers(silence, labels)
    }
    return list(found.values())[:_NAMED]


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
    for alert in facts.known:
        if alert.fingerprint == fingerprint:
            return f"{shown(alert.name)} {labels_text(alert.labels)}".strip()
    return f"the alert {shown(fingerprint)}"


def _silence(silence: Silence, now: float) -> str:
    left = short_duration(max(0.0, silence.ends_at - max(now, silence.starts_at)))
    left += " left" if silence.starts_at <= now else " long"
    comment = f': "{shown(silence.comment)}"' if silence.comment else ""
    by = shown(silence.created_by) or "somebody"
    return f"silenced by {by} until {when(silence.ends_at, now)}, {left}{comment} (id {silence.id[:8]})"


def _later(facts: Facts) -> Rung:
    if not labels_known(facts):
        return Rung(name=UNSUPPRESSED, state=RungState.LATER, evidence=NOT_KNOWN)
    labels = facts.subject.labels
    soon = tuple(_planned(facts, labels))
    if active := _covering(facts, labels, "active"):
        evidence = f"would be {_silence(active[0], facts.now)}"
        return Rung(name=UNSUPPRESSED, state=RungState.LATER, evidence=evidence, detail=soon)
    failed = [each.silences for each in facts.peers if isinstance(each.silences, SourceError)]
    its = "it" if facts.subject.instance else "all of its alerts"
    evidence = f"no silence waits for {its}"
    evidence = f"not known: {error_text(failed[0])}" if failed else evidence
    return Rung(name=UNSUPPRESSED, state=RungState.LATER, evidence=evidence, detail=soon)


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
