import pytest

from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from cockpit.contract.vocabulary import not_checked
from tests.contract.healthy import Team

RULE = "queries/unknown-metric"

RECORDED = """\
groups:
  - name: recorded
    rules:
      - {record: "job:http_errors:rate5m", expr: "sum by (job) (rate(http_errors_total[5m]))"}
      - {record: "job:http_errors:rate1h", expr: "sum by (job) (rate(http_errors_total[1h]))"}
      - alert: Slow
        expr: job:http_errors:rate6h > 1
"""


def foreign(team: Team, rules: str) -> list[tuple[str, str, int]]:
    """Return what this rule finds where rule files are all there is."""
    for file in team.folder.rglob("*.*"):
        file.unlink()
    team.write("rules.yml", rules)
    return [each for each in team.found() if each[0] == RULE]


def test_a_metric_that_is_misspelt_in_a_recording_rule(team: Team) -> None:
    team.change("rules/shop.yml", "rate(shop_errors_total[5m])", "rate(shop_errrors_total[5m])")

    assert team.found() == [(RULE, "rules/shop.yml", team.line("rules/shop.yml", "shop_errrors_total"))]
    assert team.report().findings[0].remedy == "did you mean shop_errors_total?"


def test_a_recorded_metric_that_is_misspelt_in_an_alert(team: Team) -> None:
    team.change("rules/shop.yml", "shop:errors:ratio5m > 0.2", "shop:errors:ratio10m > 0.2")

    assert team.found() == [(RULE, "rules/shop.yml", team.line("rules/shop.yml", "ratio10m"))]


def test_a_metric_that_is_misspelt_in_a_runbook(team: Team) -> None:
    team.change("runbooks/shop-errors.md", "rate(shop_errors_total{", "rate(shop_error_total{")

    assert team.found() == [
        (RULE, "runbooks/shop-errors.md", team.line("runbooks/shop-errors.md", "shop_error_total"))
    ]


def test_a_metric_that_is_misspelt_in_a_dashboard(team: Team) -> None:
    team.change("dashboards/shop.json", "shop_errors_total", "shop_errors_totals")

    assert team.found() == [
        (RULE, "dashboards/shop.json", team.line("dashboards/shop.json", "shop_errors_totals"))
    ]


def test_each_query_and_metric_is_reported_once(team: Team) -> None:
    team.change(
        "dashboards/shop.json",
        "rate(shop_errors_total[5m])",
        "rate(shop_error_total[5m]) + rate(shop_error_total[1h])",
    )

    assert len(team.found()) == 1


def test_a_metric_that_the_settings_know(team: Team) -> None:
    team.change("dashboards/shop.json", "shop_errors_total", "shop_orders_total")

    assert team.found(Settings(metrics=("shop_orders_*",))) == []


@pytest.mark.parametrize(
    "metric", ["up", "scrape_duration_seconds", "ALERTS", "prometheus_build_info", "push_time_seconds"]
)
def test_what_servers_have_of_themselves(team: Team, metric: str) -> None:
    team.change("dashboards/shop.json", "sum by (shop) (rate(shop_errors_total[5m]))", metric)

    assert team.found() == []


def test_metrics_of_others_are_counted_and_not_judged(team: Team) -> None:
    rules = RECORDED.replace("rate6h", "rate1h") + "      - {alert: Full, expr: disk_free_bytes < 1}\n"

    assert foreign(team, rules) == []
    assert list(not_checked(read([team.folder], Settings()))) == [
        "2 metrics in 3 queries may exist or not, nothing here produces them: ask a server with --live"
    ]


def test_a_recorded_metric_whose_family_is_recorded_here(team: Team) -> None:
    assert foreign(team, RECORDED) == [(RULE, "rules.yml", 7)]


def test_a_recorded_metric_of_another_family(team: Team) -> None:
    assert foreign(team, RECORDED.replace("job:http_errors:rate6h", "job:disk_free:bytes")) == []


def test_a_recorded_metric_where_nothing_is_recorded(team: Team) -> None:
    alert = "groups: [{name: a, rules: [{alert: A, expr: 'node:memory:ratio > 1'}]}]\n"

    assert foreign(team, alert) == []


