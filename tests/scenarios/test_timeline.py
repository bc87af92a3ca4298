"""The course of a play: its lead, its phases, an early recovery, and a push whenever one of them ends."""

from typing import Any

import pytest

from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.timeline import Timeline


def timeline(**changed: Any) -> Timeline:
    given = {"duration": 100.0, "recover": 50.0, "interval": 15.0, **changed}
    signals = [{"counter": "c_total", "rate": 1}]
    return Timeline(Scenario.model_validate({"name": "x", "title": "t", "signals": signals, **given}))


def test_the_lead_takes_two_intervals_and_nothing_rises_before_it_has_begun() -> None:
    course = timeline()
    assert (course.phase(1000), course.t(1000)) == ("baseline", -30)
    course.begin(1000)
    course.begin(1010)
    assert (course.phase(1029.9), course.phase(1030), course.t(1030)) == ("baseline", "unhealthy", 0)
    course.begin_again()
    assert course.phase(2000) == "baseline"
    course.begin(2000)
    assert course.t(2000) == -30


def test_phases_end_when_the_scenario_says() -> None:
    course = timeline()
    course.begin(0)
    phases = [course.phase(at) for at in (129.9, 130, 179.9, 180)]
    assert phases == ["unhealthy", "recovering", "recovering", "ended"]


def test_without_a_duration_it_is_unhealthy_until_it_is_told() -> None:
    course = timeline(duration=None)
    course.begin(0)
    assert course.phase(10**6) == "unhealthy"
    course.recover(10**6)
    assert (course.phase(10**6), course.phase(10**6 + 50)) == ("recovering", "ended")
    assert course.scenario.duration == 10**6 - 30


@pytest.mark.parametrize(
    ("t", "wait"),
    [(-30, 15), (-15.5, 0.5), (0, 15), (14.5, 0.5), (15.2, 14.8), (91, 9), (100, 5), (149, 1)],
)
def test_a_push_is_due_at_every_interval_and_when_a_phase_ends(t: float, wait: float) -> None:
    course = timeline()
    course.begin(-30)
    assert course.t(t) == t
    assert course.until_next(t) == pytest.approx(wait)


def test_a_timer_that_fires_early_gives_no_moment_twice() -> None:
    course = timeline()
    course.begin(-30)
    assert course.until_next(14.999) == pytest.approx(15.001)
