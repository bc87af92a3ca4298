"""Which metrics that the files' queries want are not there, and whose fault that is. Pure.

A metric that is not there may be in order: an alternative stands beside it, it counts what has not happened
yet, it comes and goes, or the scenario that pushes it does not play.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

from msgspec import Struct

from cockpit.contract.live.asked import Asked, asked, wanting
from cockpit.contract.live.loaded import foreign
from cockpit.contract.live.model import Live, Lost
from cockpit.contract.repository import Query, Repository
from cockpit.contract.routing.spelling import misspelt
from cockpit.contract.vocabulary import name_in
from cockpit.scenarios.model import Histogram, name_of

_COUNTERS = ("_total", "_count", "_sum", "_bucket")
_SHORTEST = 600.0
"""Seconds: a restart or a deployment takes no longer."""

_SLIPS = 2
_OVERDUE = 10.0
"""How many times as long as usual a counter has not risen when it is taken to be gone."""


class Kind(Enum):
    """Whether it is certain that something is wrong, or the metric counts what may not have happened.

    One that is a slip of the pen for another that is there is misspelt.
    """

    MISSING = "missing"
    MISSPELT = "misspelt"
    NEVER_COUNTED = "never counted"


class Missing(Struct, frozen=True, kw_only=True):
    """A metric that is not there, the queries that have no result for it, and what is known of its end.

    `meant` is the metric for which a misspelt one stands.
    """

    metric: str
    kind: Kind
    queries: tuple[Query, ...]
    lost: Lost | None = None
    meant: str = ""


def asked_here(repository: Repository) -> Iterator[Asked]:
    """Yield what queries ask, but for rules that are meant for another server."""
    elsewhere = foreign(repository)
    for one in asked(repository):
        if one.query.rule is None or one.query.file.path not in elsewhere:
            yield one


def missing(repository: Repository) -> Iterator[Missing]:
    """Yield each metric that queries lack, in the order in which they ask for them."""
    live = repository.live
    if live is None or not live.metrics:
        return
    recorded = {rule.name for group in live.groups.groups for rule in group.recording}
    there = live.present | recorded
    queries: dict[str, dict[int, Query]] = {}
    for one in asked_here(repository):
        absent = frozenset(each for each in one.selectors if name_in(each) not in there)
        for selector in wanting(one, absent) if absent else ():
            queries.setdefault(name_in(selector), {})[id(one.query)] = one.query
    pushed = _pushed(repository) if queries else {}
    for metric, places in queries.items():
        kind = _kind(metric, live, pushed.get(metric, {}))
        meant = _meant(metric, live) if kind is Kind.NEVER_COUNTED else ""
        if kind is not None:
            yield Missing(
                metric=metric,
                kind=Kind.MISSPELT if meant else kind,
                queries=tuple(places.values()),
                lost=live.lost.get(metric),
                meant=meant,
            )


def _kind(metric: str, live: Live, pushing: Mapping[str, bool]) -> Kind | None:
    """Say how a metric is missing that the scenarios `pushing` push; None where that may be in order."""
    lost, counter = live.lost.get(metric), metric.endswith(_COUNTERS)
    playing = {name for name in live.playing if pushing.get(name, True)}
    if lost is None:
        if metric in live.declared:
            return None
        if pushing and live.takes_scenarios:
            return Kind.MISSING if pushing.keys() & playing else None
        return Kind.NEVER_COUNTED if counter else Kind.MISSING
    away = live.at - lost.since
    if away <= max(live.scaled(_SHORTEST), lost.longest_gap):
        return None
    if lost.marks and "" not in lost.marks:
        return Kind.MISSING if (pushing.keys() | lost.marks) & playing else None
    if not counter or lost.from_zero:
        return Kind.MISSING
    return Kind.MISSING if lost.rises_every and away > _OVERDUE * lost.rises_every else None


def _meant(metric: str, live: Live) -> str:
    """Return the metric of the servers for which the name is a slip of the pen, if there is one."""
    words, unit = metric.count("_"), metric.rpartition("_")[2]
    alike = (name for name in live.metrics if name.count("_") == words and name.endswith(unit))
    return misspelt(metric, (name for name in alike if abs(len(name) - len(metric)) <= _SLIPS)) or ""


def _pushed(repository: Repository) -> dict[str, dict[str, bool]]:
    """Return the scenarios that push each metric, and whether they do so all the while that they play."""
    found: dict[str, dict[str, bool]] = {}
    for scenario in (each.scenario for each in repository.scenarios):
        for signal in scenario.signals:
            name = name_of(signal)
            histogram = isinstance(signal, Histogram)
            for each in [f"{name}{part}" for part in ("_bucket", "_sum", "_count")] if histogram else [name]:
                steady = found.setdefault(each, {})
                steady[scenario.name] = steady.get(scenario.name, False) or not signal.gone
    return found
