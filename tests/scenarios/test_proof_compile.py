"""Scenarios as promtool's input, rule files as the few rules that a proof needs."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cockpit.errors import UsageError
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.proof import kept
from cockpit.scenarios.proof.compile import inputs, plan, values_text
from cockpit.scenarios.proof.document import Check, Input, RuleTest, scalar, written
from cockpit.scenarios.proof.rulefiles import Rules

NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.75, 1.5, 2.25, 3.0, 3.75]),
)


def scenario(**changes: Any) -> Scenario:
    given: dict[str, Any] = {
        "name": "test",
        "title": "A test",
        "duration": "1m",
        "recover": "30s",
        "signals": [{"counter": "errors_total", "rate": 2}],
        "expect": [{"quiet": "Down"}],
    }
    return Scenario.model_validate({**given, **changes})


def as_promtool(text: str) -> list[float | str | None]:
    """Read values as promtool does: `a+bxn` adds b up n times, `_xn` is n missing ones."""
    found: list[float | str | None] = []
    for word in text.split():
        if word == "stale":
            found.append(word)
        elif match := re.fullmatch(r"_(?:x(\d+))?", word):
            found += [None] * int(match[1] or 1)
        elif match := re.fullmatch(r"(.+?(?:e[-+]\d+)?)([-+][\d.]+)x(\d+)", word):
            value, step = float(match[1]), float(match[2])
            for _ in range(int(match[3]) + 1):
                found.append(value)
                value += step
        else:
            found.append(float(word))
    return found


@given(st.lists(st.one_of(st.none(), NUMBERS), max_size=30))
def test_values_are_written_without_loss(values: list[float | None]) -> None:
    read = as_promtool(values_text(values))
    assert [None if value == "stale" else value for value in read] == values


def test_a_series_that_ends_becomes_stale_and_steps_are_short() -> None:
    assert values_text([None, None, 1.0, 1.0, None, None, None]) == "_x2 1+0x1 stale _x2"
    assert values_text([0.0, 0.75, 1.5, 2.25, None]) == "0+0.75x3 stale"
    assert values_text([10.0, 8.0, 6.0, 0.1, 0.2]) == "10-2x2 0.1 0.2"


def test_the_series_are_what_is_scraped_of_the_group() -> None:
    one = scenario(
        signals=[
            {"counter": "errors_total", "labels": {"code": 'a"b\\c\n'}, "rate": 2},
            {"gauge": "up", "value": 1, "gone": "30s"},
            {"histogram": "latency_seconds", "rate": 4, "values": [0.2], "buckets": [0.1, 0.5]},
        ]
    )
    found = {str(each): each.values for each in inputs(one, plan(one, 15.0))}
    group = 'job="relay_synth", synthetic="test"'
    assert found == {
        f'errors_total{{code="a\\"b\\\\c\\n", {group}}}': "0+30x6 stale",
        f"up{{{group}}}": "1+0x1 stale _x1 1+0x2 stale",
        f'latency_seconds_bucket{{le="0.1", {group}}}': "0+0x6 stale",
        f'latency_seconds_bucket{{le="0.5", {group}}}': "0+60x6 stale",
        f'latency_seconds_bucket{{le="+Inf", {group}}}': "0+60x6 stale",
        f"latency_seconds_count{{{group}}}": "0+60x6 stale",
        f"latency_seconds_sum{{{group}}}": found[f"latency_seconds_sum{{{group}}}"],
        f"push_time_seconds{{{group}}}": "0+15x6 stale",
    }


def test_what_has_no_end_is_looked_at_for_half_an_hour() -> None:
    one = scenario(duration=None)
    found = plan(one, 15.0)
    assert (found.end, found.deleted) == (1800.0, None)
    assert all("stale" not in each.values for each in inputs(one, found))


def test_the_evaluation_goes_on_beyond_what_is_due() -> None:
    one = scenario(expect=[{"alert": "Down", "fires_within": "1m", "resolves_within": "20m"}])
    found = plan(one, 15.0)
    assert found.end > 60 + 20 * 60
    assert math.isclose(found.end % 15, 0)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_is_a_yaml_scalar(text: str) -> None:
    assert YAML(typ="safe", pure=True).load(scalar(text)) == text


def test_a_scenario_too_long_to_be_worked_out_is_refused_at_once() -> None:
    endless = scenario(duration="1y", interval="10ms")
    with pytest.raises(UsageError, match=r"test cannot be proven: it is pushed \d{10} times, 1 series"):
        inputs(endless, plan(endless, 15.0))


def test_a_test_file_says_what_it_is_given() -> None:
    test = RuleTest(
        name="it's \x9b one",
        interval=15.0,
        step=30.0,
        order=("b's", "a"),
        inputs=(Input("up", {"job": "a\u2028\x00"}, "1 stale"),),
        checks=(Check(at=90.0, expr="up == 1\n# é", samples=(("{}", 1.0),), says="why\nnot"),),
    )
    text = written(test, ["a 'file'.yml"], head=("Head",))
    assert text.startswith("# Head\n")
    document = YAML(typ="safe", pure=True).load(text)
    assert document["rule_files"] == ["a 'file'.yml"]
    assert document["evaluation_interval"] == "30s"
    assert document["group_eval_order"] == ["b's", "a"]
    (only,) = document["tests"]
    assert only["name"] == "it's \x9b one"
    assert only["input_series"] == [{"series": 'up{job="a\\u2028\\u0000"}', "values": "1 stale"}]
    assert only["promql_expr_test"] == [
        {"eval_time": "1m30s", "expr": "up == 1\n# é", "exp_samples": [{"labels": "{}", "value": 1}]}
    ]


RULES = """
groups:
  - name: first
    interval: 30s
    limit: 10
    rules:
      - record: a:b
        expr: sum by (x) (rate(c_total[5m]))
      - record: unused
        expr: c_total
      - alert: On
        expr: |
          a:b > 1
        for: 5m
        labels: {severity: on, level: 1.10}
        annotations: {summary: "{{ $value }}"}
  - name: second
    rules:
      - alert: Always
        expr: vector(1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "rules_test.yml").write_text("rule_files: [rules.yml]\ntests: []\n")
    (tmp_path / "alertmanager.yml").write_text("route: {receiver: 'groups: none'}\n")
    (tmp_path / "notes.txt").write_text("groups:\n")
    return tmp_path


