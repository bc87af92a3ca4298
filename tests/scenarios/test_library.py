"""The scenarios that travel with the project, against the rules that do: each alert is proven by one."""

import re
from collections import defaultdict
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from cockpit.config import shipped
from cockpit.expression import gives_up, selectors
from cockpit.scenarios import files
from cockpit.scenarios.model import Fires, Quiet, Scenario
from cockpit.scenarios.signals import series, values_at

FOLDER = shipped("scenarios")
NAMES = files.names(FOLDER)
PLAYED = tuple(name for name in NAMES if name != "baseline")
OF_THE_GATEWAY = "push_time_seconds"


def parsed(name: str) -> Any:
    return YAML(typ="safe", pure=True).load((FOLDER / "rules" / name).read_text(encoding="utf-8"))


RULE_FILES = sorted(
    path.name
    for path in (FOLDER / "rules").glob("*.yml")
    if path.name != "alertmanager.yml" and not path.stem.endswith("_test")
)
RULES = [rule for name in RULE_FILES for group in parsed(name)["groups"] for rule in group["rules"]]
RECORDED = {rule["record"]: rule["expr"] for rule in RULES if "record" in rule}
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
WATCHED = sorted(ALERTS.keys() - {"Watchdog"})


@cache
def scenario(name: str) -> Scenario:
    return files.find(name, FOLDER)


def fires(name: str) -> list[Fires]:
    return [each for each in scenario(name).expect if isinstance(each, Fires)]


def quiet(name: str) -> list[Quiet]:
    return [each for each in scenario(name).expect if isinstance(each, Quiet)]


def expressions(alert: str) -> list[str]:
    """Return the expression of the alert and those of the series recorded for it."""
    found = [ALERTS[alert]["expr"]]
    for expr in found:
        found += [RECORDED[each.name] for each in selectors(expr) if each.name in RECORDED]
    return found


def inputs(alert: str) -> set[str]:
    """Return the metrics that the alert is made of in the end."""
    names = {each.name for expr in expressions(alert) for each in selectors(expr)}
    return names - RECORDED.keys() - {OF_THE_GATEWAY}


def pushed(name: str) -> dict[str, set[str]]:
    """Return what a scenario pushes at its start: each metric with the labels of its series."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in series(values_at(scenario(name), 0)):
        found[each.name] |= each.labels.keys()
    return found


def kept(alert: str, label: str) -> bool:
    """Say whether an instance of the alert can have `label`, other than by its rule's own labels."""
    exprs = expressions(alert)
    asked = any(m[:2] == (label, "=") for expr in exprs for each in selectors(expr) for m in each.matchers)
    return asked or not any(gives_up(expr, label) for expr in exprs)


def test_each_alert_is_proven_by_a_scenario() -> None:
    proven = {each.alert for name in NAMES for each in fires(name)}
    assert proven == set(WATCHED)


def test_an_alert_has_one_rule_and_each_file_its_unit_tests() -> None:
    assert len(ALERTS) == sum("alert" in rule for rule in RULES)
    for name in RULE_FILES:
        tested = parsed(name.replace(".yml", "_test.yml"))
        assert tested["rule_files"] == [name]
        alerts = {check["alertname"] for test in tested["tests"] for check in test["alert_rule_test"]}
        assert alerts == {r["alert"] for g in parsed(name)["groups"] for r in g["rules"] if "alert" in r}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_to_stay_quiet_is_an_alert(name: str) -> None:
    assert {each.quiet for each in quiet(name)} <= ALERTS.keys()


@pytest.mark.parametrize("name", PLAYED)
def test_an_alert_that_fires_is_told_by_every_label_that_its_rule_keeps(name: str) -> None:
    there = pushed(name)
    for each in fires(name):
        fixed = ALERTS[each.alert]["labels"]
        own = {label for metric in inputs(each.alert) for label in there[metric] if kept(each.alert, label)}
        assert each.labels.keys() == {*own - {"le"}, "severity", "synthetic"}, each.alert
        assert each.labels["synthetic"] == name
        assert each.labels["severity"] == fixed["severity"]


