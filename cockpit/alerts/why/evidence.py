"""Asks Prometheus for what an expression stands on: its series now, its values against their bounds."""

import asyncio
from contextlib import suppress

from msgspec.structs import replace

from cockpit.alerts.why import questions
from cockpit.alerts.why.expand import Leaf, Recorded, equalling, leaves, narrowed, starved
from cockpit.alerts.why.facts import Condition, Origin, Presence, Series, Subject
from cockpit.clients.prometheus import Prometheus, Target, WireSeries
from cockpit.clients.source import SourceError
from cockpit.errors import UsageError
from cockpit.expression import Comparison, Selector, comparisons

MOST_CONDITIONS = 8
"""Comparisons of one expression that are looked at."""


async def series(prometheus: Prometheus, subject: Subject, recorded: Recorded, speed: float) -> Series:
    """Return what the subject's expression stands on; failures stand where they happened."""
    rule = subject.rule
    if rule is None:
        return Series()
    try:
        below = leaves(rule.query, recorded, subject.carried)
        compared = comparisons(rule.query)[:MOST_CONDITIONS]
    except UsageError:
        return Series(unreadable=True, results=await _results(prometheus, rule.query))
    presences, conditions, results, targets, gateways = await asyncio.gather(
        asyncio.gather(*(_presence(prometheus, leaf, speed) for leaf in below)),
        asyncio.gather(*(_condition(prometheus, each) for each in compared)),
        _results(prometheus, rule.query),
        _targets(prometheus),
        _gateways(prometheus),
    )
    missing = [leaf.selector for leaf, each in zip(below, presences, strict=True) if not each.count]
    return Series(
        presences=tuple(presences),
        conditions=tuple(conditions),
        results=results,
        starved=starved(rule.query, recorded, missing, equalling(subject.carried)),
        wanted_absent=tuple(leaf.selector for leaf in below if leaf.wanted_absent),
        targets=targets,
        gateways=gateways,
    )


async def _vector(prometheus: Prometheus, query: str) -> tuple[WireSeries, ...]:
    return (await prometheus.query(query)).data.series


def _first(found: tuple[WireSeries, ...]) -> float:
    return found[0].values[-1] if found and found[0].values else 0.0


async def _presence(prometheus: Prometheus, leaf: Leaf, speed: float) -> Presence:
    asked = narrowed(leaf.selector, leaf.carried)
    try:
        now = await _now(prometheus, asked)
        if not now.count and asked != leaf.selector:
            now = await _relevant(prometheus, leaf)
        if not now.count:
            past = await _vector(prometheus, questions.last_seen(asked, speed))
            times = [each.values[-1] for each in past if each.values]
            now = replace(now, origins=_origins(past), last_seen=max(times, default=None))
        return replace(now, selector=leaf.selector)
    except SourceError as error:
        return Presence(selector=leaf.selector, error=error)


async def _now(prometheus: Prometheus, selector: Selector) -> Presence:
    newest, count = await asyncio.gather(
        _vector(prometheus, questions.newest(selector)), _vector(prometheus, questions.how_many(selector))
    )
    times = [each.values[-1] for each in newest if each.values]
    return Presence(
        selector=selector,
        count=int(_first(count)),
        newest=max(times, default=None),
        origins=_origins(newest),
    )


async def _relevant(prometheus: Prometheus, leaf: Leaf) -> Presence:
    """Return the series that agree with the alert on what they carry of its labels at all.

    A label that a vector matching or label_replace brought in is on none of them, and asks nothing of them.
    """
    names = [name for name, op, _ in leaf.carried if op == "="]
    found = await _vector(prometheus, questions.spread(leaf.selector, names)) if names else ()
    borne = {name for each in found for name, value in each.labels.items() if value}
    kept = tuple(each for each in leaf.carried if each[0] in borne)
    return await _now(prometheus, narrowed(leaf.selector, kept))


def _origins(found: tuple[WireSeries, ...]) -> tuple[Origin, ...]:
    each = (Origin(s.labels.get("job", ""), s.labels.get("instance", "")) for s in found)
    return tuple(dict.fromkeys(each))


async def _condition(prometheus: Prometheus, comparison: Comparison) -> Condition:
    """Return the values against the bound; they are counted here where all of them came."""
    try:
        found = await _vector(prometheus, questions.values(comparison))
        values = [(each.labels, each.values[-1]) for each in found if each.values]
        holding = [each for each in values if comparison.holds(each[1])]
        total, beyond = len(values), len(holding)
        if total >= questions.MOST_VALUES:
            all_of_them, beyond_it = await asyncio.gather(
                _vector(prometheus, questions.total(comparison)),
                _vector(prometheus, questions.beyond(comparison)),
            )
            total, beyond = int(_first(all_of_them)), int(_first(beyond_it))
    except SourceError as error:
        return Condition(comparison=comparison, error=error)
    values.sort(key=lambda each: not comparison.holds(each[1]))
    return Condition(comparison=comparison, values=tuple(values), total=total, beyond=beyond)


async def _results(prometheus: Prometheus, expr: str) -> int | SourceError:
    try:
        return int(_first(await _vector(prometheus, questions.results(expr))))
    except SourceError as error:
        return error


async def _targets(prometheus: Prometheus) -> tuple[Target, ...] | SourceError:
    try:
        return (await prometheus.targets()).data
    except SourceError as error:
        return error


async def _gateways(prometheus: Prometheus) -> tuple[dict[str, str], ...]:
    """Return the targets that are Pushgateways: no other server exposes when a group was pushed."""
    with suppress(SourceError):
        return (await prometheus.exposing("push_time_seconds")).data
    return ()