def test_rule_files_are_known_by_what_is_in_them(folder: Path) -> None:
    rules = Rules.read([folder])
    assert [file.path.name for file in rules.files] == ["rules.yml"]
    # A group that does not say how often is evaluated every minute.
    assert (rules.step("On"), rules.step("Always"), rules.step("None")) == (30.0, 60.0, None)
    (alert,) = rules.alerts("On")
    assert (alert.held_for, alert.labels) == (300.0, {"severity": "on", "level": "1.10"})
    assert rules.near("Onn") == ["On"]
    assert [rule.name for rule in rules.all if rule.is_alert and rules.always_firing(rule)] == ["Always"]


def test_only_what_an_alert_rests_on_is_evaluated_and_nothing_of_it_changes(folder: Path) -> None:
    rules = Rules.read([folder])
    (text,) = rules.reduced(rules.needed(["On"]))
    document = YAML(typ="base", pure=True).load(text)
    assert document == {
        "groups": [
            {
                "name": "first",
                "interval": "30s",
                "limit": "10",
                "rules": [
                    {"record": "a:b", "expr": "sum by (x) (rate(c_total[5m]))"},
                    {
                        "alert": "On",
                        "expr": "a:b > 1\n",
                        "for": "5m",
                        "labels": {"severity": "on", "level": "1.10"},
                    },
                ],
            }
        ]
    }
    # A label that YAML 1.1 takes for a truth, and one for a number, stay text; a number stays a number.
    assert "'on'" in text
    assert "limit: 10" in text