@pytest.mark.parametrize("name", PLAYED)
def test_labels_of_a_quiet_alert_are_some_that_it_can_have(name: str) -> None:
    there = [(each.name, each.labels) for each in series(values_at(scenario(name), 0))]
    for each in quiet(name):
        metrics = inputs(each.quiet)
        for label, value in each.labels.items():
            assert kept(each.quiet, label)
            assert any(metric in metrics and labels.get(label) == value for metric, labels in there)


@pytest.mark.parametrize("name", PLAYED)
def test_there_is_time_for_all_that_is_expected(name: str) -> None:
    played = scenario(name)
    assert played.duration is not None
    for each in fires(name):
        assert each.fires_within < played.duration
        assert each.resolves_within is not None
        assert each.resolves_within <= played.recover


OF_PROMETHEUS = {"up"}
"""What Prometheus itself knows of its targets."""


def test_in_the_baseline_every_alert_is_quiet() -> None:
    assert fires("baseline") == []
    assert sorted((each.quiet, each.labels) for each in quiet("baseline")) == [(a, {}) for a in WATCHED]
    assert scenario("baseline").duration is None


@pytest.mark.parametrize("alert", WATCHED)
def test_the_baseline_pushes_what_each_alert_looks_at(alert: str) -> None:
    assert inputs(alert)
    assert inputs(alert) - OF_PROMETHEUS <= pushed("baseline").keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_first_what_it_imitates(name: str) -> None:
    text = (FOLDER / "synthetic" / f"{name}.yaml").read_text(encoding="utf-8")
    assert re.match(r"# \S.+", text)


@pytest.mark.parametrize("alert", WATCHED)
def test_what_is_played_never_mixes_with_what_is_real(alert: str) -> None:
    mixing = [each for expr in expressions(alert) for each in gives_up(expr, "synthetic")]
    # absent() cannot keep a label: it asks for one value of it, or for none of those that are played.
    assert all(any(label == "synthetic" for label, _, _ in each.matchers) for each in mixing)
    assert not mixing or alert == "RelayMetricsMissing"


def test_one_tenant_of_fifty_is_over_the_threshold_and_all_of_them_together_are_not() -> None:
    requests: dict[str, float] = {}
    mismatches: dict[str, float] = {}
    at = {"tenant_requests_total": requests, "tenant_mismatch_total": mismatches}
    for each in values_at(scenario("tenant-mismatch-spike"), 480):
        at[each.name][each.labels["tenant"]] = each.value
    assert len(requests) == len(mismatches) == 50
    (spike,) = fires("tenant-mismatch-spike")
    over = {tenant for tenant, count in requests.items() if mismatches[tenant] / count > 0.05}
    assert over == {spike.labels["tenant"]}
    assert sum(mismatches.values()) / sum(requests.values()) < 0.01


@pytest.mark.parametrize("alert", WATCHED)
def test_an_alert_goes_to_the_receiver_of_its_severity(alert: str) -> None:
    config = parsed("alertmanager.yml")
    severity = ALERTS[alert]["labels"]["severity"]
    (receiver,) = [
        route["receiver"]
        for route in config["route"]["routes"]
        if f'severity="{severity}"' in route["matchers"]
    ]
    assert receiver == {"critical": "slack-and-pagerduty", "warning": "slack"}[severity]
    assert receiver in {each["name"] for each in config["receivers"]}


def test_a_critical_alert_hides_no_warning_of_another_provider() -> None:
    severities = defaultdict(set)
    for rule in ALERTS.values():
        severities[rule["labels"]["service"]].add(rule["labels"]["severity"])
    both = [alert for alert in WATCHED if len(severities[ALERTS[alert]["labels"]["service"]]) > 1]
    told_apart = {"provider", "tenant", "source", "pipeline", "store", "kind", "reason_family", "controller"}
    there = pushed("baseline")
    apart = {label for a in both for m in inputs(a) for label in there[m] & told_apart if kept(a, label)}
    assert apart == {"provider"}
    for rule in parsed("alertmanager.yml")["inhibit_rules"]:
        assert set(rule["equal"]) == {"service", *apart}
