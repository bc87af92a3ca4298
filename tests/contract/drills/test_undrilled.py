from tests.contract.healthy import Team

DRILL = "drills/shop-night.yaml"


def test_an_alert_that_no_drill_verifies(team: Team) -> None:
    team.change(DRILL, "      - {firing: ShopErrorsCritical}\n", "")

    assert team.found() == [
        ("drills/undrilled", "rules/shop.yml", team.line("rules/shop.yml", "alert: ShopErrorsCritical"))
    ]


def test_a_team_without_drills_is_not_told_so_for_each_alert(team: Team) -> None:
    (team.folder / DRILL).unlink()

    assert team.found() == []