@pytest.mark.parametrize("expr", ['ALERTS{alertname="On"} > 0', '{__name__=~"a.*"} > 0', "what is this"])
def test_an_alert_that_may_rest_on_anything_gets_everything(folder: Path, expr: str) -> None:
    (folder / "more.yml").write_text(f"groups: [{{name: m, rules: [{{alert: Meta, expr: '{expr}'}}]}}]")
    rules = Rules.read([folder])
    assert rules.needed(["Meta"]) == rules.all
    assert rules.needed(["Always"]) == rules.alerts("Always")


def test_an_alert_is_as_slow_as_the_slowest_that_it_rests_on(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text("""
groups:
  - {name: records, interval: 2m, rules: [{record: "a:b", expr: c_total}]}
  - {name: others, interval: 1s, rules: [{record: other, expr: up}, {record: "a:b:c", expr: "a:b"}]}
  - {name: alerts, interval: 15s, rules: [{alert: On, expr: "a:b:c > 1"}, {alert: Quick, expr: up == 0}]}
  - {name: circle, interval: 5m, rules: [{record: round, expr: about}]}
  - {name: turn, interval: 5m, rules: [{record: about, expr: round}, {alert: Round, expr: round > 1}]}
""")
    rules = Rules.read([tmp_path])
    assert (rules.step("On"), rules.step("Quick")) == (120.0, 15.0)
    # Who reads comes before who records, so that nothing is known sooner than it is at worst.
    assert rules.order(["On"]) == ("alerts", "others", "records")
    assert set(rules.order(["Round"])) == {"circle", "turn"}


def test_of_several_rules_the_one_with_the_labels_is_meant(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text("""
groups:
  - name: g
    rules:
      - {alert: On, expr: up > 1, labels: {severity: a}}
      - {alert: On, expr: up > 2, labels: {severity: b, team: "{{ $labels.team }}"}}
""")
    rules = Rules.read([tmp_path])
    assert rules.likely("On", {"severity": "b", "team": "x"}).expr == "up > 2"
    assert rules.likely("On", {}).expr == "up > 1"


def test_a_mounted_folder_is_read_once_and_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    mounted = tmp_path / "rules" / "..2026"
    mounted.mkdir(parents=True)
    (mounted / "rules.yml").write_text(RULES)
    link = tmp_path / "rules" / "rules.yml"
    link.symlink_to("..2026/rules.yml")
    (tmp_path / "rules" / "again.yml").symlink_to("rules.yml")
    assert len(Rules.read([tmp_path / "rules", link]).alerts("On")) == 1
    (tmp_path / "rules" / "gone.yml").symlink_to("nowhere")
    with pytest.raises(UsageError, match=r"gone\.yml: No such file"):
        Rules.read([tmp_path / "rules"])


def test_files_that_cannot_be_used_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"alertmanager\.yml: it has no `groups`"):
        Rules.read([folder / "alertmanager.yml"])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match="no rule file in"):
        Rules.read([empty])
    with pytest.raises(UsageError, match="No such file"):
        Rules.read([tmp_path / "none.yml"])


def test_a_kept_test_never_replaces_another_file(tmp_path: Path) -> None:
    one = scenario()
    found = plan(one, 15.0)
    path = kept.path_of(one, tmp_path / "kept")
    for name in ("r[1].yml", "rules.yml"):
        (tmp_path / name).write_text(RULES)
    odd, rules = (Rules.read([tmp_path / name]) for name in ("r[1].yml", "rules.yml"))
    kept.keep(one, found, inputs(one, found), odd, path)
    assert path.read_text().startswith(f"# {kept.HEAD}\n")
    # promtool takes the names of rule files for patterns.
    assert r"'../r\[1\].yml'" in path.read_text()
    kept.keep(one, found, inputs(one, found), rules, path)
    assert "'../rules.yml'" in path.read_text()
    path.write_text("# mine\n")
    with pytest.raises(UsageError, match="not overwritten"):
        kept.keep(one, found, inputs(one, found), rules, path)
    assert path.read_text() == "# mine\n"
