from tests.contract.healthy import Team


def test_an_alert_that_no_scenario_makes_fire(team: Team) -> None:
    (team.folder / "synthetic/shop-errors-critical.yaml").unlink()
    team.change("drills/shop-night.yaml", "    play: shop-errors-critical\n", "")

    assert team.found() == [
        ("scenarios/unproven", "rules/shop.yml", team.line("rules/shop.yml", "alert: ShopErrorsCritical"))
    ]


def test_a_team_without_scenarios_is_not_told_so_for_each_alert(team: Team) -> None:
    for name in (
        "synthetic/shop-errors.yaml",
        "synthetic/shop-errors-critical.yaml",
        "drills/shop-night.yaml",
    ):
        (team.folder / name).unlink()

    assert team.found() == []