def test_what_a_placeholder_is_part_of(team: Team) -> None:
    team.change("dashboards/shop.json", "shop_errors_total", "shop_${kind}_total")

    assert team.found() == []


def test_alerts_on_a_recording_rule_that_reads_nothing_are_consequences(team: Team) -> None:
    team.change("rules/shop.yml", "rate(shop_errors_total[5m])", "rate(shop_errrors_total[5m])")
    team.change("runbooks/shop-errors.md", '{shop="$shop"}', '{shop="$nothing"}')

    assert [rule for rule, _, _ in team.found()] == [RULE]


def test_what_a_template_records_is_not_known(team: Team) -> None:
    team.change("rules/shop.yml", "expr: shop:errors:ratio5m > 0.05", "expr: shop:errors:ratio5n > 0.05")
    team.write(
        "rules/more.yml", "{{ if .Values.on }}\ngroups: [{rules: [\n- record: a:b\n  expr: up\n{{ end }}"
    )

    assert "queries/unknown-metric" not in [rule for rule, *_ in team.found()]


def record(team: Team, name: str) -> None:
    team.change("rules/shop.yml", "record: shop:errors:ratio5m", f"record: {name}")


def test_a_metric_that_several_ask_for_is_reported_where_it_was_renamed(team: Team) -> None:
    record(team, "shop:errors:ratio_5m")
    finding = team.report().findings[0]

    assert team.found() == [(RULE, "rules/shop.yml", team.line("rules/shop.yml", "record:"))]
    assert finding.message == (
        "nothing records shop:errors:ratio5m, and nobody here asks for shop:errors:ratio_5m: was it renamed?"
    )
    path = team.folder / "rules/shop.yml"
    assert finding.remedy == (
        "call it shop:errors:ratio5m again, or ask for shop:errors:ratio_5m in "
        f"{path}:{team.line('rules/shop.yml', '> 0.05')}, {path}:{team.line('rules/shop.yml', '> 0.2')}"
    )


def test_a_name_that_is_quite_another_is_known_by_what_it_is_made_of(team: Team) -> None:
    record(team, "shop:failing_to_buy")
    hourly = (
        "      - {record: 'shop:errors:ratio1h', expr: 'sum by (shop) (rate(shop_requests_total[1h]))'}\n"
    )
    team.change("rules/shop.yml", "    rules:\n", f"    rules:\n{hourly}")
    team.change("dashboards/shop.json", "rate(shop_errors_total[5m])", "shop:errors:ratio1h")

    assert team.found() == [(RULE, "rules/shop.yml", team.line("rules/shop.yml", "record: shop:failing"))]


def test_a_name_for_which_others_ask_was_not_renamed(team: Team) -> None:
    record(team, "shop:errors:ratio_5m")
    team.change("dashboards/shop.json", "rate(shop_errors_total[5m])", "shop:errors:ratio_5m")

    assert team.found() == [
        (RULE, "rules/shop.yml", team.line("rules/shop.yml", f"expr: shop:errors:ratio5m > {limit}"))
        for limit in (0.05, 0.2)
    ]


def test_of_many_queries_that_ask_for_one_metric_the_first_is_reported(team: Team) -> None:
    fences = [f"```promql\nshop_error_total + {n}\n```\n" for n in range(6)]
    team.change("runbooks/watchdog.md", "## Mitigation", "\n".join([*fences[:5], "## Mitigation"]))
    assert len(team.found()) == 5

    team.change("runbooks/watchdog.md", "## Mitigation", "\n".join([fences[5], "## Mitigation"]))
    page = team.folder / "runbooks/watchdog.md"
    first = team.line("runbooks/watchdog.md", "total + 0")
    assert team.found() == [(RULE, "runbooks/watchdog.md", first)]
    assert team.report().findings[0].remedy == (
        "did you mean shop_errors_total?; so do 5 places: "
        f"{page}:{first + 4}, {page}:{first + 8}, {page}:{first + 12}, ..."
    )
