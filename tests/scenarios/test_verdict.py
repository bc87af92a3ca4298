"""Verdicts: what Prometheus recorded against what was expected; gaps make them inconclusive."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clients.sink import Notification
from cockpit.clients.wire import WireSeries
from cockpit.scenarios.files import parse
from cockpit.scenarios.run.verdict import Evidence, Hole, Outcome, Verdict, passed, verdicts

START = 1_000_000.0
SCENARIO = parse(
    """
name: spike
title: A spike
duration: 15m
recover: 5m
signals: [{counter: errors_total, rate: 1}]
expect:
  - {alert: A, fires_within: 13m, resolves_within: 12m}
  - {quiet: B}
""",
    "spike.yaml",
)
END = START + 900 + 420


def firing(name: str, start: float, end: float, step: float = 15.0, **labels: str) -> WireSeries:
    """The samples of ALERTS of one that fires from `start` until before `end`, after START."""
    times = []
    at = START + start
    while at < START + end:
        times.append(at)
        at += step
    labels = {"alertname": name, "alertstate": "firing", "synthetic": "spike", **labels}
    return WireSeries(labels, tuple(times), (1.0,) * len(times))


def judge(*series: WireSeries, **changes: Any) -> tuple[Verdict, Verdict]:
    made: dict[str, Any] = {
        "opened_at": START - 30,
        "started_at": START,
        "recovering_at": START + 900,
        "ended_at": END,
        "series": series,
        **changes,
    }
    speed = made.get("speed", 1.0)
    fires, quiet = verdicts(SCENARIO.at_speed(speed), Evidence(**made))
    return fires, quiet


def test_fired_in_time_and_resolved_in_time_passes_with_measured_times() -> None:
    message = Notification(
        received_at=START + 676,
        kind="slack",
        receiver="ops-relay",
        status="firing",
        alerts=("A",),
        labels={"synthetic": "spike"},
        runbook="https://runbooks.example/a.md",
    )
    fires, quiet = judge(firing("A", 645, 1260), notifications=(message,))
    assert fires.outcome is quiet.outcome is Outcome.PASSED
    assert (fires.fired_after, fires.resolved_after) == (645, 360)
    assert (
        fires.sentence
        == "fired after 10m45s of at most 13m, notified slack 31s later, resolved 6m after recovery"
    )
    assert fires.notified is not None
    assert (fires.notified.after_seconds, fires.notified.runbook) == (31, message.runbook)
    assert quiet.sentence == "quiet for 22m"
    assert passed((fires, quiet)) is True


def test_times_are_the_scenarios_at_any_speed() -> None:
    series = WireSeries(
        {"alertname": "A", "alertstate": "firing"},
        tuple(START + 10.75 + i * 0.25 for i in range(41)),
        (1.0,) * 41,
    )
    fires, _ = judge(
        series, speed=60.0, step=0.25, opened_at=START - 1, recovering_at=START + 15, ended_at=START + 25
    )
    assert fires.sentence == "fired after 10m45s of at most 13m, resolved 6m after recovery"
    assert (fires.fires_within, fires.resolves_within) == (780, 720)


def test_never_fired_fails_and_with_a_gap_is_inconclusive() -> None:
    fires, _ = judge()
    assert (fires.outcome, fires.sentence) == (Outcome.FAILED, "did not fire within 13m")
    gap = Hole(START + 300, START + 330, "the gateway did not answer")
    fires, quiet = judge(holes=(gap,))
    assert fires.outcome is quiet.outcome is Outcome.INCONCLUSIVE
    assert fires.sentence == "did not fire within 13m, but the gateway did not answer"
    assert quiet.sentence == "quiet, but the gateway did not answer"


def test_a_gap_after_the_limit_excuses_nothing() -> None:
    fires, _ = judge(holes=(Hole(START + 800, None, "lost"),))
    assert fires.outcome is Outcome.FAILED


def test_fired_in_time_in_spite_of_a_gap_passes() -> None:
    fires, _ = judge(firing("A", 700, 1200), holes=(Hole(START + 100, START + 130, "lost"),))
    assert fires.outcome is Outcome.PASSED


@pytest.mark.parametrize(("holes", "outcome"), [((), Outcome.FAILED), ((1,), Outcome.INCONCLUSIVE)])
def test_fired_late(holes: tuple[int, ...], outcome: Outcome) -> None:
    gaps = tuple(Hole(START + 100, START + 130, "the series were lost") for _ in holes)
    fires, _ = judge(firing("A", 840, 1200), holes=gaps)
    assert fires.outcome is outcome
    assert fires.sentence.startswith("fired after 14m, later than the 13m granted")
    assert ("the series were lost" in fires.sentence) is bool(holes)


def test_what_lies_within_a_step_of_the_limit_is_in_time() -> None:
    assert judge(firing("A", 794, 1200))[0].outcome is Outcome.PASSED
    assert judge(firing("A", 796, 1200))[0].outcome is Outcome.FAILED


def test_resolved_only_because_the_series_were_lost_is_inconclusive() -> None:
    fires, _ = judge(firing("A", 645, 1000), holes=(Hole(START + 950, START + 990, "the series were lost"),))
    assert fires.outcome is Outcome.INCONCLUSIVE
    assert "resolved 1m45s after recovery, but the series were lost" in fires.sentence


@pytest.mark.parametrize(
    ("ended_at", "outcome", "words"),
    [
        (START + 900 + 721, Outcome.FAILED, "still firing 12m01s after recovery, of at most 12m"),
        (START + 900 + 300, Outcome.INCONCLUSIVE, "still firing 5m after recovery, and it has 12m"),
    ],
)
def test_not_resolved(ended_at: float, outcome: Outcome, words: str) -> None:
    fires, _ = judge(firing("A", 645, 9999), ended_at=ended_at)
    assert (fires.outcome, fires.resolved_after) == (outcome, None)
    assert fires.sentence.endswith(words)


def test_resolved_too_late_fails() -> None:
    fires, _ = judge(firing("A", 645, 900 + 750), ended_at=START + 900 + 800)
    assert fires.outcome is Outcome.FAILED
    assert fires.sentence.endswith("resolved 12m30s after recovery, later than the 12m granted")


def test_what_ends_while_its_cause_goes_on_fails() -> None:
    fires, _ = judge(firing("A", 645, 720))
    assert fires.outcome is Outcome.FAILED
    assert fires.sentence.endswith("stopped firing 3m before the recovery")


def test_what_is_to_stay_quiet_and_fires_fails_and_after_a_gap_is_inconclusive() -> None:
    _, quiet = judge(firing("B", 300, 400))
    assert (quiet.outcome, quiet.sentence) == (Outcome.FAILED, "fired after 5m, and is to stay quiet")
    _, quiet = judge(firing("B", 300, 400), holes=(Hole(START + 200, START + 230, "lost"),))
    assert quiet.outcome is Outcome.INCONCLUSIVE


def test_only_the_scenarios_own_instances_count() -> None:
    fires, quiet = judge(firing("A", 645, 1200, synthetic="other"), firing("B", 1, 500, synthetic="other"))
    assert (fires.outcome, quiet.outcome) == (Outcome.FAILED, Outcome.PASSED)
    marked = firing("A", 645, 1200)
    unmarked = WireSeries({"alertname": "A", "alertstate": "firing"}, marked.times, marked.values)
    assert judge(unmarked)[0].outcome is Outcome.PASSED
    assert judge(unmarked, marked=frozenset({"A"}))[0].outcome is Outcome.FAILED


def test_what_was_active_before_the_first_push_is_inconclusive() -> None:
    fires, quiet = judge(firing("A", -100, 1200), active_before=({"alertname": "A", "synthetic": "spike"},))
    assert fires.sentence == "it was pending or firing before its series began to rise"
    assert (fires.outcome, quiet.outcome) == (Outcome.INCONCLUSIVE, Outcome.PASSED)


def test_what_fires_before_the_series_rise_is_nobodys_proof() -> None:
    fires, quiet = judge(firing("A", -20, 1200), firing("B", -30, 15))
    assert fires.outcome is quiet.outcome is Outcome.INCONCLUSIVE
    assert fires.sentence == quiet.sentence == "it fired before its series began to rise"


def test_what_fires_because_series_are_gone_is_inconclusive_where_they_were_lost() -> None:
    gone = SCENARIO.model_copy(
        update={"signals": tuple(each.model_copy(update={"gone": "5m"}) for each in SCENARIO.signals)}
    )
    made: dict[str, Any] = {"opened_at": START - 30, "started_at": START, "recovering_at": START + 900}
    made |= {"ended_at": END, "series": (firing("A", 700, 1260),)}
    lost = Hole(START + 100, START + 130, "the series were lost")
    assert verdicts(gone, Evidence(**made))[0].outcome is Outcome.PASSED
    found = verdicts(gone, Evidence(**made, holes=(lost,)))[0]
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "of at most 13m, but the series were lost" in found.sentence


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unread": "what fired could not be read"}, "what fired could not be read"),
        ({"started_at": None, "recovering_at": None}, "its series never began to rise"),
    ],
)
def test_without_evidence_everything_is_inconclusive(changes: dict[str, Any], words: str) -> None:
    found = judge(**changes)
    assert passed(found) is None
    assert all(verdict.sentence.startswith(words) for verdict in found)


def test_a_run_that_was_too_short_is_inconclusive() -> None:
    fires, _ = judge(recovering_at=START + 300, ended_at=START + 700)
    assert fires.outcome is Outcome.INCONCLUSIVE
    assert fires.sentence == "did not fire, but its series were unhealthy for 5m only, and it has 13m"
    fires, _ = judge(recovering_at=START + 300, ended_at=START + 700, interrupted=True)
    assert fires.sentence == "did not fire, but it was interrupted after 5m, and it has 13m"


def test_the_whole_fails_when_one_fails() -> None:
    good, bad = judge(firing("A", 645, 1200), firing("B", 1, 50))
    assert passed((good, bad)) is False
    assert passed(()) is None


@given(
    fired=st.none() | st.tuples(st.floats(0, 1100), st.floats(1, 600)),
    hole=st.none() | st.tuples(st.floats(-30, 1300), st.floats(1, 300)),
    loud=st.booleans(),
)
def test_a_gap_never_turns_a_failure_into_a_pass_nor_a_pass_into_a_failure(
    fired: tuple[float, float] | None, hole: tuple[float, float] | None, loud: bool
) -> None:
    series = [firing("A", fired[0], sum(fired))] if fired else []
    series += [firing("B", 100, 200)] if loud else []
    without = judge(*series)
    holes = (Hole(START + hole[0], START + sum(hole), "lost"),) if hole else ()
    for before, after in zip(without, judge(*series, holes=holes), strict=True):
        assert after.outcome in {before.outcome, Outcome.INCONCLUSIVE}
