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


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("ignroe alerts/short-for -- why", "; did you mean ignore?"),
        ("Ignore alerts/short-for", "; did you mean ignore?"),
        ("ignore_file alerts/*, queries/syntax -- why", "; did you mean ignore-file?"),
        ("accept alerts/short-for -- why", ""),
    ],
)
def test_words_that_are_no_instruction(team: Team, words: str, hint: str) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: {words}\n")

    assert team.found() == [("check/unknown-rule", RULES, team.line(RULES, words))]
    assert team.report().findings[0].message == f"there is no instruction {words.split(maxsplit=1)[0]}{hint}"


@pytest.mark.parametrize(
    "words", ["see alerts/short-for for more", "ignored by most", "see docs/alerts.md", "shows alerts", "x"]
)
def test_prose_is_no_instruction(team: Team, words: str) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: {words}\n")
    team.change("runbooks/shop-errors.md", "Nobody can buy.", f"<!-- cockpit: {words} -->\nNobody can buy.")

    assert team.found() == []
