"""What a proof says of an expectation, from when alerts fired and what expressions were worth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from cockpit.expression import Selector
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.proof import reasons
from cockpit.scenarios.proof.compile import Plan, inputs, plan
from cockpit.scenarios.proof.findings import Finding, judge, no_rule
from cockpit.scenarios.proof.observed import Instance, Span
from cockpit.scenarios.proof.pieces import Piece, culprit, pieces
from cockpit.scenarios.proof.reading import Answer
from cockpit.scenarios.proof.rulefiles import Rules

RULES = """
groups:
  - name: relay
    interval: 15s
    rules:
      - record: relay:ratio
        expr: sum by (provider) (rate(errors_total[5m])) / sum by (provider) (rate(calls_total[5m]))
      - alert: Errors
        expr: relay:ratio > 0.05
        for: 10m
        labels: {severity: warning}
"""

PUSHED = [
    {"counter": "errors_total", "labels": {"code": "500", "provider": "google"}, "rate": 1},
    {"counter": "calls_total", "labels": {"provider": "google"}, "rate": 50},
]


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    (tmp_path / "relay.yml").write_text(RULES)
    return Rules.read([tmp_path])


def scenario(**expected: Any) -> Scenario:
    fires = {"alert": "Errors", "fires_within": "13m", "resolves_within": "5m"}
    return Scenario.model_validate(
        {
            "name": "test",
            "title": "A test",
            "duration": "15m",
            "recover": "5m",
            "signals": PUSHED,
            "expect": [expected if "quiet" in expected else {**fires, **expected}],
        }
    )


def instance(
    pending: tuple[float, float] | None = None, firing: tuple[float, float] | None = None, **labels: str
) -> Instance:
    named = {"alertname": "Errors", "severity": "warning", "synthetic": "test", **labels}
    return Instance(named, pending and Span(*pending), firing and Span(*firing))


def judged(one: Scenario, rules: Rules, *found: Instance) -> Finding:
    return judge(one.expect[0], one, plan(one, 15.0), rules, found)


@pytest.mark.parametrize(("fired", "passed"), [(20, True), (19, False), (None, True)])
def test_one_that_pauses_while_its_cause_goes_on_does_not_hold(
    rules: Rules, fired: int | None, passed: bool
) -> None:
    # 615 to 900 are 20 evaluations.
    held = replace(instance((15, 600), (615, 1035)), fired=fired)
    found = judged(scenario(), rules, held)
    assert found.passed is passed
    assert ("stops and starts again" in found.sentence) is not passed


def test_a_label_that_nothing_sets_is_lost_by_nobody(rules: Rules) -> None:
    found = judged(scenario(labels={"team": "relay"}), rules, instance((15, 600), (615, 1035)))
    assert found.sentence == (
        "fires at 10m15s, but expected team=relay, it has none: neither its rule nor the scenario sets it"
    )


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ({}, "quiet throughout"),
        ({"severity": "warning"}, "quiet throughout with severity=warning"),
        ({"code": "500"}, "quiet throughout with code=500"),
        ({"code": "50"}, "quiet throughout with code=50, but nothing pushed has code=50"),
    ],
)
def test_quiet_for_want_of_a_cause_is_said(rules: Rules, labels: dict[str, str], sentence: str) -> None:
    one = scenario(quiet="Errors", labels=labels)
    assert judged(one, rules).sentence == sentence
    elsewhere = Scenario.model_validate(
        {**one.model_dump(exclude={"signals"}), "signals": [{"gauge": "level", "value": 1}]}
    )
    assert judged(elsewhere, rules).sentence.endswith("its rule looks at nothing that the scenario pushes")


def test_in_time_it_fires_and_resolves(rules: Rules) -> None:
    found = judged(scenario(), rules, instance((15, 600), (615, 1035)))
    assert found.passed
    assert found.sentence == ("fires at 10m15s of at most 13m, resolves 2m30s after recovery of at most 5m")
    assert (found.fired_after, found.resolved_after) == (615, 150)


@pytest.mark.parametrize(
    ("firing", "sentence"),
    [
        (
            (795, 1035),
            "fires at 13m15s, later than the 13m granted: pending from 15s on, `for` is 10m, "
            "resolves 2m30s after recovery of at most 5m",
        ),
        (
            (615, 1200),
            "fires at 10m15s of at most 13m, but resolves 5m15s after recovery, later than the 5m granted",
        ),
        (
            (615, 1800),
            "fires at 10m15s of at most 13m, but still fires 15m after recovery, 5m are granted",
        ),
        ((615, 705), "fires at 10m15s of at most 13m, but stops firing 3m before the recovery"),
    ],
)
def test_what_comes_too_late_or_ends_too_early_does_not_hold(
    rules: Rules, firing: tuple[float, float], sentence: str
) -> None:
    found = judged(scenario(), rules, instance((15, 600), firing))
    assert not found.passed
    assert found.sentence == sentence


def test_the_limit_itself_is_in_time(rules: Rules) -> None:
    assert judged(scenario(), rules, instance(None, (780, 1185))).passed
    assert not judged(scenario(), rules, instance(None, (795, 1185))).passed
    assert not judged(scenario(), rules, instance(None, (780, 1200))).passed


def test_the_first_of_several_fires_and_the_last_resolves(rules: Rules) -> None:
    found = judged(scenario(), rules, instance(None, (615, 900)), instance(None, (700, 1000), code="x"))
    assert (found.fired_after, found.resolved_after) == (615, 115)


def test_an_alert_that_is_only_pending_was_not_held(rules: Rules) -> None:
    found = judged(scenario(), rules, instance((15, 300)))
    assert found.sentence == "pending only, 15s..5m: not held for the 10m of its `for`"


def test_the_first_label_that_differs_is_named(rules: Rules) -> None:
    one = scenario(labels={"severity": "warning", "code": "500"})
    found = judged(one, rules, instance(None, (615, 900), severity="critical"), instance(None, (615, 900)))
    assert found.sentence == (
        "fires at 10m15s, but expected code=500, it has none: relay:ratio does not keep it"
    )
    one = scenario(labels={"severity": "critical"})
    found = judged(one, rules, instance(None, (615, 900)))
    assert found.sentence == "fires at 10m15s, but expected severity=critical, it has severity=warning"


def test_an_alert_of_another_scenario_is_not_its_own(rules: Rules) -> None:
    found = judged(scenario(), rules, instance(None, (615, 1035), synthetic="other"))
    assert found.sentence == "fires at 10m15s, but expected synthetic=test, it has synthetic=other"
    lost = Instance({"alertname": "Errors"}, None, Span(615, 1035))
    assert judged(scenario(), rules, lost).passed


def test_quiet_is_about_the_labels_it_names(rules: Rules) -> None:
    one = scenario(quiet="Errors", labels={"provider": "google"})
    assert judged(one, rules, instance(None, (615, 900), provider="apple")).passed
    assert judged(one, rules).sentence == "quiet throughout with provider=google"
    pending = judged(one, rules, instance((15, 60), provider="google"))
    assert (pending.passed, pending.sentence) == (
        True,
        "quiet throughout with provider=google, pending at 15s to 1m",
    )
    fired = judged(one, rules, instance(None, (615, 900), provider="google"))
    assert (fired.passed, fired.fired_after) == (False, 615)


def test_a_rule_that_is_not_there_fails_also_who_is_to_stay_quiet(rules: Rules, tmp_path: Path) -> None:
    for expected in (scenario(alert="Errorz").expect[0], scenario(quiet="Errorz").expect[0]):
        found = no_rule(expected, rules)
        assert found is not None
        assert not found.passed
        where = tmp_path / "relay.yml"
        assert found.sentence == f"no alerting rule Errorz in {where}; did you mean Errors?"


def worth(**values: float | None) -> Sequence[Answer]:
    return [(({"provider": "google"}, value),) if value is not None else () for value in values.values()]


def whole(rules: Rules) -> tuple[Piece, Piece, Piece]:
    """Return the alert's expression, what it compares, and the division that is recorded."""
    top = pieces("relay:ratio > 0.05", rules)
    assert top is not None
    return top, top.parts[0], top.parts[0].parts[0]


