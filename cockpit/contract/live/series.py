"""Asks Prometheus for the metrics and labels of the files' queries: few questions of many metrics at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from msgspec import Struct

from cockpit.clients.prometheus import Prometheus
from cockpit.clients.source import Failure, Fetched, SourceError
from cockpit.clients.wire import WireSeries
from cockpit.contract.live import questions
from cockpit.contract.live.model import HOUR, WEEK, Lost, Origin
from cockpit.promql import quote

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 4
"""Questions in flight."""

_CLOSELY = 100
"""Metrics that are looked at one by one, at most; when the others went is known to a step."""

_FAMILY = ("_bucket", "_count", "_sum")


class Series(Struct, frozen=True, kw_only=True):
    """What became of metrics: see Live, whose fields these are."""

    metrics: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    lost: Mapping[str, Lost] = {}
    declared: frozenset[str] = frozenset()


class _Course(Struct, frozen=True):
    """When a metric was seen within the week, in steps, and of which scenarios it was at the end."""

    times: tuple[float, ...]
    marks: frozenset[str]


async def each_of(ask: Callable[[T], Awaitable[R]], many: Iterable[T]) -> list[R]:
    """Return what `ask` answers to each, a few at once."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> R:
        async with slots:
            return await ask(item)

    return list(await asyncio.gather(*map(one, many)))


async def vector(prometheus: Prometheus, query: str, at: float | None = None) -> tuple[WireSeries, ...]:
    """Return the series of a query's answer. Raises SourceError, for a part of an answer too."""
    return _whole(await prometheus.query(query, at)).series


def _whole(found: Fetched[T]) -> T:
    """Return an answer: where it is a part of one, what is missing in it may be there."""
    if found.warnings:
        raise SourceError(Failure.BAD_ANSWER, f"{found.source} answers in part: {found.warnings[0]}")
    return found.data


async def series(prometheus: Prometheus, names: frozenset[str], at: float, speed: float) -> Series:
    """Return which of `names` are there at a Unix time, which went within a week, and when.

    Raises SourceError.
    """
    named = _whole(await prometheus.metric_names(at - WEEK / speed, at))
    known = frozenset(named)
    asked = names & known
    answers = await each_of(
        lambda batch: vector(prometheus, questions.present(batch)), questions.batches(asked)
    )
    present = frozenset(each.labels.get("__name__", "") for answer in answers for each in answer)
    courses = await _courses(prometheus, asked - present, at, speed)
    lost = await each_of(
        lambda name: _lost(prometheus, name, courses[name], speed), sorted(courses)[:_CLOSELY]
    )
    found = dict(zip(sorted(courses), lost, strict=False))
    for name in sorted(courses)[_CLOSELY:]:
        found[name] = _roughly(courses[name], speed)
    return Series(
        metrics=known,
        present=present,
        lost=found,
        declared=await _declared(prometheus, names - known),
    )


async def _courses(
    prometheus: Prometheus, names: frozenset[str], at: float, speed: float
) -> dict[str, _Course]:
    """Return those of `names` that were there within the week."""
    step = questions.STEP / speed

    async def ask(batch: list[str]) -> tuple[WireSeries, ...]:
        query = questions.by_mark(batch)
        return _whole(await prometheus.query_range(query, at - WEEK / speed, at, step)).series

    found: dict[str, list[WireSeries]] = {}
    for answer in await each_of(ask, questions.batches(names)):
        for each in answer:
            if each.times:
                found.setdefault(each.labels.get("__name__", ""), []).append(each)
    # Those that were there for less than a step, or whose names alone are kept for longer.
    brief = sorted(names - found.keys())[:_CLOSELY]
    asking = await each_of(lambda name: vector(prometheus, questions.samples(name, speed), at), brief)
    for name, answer in zip(brief, asking, strict=True):
        if several := [each for each in answer if each.times]:
            found[name] = several
    return {name: _course(several, step) for name, several in found.items()}


def _course(several: list[WireSeries], step: float) -> _Course:
    end = max(each.times[-1] for each in several)
    marks = frozenset(each.labels.get("synthetic", "") for each in several if each.times[-1] >= end - step)
    return _Course(tuple(sorted({time for each in several for time in each.times})), marks)


def _roughly(course: _Course, speed: float) -> Lost:
    step = questions.STEP / speed
    gaps = [later - earlier for earlier, later in zip(course.times, course.times[1:], strict=False)]
    longest = max((gap for gap in gaps if gap > 1.5 * step), default=0.0)
    return Lost(since=course.times[-1], marks=course.marks, longest_gap=longest)


async def _lost(prometheus: Prometheus, name: str, course: _Course, speed: float) -> Lost:
    """Return when a metric went, to the sample, and what is known of its last hour."""
    rough, step = _roughly(course, speed), questions.STEP / speed
    try:
        last = await vector(prometheus, questions.last_samples(name, speed), course.times[-1] + step)
        seen = [each for each in last if each.values]
        if not seen:
            return rough
        since = max(each.values[-1] for each in seen)
        told = await vector(prometheus, questions.course(name, speed), since)
    except SourceError:
        return rough
    values = {each.labels.get("what", ""): each.values[-1] for each in told if each.values}
    rises = values.get("rises", 0.0)
    within = sum(time > since - HOUR / speed for time in course.times) * step
    return Lost(
        since=since,
        origins=tuple(Origin(each.labels.get("job", ""), each.labels.get("instance", "")) for each in seen),
        marks=rough.marks,
        longest_gap=rough.longest_gap,
        rises_every=within / rises if rises else None,
        from_zero=values.get("least") == 0,
    )


async def _declared(prometheus: Prometheus, names: frozenset[str]) -> frozenset[str]:
    """Return those of `names` of which a target tells a type; those of a histogram go by its own name."""

    async def ask(name: str) -> bool:
        families = {name, *(name.removesuffix(suffix) for suffix in _FAMILY)}
        try:
            return any([(await prometheus.declares(each)).data for each in sorted(families)])
        except SourceError:
            return False

    asked = sorted(names)[:_CLOSELY]
    return frozenset(name for name, found in zip(asked, await each_of(ask, asked), strict=True) if found)


async def labels(
    prometheus: Prometheus, asked: Mapping[str, frozenset[str]], at: float, speed: float
) -> dict[str, frozenset[str]]:
    """Return which of the labels `asked`, with their metrics, these have had within the week, by metric.

    Raises SourceError.
    """
    found: dict[str, set[str]] = {name: set() for names in asked.values() for name in names}
    answers = await each_of(lambda query: vector(prometheus, query), questions.having(asked))
    for each in (each for answer in answers for each in answer):
        found.setdefault(each.labels.get("__name__", ""), set()).add(each.labels.get("asked", ""))
    doubtful = sorted({name for label, names in asked.items() for name in names if label not in found[name]})

    async def ask(name: str) -> tuple[str, ...]:
        selector = f"{{__name__={quote(name)}}}"
        return _whole(await prometheus.label_names(selector, at - WEEK / speed, at))

    for name, known in zip(doubtful, await each_of(ask, doubtful), strict=True):
        found[name].update(known)
    return {name: frozenset(names) for name, names in found.items()}
