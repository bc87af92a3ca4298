"""The model of a scenario: shipped ones are good, the format is understood, and speed divides its times."""

import pytest

from cockpit.config import shipped
from cockpit.scenarios import files
from cockpit.scenarios.model import Counter, Fires, Quiet

FOLDER = shipped("scenarios")
HEAD = "name: x\ntitle: t\n"


@pytest.mark.parametrize("name", files.names(FOLDER))
def test_every_shipped_scenario_can_be_played(name: str) -> None:
    scenario = files.find(name, FOLDER)
    assert scenario.signals
    assert scenario.expect


def test_the_format_of_the_interfaces_is_understood() -> None:
    scenario = files.parse(
        """
name: error-rate-warn
title: Gmail send errors at 2 %
duration: 15m            # unhealthy for this long
recover: 5m
interval: 15s
labels: {provider: google, action: gmail.send}
signals:
  - {counter: action_exec_total, rate: 50}
  - {counter: action_error_total, labels: {code: rate_limited}, rate: 1, healthy: 0}
  - {gauge: percent, value: [{at: 0s, value: 1}, {at: 5m, value: 3, over: 1m}], gone: 10m}
  - {histogram: latency_seconds, rate: 50, buckets: [0.1, 1], p50: 0.2, p95: 0.8,
     healthy: {values: [0.1, 0.2]}}
expect:
  - {alert: GmailSendErrorRateWarning, fires_within: 13m, resolves_within: 12m}
  - {quiet: GmailSendErrorRateCritical}
""",
        "f.yaml",
    )
    assert (scenario.duration, scenario.recover, scenario.interval) == (900, 300, 15)
    assert scenario.expect == (
        Fires(alert="GmailSendErrorRateWarning", fires_within=780, resolves_within=720),
        Quiet(quiet="GmailSendErrorRateCritical"),
    )


def test_speed_divides_durations_and_leaves_rates() -> None:
    scenario = files.parse(
        HEAD + "duration: 15m\nrecover: 5m\n"
        "signals:\n"
        "  - {counter: c_total, healthy: 2, gone: 4m,\n"
        "     rate: [{at: 0s, value: 1}, {at: 2m, value: 5, over: 1m}]}\n"
        "expect: [{alert: A, fires_within: 13m}]\n",
        "f.yaml",
    ).at_speed(60)
    assert (scenario.duration, scenario.recover, scenario.interval) == (15, 5, 0.25)
    (signal,) = scenario.signals
    assert isinstance(signal, Counter)
    assert [each.start for each in signal.gone] == [4]
    assert [(s.at, s.value, s.over) for s in signal.rate.steps] == [(0, 1, 0), (2, 5, 1)]
    assert signal.healthy == 2
    assert scenario.expect == (Fires(alert="A", fires_within=13),)


def test_a_held_scenario_has_no_end() -> None:
    assert files.find("error-rate-warn", FOLDER).held().at_speed(60).duration is None