def test_values_are_said_over_time_against_their_threshold(rules: Rules) -> None:
    one = scenario()
    found = plan(one, 15.0)
    values = {"relay:ratio{}": worth(a=None, b=0.012, c=0.02, d=0.02, e=0.02, f=0.02, g=0.02, h=0.02)}
    top, _, _ = whole(rules)
    assert reasons.never_fired(top, values, one.expect[0], found, inputs(one, found), rules) == (
        "relay:ratio is none at 0s, 0.012 at 2m15s, 0.02 from 4m15s to 15m, never over 0.05"
    )


def test_the_piece_that_is_empty_first_is_the_reason(rules: Rules) -> None:
    top, ratio, division = whole(rules)
    left, right = division.parts
    one = scenario()
    found = plan(one, 15.0)

    def reason(values: dict[str, Sequence[Answer]]) -> str:
        return reasons.never_fired(top, values, one.expect[0], found, inputs(one, found), rules)

    there = worth(a=1.0)
    assert culprit(top, {ratio.expr: there}) is top
    assert culprit(top, {left.expr: there, right.expr: there}) is division
    errors = left.parts[0].parts[0]
    assert errors.text == "errors_total"
    assert errors.expr == "last_over_time(errors_total{}[5m])"
    assert culprit(top, {right.expr: there}) is errors
    assert reason({left.expr: [(({"x": "1"}, 1.0),)], right.expr: [(({}, 1.0),)]}).endswith(
        "has no value: its left side has the label x, its right side has none"
    )


