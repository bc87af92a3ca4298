import pytest

from tests.contract.healthy import Team

RULES = "rules/shop.yml"


@pytest.mark.parametrize(
    "comment",
    [
        "cockpit: ignore alerts/short-for",
        "cockpit: ignore alerts/short-for --",
        "cockpit:ignore alerts/short-for -- ",
        "cockpit: ignore-file alerts/short-for because it is",
        "cockpit: ignore",
    ],
)
def test_a_comment_without_a_reason(team: Team, comment: str) -> None:
    team.change(RULES, "- alert: ShopErrors\n", f"- alert: ShopErrors # {comment}\n")

    assert team.found() == [("check/no-reason", RULES, team.line(RULES, comment))]


def test_it_suppresses_nothing(team: Team) -> None:
    team.change(RULES, "          runbook_url: https://runbooks.example/shop-errors.md\n", "")
    team.change("runbooks/shop-errors.md", "alerts: [ShopErrors, ShopErrorsCritical]", "alerts: [ShopErrors]")
    alert = "- alert: ShopErrorsCritical"
    team.change(RULES, alert, f"{alert} # cockpit: ignore alerts/no-runbook")

    assert sorted(each[0] for each in team.found()) == ["alerts/no-runbook", "check/no-reason"]
