from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"


def test_a_name_in_the_front_matter_that_no_rule_has(team: Team) -> None:
    team.change(BOOK, "ShopErrors, ShopErrorsCritical", "ShopErrors, ShopErrorsCritical, TillErrors")

    assert team.found() == [("runbooks/unknown-alert", BOOK, team.line(BOOK, "TillErrors"))]


def test_the_line_is_that_of_the_name(team: Team) -> None:
    team.change(BOOK, "alerts: [ShopErrors, ShopErrorsCritical]", "alerts:\n  - ShopErrors\n  - TillErrors")

    assert team.found() == [("runbooks/unknown-alert", BOOK, team.line(BOOK, "- TillErrors"))]


def test_an_alert_meant_is_named(team: Team) -> None:
    team.change(BOOK, "[ShopErrors, ShopErrorsCritical]", "[ShopErrors, ShopErrorCritical]")

    assert [each.message for each in team.report().findings] == [
        "there is no alert ShopErrorCritical, did you mean ShopErrorsCritical?"
    ]


def test_a_runbook_of_nothing_but_unknown_alerts_is_reported_for_these_alone(team: Team) -> None:
    team.write("runbooks/till.md", (team.folder / BOOK).read_text())
    team.change("runbooks/till.md", "[ShopErrors, ShopErrorsCritical]", "[TillErrors]")

    assert team.found() == [("runbooks/unknown-alert", "runbooks/till.md", 2)]
