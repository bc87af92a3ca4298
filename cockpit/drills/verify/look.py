"""Asks every server once, at the same time, for what an exercise's current phase is judged by."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import ParamSpec, TypeVar

from msgspec import Struct

from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.pushgateway import Group
from cockpit.clients.sink import Notification
from cockpit.clients.source import Failure, Fetched, SourceError
from cockpit.clients.wire import Counter, QueryResult, Relabelling, RuleGroups
from cockpit.drills.model import Compared, Pushed, Quiet, Resolved
from cockpit.drills.state import Exercise, Seen
from cockpit.drills.verify.counts import Count, counted, recorded
from cockpit.drills.verify.looked import SAME_MOMENT, Look, Peer, began
from cockpit.drills.verify.settings import Settings, settings
from cockpit.errors import CockpitError
from cockpit.promql import divide_durations, quote
from cockpit.scenarios import files
from cockpit.scenarios.play.grouping import JOB
from cockpit.scenarios.run.mixing import MARK, marked
from cockpit.session import Session
from cockpit.units import prometheus_duration

T = TypeVar("T")
P = ParamSpec("P")

_NO_GATEWAY = SourceError(
    Failure.WRONG_SERVICE, "no Pushgateway is configured", remedy="pass --pushgateway URL"
)


async def look(
    session: Session,
    exercise: Exercise,
    scenario_starts: Mapping[str, float | None],
    before: Look | None = None,
) -> Look:
    """Ask everybody, and return what they said; a server's failure is in it, and never raised.

    `scenario_starts` tells when each scenario's series began to rise (Unix seconds). `before` is the last
    look: where no sink sees messages arrive, how the Alertmanagers' counters rose since is evidence.
    """
    rules, relabelling, peers, groups, told, asked = await asyncio.gather(
        _or_error(session.prometheus.alerting_rules),
        _or_error(session.prometheus.external_labels),
        asyncio.gather(*(_peer(session, each) for each in session.alertmanagers)),
        _or_error(_groups, session),
        _told(session, exercise),
        _questions(session, exercise),
    )
    rules, marks = await _marks(session, exercise, rules, asked.fired)
    changes = Relabelling() if isinstance(relabelling, CockpitError) else relabelling.data
    return Look(
        at=session.now(),
        speed=session.context.speed,
        starts=dict(scenario_starts),
        rules=rules,
        external=changes.external,
        marked=marks,
        peers=tuple(peers),
        groups=groups,
        told=told,
        counts=_counts(peers, before, session.now()) if told is None else (),
        scraped=asked.scraped,
        fired=asked.fired,
        values=asked.values,
        links=session.context.runbook_annotations,
    )


async def _or_error(ask: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T | CockpitError:
    try:
        return await ask(*args, **kwargs)
    except CockpitError as error:
        return error


class _Asked(Struct):
    """What Prometheus says to what the current phase's conditions ask alone."""

    scraped: dict[str, float | CockpitError | None]
    fired: dict[str, tuple[dict[str, str], ...] | CockpitError]
    values: dict[str, Fetched[QueryResult] | CockpitError]


async def _questions(session: Session, exercise: Exercise) -> _Asked:
    asked = exercise.phase.phase.verify if exercise.phase else ()
    scraped, fired, values = await asyncio.gather(
        _by_key(_scraped(session, each.pushed) for each in asked if isinstance(each, Pushed)),
        _by_key(_fired(session, exercise, each) for each in asked if isinstance(each, Quiet | Resolved)),
        _by_key(_value(session, each) for each in asked if isinstance(each, Compared)),
    )
    return _Asked(scraped, fired, values)


async def _by_key(asking: Iterable[Awaitable[tuple[str, T]]]) -> dict[str, T]:
    return dict(await asyncio.gather(*asking))


async def _marks(
    session: Session,
    exercise: Exercise,
    rules: Fetched[RuleGroups] | CockpitError,
    fired: Mapping[str, tuple[dict[str, str], ...] | CockpitError],
) -> tuple[Fetched[RuleGroups] | CockpitError, frozenset[str]]:
    """Return `rules`, and the alerts that carry a mark: looked up where one that fires or fired lacks it."""
    if isinstance(rules, CockpitError):
        return rules, frozenset()
    active = (
        alert.labels
        for group in rules.data.groups
        for rule in group.rules
        for alert in rule.alerts
        if alert.active_at >= began(exercise)
    )
    over = (labels for each in fired.values() if not isinstance(each, CockpitError) for labels in each)
    if all(MARK in labels for labels in (*active, *over)):
        return rules, frozenset()
    every = await _or_error(session.prometheus.rules)
    if isinstance(every, CockpitError):
        return every, frozenset()
    return rules, await asyncio.to_thread(_marked, exercise, every.data)


