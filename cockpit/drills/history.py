"""The exercises of this machine: finding one, and how each compares with those before.

Their journals are all there is. A blind exercise that is not over does not tell its drill.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from cockpit.drills import events
from cockpit.drills.fold import fold
from cockpit.drills.score import Score, Times, score, times
from cockpit.drills.state import Exercise, Mode, State
from cockpit.errors import CockpitError, UsageError
from cockpit.text import one_line
from cockpit.units import rfc3339

MAX_NAMED = 5
"""Exercises that an error names at most."""

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


class Row(Struct, frozen=True, kw_only=True):
    """One exercise among others; `at` is when it began, in Unix seconds.

    `drill` and `title` are empty while they are a secret. `trend` is better, worse or same than `before`, the
    id of the last exercise of the drill that can be compared; both are empty where there is none.
    """

    id: str
    drill: str
    title: str
    at: float
    mode: Mode
    state: State
    context: str
    score: Score
    times: Times
    trend: str = ""
    before: str = ""


def exercises() -> tuple[Exercise, ...]:
    """Return all exercises, the oldest first; a journal that tells of none is left out."""
    return tuple(reversed(tuple(_newest_first(_ids()))))


def find(text: str) -> Exercise:
    """Return the exercise whose id is or begins with `text`; the last one where it is empty.

    Raises UsageError where there is none, or several.
    """
    wanted = text.strip()
    found = _newest_first([each for each in _ids() if each.startswith(wanted)])
    first = next(found, None)
    if first is None:
        what = f"no exercise begins with {one_line(wanted, 60)}" if wanted else "there is no exercise yet"
        raise UsageError(what, remedy=_remedy())
    others = [first.id, *(each.id for each in found)] if wanted and wanted != first.id else []
    if len(others) > 1:
        raise UsageError(f"{len(others)} exercises begin with {wanted}", remedy=f"name one: {_named(others)}")
    return first


def rows(found: Sequence[Exercise], drill: str = "") -> tuple[Row, ...]:
    """Return `found`, all exercises, the oldest first, as rows; with `drill` those of it alone."""
    return tuple(
        _row(each, next(comparable(each, found), None))
        for each in found
        if not drill or (each.drill.name == drill and not each.is_secret)
    )


def comparable(exercise: Exercise, among: Sequence[Exercise]) -> Iterator[Exercise]:
    """Yield those of `among`, the oldest first, that `exercise` compares with, the newest first.

    They are of its drill, were finished before it, and nothing in them is inconclusive. An unattended
    exercise compares with unattended ones only: others are scored for more.
    """
    return (
        each
        for each in reversed(among)
        if not exercise.is_secret
        and each.drill.name == exercise.drill.name
        and each.planned_at < exercise.planned_at
        and _is_unattended(each) == _is_unattended(exercise)
        and _is_comparable(each)
    )


def trend(exercise: Exercise, earlier: Exercise | None) -> str:
    """Return better, worse or same, by the share of the points; empty where it cannot be told."""
    if earlier is None or not _is_comparable(exercise):
        return ""
    now, then = _share(exercise), _share(earlier)
    return "same" if now == then else "better" if now > then else "worse"


def document(row: Row) -> dict[str, Any]:
    """Return the JSON form of a row; a secret drill is null, times are seconds."""
    return {
        "id": row.id,
        "drill": row.drill or None,
        "title": row.title or None,
        "at": rfc3339(row.at),
        "mode": row.mode,
        "state": row.state,
        "context": row.context,
        "points": row.score.points,
        "of": row.score.of,
        "grade": row.score.grade or None,
        "passed": row.score.passed,
        "times": row.times.document(),
        "trend": row.trend or None,
        "before": row.before or None,
    }


def _row(exercise: Exercise, earlier: Exercise | None) -> Row:
    secret, found = exercise.is_secret, trend(exercise, earlier)
    return Row(
        id=exercise.id,
        drill="" if secret else exercise.drill.name,
        title="" if secret else one_line(exercise.drill.title),
        at=exercise.begun_at or exercise.planned_at,
        mode=exercise.plan.mode,
        state=exercise.state,
        context=one_line(exercise.plan.context, 100),
        score=score(exercise),
        times=times(exercise),
        trend=found,
        before=earlier.id if earlier and found else "",
    )


def _is_unattended(exercise: Exercise) -> bool:
    return exercise.plan.mode is Mode.UNATTENDED


def _is_comparable(exercise: Exercise) -> bool:
    """Say whether its points tell how it went: it is finished, and nothing in it is inconclusive."""
    return exercise.state is State.FINISHED and not score(exercise).inconclusive


def _share(exercise: Exercise) -> float:
    result = score(exercise)
    return result.points / result.of if result.of else 0.0


def _ids() -> list[str]:
    """Return the ids of all journals, the oldest first: an id begins with its time."""
    paths = events.folder().glob("*.jsonl")
    return sorted(path.stem for path in paths if _ID.fullmatch(path.stem))


def _newest_first(ids: Sequence[str]) -> Iterator[Exercise]:
    for each in reversed(ids):
        try:
            found = fold(each, events.journal_of(each).entries())
        except CockpitError:
            continue
        if found is not None:
            yield found


def _remedy() -> str:
    known = [each.id for each in _newest_first(_ids())]
    return f"there are {_named(known)}" if known else "begin one with `cockpit drill run NAME`"


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - MAX_NAMED} more" if len(ids) > MAX_NAMED else ""
    return ", ".join(ids[:MAX_NAMED]) + more
