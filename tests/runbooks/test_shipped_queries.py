"""The queries of the shipped runbooks: they bind, they ask for what there is, and a lab answers them."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from cockpit.errors import CockpitError
from cockpit.expression import Selector, comparisons, gives_up, selectors
from cockpit.lab import servers
from cockpit.lab.lab import Lab
from cockpit.lab.playing import BASELINE, players
from cockpit.runbooks.bind import bind, neutral
from cockpit.scenarios.files import read
from cockpit.scenarios.signals import series, values_at
from cockpit.triage.levels import level_of, low_is_bad
from cockpit.triage.run import prepare
from tests.runbooks.shipped import (
    ALERTS,
    FILES,
    RECORDED,
    SCENARIOS,
    SHIPPED,
    labels_of,
    opened,
    queries_in,
    runbook_of,
)
from tests.waiting import wait_until

SPEED = 60.0
PUSHED = {one.name for one in series(values_at(read(SCENARIOS / "synthetic" / "baseline.yaml"), 60))}
OF_SCRAPES = {"up", "scrape_samples_scraped", "scrape_duration_seconds"}
OF_ALERTING = {
    "prometheus_config_last_reload_successful",
    "prometheus_rule_group_last_evaluation_timestamp_seconds",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_notifications_dropped_total",
    "alertmanager_config_last_reload_successful",
    "alertmanager_alerts",
    "alertmanager_alerts_received_total",
    "alertmanager_notifications_total",
    "alertmanager_notifications_failed_total",
}
OF_THEMSELVES = OF_SCRAPES | OF_ALERTING  # What servers say of themselves: no scenario pushes it.
OF_SERVERS = OF_THEMSELVES | {"ALERTS", "push_time_seconds"}
WITHOUT_A_LIMIT = {"RelayMetricsMissing", "RolloutControllerStalled", "Watchdog"}
FLAGS = {"ReplayGuardUnavailable"}  # A gauge that is 0 or 1 has no value just beyond its limit.
KNOWN = PUSHED | RECORDED | OF_SERVERS
NOTHING_WHILE_ALL_IS_WELL = {
    "Alerts that fire now",
    "Alerts that fire now, perhaps heard by nobody",
    "Alerts that fired in the last hour",
    "Missing, as the alert sees it: 1 yes",
}


def names_of(selector: Selector) -> set[str]:
    """The metrics of a selector; those of a `__name__=~"a|b"` one by one."""
    by_matcher = [value for label, _, value in selector.matchers if label == "__name__"]
    return {selector.name} if selector.name else {one for value in by_matcher for one in value.split("|")}


def selected(expr: str) -> set[str]:
    return set().union(*(names_of(selector) for selector in selectors(expr)))


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_every_query_binds_with_the_alerts_labels_and_asks_for_a_series_that_exists(alert: str) -> None:
    queries = runbook_of(alert).queries
    assert len(queries) >= 5
    for query in queries:
        bound = bind(query.expr, labels_of(alert))
        assert bound.unfilled == (), query.title
        assert "$" not in bound.expr, query.title
        names = selected(bound.expr)
        assert names, query.title
        assert names <= KNOWN, query.title
        assert query.title
        assert query.unit
        assert query.range_seconds


@pytest.mark.parametrize("alert", sorted(ALERTS.keys() - WITHOUT_A_LIMIT))
def test_the_thresholds_beside_the_query_are_the_rules(alert: str) -> None:
    (rule,) = comparisons(ALERTS[alert]["expr"])
    (asked,) = [q for q in runbook_of(alert).queries if "as the alert sees" in q.title]
    assert selected(asked.expr) == selected(rule.left)
    critical = ALERTS[alert]["labels"]["severity"] == "critical"
    if alert in FLAGS:
        assert asked.warn == rule.bound
        assert [level_of(value, asked) for value in (0, 1)] == ["crit", "ok"]
    else:
        assert (asked.crit if critical else asked.warn) == rule.bound
        assert low_is_bad(asked) == rule.op.startswith("<")


@pytest.mark.parametrize("name", FILES)
def test_no_query_adds_a_rehearsal_to_real_traffic(name: str) -> None:
    for query in opened(name).queries:
        expr = neutral(query.expr)
        assert expr is not None
        merged = gives_up(expr, "synthetic")
        assert all(
            names_of(one) <= OF_THEMSELVES or any(label == "synthetic" for label, _, _ in one.matchers)
            for one in merged
        ), query.title


@pytest.mark.parametrize("name", SHIPPED)
def test_the_prose_leads_to_every_query_and_to_none_that_is_missing(name: str) -> None:
    assert queries_in(opened(name).text) == set(range(1, len(opened(name).queries) + 1))


def test_the_queries_of_the_index_need_no_alert() -> None:
    queries = opened("README.md").queries
    assert len(queries) >= 5
    for query in queries:
        assert bind(query.expr, {}).unfilled == ()
        assert selected(query.expr) <= KNOWN


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a lab's Prometheus, with healthy traffic alone."""
    try:
        servers.find()
    except CockpitError as error:
        pytest.skip(str(error))
    lab = Lab(speed=SPEED, players=players([BASELINE], speed=SPEED, folder=SCENARIOS))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COCKPIT_STATE_DIR", str(tmp_path_factory.mktemp("state")))
            file = lab.up()
        yield file.prometheus
    finally:
        lab.down()


def ask(prometheus: str, expr: str) -> list[Any]:
    query = urllib.parse.urlencode({"query": expr})
    with urllib.request.urlopen(f"{prometheus}/api/v1/query?{query}", timeout=10) as answer:
        result: list[Any] = json.load(answer)["data"]["result"]
    return result


@pytest.mark.servers
@pytest.mark.parametrize("name", FILES)
def test_a_lab_answers_every_query_with_numbers(prometheus: str, name: str) -> None:
    labels = labels_of(opened(name).alerts[0]) if opened(name).alerts else {}
    for answer in prepare(opened(name), labels, speed=SPEED):
        if answer.query.title in NOTHING_WHILE_ALL_IS_WELL:
            ask(prometheus, answer.expr)
            continue

        def numbers(expr: str = answer.expr) -> bool:
            values = [one["value"][1] for one in ask(prometheus, expr)]
            return bool(values) and "NaN" not in values

        wait_until(numbers, f"{name}: {answer.query.title}")
