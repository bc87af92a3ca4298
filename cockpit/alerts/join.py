"""One row per alert, from what Prometheus and the Alertmanager peers each know of it. Pure.

Prometheus's answer lacks external labels and alert relabelling, which it applies on sending; so alerts are
matched on the labels that both sides must agree on.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cockpit.alerts.labels import Key, Labels
from cockpit.alerts.model import Alert, AlertState
from cockpit.clients.source import Fetched
from cockpit.clients.wire import AlertingRule, Relabelling, RuleAlert, RuleGroups, WireAlert
from cockpit.runbooks.model import RunbookRef

FindRunbook = Callable[[Mapping[str, str], Mapping[str, str]], RunbookRef | None]
Fired = tuple[AlertingRule, RuleAlert]
Known = tuple[str, WireAlert]

SAME_MOMENT = 1.0
"""Seconds between answers that count as given at once, as those of one round of questions are."""

MAX_TRIED = 100
"""Alerts tried when looking for labels that were added on the way."""

_STATE_ORDER = (AlertState.FIRING, AlertState.SILENCED, AlertState.INHIBITED, AlertState.MUTED)


class Joined(Struct, frozen=True):
    """The rows, the Watchdog's apart, and how many alerting rules are loaded."""

    alerts: tuple[Alert, ...]
    watchdogs: tuple[Alert, ...] = ()
    rules: int = 0


def join(
    rules: Fetched[RuleGroups] | None,
    peers: Sequence[Fetched[tuple[WireAlert, ...]]],
    *,
    all_peers_answered: bool,
    relabelling: Relabelling,
    ignore_labels: Collection[str],
    watchdog: str,
    undelivered_after: float,
    now: float,
    runbook: FindRunbook,
    undelivered_before: Collection[str] = (),
    stale_after: float = 60.0,
) -> Joined:
    """Return a row for every alert that any of the answers has.

    `all_peers_answered` says that at least one Alertmanager is configured and each gave a timely answer; only
    then can an alert be called undelivered, `undelivered_after` seconds after it began to fire. Where that
    cannot be judged, as with a peer's answer newer than Prometheus's, what was in `undelivered_before`
    (fingerprints) stays so. A peer's answer that is `stale_after` seconds older than another's only adds to
    it. `now` is in Unix seconds.
    An empty `watchdog` sets no alert apart.
    """
    labels = Labels(relabelling, ignore_labels)
    fired = _fired(rules, labels)
    known = _known(peers, labels, stale_after, now)
    judged_at = _judged_at(rules, peers, now) if all_peers_answered and peers else None
    rows = _Rows(
        labels,
        rules.source if rules else "",
        undelivered_after=undelivered_after,
        judged_at=judged_at,
        undelivered_before=frozenset(undelivered_before),
        runbook=runbook,
    )
    if labels.plain and not relabelling.known:
        fired = _as_sent(fired, known)
    alerts = [rows.row(pair, known.pop(key, ())) for key, pair in fired.items()]
    alerts.extend(rows.row(None, instances) for instances in known.values())
    alerts = _with_inhibitors(alerts, rows.merged)
    count = sum(len(group.rules) for group in rules.data.groups) if rules else 0
    if not watchdog:
        return Joined(tuple(alerts), (), count)
    return Joined(
        tuple(a for a in alerts if a.name != watchdog), tuple(a for a in alerts if a.name == watchdog), count
    )


def _fired(rules: Fetched[RuleGroups] | None, labels: Labels) -> dict[Key, Fired]:
    found: dict[Key, Fired] = {}
    for group in rules.data.groups if rules else ():
        for rule in group.rules:
            for alert in rule.alerts:
                key = labels.key(alert.labels)
                other = found.get(key)
                if other is None or _rank(alert) < _rank(other[1]):
                    found[key] = (rule, alert)
    return found


def _as_sent(fired: dict[Key, Fired], known: Mapping[Key, object]) -> dict[Key, Fired]:
    """Match alerts that got labels on the way which no configuration tells of, as behind a ruler.

    What one known alert has beyond its fired twin of the same name is tried on all the others: labels that
    sending adds are the same for all.
    """
    lost = [key for key in fired if key not in known]
    spare: dict[str, list[Key]] = {}
    for key in known:
        if key not in fired:
            spare.setdefault(dict(key).get("alertname", ""), []).append(key)
    if not lost or not spare:
        return fired
    added: set[tuple[str, str]] = set()
    for key in lost[:MAX_TRIED]:
        own, others = set(key), spare.get(dict(key).get("alertname", ""), ())
        twins = [other for other in others[:MAX_TRIED] if own < set(other)]
        if len(twins) == 1:
            added = set(twins[0]) - own
            break
    if not added:
        return fired
    sent = {key: tuple(sorted(added.union(key))) for key in lost}
    return {sent[key] if sent.get(key) in known else key: pair for key, pair in fired.items()}


def _rank(alert: RuleAlert) -> tuple[bool, float]:
    return alert.state != "firing", alert.active_at


def _known(
    peers: Sequence[Fetched[tuple[WireAlert, ...]]], labels: Labels, tolerance: float, now: float
) -> dict[Key, Sequence[Known]]:
    """Unite the peers' alerts. One whose answer is older than another's by `tolerance` only adds what the

    others lack, and not what has ended since by its own account: a peer that is down says nothing new.
    """
    newest = max((peer.at for peer in peers), default=0.0)
    found: dict[Key, list[Known]] = {}
    for peer in sorted(peers, key=lambda peer: -peer.at):
        old = newest - peer.at > tolerance
        source, before = peer.source, frozenset(found) if old else frozenset()
        for wire in peer.data:
            key = labels.key(wire.labels)
            if old and (key in before or wire.ends_at < now):
                continue
            if key in found:
                found[key].append((source, wire))
            else:
                found[key] = [(source, wire)]
    return dict(found)


