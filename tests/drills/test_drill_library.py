"""The drills of a folder, with how each went when it was last played."""

import json
from pathlib import Path

import pytest

from cockpit.drills import events, running
from cockpit.drills.library import library
from tests.drills.diary import DRILL, Diary


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of scenarios with one drill, played twice, and one that nobody can read."""
    drills = tmp_path / "scenarios" / "drills"
    drills.mkdir(parents=True)
    (drills / "tabletop-99.yaml").write_text(json.dumps(DRILL))
    (drills / "broken.yaml").write_text("name: broken\nphases: 3\n")
    for number, code in ((1, "timeout"), (2, "rate_limited")):
        diary = begun(number)
        diary.fires()
        diary.triage(code=code)
        diary.end()
        diary.add(events.CLEANED, left=[])
    return drills.parent


def begun(number: int, *, blind: bool = False) -> Diary:
    """Begin the exercise of that number."""
    path = events.folder() / f"20261121-{number:02}0000-0000.jsonl"
    return Diary(path, now=1000.0 + 3600 * number, blind=blind, gateway="http://127.0.0.1:1")


def test_each_drill_has_its_title_its_last_score_and_how_that_compares(folder: Path) -> None:
    broken, item = library(folder)
    assert item.drill is not None
    assert item.drill.title == "Two phases"
    assert item.last is not None
    assert (item.last.score.points, item.last.score.grade, item.last.trend) == (2.0, "A", "better")
    assert item.last.at == 1002.0 + 7200
    assert (broken.drill, broken.last) == (None, None)
    assert "broken.yaml, line " in broken.problem


def test_it_tells_which_is_interrupted_and_which_runs_but_of_no_blind_one(folder: Path) -> None:
    begun(3, blind=True)
    assert library(folder)[1].goes_on == ""
    left = begun(4)
    assert library(folder)[1].goes_on == "interrupted"
    with running.hold(left.exercise().id, "http://127.0.0.1:2"):
        assert library(folder)[1].goes_on == "running"


def test_what_was_aborted_is_to_be_cleaned_up_and_leaves_the_last_score_as_it_was(folder: Path) -> None:
    diary = begun(5)
    diary.add(events.ABORTED, cause="lunch")
    assert library(folder)[1].goes_on == "interrupted"
    diary.add(events.CLEANED, left=[])
    assert library(folder)[1].goes_on == ""
    item = library(folder)[1]
    assert item.last is not None
    assert item.last.score.points == 2.0
