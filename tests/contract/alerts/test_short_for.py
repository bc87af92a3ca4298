import pytest

from cockpit.contract.settings import Settings
from tests.contract.healthy import Team

RULES = "rules/shop.yml"
EXPR = "        expr: shop:errors:ratio5m > 0.2\n        for: 5m\n"


def put(team: Team, expr: str, held: str = "") -> None:
    team.change(RULES, EXPR, f"        expr: {expr}\n" + (f"        {held}\n" if held else ""))


def found(team: Team) -> list[int]:
    return [line for rule, _, line in team.found() if rule == "alerts/short-for"]


def test_an_alert_without_a_for(team: Team) -> None:
    put(team, "shop:errors:ratio5m > 0.2")

    assert team.found() == [("alerts/short-for", RULES, team.line(RULES, "alert: ShopErrorsCritical"))]


@pytest.mark.parametrize("held", ["for: 20s", "for: 0m", "for: 29s"])
def test_a_for_shorter_than_two_scrapes(team: Team, held: str) -> None:
    put(team, "shop:errors:ratio5m > 0.2", held)

    assert team.found() == [("alerts/short-for", RULES, team.line(RULES, held))]
    assert ("the moment" in team.report().findings[0].message) is (held == "for: 0m")


def test_the_scrape_interval_is_that_of_prometheus_or_of_the_settings(team: Team) -> None:
    put(team, "shop:errors:ratio5m > 0.2", "for: 1m")
    assert found(team) == []
    assert [each.rule for each in team.report(Settings(scrape_interval=60)).findings] == ["alerts/short-for"]

    team.write("prometheus.yml", "global: {scrape_interval: 45s}\nscrape_configs: []\n")
    assert found(team) == [team.line(RULES, "for: 1m")]


@pytest.mark.parametrize(
    "expr",
    [
        "up == 0",
        "sum(rate(shop_errors_total[5m])) > 1",
        "count(shop_errors_total > 0) / count(shop_errors_total) > 0.1",
        "increase(shop_errors_total[20s]) > 0",
    ],
)
def test_what_one_sample_decides(team: Team, expr: str) -> None:
    put(team, expr)

    assert found(team) == [team.line(RULES, "alert: ShopErrorsCritical")]


@pytest.mark.parametrize(
    "expr",
    [
        "increase(shop_errors_total[1h]) > 0",
        "changes(shop_up[15m]) > 3",
        "rate(shop_up[5m]) * 60 > 1",
        "avg_over_time(shop_up[5m]) < 0.5",
        "max_over_time(shop:errors:ratio5m[10m]) > 1",
        "min_over_time((shop_a / shop_b)[10m:1m]) > 1",
        "predict_linear(shop_free_bytes[2d], 86400) < 0",
        "rate(shop_errors_total[1h]) > 1",
        "rate(shop_errors_total[2m]) > 1 and rate(shop_errors_total[10m]) > 1",
        "absent(shop_requests_total)",
        "time() - shop_last_backup_seconds > 86400",
        "shop_version unless shop_version offset 5m",
        "count(ALERTS{alertstate='firing'}) > 10",
        "elsewhere:burnrate5m > 14",
        'sum(count_over_time({app="shop"} |= "panic" [5m])) > 0',
        "vector(1)",
        "shop_errors_total offset 9999999y > 0",
    ],
)
def test_what_needs_no_for(team: Team, expr: str) -> None:
    put(team, f"|\n          {expr}")

    assert found(team) == []


def test_one_that_keeps_firing(team: Team) -> None:
    put(team, "up == 0", "keep_firing_for: 10m")

    assert found(team) == []


def test_what_a_recording_rule_looks_at(team: Team) -> None:
    team.change(
        RULES,
        "      - alert: Watchdog",
        "      - {record: shop:backups, expr: 'increase(b_total[1d])'}\n\n      - alert: Watchdog",
    )
    put(team, "shop:backups < 1")

    assert found(team) == []
