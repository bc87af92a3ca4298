from tests.contract.healthy import Team

SCENARIO = "synthetic/shop-errors.yaml"


def test_a_misspelt_alert_is_reported_where_it_is_expected_and_nowhere_else(team: Team) -> None:
    team.change(SCENARIO, "{alert: ShopErrors,", "{alert: ShopEror,")

    (found,) = team.report().findings

    assert (found.rule, found.line) == ("scenarios/unknown-alert", team.line(SCENARIO, "ShopEror"))
    assert found.message == "shop-errors expects ShopEror, which no rule defines"
    assert found.remedy == "did you mean ShopErrors?"


def test_a_renamed_alert_is_one_finding_though_drills_and_runbooks_name_it_too(team: Team) -> None:
    for new in ("ShopErrorsHigh", "Failing"):
        team.write(
            "rules/shop.yml",
            (team.folder / "rules/shop.yml").read_text().replace("alert: ShopErrors\n", f"alert: {new}\n"),
        )

        assert team.found() == [
            ("scenarios/unknown-alert", SCENARIO, team.line(SCENARIO, "alert: ShopErrors"))
        ]
        team.write(
            "rules/shop.yml",
            (team.folder / "rules/shop.yml").read_text().replace(f"alert: {new}\n", "alert: ShopErrors\n"),
        )


def test_an_alert_that_is_to_stay_quiet_must_be_there_too(team: Team) -> None:
    team.change(SCENARIO, "{quiet: ShopErrorsCritical}", "{quiet: Gone}")

    assert team.found() == [("scenarios/unknown-alert", SCENARIO, team.line(SCENARIO, "quiet: Gone"))]


def test_an_alert_that_another_scenario_expects_may_be_meant(team: Team) -> None:
    team.change(SCENARIO, "{quiet: ShopErrorsCritical}", "{quiet: ShopErrorsCritcal}")

    (found,) = team.report().findings

    assert (found.rule, found.remedy) == ("scenarios/unknown-alert", "did you mean ShopErrorsCritical?")
