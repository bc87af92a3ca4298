"""What comes of a scenario while it plays: how its expectations stand, what it drives, who was told."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cockpit.alerts.model import Alert
from cockpit.alerts.phrases import guess_unit
from cockpit.clients.sink import Notification
from cockpit.clients.source import SourceError
from cockpit.clients.wire import RuleGroups
from cockpit.errors import CockpitError
from cockpit.expression import Comparison, comparisons
from cockpit.runbooks.model import Query
from cockpit.scenarios.model import Fires, Scenario
from cockpit.scenarios.own import is_about
from cockpit.scenarios.play.plays import Play
from cockpit.scenarios.run.standing import Due, Standing, next_due, standings
from cockpit.triage.model import Answer, AnswerState
from cockpit.triage.run import answer

if TYPE_CHECKING:
    from cockpit.session import Session

DRIVEN = 2
"""Expressions that are watched at most: each costs a range query a look."""

_POINTS = 160


class Driven(Struct, frozen=True):
    """The left side of an expected alert's comparison over the play: its own series. `unit` is a query's."""

    alert: str
    comparison: Comparison
    unit: str | None
    answer: Answer


class Live(Struct, frozen=True, kw_only=True):
    """One look. `problems` say what could not be asked; times are Unix seconds.

    `notifications` are those about what is expected; None: nobody could tell what arrived.
    """

    asked_at: float
    standings: tuple[Standing, ...] = ()
    due: Due | None = None
    driven: tuple[Driven, ...] = ()
    notifications: tuple[Notification, ...] | None = None
    problems: tuple[str, ...] = ()


async def look(
    session: "Session",
    scenario: Scenario,
    play: Play,
    alerts: Iterable[Alert] | None,
    before: Sequence[Standing] = (),
) -> Live:
    """Ask how `play` of `scenario` (as it is played, at its speed) stands.

    Never raises for a server's failure. `alerts` are those of a board that is up to date, `before` the
    standings of the last look. Without Prometheus's answer no standing is known, whatever the board has.
    """
    problems: list[str] = []
    rules, told = await asyncio.gather(_rules(session, problems), _told(session, scenario, play, problems))
    now = session.now()
    stand = standings(
        play,
        scenario,
        now=now,
        rules=rules,
        alerts=alerts if rules is not None else None,
        notifications=told or (),
        before=before,
    )
    asked = _to_ask(scenario, rules) if rules is not None else []
    seconds = max(now - play.opened_at, 10 * play.interval)
    answers = await asyncio.gather(
        *(answer(session, each.answer, range_seconds=seconds, points=_POINTS) for each in asked)
    )
    return Live(
        asked_at=now,
        standings=stand,
        due=next_due(stand, play, now),
        driven=tuple(
            replace(each, answer=_own(came, play.scenario)) for each, came in zip(asked, answers, strict=True)
        ),
        notifications=told,
        problems=tuple(problems),
    )


async def _rules(session: "Session", problems: list[str]) -> RuleGroups | None:
    try:
        return (await session.prometheus.alerting_rules()).data
    except SourceError as error:
        problems.append(str(error))
        return None


async def _told(
    session: "Session", scenario: Scenario, play: Play, problems: list[str]
) -> tuple[Notification, ...] | None:
    if session.sink is None:
        return None
    try:
        told = await session.sink.notifications(play.opened_at)
    except SourceError as error:
        problems.append(f"notifications: {error}")
        return None
    return tuple(
        each for each in told if any(is_about(each, expected, play.scenario) for expected in scenario.expect)
    )


def _to_ask(scenario: Scenario, rules: RuleGroups) -> list[Driven]:
    loaded = {rule.name: rule for group in rules.groups for rule in group.rules}
    found: dict[str, Driven] = {}
    for expected in scenario.expect:
        rule = loaded.get(expected.alert) if isinstance(expected, Fires) else None
        if rule is None:
            continue
        for comparison in _comparisons(rule.query)[:1]:
            unit = guess_unit(rule.name, rule.query)
            query = Query(rule.name, comparison.left, 0, unit=unit, warn=comparison.bound)
            ready = Answer(number=0, query=query, expr=comparison.left, state=AnswerState.ASKING)
            found.setdefault(comparison.left, Driven(rule.name, comparison, unit, ready))
    return list(found.values())[:DRIVEN]


def _comparisons(expr: str) -> tuple[Comparison, ...]:
    try:
        return comparisons(expr)
    except CockpitError:
        return ()


def _own(came: Answer, scenario: str) -> Answer:
    """Leave out the series of other scenarios; where a rule gives the label up, all are kept."""
    labels = [*(each.labels for each in came.samples), *(each.labels for each in came.series)]
    if not any("synthetic" in each for each in labels):
        return came
    return replace(
        came,
        samples=tuple(s for s in came.samples if s.labels.get("synthetic") == scenario),
        series=tuple(s for s in came.series if s.labels.get("synthetic") == scenario),
    )
