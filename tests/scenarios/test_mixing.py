"""Which rules would mix a scenario's series into real ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clients.wire import AlertingRule, RecordingRule, RuleGroup, RuleGroups
from cockpit.scenarios.files import parse
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.run.mixing import marked, mixed

SCENARIO = parse(
    """
name: spike
title: A spike
duration: 10m
labels: {provider: google, action: gmail.send}
signals:
  - {counter: requests_total, rate: 5}
  - {counter: errors_total, labels: {code: limited}, rate: 1, gone: true}
  - {histogram: latency_seconds, rate: 5, p50: 0.1, p95: 0.3}
expect:
  - {alert: Errors, fires_within: 5m}
""",
    "spike.yaml",
)


def alerting(*exprs: str, recording: dict[str, str] | None = None) -> RuleGroups:
    alerts = tuple(AlertingRule(name=f"Rule{index}", query=expr) for index, expr in enumerate(exprs))
    records = tuple(RecordingRule(name=name, query=expr) for name, expr in (recording or {}).items())
    return RuleGroups((RuleGroup(name="g", rules=alerts, recording=records),))


def found(expr: str, scenario: Scenario = SCENARIO) -> str | None:
    mixes = mixed(scenario, alerting(expr))
    return mixes[0].selector if mixes else None


@pytest.mark.parametrize(
    ("expr", "selector"),
    [
        ("sum(rate(requests_total[5m])) > 9", "requests_total"),
        ("sum by (provider) (rate(errors_total[5m])) > 9", "errors_total"),
        ("sum without (synthetic) (rate(errors_total[5m])) > 9", "errors_total"),
        ('sum(rate({__name__=~"err.*", provider="google"}[5m]))', '{__name__=~"err.*", provider="google"}'),
        ('sum(rate(requests_total{job=~"relay.*"}[5m]))', 'requests_total{job=~"relay.*"}'),
        ('sum(rate(requests_total{region=""}[5m]))', 'requests_total{region=""}'),
        ('sum(rate(requests_total{action!~"drive.*"}[5m]))', 'requests_total{action!~"drive.*"}'),
        ("histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[5m])))", "latency_seconds_bucket"),
        ("max(push_time_seconds) < 9", "push_time_seconds"),
        ("absent(requests_total)", "requests_total"),
    ],
)
def test_a_rule_that_selects_a_series_and_gives_up_its_mark_mixes(expr: str, selector: str) -> None:
    assert found(expr) == selector


@pytest.mark.parametrize(
    "expr",
    [
        "rate(errors_total[5m]) > 1",
        "sum by (synthetic) (rate(errors_total[5m])) > 1",
        'sum(rate(errors_total{synthetic=""}[5m])) > 1',
        'sum(rate(errors_total{job="relay"}[5m])) > 1',
        'sum(rate(errors_total{provider="microsoft"}[5m])) > 1',
        'sum(rate(errors_total{region!=""}[5m])) > 1',
        'sum(rate(errors_total{action=~"gmail"}[5m])) > 1',
        "sum(rate(other_total[5m])) > 1",
        "vector(1)",
    ],
)
def test_a_rule_that_keeps_the_mark_or_selects_others_does_not(expr: str) -> None:
    assert found(expr) is None


def test_what_a_recording_rule_makes_is_followed() -> None:
    rules = alerting(
        "sum(provider:errors:rate5m) > 1",
        "provider:errors:rate5m > 1",
        'sum(provider:errors:rate5m{synthetic=""}) > 1',
        'sum(provider:errors:rate5m{provider="google"}) > 1',
        recording={
            "total:errors:rate5m": "sum(provider:errors:rate5m)",
            "provider:errors:rate5m": "sum by (provider, synthetic) (rate(errors_total[5m]))",
        },
    )
    assert {(m.kind, m.rule) for m in mixed(SCENARIO, rules)} == {
        ("alerting", "Rule0"),
        ("alerting", "Rule3"),
        ("recording", "total:errors:rate5m"),
    }
    assert marked(SCENARIO, rules) == {"Rule1"}


def test_what_is_mixed_already_is_no_longer_followed() -> None:
    rules = alerting("sum(total:errors) > 1", recording={"total:errors": "sum(rate(errors_total[5m]))"})
    assert [m.rule for m in mixed(SCENARIO, rules)] == ["total:errors"]


def test_a_rule_in_another_dialect_that_names_a_metric_is_told() -> None:
    assert found("sum(requests_total) keep_metric_names default 5") == ""
    assert found("sum(others_total) keep_metric_names default 5") is None


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.sampled_from(["=", "!=", "=~", "!~"]))
def test_a_matcher_and_its_opposite_never_agree(value: str, op: str) -> None:
    from cockpit.promql import escape_regex, quote

    opposite = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}[op]
    written = quote(escape_regex(value) if "~" in op else value)
    hits = [found(f"sum(requests_total{{provider{each}{written}}})") for each in (op, opposite)]
    assert sum(hit is not None for hit in hits) == 1
    assert (found(f"sum(requests_total{{provider={quote(value)}}})") is not None) is (value == "google")