def _judged_at(
    rules: Fetched[RuleGroups] | None, peers: Sequence[Fetched[tuple[WireAlert, ...]]], now: float
) -> float | None:
    """Return the moment that all answers speak of, or None when one cannot tell.

    What Prometheus said before a peer answered may have ended in between: then the peer is right to lack it.
    """
    if rules is None or newer(peers, rules):
        return None
    return min(now, rules.at, *(peer.at for peer in peers))


def newer(peers: Iterable[Fetched[tuple[WireAlert, ...]]], rules: Fetched[RuleGroups]) -> bool:
    """Say whether a peer's answer is so much newer than Prometheus's that it cannot contradict it."""
    return any(peer.at - rules.at > SAME_MOMENT for peer in peers)


class _Rows:
    """Makes the rows; `merged` maps the fingerprints of the instances of a row onto the row's own."""

    def __init__(
        self,
        labels: Labels,
        prometheus: str,
        *,
        undelivered_after: float,
        judged_at: float | None,
        undelivered_before: frozenset[str],
        runbook: FindRunbook,
    ) -> None:
        self.labels = labels
        self.prometheus = prometheus
        self.undelivered_after = undelivered_after
        self.judged_at = judged_at
        self.undelivered_before = undelivered_before
        self.runbook = runbook
        self.merged: dict[str, str] = {}

    def row(self, fired: Fired | None, known: Sequence[Known]) -> Alert:
        """Return the row of what Prometheus fires, what the peers know, or both."""
        if known:
            return self._delivered(fired, known)
        assert fired is not None
        rule, alert = fired
        mark = self.labels.sent_fingerprint(alert.labels)
        fires_at = alert.active_at + rule.duration
        shown = self.labels.shown(alert.labels)
        state = AlertState.PENDING if alert.state == "pending" else self._told(mark, fires_at)
        return Alert(
            fingerprint=mark,
            labels=shown,
            annotations=alert.annotations,
            state=state,
            since=alert.active_at,
            fires_at=fires_at if state is AlertState.PENDING else None,
            value=alert.value,
            expr=rule.query,
            for_seconds=rule.duration,
            seen_by=(self.prometheus,),
            runbook=self.runbook(shown, alert.annotations),
        )

    def _told(self, mark: str, fires_at: float) -> AlertState:
        if self.judged_at is None:
            untold = mark in self.undelivered_before
        else:
            untold = self.judged_at - fires_at > self.undelivered_after
        return AlertState.UNDELIVERED if untold else AlertState.FIRING

    def _delivered(self, fired: Fired | None, known: Sequence[Known]) -> Alert:
        source, wire = known[0]
        rule, alert = fired or (None, None)
        state = _state(wire)
        sources: tuple[str, ...] = (source,)
        if len(known) > 1:
            wire, state = self._merge([wire for _, wire in known])
            sources = tuple(sorted({source for source, _ in known}))
        shown = self.labels.shown(wire.labels)
        annotations = wire.annotations or (alert.annotations if alert else {})
        return Alert(
            fingerprint=wire.fingerprint,
            labels=shown,
            annotations=annotations,
            state=state,
            since=alert.active_at if alert else wire.starts_at,
            value=alert.value if alert else None,
            expr=rule.query if rule else None,
            for_seconds=rule.duration if rule else None,
            silenced_by=_ordered(wire.silenced_by),
            inhibited_by=_ordered(wire.inhibited_by),
            muted_by=_ordered(wire.muted_by),
            receivers=_ordered(wire.receivers),
            seen_by=(self.prometheus, *sources) if alert else sources,
            generator_url=wire.generator_url or None,
            runbook=self.runbook(shown, annotations),
        )

    def _merge(self, wires: Sequence[WireAlert]) -> tuple[WireAlert, AlertState]:
        """Return the instances of a row as one, under the lowest fingerprint, with the loudest state."""
        first = min(wires, key=lambda wire: wire.fingerprint)
        self.merged.update(dict.fromkeys((wire.fingerprint for wire in wires), first.fingerprint))
        one = replace(
            first,
            starts_at=min(wire.starts_at for wire in wires),
            silenced_by=_union([wire.silenced_by for wire in wires]),
            inhibited_by=_union([wire.inhibited_by for wire in wires]),
            muted_by=_union([wire.muted_by for wire in wires]),
            receivers=_union([wire.receivers for wire in wires]),
        )
        return one, min(map(_state, wires), key=_STATE_ORDER.index)


def _state(wire: WireAlert) -> AlertState:
    if wire.state != "suppressed":
        return AlertState.MUTED if wire.muted_by else AlertState.FIRING
    if wire.silenced_by:
        return AlertState.SILENCED
    return AlertState.INHIBITED if wire.inhibited_by else AlertState.MUTED


def _ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    return names if len(names) < 2 else _union((names,))


def _union(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    found: set[str] = set()
    for part in parts:
        if part:
            found.update(part)
    return tuple(sorted(found)) if found else ()


def _with_inhibitors(alerts: list[Alert], merged: Mapping[str, str]) -> list[Alert]:
    """Make `inhibited_by` name rows, where it named an instance that was merged into a row."""
    if not merged:
        return alerts
    result = []
    for alert in alerts:
        rows = _union([tuple(merged.get(mark, mark) for mark in alert.inhibited_by)])
        if rows != alert.inhibited_by:
            alert = replace(alert, inhibited_by=rows)  # noqa: PLW2901
        result.append(alert)
    return result
