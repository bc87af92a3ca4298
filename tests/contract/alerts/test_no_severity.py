import pytest

from tests.contract.healthy import Team

RULES = "rules/shop.yml"
LABELS = "labels: {severity: critical, owner: shop-team}"


def test_an_alert_without_a_severity_is_all_that_is_said_of_it(team: Team) -> None:
    team.change(RULES, LABELS, "labels: {owner: shop-team}")

    assert team.found() == [("alerts/no-severity", RULES, team.line(RULES, "alert: ShopErrorsCritical"))]


def test_an_empty_label_is_none(team: Team) -> None:
    team.change(RULES, LABELS, 'labels: {severity: "", owner: shop-team}')

    assert [rule for rule, _, _ in team.found()] == ["alerts/no-severity"]


def test_a_severity_that_the_group_sets_is_enough(team: Team) -> None:
    team.change(RULES, "  - name: shop\n", "  - name: shop\n    labels: {severity: critical}\n")
    team.change(RULES, LABELS, "labels: {owner: shop-team}")

    assert team.found() == []


@pytest.mark.parametrize(
    "expr",
    [
        "sum by (shop, severity) (rate(shop_errors_total[5m])) > 0.2",
        'label_replace(shop:errors:ratio5m > 0.2, "severity", "critical", "", "")',
        'sum by (shop) (ALERTS{alertstate="firing"}) > 10 or ALERTS{alertname="x"}',
        'sum by (severity) (count_over_time({app="shop"} |= "error" [5m])) > 2',
    ],
)
def test_a_severity_that_the_expression_brings_is_enough(team: Team, expr: str) -> None:
    team.change(RULES, "expr: shop:errors:ratio5m > 0.2", f"expr: '{expr}'")
    team.change(RULES, LABELS, "labels: {owner: shop-team}")

    assert "alerts/no-severity" not in [rule for rule, _, _ in team.found()]
