import pytest

from tests.contract.healthy import Team

RULES = "rules/shop.yml"
ALERT = "- alert: ShopErrors\n"


def test_a_rule_that_there_is_not(team: Team) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: ignore alerts/no-runbok -- why\n")

    assert team.found() == [("check/unknown-rule", RULES, team.line(RULES, "no-runbok"))]
    assert "did you mean alerts/no-runbook?" in team.report().findings[0].message


@pytest.mark.parametrize("words", ["ignore -- why", "ignore alert/* -- why", "ignore no-runbook -- why"])
def test_words_that_name_no_rule(team: Team, words: str) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: {words}\n")

    assert team.found() == [("check/unknown-rule", RULES, team.line(RULES, words))]
