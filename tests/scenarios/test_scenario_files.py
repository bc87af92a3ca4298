"""Scenario files: a bad one is refused with file, line, key and a sentence, a strange but good one read."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.errors import UsageError
from cockpit.scenarios import files
from cockpit.scenarios.model import Counter, Scenario

HEAD = "name: x\ntitle: t\n"
SIGNAL = "signals: [{counter: c_total, rate: 1}]\n"
RATE = "counter: c\n    rate: "
FIVE = RATE + "\n      steps: 5\n      "
LATENCY = "histogram: h\n    rate: 1\n    "


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + SIGNAL + "surprise: 1\n", "f.yaml, line 4: surprise: unknown key"),
        (HEAD + "duration: soon\n" + SIGNAL, "f.yaml, line 3: duration: not a duration: 'soon'"),
        (HEAD + "signals:\n  - {counter: c, rate: x}\n", "f.yaml, line 4: signals.0.rate: a number, a list"),
        (
            HEAD + "signals:\n  - {counter: c, rate: -1}\n",
            "f.yaml, line 4: signals.0.rate: a rate is never negative",
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
        (HEAD + "signals: []\n", "f.yaml, line 3: signals: it is empty"),
        (
            HEAD + SIGNAL + "expect: [{alert: A, fire_within: 5m}]",
            "f.yaml, line 4: expect.0.fire_within",
        ),
        (
            HEAD + "labels: {a-b: x}\n" + SIGNAL,
            "f.yaml, line 3: labels.a-b: a label's name has ",
        ),
        (
            HEAD + "signals:\n- {gauge: a-b, value: 1}\n",
            "f.yaml, line 4: signals.0.gauge: a metric's name",
        ),
        (HEAD + "labels: {1: x}\n" + SIGNAL, "f.yaml, line 3: labels.1: a text is needed: put it in quotes"),
        (HEAD + "signals: [{histogram: h, rate: 1}]\n", "f.yaml, line 3: signals.0: p50 and p95 are needed"),
        (
            HEAD + "labels: {job: x}\n" + SIGNAL,
            "f.yaml, line 3: labels.job: job is set by what pushes and scrapes",
        ),
        (
            HEAD + "signals: [{gauge: g, value: 1}, {gauge: g, value: 2}]\n",
            "f.yaml, line 3: signals.1: g with the same labels",
        ),
        ("name: X Y\ntitle: t\n" + SIGNAL, "f.yaml, line 1: name: a scenario's name has small letters"),
        (HEAD + "title: again\n", "f.yaml, line 3: found duplicate key"),
        ("[", "f.yaml, line 1: "),
        ("- a\n", "f.yaml: not a mapping"),
        ("", "f.yaml: it is empty"),
        ("# nothing\n", "f.yaml: it is empty"),
        ("a: 1\nb: \x00\n", "f.yaml, line 2: a character that YAML does not allow"),
        (
            HEAD + SIGNAL + "---\n" + HEAD,
            "f.yaml, line 4: expected a single document in the stream, but found another",
        ),
        (HEAD + "signals: !!python/object:os.system [a]\n", "f.yaml, line 3: signals.0: a signal is"),
        (HEAD + "signals: 5\n", "f.yaml, line 3: signals: a list is needed"),
        (HEAD + "labels: {code: 500}\n" + SIGNAL, "f.yaml, line 3: labels.code: a text is needed: put it in"),
        (
            HEAD + SIGNAL + "expect: [{fires: A}]\n",
            "f.yaml, line 4: expect.0: what is expected is an `alert`",
        ),
        (HEAD + "duration: " + "9" * 400 + "y\n" + SIGNAL, "f.yaml, line 3: duration: longer than any"),
        (HEAD + "interval: 20m\nduration: 15m\n" + SIGNAL, "f.yaml, line 3: interval: nothing unhealthy is"),
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
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        files.find("huge", tmp_path)
    with pytest.raises(UsageError, match=r"no scenario '../x' in .*: there are: huge, x, y, z"):
        files.find("../x", tmp_path)


def said(signals: str = "", **keys: str) -> str:
    """Return what is said of a file, less its name."""
    body = HEAD + (f"signals:\n  - {signals}\n" if signals else SIGNAL)
    with pytest.raises(UsageError) as caught:
        files.parse(body + "".join(f"{key}: {value}\n" for key, value in keys.items()), "f.yaml")
    return caught.value.message.removeprefix("scenario f.yaml, ")


@pytest.mark.parametrize(
    ("signals", "says"),
    [
        (
            "counter: c\n    rate:\n      - {at: 0s, value: 1}\n      - {at: 15m, value: 2}",
            "line 7: signals.0.rate.1.at: the scenario's `duration` is over by then",
        ),
        (
            RATE + "[{at: 0s, value: 1}, {at: 14m, value: 2, over: 2m}]",
            "line 5: signals.0.rate.1.over: the ramp ends after",
        ),
        (RATE + "[{at: 5m, value: 1}]", "line 5: signals.0.rate.0.at: the first step must be at 0s"),
        (
            RATE + "[{at: 0, value: 1}, {at: 5m, value: 2, over: 2m}, {at: 6m, value: 1}]",
            "line 5: signals.0.rate.2.at: it begins before the step ahead of it",
        ),
        (
            FIVE + "sine: {amplitude: 3, period: 1m}\n      noise: {amplitude: 3}",
            "line 5: signals.0.rate: a rate is never negative: sine and noise swing by 6, the",
        ),
        (
            FIVE + "spikes: {height: -1, every: 1m, for: 5s}",
            "line 7: signals.0.rate.spikes.height: a spike of a rate goes up",
        ),
        (
            FIVE + "spikes: {height: 1, every: 1m, for: 2m}",
            "line 7: signals.0.rate.spikes.for: it must not be longer than `every`",
        ),
        (
            FIVE + "spikes: {height: 1, every: 1m, for: 2s, at: 15m}",
            "line 7: signals.0.rate.spikes.at: the scenario's `duration` is over",
        ),
        (RATE + "{steps: 5, sin: 1}", "line 5: signals.0.rate.sin: unknown key"),
        (RATE + "{sine: {amplitude: 1, period: 1m}}", "line 5: signals.0.rate.steps: it is needed"),
        (RATE + "1\n    gone: 15m", "line 6: signals.0.gone: the scenario's `duration` is over"),
        (
            RATE + "1\n    gone: [{from: 1m, to: 30m}]",
            "line 6: signals.0.gone.0.to: the scenario's `duration` is over",
        ),
        (RATE + "1\n    gone: {from: 5m, to: 1m}", "line 6: signals.0.gone.to: it must be later than"),
        (
            RATE + "1\n    gone: [{from: 5m, to: 1m}]",
            "line 6: signals.0.gone.0.to: it must be later",
        ),
        (
            LATENCY + "p50: 1\n    p95: 20",
            "line 7: signals.0.p95: 20 is beyond the largest of the buckets, 10",
        ),
        (LATENCY + "p50: 0\n    p95: 1", "line 6: signals.0.p50: it must be more than 0"),
        (LATENCY + "p50: 2\n    p95: 1", "line 7: signals.0.p95: it must not be below p50"),
        (LATENCY + "p50: 0.001\n    p95: 9", "line 7: signals.0.p95: it must be at most 1000 times"),
        (LATENCY + "p50: 1\n    values: [1]", "line 7: signals.0.values: either p50 and p95"),
        (
            LATENCY + "values: [{value: 1, weight: 0}]",
            "line 6: signals.0.values.0.weight: it must be more than 0",
        ),
        (
            LATENCY + "p50: 1\n    p95: 2\n    healthy: {p50: 1, p95: 11}",
            "line 8: signals.0.healthy.p95: 11 is beyond",
        ),
        (
            LATENCY + "p50: 1\n    p95: 2\n    buckets: [1, 3, 2]",
            "line 8: signals.0.buckets.2: each bucket",
        ),
        (
            "counter: push_time_seconds\n    rate: 1",
            "line 4: signals.0.counter: push_time_seconds is the Pushgateway's",
        ),
        ("counter: c d\n    rate: 1", "line 4: signals.0.counter: "),
        ("gauge: g\n    value: true", "line 5: signals.0.value: a number, a list of steps"),
        ("gauge: g\n    value: 1e16", "line 5: signals.0.value: it must be at most 1e+15"),
        (
            "gauge: g\n    value: 1\n  - {counter: g, rate: 1}",
            "line 6: signals.1.counter: g is a series of the gauge g",
        ),
        (
            "counter: h_count\n    rate: 1\n  - {histogram: h, rate: 1, values: [1]}",
            "line 6: signals.1.histogram: h_count is a series of the counter h_count",
        ),
        (
            LATENCY + "values: [1]\n  - {gauge: h_bucket, value: 1}",
            "line 7: signals.1.gauge: h_bucket is a series of the histogram h",
        ),
    ],
)
def test_a_signal_that_cannot_be_is_refused_at_its_line(signals: str, says: str) -> None:
    assert said(signals, duration="15m").startswith(says)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        *(
            (f"{{{name}: x}}", f"labels.{name}: {name} is set by what")
            for name in ("job", "instance", "synthetic", "__name__", "__x")
        ),
        ("{le: '1'}", "labels.le: le belongs to the buckets"),
        ("{a: ''}", "labels.a: an empty value is no label"),
        ('{a: "\\ud800"}', "labels.a: has a lone surrogate"),
        ("{a: " + "é" * 600 + "}", "labels.a: longer than 1024 bytes"),
        ("{a-b: x}", "labels.a-b"),
    ],
)
def test_a_label_that_cannot_be_pushed_is_refused(labels: str, says: str) -> None:
    assert said(f"{{counter: c, rate: 1, labels: {labels}}}").startswith(f"line 4: signals.0.{says}")
    assert said(labels=labels).startswith(f"line 4: {says}")


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        (
            "[{alert: A, fires_within: 16m}]",
            "line 4: expect.0.fires_within: the scenario's `duration` is over",
        ),
        (
            "[{alert: A, fires_within: 5m}, {quiet: A}]",
            "line 4: expect.1.quiet: A is expected to fire and to be",
        ),
        (
            "[{alert: A, labels: {a: b, c: d}, fires_within: 5m}, {quiet: A, labels: {a: b}}]",
            "line 4: expect.1",
        ),
        ("[{quiet: A}, {quiet: A}]", "line 4: expect.1: it stands twice"),
        ("[{quiet: ''}]", "line 4: expect.0.quiet: "),
    ],
)
def test_an_expectation_that_cannot_come_true_is_refused(expect: str, says: str) -> None:
    assert said(expect=expect, duration="15m").startswith(says)


def test_one_alert_may_fire_for_some_labels_and_be_quiet_for_others() -> None:
    expect = "expect: [{alert: A, labels: {a: b}, fires_within: 5m}, {quiet: A, labels: {a: c}}]\n"
    assert len(files.parse(HEAD + SIGNAL + expect, "f.yaml").expect) == 2


def test_a_small_file_that_stands_for_gigabytes_is_refused() -> None:
    lists = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20))
    with pytest.raises(UsageError, match="more than 500000 values, aliases counted"):
        files.parse("a0: &a0 [x]\n" + lists, "f.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "".join(" " * i + "a:\n" for i in range(900)),
        "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 2000)),
    ],
    ids=["flow", "block", "aliases"],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="nested too deeply"):
        files.parse(text, "f.yaml")


def test_anchors_and_merges_that_people_write_are_read() -> None:
    scenario = files.parse(
        HEAD + "signals:\n"
        "  - &one {counter: c_total, rate: &rate 1.5, labels: &own {a: &a b}, gone: &gone true}\n"
        "  - {counter: d_total, rate: *rate, labels: {<<: *own, z: *a}, gone: *gone}\n"
        "  - {<<: *one, counter: e_total}\n",
        "f.yaml",
    )
    signals = [each for each in scenario.signals if isinstance(each, Counter)]
    assert [each.counter for each in signals] == ["c_total", "d_total", "e_total"]
    assert [each.labels for each in signals] == [{"a": "b"}, {"a": "b", "z": "b"}, {"a": "b"}]
    assert [each.rate.first for each in signals] == [1.5] * 3
    assert all(each.is_gone(0) for each in signals)


@pytest.mark.parametrize(
    "change", [lambda s: s.replace("\n", "\r\n"), lambda s: "\ufeff" + s, lambda s: s + "...\n"]
)
def test_line_ends_and_a_byte_order_mark_change_nothing(change: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(change(HEAD + SIGNAL).encode())
    assert files.read(path) == files.parse(HEAD + SIGNAL, "f.yaml")


def test_label_values_are_kept_to_the_byte() -> None:
    written = HEAD + 'labels: {a: "\\e[31m\\u202e\\n\\"\\\\😀"}\n' + SIGNAL
    assert files.parse(written, "f.yaml").labels == {"a": '\x1b[31m\u202e\n"\\😀'}
