from pathlib import Path

import pytest

from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from cockpit.contract.vocabulary import Vocabulary, not_checked, vocabulary
from tests.contract.healthy import Team


def of(team: Team) -> Vocabulary:
    return vocabulary(read([team.folder], Settings()))


def recorded(folder: Path, *rules: tuple[str, str]) -> Vocabulary:
    """Return the vocabulary of rules that record: names and expressions."""
    lines = [f"      - {{record: '{name}', expr: '{expr}'}}\n" for name, expr in rules]
    return of(Team(folder, {"rules.yml": "groups:\n  - name: r\n    rules:\n" + "".join(lines)}))


def test_what_a_scenario_pushes_and_the_labels_of_its_group(team: Team) -> None:
    labels = of(team).labels("shop_errors_total")

    assert not labels.is_open
    assert {"shop", "synthetic", "job", "instance"} <= labels.names
    assert not labels.can_have("till")


def test_the_series_of_a_histogram(team: Team) -> None:
    name = "synthetic/shop-errors.yaml"
    team.change(name, "signals:\n", "signals:\n  - {histogram: shop_seconds, rate: 5, p50: 0.1, p95: 0.2}\n")
    known = of(team)

    assert all(known.is_produced(f"shop_seconds_{part}") for part in ("bucket", "sum", "count"))
    assert known.labels("shop_seconds_bucket").can_have("le")
    assert not known.labels("shop_seconds_sum").can_have("le")
    assert not known.is_produced("shop_seconds")


def test_recorded_metrics_have_the_labels_of_their_expression_and_of_their_rule(team: Team) -> None:
    team.change(
        "rules/shop.yml",
        "      - record: shop:errors:ratio5m\n",
        "      - record: shop:errors:ratio5m\n        labels: {window: 5m, shop: ''}\n",
    )
    labels = of(team).labels("shop:errors:ratio5m")

    assert labels.can_have("window")
    assert not labels.can_have("shop")
    assert not labels.can_have("instance")
    assert labels.can_have("cluster")


def test_metrics_recorded_of_recorded_ones(tmp_path: Path) -> None:
    known = recorded(
        tmp_path, ("c:x", "b:x * 2"), ("b:x", "max without (job) (a:x)"), ("a:x", "sum by (job, path) (x)")
    )

    assert known.labels("c:x").can_have("path")
    assert not known.labels("c:x").can_have("job")


def test_a_long_chain(tmp_path: Path) -> None:
    rules = [("m:0", "sum by (job) (x)"), *((f"m:{n}", f"m:{n - 1} + 1") for n in range(1, 3000))]

    assert not recorded(tmp_path, *rules).labels("m:2999").can_have("path")


def test_a_metric_recorded_of_itself(tmp_path: Path) -> None:
    known = recorded(tmp_path, ("a:x", "b:x"), ("b:x", "a:x or x"))

    assert known.labels("a:x").can_have("anything")


def test_a_metric_that_several_rules_record(tmp_path: Path) -> None:
    known = recorded(tmp_path, ("a:x", "sum by (job) (x)"), ("a:x", "sum by (path) (x)"))
    labels = known.labels("a:x")

    assert labels.can_have("job")
    assert labels.can_have("path")
    assert not labels.can_have("code")


def test_a_rule_that_does_not_parse_records_any_label(tmp_path: Path) -> None:
    assert recorded(tmp_path, ("a:x", "sum by (job")).labels("a:x").can_have("anything")


def test_labels_of_metrics_that_nothing_here_produces_are_open(tmp_path: Path) -> None:
    assert recorded(tmp_path, ("a:x", "x")).labels("x").can_have("anything")


def test_the_alerts_on_a_metric_with_recorded_ones_between_them(team: Team) -> None:
    assert of(team).alerts_on("shop_errors_total") == {"ShopErrors", "ShopErrorsCritical"}


def test_nothing_is_unchecked_where_scenarios_produce_all(team: Team) -> None:
    assert list(not_checked(read([team.folder], Settings()))) == []


def test_queries_of_no_human_size_are_counted(team: Team) -> None:
    team.change("dashboards/shop.json", "sum by (shop)", "(" * 500)

    assert list(not_checked(read([team.folder], Settings()))) == [
        "1 query is too long, or nested too deeply, to be read"
    ]


@pytest.mark.parametrize("kind", ["rule", "runbook", "dashboard"])
def test_a_dashboard_of_other_things_is_not_judged(team: Team, kind: str) -> None:
    panel = "sum by (shop) (rate(shop_errors_total[5m]))"
    team.change("dashboards/shop.json", panel, "node_load1 + node_load5 + shop_errors_total")

    assert of(team).is_unknown("node_load1", kind) is (kind != "dashboard")


def test_scenarios_for_few_of_the_metrics_say_nothing_of_the_others(team: Team) -> None:
    alert = "      - {alert: More, expr: 'node_load1 > node_cpus and on () node_load5 > 1'}\n"
    team.change("rules/shop.yml", "    rules:\n", f"    rules:\n{alert}")

    assert not of(team).is_unknown("node_load1", "rule")
    assert of(team).labels("shop_errors_total").can_have("anything")
