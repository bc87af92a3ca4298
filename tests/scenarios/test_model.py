"""Scenario files: the shipped ones are good, and a bad one is refused with file, line and key."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config import shipped
from cockpit.errors import UsageError
from cockpit.scenarios import files
from cockpit.scenarios.model import Fires, Quiet, Scenario

FOLDER = shipped("scenarios")
HEAD = "name: x\ntitle: t\n"
SIGNAL = "signals: [{counter: c_total, rate: 1}]\n"


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


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + SIGNAL + "surprise: 1\n", "f.yaml, line 4: surprise: unknown key"),
        (HEAD + "duration: soon\n" + SIGNAL, "f.yaml, line 3: duration: not a duration: 'soon'"),
        (
            HEAD + "signals:\n  - {counter: c, rate: x}\n",
            "f.yaml, line 4: signals.0.rate: a number, or a list",
        ),
        (
            HEAD + "signals:\n  - {counter: c, rate: -1}\n",
            "f.yaml, line 4: signals.0: rate: it is never negative",
        ),
        (
            HEAD + "signals:\n  - {meter: c}\n",
            "f.yaml, line 4: signals.0: a signal is a `counter`, a `gauge` or a",
        ),
        (
            HEAD + "signals:\n  - {counter: c, rate: 1, colour: 1}\n",
            "f.yaml, line 4: signals.0.colour: unknown key",
        ),
        (HEAD + "signals:\n  - {counter: c, rate: .nan}\n", "f.yaml, line 4: signals.0.rate"),
        (HEAD + "signals: []\n", "f.yaml, line 3: signals: "),
        (HEAD + "signals: [{histogram: h, rate: 1}]\n", "f.yaml, line 3: signals.0: p50 and p95 are needed"),
        (HEAD + "labels: {job: x}\n" + SIGNAL, "f.yaml: labels: job is set by what pushes and scrapes"),
        (
            HEAD + "signals: [{gauge: g, value: 1}, {gauge: g, value: 2}]\n",
            "f.yaml: signals: g with the same labels",
        ),
        ("name: X Y\ntitle: t\n" + SIGNAL, "f.yaml, line 1: name: "),
        (HEAD + "title: again\n", "f.yaml, line 3: found duplicate key"),
        ("[", "f.yaml, line 1: "),
        ("- a\n", "f.yaml: not a mapping"),
        ("", "f.yaml: not a mapping"),
        ("a: \x00\n", "f.yaml"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_key(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        files.parse(text, "f.yaml")
    assert caught.value.message.startswith(f"scenario {says}")
    assert "\n" not in caught.value.message


@given(st.text())
def test_any_text_is_a_scenario_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(files.parse(text, "f.yaml"), Scenario)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "synthetic"
    folder.mkdir()
    (folder / "x.yaml").write_text(HEAD + SIGNAL)
    (folder / "y.yaml").write_text(HEAD + SIGNAL)
    (folder / "z.yaml").write_bytes(b"name: \xff")
    (folder / "huge.yaml").write_bytes(b"#" * 2_000_000)
    assert files.find("x", tmp_path).name == "x"
    with pytest.raises(UsageError, match="is not the file's name"):
        files.find("y", tmp_path)
    with pytest.raises(UsageError, match="not UTF-8"):
        files.find("z", tmp_path)
    with pytest.raises(UsageError, match="larger than"):
        files.find("huge", tmp_path)
    with pytest.raises(UsageError, match=r"no scenario '../x' in .*: there are: huge, x, y, z"):
        files.find("../x", tmp_path)


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
    assert signal.gone == 4
    assert [(s.at, s.value, s.over) for s in getattr(signal, "rate")] == [(0, 1, 0), (2, 5, 1)]  # noqa: B009
    assert getattr(signal, "healthy") == 2  # noqa: B009
    assert scenario.expect == (Fires(alert="A", fires_within=13),)


def test_a_held_scenario_has_no_end() -> None:
    assert files.find("error-rate-warn", FOLDER).held().at_speed(60).duration is None
