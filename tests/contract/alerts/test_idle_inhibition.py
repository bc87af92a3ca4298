import pytest

from tests.contract.healthy import Team

RULES = "rules/shop.yml"
CONFIG = "rules/alertmanager.yml"
EQUAL = "equal: [shop]"
SOURCE = 'source_matchers: [severity="critical"]'
TARGET = 'target_matchers: [severity="warning"]'


@pytest.mark.parametrize(
    ("side", "matchers"),
    [
        (SOURCE, 'source_matchers: [severity="page"]'),
        (SOURCE, 'source_matchers: [severity="critical", alertname="Watchdog"]'),
        (SOURCE, "source_match: {severity: page}"),
        (TARGET, 'target_matchers: [alertname=~"Disk.*"]'),
        (TARGET, "target_match_re: {severity: notice|page}"),
    ],
)
def test_a_side_that_no_alert_can_be_on(team: Team, side: str, matchers: str) -> None:
    team.change(CONFIG, side, matchers)

    assert team.found() == [("alerts/idle-inhibition", CONFIG, team.line(CONFIG, matchers))]


def test_equal_labels_in_which_no_two_alerts_agree(team: Team) -> None:
    team.change(CONFIG, EQUAL, "equal: [alertname, shop]")

    assert team.found() == [("alerts/idle-inhibition", CONFIG, team.line(CONFIG, "equal: [alertname"))]
    (finding,) = team.report().findings
    assert "the same `alertname`" in finding.message
    assert "never inhibits" in finding.message


def test_a_label_that_one_side_has_and_the_other_lacks(team: Team) -> None:
    team.change(
        RULES,
        "labels: {severity: critical, owner: shop-team}",
        "labels: {severity: critical, owner: shop-team, tier: one}",
    )
    team.change(CONFIG, EQUAL, "equal: [tier]")

    assert [rule for rule, _, _ in team.found()] == ["alerts/idle-inhibition"]


@pytest.mark.parametrize(
    ("equal", "effect"),
    [
        ("[shpo_name]", "any source inhibits every target"),
        ("[onwer]", "any source inhibits every target; did you mean owner?"),
        ("[shop, datacentre]", "it tells no two alerts apart; did you mean datacenter?"),
    ],
)
def test_an_equal_label_that_nothing_gives_an_alert(team: Team, equal: str, effect: str) -> None:
    team.change(CONFIG, EQUAL, f"equal: {equal}")

    assert team.found() == [("alerts/idle-inhibition", CONFIG, team.line(CONFIG, equal))]
    (finding,) = team.report().findings
    assert "count as equal" in finding.message
    assert finding.message.endswith(effect)


@pytest.mark.parametrize(
    "equal", ["[cluster]", "[shop, region]", "[shop, rack]", "[owner]", "[]", "[shop, owner, instance]"]
)
def test_what_may_do_what_it_is_for(team: Team, equal: str) -> None:
    team.change(CONFIG, EQUAL, f"equal: {equal}")

    assert team.found() == []


def test_a_label_that_servers_add(team: Team) -> None:
    for bound in ("0.05", "0.2"):
        team.change(
            RULES,
            f"expr: shop:errors:ratio5m > {bound}\n",
            f"expr: sum by (shop) (rate(shop_errors_total[5m])) > {bound}\n",
        )
    team.change(CONFIG, EQUAL, "equal: [region]")
    assert team.found() == []

    team.change(CONFIG, "equal: [region]", "equal: [rack]")
    assert [rule for rule, _, _ in team.found()] == ["alerts/idle-inhibition"]


def test_a_label_with_any_value_and_none_at_all(team: Team) -> None:
    team.change(RULES, "expr: shop:errors:ratio5m > 0.2", "expr: count_values('tier', shop_errors_total) > 0")
    team.change(
        RULES,
        "labels: {severity: none, owner: shop-team}",
        "labels: {severity: none, owner: shop-team, tier: one}",
    )
    team.change(CONFIG, EQUAL, "equal: [tier]")

    assert "alerts/idle-inhibition" in [rule for rule, _, _ in team.found()]


def test_labels_of_series_may_agree(team: Team) -> None:
    team.change(RULES, "expr: shop:errors:ratio5m > 0.2", "expr: up == 0")
    team.change(CONFIG, EQUAL, "equal: [rack]")

    assert "alerts/idle-inhibition" not in [rule for rule, _, _ in team.found()]


def test_an_alert_that_is_gone_is_reported_where_it_is_expected(team: Team) -> None:
    team.change(CONFIG, SOURCE, 'source_matchers: [alertname="ShopErrorsCritical"]')
    team.change(RULES, "alert: ShopErrorsCritical", "alert: Quux")

    assert "alerts/idle-inhibition" not in [rule for rule, _, _ in team.found()]


def test_a_label_that_no_alert_has_is_one_whatever_severities_there_are(team: Team) -> None:
    for bound in ("0.05", "0.2"):
        team.change(
            RULES,
            f"expr: shop:errors:ratio5m > {bound}\n",
            f"expr: sum by (shop) (rate(shop_errors_total[5m])) > {bound}\n",
        )
    team.change(CONFIG, EQUAL, "equal: [rack]")
    team.change(RULES, "labels: {severity: none, owner: shop-team}", "labels: {owner: shop-team}")

    assert [rule for rule, _, _ in team.found()] == ["alerts/idle-inhibition", "alerts/no-severity"]


@pytest.mark.parametrize("route", ['service="files"', 'owner=~"shop-team|team-x"'])
def test_a_configuration_that_is_there_for_other_alerts_too(team: Team, route: str) -> None:
    team.change(CONFIG, EQUAL, "equal: [alertname, shop]")
    pager = '    - matchers: [severity="critical"]\n'
    team.change(CONFIG, pager, f"    - matchers: [{route}]\n      receiver: pager\n{pager}")
    assert team.found() == []

    team.change(CONFIG, "equal: [alertname, shop]", "equal: [onwer]")
    assert team.found() == [("alerts/idle-inhibition", CONFIG, team.line(CONFIG, "onwer"))]
