from tests.contract.healthy import Team


def test_an_alert_without_a_link_that_no_runbook_names(team: Team) -> None:
    team.change("rules/shop.yml", "          runbook_url: https://runbooks.example/shop-errors.md\n", "")
    team.change("runbooks/shop-errors.md", "alerts: [ShopErrors, ShopErrorsCritical]", "alerts: [ShopErrors]")

    assert team.found() == [
        ("alerts/no-runbook", "rules/shop.yml", team.line("rules/shop.yml", "alert: ShopErrorsCritical"))
    ]


def test_a_runbook_that_names_the_alert_is_enough(team: Team) -> None:
    team.change("rules/shop.yml", "          runbook_url: https://runbooks.example/shop-errors.md\n", "")

    assert team.found() == []
