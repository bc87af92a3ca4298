"""What keeps a board from being an all-clear, besides its alerts: one line each, the heaviest first. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from cockpit.alerts.join import Joined
from cockpit.alerts.model import Alert, AlertState
from cockpit.clients.source import Fetched, Source, SourceState
from cockpit.clients.wire import RuleGroups
from cockpit.text import one_line
from cockpit.units import short_duration

MAX_RULES = 3
"""Rules in trouble that are named one by one; the rest are counted."""

POOL = ""
"""Stands for all Prometheus replicas, which answer for one another."""

_HELD_BACK = frozenset({AlertState.SILENCED, AlertState.INHIBITED, AlertState.MUTED})

LATE_AT_LEAST = 60.0
"""Seconds without an evaluation that are forgiven whatever the group's interval."""


def doubts(
    joined: Joined,
    rules: Fetched[RuleGroups] | None,
    sources: Sequence[Source],
    in_doubt: Iterable[tuple[Source, str]],
    *,
    watchdog: str,
) -> tuple[str, ...]:
    """Return the reasons, in order of weight, cleaned. `in_doubt` is what `source_doubts` found."""
    return (
        *_undelivered(joined.alerts),
        *(reason for _, reason in in_doubt),
        *_configured(sources),
        *_watchdog(joined, rules, sources, watchdog),
        *_rules(rules),
    )


def _undelivered(alerts: Iterable[Alert]) -> Iterable[str]:
    count = sum(alert.state is AlertState.UNDELIVERED for alert in alerts)
    if count == 1:
        yield "1 alert fires that no Alertmanager has: nobody is being told"
    elif count:
        yield f"{count} alerts fire that no Alertmanager has: nobody is being told"


def source_doubts(
    sources: Sequence[Source], held: Mapping[str, float], now: float, stale_after: float
) -> tuple[tuple[Source, str], ...]:
    """Return each source whose alerts are not known in full and in time, with the reason.

    `held` tells when the data at hand was fetched (Unix seconds): under POOL for all replicas of Prometheus,
    under its name for an Alertmanager. What a source answered to other questions does not count.
    """
    found = []
    asked = {source.kind for source in sources if not source.standby}
    for source in sources:
        if source.standby and source.failure is None and source.kind in asked:
            continue
        at = held.get(POOL if source.kind == "prometheus" else source.name)
        if reason := _doubt(source, at, now, stale_after):
            found.append((source, reason))
    return tuple(found)


def _doubt(source: Source, at: float | None, now: float, stale_after: float) -> str | None:
    name, error = one_line(source.name), one_line(source.error or "")
    because = f" ({error})" if error else ""
    state = source.state(now, stale_after)
    if state is SourceState.FAILED:
        return _with_remedy(f"{name} does not answer{because}", source)
    if state is SourceState.STALE:
        age = now - (source.answered_at or now)
        return _with_remedy(f"{name} has not answered for {_age(age)}{because}", source)
    if state is SourceState.NEVER or at is None:
        return f"{name} has not answered yet"
    if now - at > stale_after:
        return f"{name} answers, but has not told its alerts for {_age(now - at)}"
    if state is SourceState.PARTIAL:
        return f"{name} answered only in part: {one_line('; '.join(source.warnings))}"
    return None


def _with_remedy(text: str, source: Source) -> str:
    return f"{text}: {one_line(source.remedy)}" if source.remedy else text


def _age(seconds: float) -> str:
    return f"{int(max(0.0, seconds))} s" if seconds < 60 else short_duration(seconds)


def _configured(sources: Sequence[Source]) -> Iterable[str]:
    kinds = {source.kind for source in sources}
    if "prometheus" not in kinds:
        yield "no Prometheus is configured: pending and undelivered alerts cannot be seen"
    if "alertmanager" not in kinds:
        yield "no Alertmanager is configured: nobody would be told"


def _watchdog(
    joined: Joined, rules: Fetched[RuleGroups] | None, sources: Sequence[Source], watchdog: str
) -> Iterable[str]:
    peers = [source for source in sources if source.kind == "alertmanager"]
    answered = any(peer.answered_at is not None for peer in peers)
    if not watchdog or (rules is None and not answered):
        return
    name = one_line(watchdog)
    if not joined.watchdogs:
        yield (
            f"no {name}: the alerting pipeline itself may be broken;"
            ' watchdog = "" in the config if there is none to be'
        )
    elif all(alert.state is AlertState.PENDING for alert in joined.watchdogs):
        yield f"{name} does not fire yet"
    elif any(source.kind == "prometheus" and source.failure for source in sources):
        # It may have fired since, or not: that Prometheus does not answer is a doubt of its own.
        return
    elif answered and _untold(joined.watchdogs, {peer.name for peer in peers}):
        yield f"{name} fires in Prometheus, but no Alertmanager has it: alerts may not be delivered"
    elif held := next((a for a in joined.watchdogs if a.state in _HELD_BACK), None):
        yield f"{name} is {held.state}: the dead man's switch is not told, and may page or be blind"


def _untold(watchdogs: Sequence[Alert], peers: set[str]) -> bool:
    """Say whether no peer has a Watchdog, or one of them is missing there: others may share the peers."""
    if any(alert.state is AlertState.UNDELIVERED for alert in watchdogs):
        return True
    return all(peers.isdisjoint(alert.seen_by) for alert in watchdogs)


def _rules(rules: Fetched[RuleGroups] | None) -> Iterable[str]:
    if rules is None:
        return
    failing, late, count = [], [], 0
    for group in rules.data.groups:
        patience = max(3 * group.interval, LATE_AT_LEAST)
        for rule in group.rules:
            count += 1
            name = one_line(rule.name, 200)
            if rule.health == "err":
                failing.append(
                    f"rule {name} fails to evaluate: {one_line(rule.last_error or 'no reason given', 300)}"
                )
            elif rule.last_evaluation <= 0:
                late.append(f"rule {name} has not been evaluated yet")
            elif rules.at - rule.last_evaluation > patience:
                late.append(f"rule {name} has not been evaluated for {_age(rules.at - rule.last_evaluation)}")
    if not count:
        yield (
            f"{one_line(rules.source)} answers, but has no alerting rules:"
            " load some, or ask the server that has them (vmalert, the ruler)"
        )
    yield from _few(failing, "fail to evaluate")
    yield from _few(late, "have not been evaluated in time")


def _few(lines: list[str], what: str) -> Iterable[str]:
    yield from lines[:MAX_RULES]
    if len(lines) > MAX_RULES:
        yield f"{len(lines) - MAX_RULES} more rules {what}"