def _marked(exercise: Exercise, rules: RuleGroups) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for name in exercise.drill.scenarios:
        try:
            found |= marked(files.find(name, Path(exercise.plan.scenarios)), rules)
        except CockpitError:
            # A scenario whose file is gone meanwhile: its alerts are known by their marks alone.
            found |= {rule.name for group in rules.groups for rule in group.rules}
    return found


async def _peer(session: Session, client: Alertmanager) -> Peer:
    alerts, own, counters = await asyncio.gather(
        _or_error(client.alerts),
        _or_error(_settings, client),
        _or_error(_counters, session, client),
    )
    return Peer(
        name=client.name,
        alerts=alerts if isinstance(alerts, CockpitError) else alerts.data,
        settings=own,
        counters=counters,
    )


async def silenced_lately(session: Session, seen: Seen, exercise: Exercise) -> bool:
    """Say whether one of the silences by which `seen` passed was made since the exercise began.

    Where an Alertmanager does not tell, none of its own was.
    """
    told = await asyncio.gather(*(_or_error(each.silences) for each in session.alertmanagers))
    made = (each for one in told if not isinstance(one, CockpitError) for each in one.data)
    lately = {each.id for each in made if each.starts_at >= began(exercise) - SAME_MOMENT}
    return not lately.isdisjoint(seen.evidence["silences"])


async def _settings(client: Alertmanager) -> Settings:
    return await asyncio.to_thread(settings, (await client.status()).data.config)


async def _counters(session: Session, client: Alertmanager) -> tuple[Counter, ...]:
    """Return the counters where no sink tells more."""
    return (await client.metrics()).data if session.sink is None else ()


def _counts(peers: Iterable[Peer], before: Look | None, at: float) -> tuple[Count, ...]:
    """Return the counts so far, with this look's where every Alertmanager told its own."""
    known = before.counts if before else ()
    found = [peer.counters for peer in peers]
    told = [counters for counters in found if not isinstance(counters, CockpitError)]
    if not found or len(told) < len(found):
        return known
    return recorded(known, counted((each for counters in told for each in counters), at))


async def _groups(session: Session) -> tuple[Group, ...]:
    if session.pushgateway is None:
        raise _NO_GATEWAY
    return await session.pushgateway.groups()


async def _told(session: Session, exercise: Exercise) -> tuple[Notification, ...] | CockpitError | None:
    if session.sink is None:
        return None
    return await _or_error(session.sink.notifications, began(exercise))


async def _scraped(session: Session, scenario: str) -> tuple[str, float | CockpitError | None]:
    """Return when Prometheus last had the push time of the scenario's group, by the scenario's name."""
    expr = f"max(timestamp(push_time_seconds{{job={quote(JOB)},{MARK}={quote(scenario)}}}))"
    found = await _or_error(session.prometheus.query, expr)
    if isinstance(found, CockpitError):
        return scenario, found
    return scenario, next((each.values[-1] for each in found.data.series if each.values), None)


async def _fired(
    session: Session, exercise: Exercise, condition: Quiet | Resolved
) -> tuple[str, tuple[dict[str, str], ...] | CockpitError]:
    """Return the labels of what has fired, in the phase for what is quiet, else in the exercise."""
    phase = exercise.phase
    since, name = began(exercise), ""
    if isinstance(condition, Quiet):
        since = phase.begun_at if phase and phase.begun_at is not None else since
        name = condition.quiet
    else:
        name = condition.resolved
    lasted = prometheus_duration(max(0.001, session.now() - since))
    expr = f'count_over_time(ALERTS{{alertstate="firing",alertname={quote(name)}}}[{lasted}])'
    found = await _or_error(session.prometheus.query, expr)
    if isinstance(found, CockpitError):
        return name, found
    return name, tuple(each.labels for each in found.data.series)


async def _value(session: Session, condition: Compared) -> tuple[str, Fetched[QueryResult] | CockpitError]:
    async def asked() -> Fetched[QueryResult]:
        return await session.prometheus.query(divide_durations(condition.expr, session.context.speed))

    return condition.expr, await _or_error(asked)
