"""Who runs which exercise, and since when nobody does."""

import multiprocessing
import os
from pathlib import Path

import pytest

from cockpit import config
from cockpit.config import LabFile
from cockpit.drills import events, running
from cockpit.drills.running import Running, beat, hold, last_beat
from cockpit.errors import UsageError
from tests.drills.diary import Diary

URL = "http://gateway"
ID = "20261121-163000-3f2a"


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path))


def exercise(**planned: object) -> Diary:
    return Diary(events.journal_of(ID).path, **planned)  # type: ignore[arg-type]


def lab(**changed: object) -> LabFile:
    told = {"prometheus": "", "alertmanager": "", "pushgateway": URL, "sink": "", "speed": 60.0}
    more = {"owner_pid": os.getpid(), "pids": {}, "versions": {}, "started_at": 10.0}
    return LabFile(**(told | more | changed))  # type: ignore[arg-type]


def test_what_is_held_is_known_as_running_until_its_process_is_gone() -> None:
    with hold(ID, URL):
        assert running.running() == (Running(ID, URL, os.getpid()),)
    assert running.running() == ()


def _hold(ready: "multiprocessing.synchronize.Event") -> None:
    with hold(ID, URL):
        ready.set()
        multiprocessing.Event().wait()


def test_a_killed_process_holds_nothing() -> None:
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    process = context.Process(target=_hold, args=(ready,))
    process.start()
    assert ready.wait(20)
    with pytest.raises(UsageError, match=f"it runs on {URL} already: {ID}, pid {process.pid}"), hold(ID, URL):
        pass
    process.kill()
    process.join()
    with hold(ID, URL):
        pass


def test_an_exercise_that_nobody_runs_is_interrupted_until_it_is_over_and_cleaned_up() -> None:
    diary = exercise()
    assert [each.id for each in running.interrupted()] == [ID]
    with hold(ID, URL):
        assert running.interrupted() == ()
    diary.add(events.ABORTED, cause="")
    assert [each.id for each in running.interrupted()] == [ID]
    diary.add(events.CLEANED, left=[])
    assert running.interrupted() == ()


@pytest.mark.parametrize(
    ("there", "refused"),
    [
        (lab(), True),
        (None, False),
        (lab(pushgateway="http://other"), False),
        (lab(started_at=5000.0), False),
    ],
)
def test_an_interrupted_one_is_in_the_way_only_while_its_lab_is_there(
    monkeypatch: pytest.MonkeyPatch, there: LabFile | None, refused: bool
) -> None:
    monkeypatch.setattr(config, "running_lab", lambda: there)
    exercise(gateway=URL, sink=True)
    if not refused:
        with hold("another", URL):
            return
    with pytest.raises(UsageError, match=f"{ID} was interrupted on {URL}: .*drill abort {ID}"):
        hold("another", URL).__enter__()
    with hold("another", "http://elsewhere"), hold(ID, URL):
        pass


def test_one_of_a_real_context_is_in_the_way_whatever_lab_runs() -> None:
    exercise(gateway=URL, context="prod")
    with pytest.raises(UsageError, match="was interrupted"):
        hold("another", URL).__enter__()


def test_the_last_beat_is_when_it_was_last_known_to_run() -> None:
    assert last_beat(ID) is None
    beat(ID, 1234.5)
    beat(ID, 1240.25)
    assert last_beat(ID) == 1240.25


def test_a_beat_that_cannot_be_written_ends_no_exercise(tmp_path: Path) -> None:
    (tmp_path / "drills").write_text("in the way")
    beat(ID, 1.0)
    assert last_beat(ID) is None
