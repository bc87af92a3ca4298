"""The rung of delivery to Alertmanager: which of them have the alert. Pure."""

from collections.abc import Iterator

from cockpit.alerts.why.facts import Facts, Peer
from cockpit.alerts.why.model import RECEIVED, Rung, RungState
from cockpit.alerts.why.rule import due_at
from cockpit.alerts.why.words import ago, counted, error_text, shown, when
from cockpit.clients.source import SourceError
from cockpit.clients.wire import WireAlert
from cockpit.units import short_duration


def own_alerts(peer: Peer, facts: Facts) -> Iterator[WireAlert]:
    """Yield the alerts of `peer` that are the one asked for: their labels agree with those that were sent."""
    subject = facts.subject
    sent = {name: value for name, value in subject.labels.items() if name not in subject.loose}
    for group in peer.groups if not isinstance(peer.groups, SourceError) else ():
        for alert in group.alerts:
            theirs = {name: value for name, value in alert.labels.items() if name not in subject.loose}
            if theirs == sent if subject.exact else _agree(theirs, sent):
                yield alert


def _agree(theirs: dict[str, str], sent: dict[str, str]) -> bool:
    """Say whether labels agree, where it is not known which of them were added or dropped on the way."""
    return all(sent.get(name, value) == value for name, value in theirs.items())


def holders(facts: Facts) -> tuple[tuple[Peer, WireAlert], ...]:
    """Return the Alertmanagers that have it, each with what it has."""
    if not facts.subject.firing:
        return ()
    found = ((peer, next(own_alerts(peer, facts), None)) for peer in facts.peers)
    return tuple((peer, alert) for peer, alert in found if alert is not None)


def received_rung(facts: Facts) -> Rung:
    """Return who has it; who could not be asked is named, with the reason."""
    if not facts.peers:
        return _rung(RungState.UNKNOWN, "no Alertmanager is configured: pass --alertmanager URL", facts)
    if not facts.subject.firing:
        names = ", ".join(peer.name for peer in facts.peers)
        silent = tuple(_error(peer) for peer in facts.peers if isinstance(peer.groups, SourceError))
        return Rung(
            name=RECEIVED,
            state=RungState.LATER,
            evidence=f"then by {names}",
            detail=silent,
            due=due_at(facts.subject),
        )
    having = holders(facts)
    return _held(having, facts) if having else _held_by_none(facts)


def _rung(state: RungState, evidence: str, facts: Facts, detail: tuple[str, ...] = ()) -> Rung:
    return Rung(name=RECEIVED, state=state, evidence=evidence, detail=detail, at=facts.now)


def _held(having: tuple[tuple[Peer, WireAlert], ...], facts: Facts) -> Rung:
    names = ", ".join(peer.name for peer, _ in having)
    newest = max(alert.updated_at for _, alert in having)
    told = f", last told {ago(newest, facts.now)}" if newest else ""
    known = {peer.name for peer, _ in having}
    detail = []
    for peer in facts.peers:
        if isinstance(peer.groups, SourceError):
            detail.append(_error(peer))
        elif peer.name not in known:
            detail.append(f"{peer.name} does not have it")
    return Rung(
        name=RECEIVED,
        state=RungState.OK,
        evidence=f"by {names}{told}",
        detail=tuple(detail),
        at=newest or facts.now,
    )


def _error(peer: Peer) -> str:
    assert isinstance(peer.groups, SourceError)
    return f"{peer.name} cannot be asked: {error_text(peer.groups).removeprefix(f'{peer.name}: ')}"


def _held_by_none(facts: Facts) -> Rung:
    silent = [peer for peer in facts.peers if isinstance(peer.groups, SourceError)]
    trouble = _trouble(facts)
    if silent:
        detail = (*map(_error, silent[1:]), *trouble)
        state = (
            RungState.BROKEN if len(silent) == len(facts.peers) and _all_fail(facts) else (RungState.UNKNOWN)
        )
        return _rung(state, _error(silent[0]), facts, tuple(detail))
    names = ", ".join(peer.name for peer in facts.peers)
    since = facts.subject.fires_at
    if since is not None and facts.now - since < facts.grace and not trouble:
        due = since + facts.grace
        evidence = f"on its way to {names}, fires since {when(since, facts.now)}"
        return Rung(name=RECEIVED, state=RungState.WAITING, evidence=evidence, at=facts.now, due=due)
    started = max(facts.peers, key=lambda peer: peer.started_at)
    if facts.now - started.started_at < facts.grace and not trouble:
        due = started.started_at + facts.grace
        evidence = f"{started.name} started {ago(started.started_at, facts.now)}: Prometheus sends it again"
        return Rung(name=RECEIVED, state=RungState.WAITING, evidence=evidence, at=facts.now, due=due)
    do = "does" if len(facts.peers) == 1 else "do"
    if "alertname" in facts.subject.loose:
        evidence = f"{names} {do} not have it by this name: alert_relabel_configs may change the name"
        return _rung(RungState.UNKNOWN, evidence, facts, trouble)
    evidence = f"no Alertmanager has it: {trouble[0]}" if trouble else f"{names} {do} not have it"
    return _rung(RungState.BROKEN, evidence, facts, (*trouble[1:], *_hint(facts, trouble)))


def _hint(facts: Facts, trouble: tuple[str, ...]) -> tuple[str, ...]:
    """Return where to look for an alert that is lost on the way."""
    if facts.sending.relabelling_drops:
        return ("alert_relabel_configs of Prometheus keep or drop alerts: look whether this is one of them",)
    if trouble:
        return ()
    if not facts.sending.failed:
        return ("how sending goes is not counted here: see Prometheus's log, and its alert_relabel_configs",)
    return ("no error in sending: is it dropped by alert_relabel_configs?",)


def _all_fail(facts: Facts) -> bool:
    """Whether Prometheus itself fails to reach all that it sends to."""
    peers = facts.sending.peers
    return bool(peers) and all(facts.sending.failed.get(url, 0.0) >= 0.5 for url in peers or ())


def _trouble(facts: Facts) -> tuple[str, ...]:
    """Return what Prometheus says of its own sending."""
    sending, said = facts.sending, []
    if sending.peers is not None and not sending.peers:
        said.append("Prometheus sends to no Alertmanager: see its `alerting` section")
    window = short_duration(sending.window)
    said += [
        f"Prometheus failed to send to {shown(url)}: {counted(round(count), 'time')} in {window}"
        for url, count in sending.failed.items()
        if count >= 0.5 and (sending.peers is None or url in sending.peers)
    ]
    if round(sending.dropped):
        said.append(f"Prometheus dropped {counted(round(sending.dropped), 'alert')} in {window}")
    return tuple(said)
