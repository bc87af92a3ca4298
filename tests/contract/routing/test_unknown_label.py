import pytest

from tests.contract.healthy import Team

RULES = "rules/shop.yml"
CONFIG = "rules/alertmanager.yml"
ROUTE = '- matchers: [severity="critical"]\n      receiver: pager'
INHIBITION = 'source_matchers: [severity="critical"]'


@pytest.mark.parametrize(
    "matchers",
    [
        'matchers: [severty="critical"]',
        'matchers: [severity="criticl"]',
        'matchers: [severity=~"criticl|page"]',
        'matchers: ["severity = Critical"]',
        "matchers: ['{severty=\"critical\"}']",
        "match: {severity: critcal}",
        "match_re: {severty: ^(critical)$}",
    ],
)
def test_a_route_for_what_is_misspelt(team: Team, matchers: str) -> None:
    team.change(CONFIG, ROUTE, f"- {matchers}\n      receiver: pager")

    assert team.found() == [("routing/unknown-label", CONFIG, team.line(CONFIG, matchers))]


@pytest.mark.parametrize("short", ["crit", "critic", "warn"])
def test_a_short_form_that_only_an_inhibition_rule_writes_out(team: Team, short: str) -> None:
    whole = "warning" if short == "warn" else "critical"
    team.change(CONFIG, f'- matchers: [severity="{whole}"]', f'- matchers: [severity="{short}"]')

    assert team.found() == [("routing/unknown-label", CONFIG, team.line(CONFIG, f'"{short}"'))]


def test_routes_beside_each_other_for_both_forms_take_either(team: Team) -> None:
    team.change(CONFIG, ROUTE, f'{ROUTE}\n    - matchers: [severity="crit"]\n      receiver: pager')

    assert team.found() == []


def _of_platform(team: Team, *, alert: str, route: str) -> None:
    team.change(
        RULES,
        "labels: {severity: critical, owner: shop-team}",
        f"labels: {{severity: page, owner: {alert}}}",
    )
    team.change(CONFIG, ROUTE, f'- matchers: [owner="{route}"]\n      receiver: pager')
    team.change(CONFIG, INHIBITION, 'source_matchers: [severity="page"]')


def test_a_route_for_a_value_that_one_alert_has_written_otherwise(team: Team) -> None:
    _of_platform(team, alert="platform", route="platfrom")

    assert team.found() == [("routing/unknown-label", CONFIG, team.line(CONFIG, "platfrom"))]


def test_a_value_that_is_written_so_elsewhere_is_not_the_misspelt_one(team: Team) -> None:
    _of_platform(team, alert="platfrom", route="platform")
    team.write(CONFIG, (team.folder / CONFIG).read_text().replace("pager", "platform-pager"))

    assert team.found() == [("alerts/default-route", RULES, team.line(RULES, "platfrom"))]


def test_the_line_is_that_of_the_condition(team: Team) -> None:
    team.change(
        CONFIG, ROUTE, "- matchers:\n        - shop=~'.*'\n        - severty=critical\n      receiver: pager"
    )

    assert team.found() == [("routing/unknown-label", CONFIG, team.line(CONFIG, "severty"))]


def test_the_name_of_an_alert(team: Team) -> None:
    team.change(CONFIG, 'alertname="Watchdog"', 'alertname="Watchdgo"')

    assert team.found() == [("routing/unknown-label", CONFIG, team.line(CONFIG, "Watchdgo"))]


@pytest.mark.parametrize("slip", ['severty="critical"', 'severity="criticl"'])
def test_an_inhibition_rule_for_what_is_misspelt(team: Team, slip: str) -> None:
    team.change(CONFIG, INHIBITION, f"source_matchers: [{slip}]")

    assert team.found() == [("routing/unknown-label", CONFIG, team.line(CONFIG, slip))]


@pytest.mark.parametrize(
    "matcher",
    [
        'cell="a"',
        'service="shop"',
        'severity=~"page|critical"',
        'severity=~"crit.*"',
        'owner="shop-tram-b"',
        'severity!="criticl"',
    ],
)
def test_what_may_be_meant(team: Team, matcher: str) -> None:
    team.change(
        CONFIG,
        "    - matchers: [alertname=",
        f"    - matchers: [{matcher}]\n      receiver: chat\n    - matchers: [alertname=",
    )

    assert team.found() == []


def test_an_alert_that_is_called_otherwise_now_is_reported_where_it_is_expected(team: Team) -> None:
    team.change(CONFIG, 'alertname="Watchdog"', 'alertname=~"Watchdog|ShopErrorsCritical"')
    team.change(RULES, "alert: ShopErrorsCritical", "alert: ShopErrorsCriticl")

    assert "scenarios/unknown-alert" in [rule for rule, _, _ in team.found()]
    assert "routing/unknown-label" not in [rule for rule, _, _ in team.found()]


def test_values_that_a_template_makes_are_not_known(team: Team) -> None:
    team.change(
        RULES,
        "labels: {severity: none, owner: shop-team}",
        "labels: {severity: '{{ $labels.s }}', owner: shop-team}",
    )
    team.change(CONFIG, ROUTE, '- matchers: [severity="criticl"]\n      receiver: pager')

    assert "routing/unknown-label" not in [rule for rule, _, _ in team.found()]
