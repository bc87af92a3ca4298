"""An exercise's plays: processes of their own, here without a gateway that answers."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.config import Context, shipped
from cockpit.drills import events, playing
from cockpit.drills.playing import Plays
from cockpit.drills.state import Exercise
from cockpit.errors import UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.play import plays
from tests.drills.diary import DRILL, Diary
from tests.waiting import wait_until

URL = "http://127.0.0.1:9"
ID = "20261121-163000-3f2a"


@pytest.fixture
def exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exercise]:
    """Give one that plays error-rate-warn at a lab's speed; what a failed test leaves playing is ended."""
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path))
    first, second = DRILL["phases"]
    drill = DRILL | {"phases": [first | {"play": "error-rate-warn"}, second]}
    path = events.journal_of(ID).path
    found = Diary(path, drill=drill, gateway=URL, speed=60.0, sink=True).exercise()
    yield found
    left = Plays(found)
    left.hurried = True
    left.stop(left.going())
    wait_until(lambda: not left.going(), "nothing plays any more")


def context(**changed: Path) -> Context:
    told = {"name": "lab", "pushgateway": URL, "speed": 60.0, "scenarios": shipped("scenarios")}
    return Context(**(told | changed))  # type: ignore[arg-type]


def test_it_ends_by_itself_when_the_exercise_must_long_be_over(exercise: Exercise) -> None:
    peoples = machines = 300
    assert playing.longest(exercise) == 3600 + 2 * (machines / 60 + 10 + peoples)


def test_a_play_goes_on_without_its_engine_and_ends_for_another(exercise: Exercise) -> None:
    first = Plays(exercise)
    first.start("error-rate-warn", context())
    assert first.going() == {"error-rate-warn": False}
    other = Plays(exercise)
    wait_until(other.going, "it is known to whoever looks")
    (play,) = plays.playing(Journal())
    assert (play.player, play.speed, play.duration) == ("drill", 60.0, playing.longest(exercise))
    wait_until(lambda: "error-rate-warn: " in first.said("error-rate-warn", 0.0), "what it says is known")
    other.stop(other.going())
    wait_until(lambda: not first.going() and not other.going(), "it has ended")
    assert other.left() == ()


def test_a_play_that_cannot_be_played_says_why(exercise: Exercise, tmp_path: Path) -> None:
    all_of_them = Plays(exercise)
    all_of_them.start("error-rate-warn", context(scenarios=tmp_path))
    wait_until(lambda: not all_of_them.going(), "it has ended")
    assert all_of_them.said("error-rate-warn", 0.0).startswith("error: ")
    assert all_of_them.said("error-rate-warn", 1e11) == ""


def test_credentials_reach_it_by_no_command_line_and_no_file(exercise: Exercise, tmp_path: Path) -> None:
    started = Plays(exercise)
    started.start("error-rate-warn", Context(pushgateway=URL, headers={"Authorization": "s3cret"}))
    (play,) = wait_until(lambda: plays.playing(Journal()), "it plays")
    argv = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(play.pid)], capture_output=True, check=True)
    assert b"error-rate-warn" in argv.stdout
    assert b"s3cret" not in argv.stdout
    started.stop(started.going())
    wait_until(lambda: not started.going(), "it has ended")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]


def test_the_plays_of_others_are_none_of_it(exercise: Exercise) -> None:
    told = {"title": "t", "context": "lab", "interval": 1.0, "duration": None, "recover": 0.0, "speed": 1.0}
    one = {"scenario": "error-rate-warn", "gateway": URL, "player": "run", "now": 1.0}
    journal = Journal()
    for changed in ({}, {"player": "drill", "gateway": "http://other"}, {"player": "drill", "scenario": "y"}):
        with plays.claim(journal, plays.new_play(**(told | one | changed))):  # type: ignore[arg-type]
            assert Plays(exercise).going() == {}
    with plays.claim(journal, plays.new_play(**(told | one | {"player": "drill"}))):  # type: ignore[arg-type]
        assert Plays(exercise).going() == {"error-rate-warn": False}
        assert Plays(exercise).starts(exercise) == {}


def test_what_is_played_there_already_by_others_is_refused(exercise: Exercise) -> None:
    told = {"title": "t", "context": "lab", "interval": 1.0, "duration": None, "recover": 0.0, "speed": 1.0}
    one = plays.new_play(scenario="error-rate-warn", gateway=URL, now=1.0, **told)  # type: ignore[arg-type]
    with (
        plays.claim(Journal(), one),
        pytest.raises(UsageError, match="`cockpit scenario stop error-rate-warn`"),
    ):
        playing.require_unplayed(exercise.drill, URL)
    labs = plays.new_play(scenario="error-rate-warn", gateway=URL, now=1.0, player="lab", **told)  # type: ignore[arg-type]
    with plays.claim(Journal(), labs), pytest.raises(UsageError, match="it ends with the lab"):
        playing.require_unplayed(exercise.drill, URL)
    playing.require_unplayed(exercise.drill, URL)
