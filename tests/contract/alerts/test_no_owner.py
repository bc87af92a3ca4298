from tests.contract.healthy import Team

RULES = "rules/shop.yml"
RUNBOOK = "runbooks/shop-errors.md"


def orphan(team: Team) -> None:
    team.change(RULES, "labels: {severity: critical, owner: shop-team}", "labels: {severity: critical}")
    team.change(
        RULES,
        "runbook_url: https://runbooks.example/shop-errors.md\n",
        "runbook_url: https://wiki.example/7\n",
    )
    team.change(RUNBOOK, "alerts: [ShopErrors, ShopErrorsCritical]", "alerts: [ShopErrors]")


def test_an_alert_that_neither_labels_nor_a_runbook_give_an_owner(team: Team) -> None:
    orphan(team)

    assert team.found() == [("alerts/no-owner", RULES, team.line(RULES, "alert: ShopErrorsCritical"))]


def test_the_owner_of_the_runbook_is_enough(team: Team) -> None:
    team.change(RULES, "labels: {severity: critical, owner: shop-team}", "labels: {severity: critical}")

    assert team.found() == []


def test_any_of_the_labels_of_the_settings_is_enough(team: Team) -> None:
    orphan(team)
    team.change(RULES, "labels: {severity: critical}", "labels: {severity: critical, squad: sales}")

    assert team.found() == []


def test_a_team_that_keeps_its_owners_elsewhere(team: Team) -> None:
    text = (team.folder / RULES).read_text().replace(", owner: shop-team", "")
    team.write(RULES, text)
    for name in ("shop-errors", "watchdog"):
        team.change(f"runbooks/{name}.md", "owner: shop-team\n", "")

    assert "alerts/no-owner" not in [rule for rule, _, _ in team.found()]


def test_series_may_have_the_owner_where_other_alerts_take_it_from_theirs(team: Team) -> None:
    orphan(team)
    team.change(RULES, "expr: shop:errors:ratio5m > 0.2", "expr: up == 0")
    assert "alerts/no-owner" in [rule for rule, _, _ in team.found()]
    team.change(RULES, "summary: Many errors in the shop", "summary: Errors, {{ $labels.team }}")

    assert "alerts/no-owner" not in [rule for rule, _, _ in team.found()]
