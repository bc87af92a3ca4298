import pytest

from cockpit.contract.settings import Settings
from tests.contract.healthy import Team

RULE = "queries/short-range"
RULES = "rules/shop.yml"
PAGE = "runbooks/shop-errors.md"
PANEL = "dashboards/shop.json"


def test_a_range_of_a_runbook(team: Team) -> None:
    team.change(PAGE, '{shop="$shop"}[5m]', '{shop="$shop"}[20s]')

    assert team.found() == [(RULE, PAGE, team.line(PAGE, "[20s]"))]
    assert team.report().findings[0].message == (
        "a query of the runbook Shop errors: rate over 20s is shorter than two scrapes, one every 15s"
    )


def test_a_range_of_a_recording_rule(team: Team) -> None:
    team.change(RULES, "rate(shop_requests_total[5m])", "increase(shop_requests_total[29s])")

    assert [(rule, line) for rule, _, line in team.found()] == [(RULE, team.line(RULES, "[29s]"))]


def test_the_interval_of_the_settings_and_of_a_configuration(team: Team) -> None:
    team.change(PANEL, "[5m]", "[1m]")
    assert team.found() == []
    assert [rule for rule, _, _ in team.found(Settings(scrape_interval=45))] == [RULE]

    team.write("prometheus.yml", "global: {scrape_interval: 45s}\nscrape_configs: []\n")
    assert [rule for rule, _, _ in team.found()] == [RULE]


def test_the_shortest_interval_of_all_jobs(team: Team) -> None:
    team.change(PANEL, "[5m]", "[1m]")
    jobs = "scrape_configs: [{job_name: a}, {job_name: b, scrape_interval: 10s}]\n"
    team.write("prometheus.yml", f"global: {{scrape_interval: 45s}}\n{jobs}")

    assert team.found() == []


@pytest.mark.parametrize(
    "expr",
    [
        "rate(shop_errors_total[30s])",
        "rate(shop_errors_total[$__rate_interval])",
        "rate(shop_errors_total[$window])",
        "avg_over_time(shop_errors_total[10s])",
        "max_over_time(rate(shop_errors_total[5m])[10s:5s])",
        "shop_errors_total offset 10s",
    ],
)
def test_ranges_that_hold_what_is_needed(team: Team, expr: str) -> None:
    team.change(PANEL, "rate(shop_errors_total[5m])", expr)

    assert team.found() == []
