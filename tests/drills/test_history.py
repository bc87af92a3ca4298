"""Which exercises there were, and how each compares with the one before."""

from pathlib import Path
from typing import Any

import pytest

from cockpit.drills import events, history
from cockpit.drills.state import Exercise, Mode, State
from cockpit.errors import UsageError
from tests.drills.diary import DRILL, Diary


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path))


def begun(number: int, **planned: Any) -> Diary:
    """Begin the exercise of that number, an hour after the one before."""
    path = events.folder() / f"20261121-{number:02}0000-00{number:02}.jsonl"
    return Diary(path, now=1000.0 + 3600 * number, **planned)


def finished(number: int, *, code: str = "rate_limited", **planned: Any) -> Exercise:
    """Play one to its end; a wrong `code` costs the second phase."""
    diary = begun(number, **planned)
    diary.fires()
    diary.triage(code=code)
    diary.end()
    return diary.exercise()


def rows(drill: str = "") -> list[tuple[str, str]]:
    """Return the ids' numbers and trends."""
    return [(each.id[-2:], each.trend) for each in history.rows(history.exercises(), drill)]


def test_exercises_come_oldest_first_and_what_tells_of_none_is_left_out() -> None:
    assert history.exercises() == ()
    second, first = finished(2), finished(1)
    (events.folder() / "20261121-030000-0003.jsonl").write_text("no journal\n")
    (events.folder() / "20261121-040000-0004.jsonl").mkdir()
    (events.folder() / "x.jsonl").write_bytes((events.folder() / f"{first.id}.jsonl").read_bytes())
    assert history.exercises() == (first, second)


def test_one_is_found_by_its_id_by_its_beginning_and_the_last_by_nothing() -> None:
    with pytest.raises(UsageError, match="there is no exercise yet: begin one with"):
        history.find("")
    first, second = finished(1), finished(2)
    assert history.find(first.id) == first
    assert history.find("20261121-01") == first
    assert history.find("") == second


def test_one_that_is_not_there_or_not_alone_is_refused_with_those_that_are() -> None:
    first, second = finished(1), finished(2)
    with pytest.raises(UsageError, match=f"no exercise begins with 1999: there are {second.id}, {first.id}"):
        history.find("1999")
    with pytest.raises(UsageError, match=f"2 exercises begin with 2026: name one: {second.id}, {first.id}"):
        history.find("2026")
    with pytest.raises(UsageError, match=r"no exercise begins with \.\./x"):
        history.find("../x")


def test_the_trend_is_against_the_run_before_of_the_same_drill() -> None:
    finished(1, code="timeout")
    finished(2, drill=DRILL | {"name": "another"})
    finished(3)
    finished(4)
    finished(5, code="timeout")
    assert rows("tabletop-99") == [("01", ""), ("03", "better"), ("04", "same"), ("05", "worse")]
    assert rows("another") == [("02", "")]


def test_what_cannot_be_compared_has_no_trend_and_is_none() -> None:
    finished(1, code="timeout")
    finished(2, mode=Mode.UNATTENDED)
    begun(3).add(events.ABORTED, cause="lunch")
    unsure = begun(4)
    unsure.fires("inconclusive", "Prometheus did not answer")
    unsure.triage()
    unsure.end()
    finished(5)
    found = history.rows(history.exercises())
    assert [each.trend for each in found] == ["", "", "", "", "better"]
    assert found[-1].before == found[0].id


def test_a_blind_exercise_tells_its_drill_only_when_it_is_over() -> None:
    diary = begun(1, blind=True)
    (row,) = history.rows(history.exercises())
    assert (row.drill, row.title) == ("", "")
    assert "tabletop-99" not in str(history.document(row))
    assert rows("tabletop-99") == []
    diary.add(events.ABORTED, cause="")
    (row,) = history.rows(history.exercises(), "tabletop-99")
    assert (row.drill, row.state) == ("tabletop-99", State.ABORTED)


def test_a_row_as_json_has_the_score_and_the_times_in_seconds() -> None:
    finished(1)
    (row,) = history.rows(history.exercises())
    told = history.document(row)
    assert (told["at"], told["points"], told["of"]) == ("1970-01-01T01:16:42Z", 2.0, 2)
    assert (told["grade"], told["passed"], told["trend"]) == ("A", True, None)
    assert told["times"] == {
        "detect_seconds": 5.0,
        "runbook_seconds": 5.0,
        "query_seconds": 7.0,
        "decide_seconds": None,
    }


def test_all_that_one_compares_with_come_newest_first() -> None:
    first, second, third = finished(1), finished(2), finished(3)
    assert tuple(history.comparable(third, history.exercises())) == (second, first)