def test_operators_that_take_away_are_reasons_of_their_own(rules: Rules) -> None:
    there = worth(a=1.0)
    top = pieces("up unless down", rules)
    assert top is not None
    assert culprit(top, {"up{}": there, "down{}": there}) is top
    assert culprit(top, {"up{}": there}) is top
    assert culprit(top, {"down{}": there}) is top.parts[0]
    absent = pieces("absent(up)", rules)
    assert absent is not None
    assert culprit(absent, {"up{}": there}) is absent


def test_rules_that_record_themselves_end(rules: Rules, tmp_path: Path) -> None:
    (tmp_path / "loop.yml").write_text(
        "groups: [{name: l, rules: [{record: a, expr: b}, {record: b, expr: a}, {alert: L, expr: a > 1}]}]"
    )
    loop = Rules.read([tmp_path / "loop.yml"])
    assert {rule.name for rule in loop.needed(["L"])} == {"a", "b", "L"}
    top = pieces("a > 1", loop)
    assert top is not None
    assert [piece.text for piece in top.all()] == ["a > 1", "a", "b", "a"]


@pytest.mark.parametrize(
    ("selector", "sentence"),
    [
        (Selector("eror_total"), "no series eror_total: the scenario pushes errors_total"),
        (
            Selector("up"),
            "no series up: the scenario pushes calls_total, errors_total, push_time_seconds",
        ),
        (Selector("relay:ratios"), "no series relay:ratios: the rules record relay:ratio"),
        (
            Selector("errors_total", (("code", "=", "501"),)),
            "no series errors_total{code='501'}: the scenario pushes errors_total with code=500",
        ),
        (
            Selector("errors_total", (("code", "=~", "5.."), ("zone", "!=", ""))),
            "no series errors_total{zone!=''}: the scenario pushes errors_total with no label zone",
        ),
        (
            Selector("errors_total", (("code", "=~", "5.."),)),
            'no series errors_total{code=~"5.."} at the time: the scenario withholds it',
        ),
    ],
)
def test_a_series_that_is_not_pushed_is_named_with_what_is(
    rules: Rules, selector: Selector, sentence: str
) -> None:
    one = scenario()
    assert reasons.missing(selector, inputs(one, plan(one, 15.0)), rules) == sentence


def test_an_alert_that_is_not_quiet_says_when_with_what_at_which_value() -> None:
    first = instance(None, (345, 400), provider="google\x1b")
    answer: Answer = (({"provider": "apple"}, 0.5), ({"provider": "google\x1b"}, 0.06))
    assert reasons.fired(first, answer, {"severity": "warning"}) == (
        "fires at 5m45s at 0.06 with provider=google␛, and is to stay quiet"
    )
    assert reasons.fired(instance(None, (15, 30)), (), {}) == (
        "fires at 15s with severity=warning, and is to stay quiet"
    )


def test_moments_are_evaluations_up_to_the_recovery() -> None:
    found = Plan(interval=15.0, step=15.0, recovers=900.0, deleted=1200.0, end=1800.0)
    assert reasons.moments(found) == (0.0, 135.0, 255.0, 390.0, 510.0, 645.0, 765.0, 900.0)
    short = Plan(interval=15.0, step=60.0, recovers=60.0, deleted=60.0, end=120.0)
    assert reasons.moments(short) == (0.0, 60.0)
