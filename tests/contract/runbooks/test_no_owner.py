import pytest

from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"


def test_a_runbook_that_names_nobody(team: Team) -> None:
    team.change(BOOK, "owner: shop-team\n", "")

    assert team.found() == [("runbooks/no-owner", BOOK, team.line(BOOK, "# Shop errors"))]


@pytest.mark.parametrize(
    "line",
    [
        "**Owner:** the shop team",
        "- Team: shop",
        "Owned by: shop",
        "- Team that owns the service: [Shop : Web](https://shop.example/)",
        "| Field | Value |\n|---|---|\n| Service owner | shop |",
        "## Owners\n\nThe shop team.",
    ],
)
def test_other_ways_to_name_one(team: Team, line: str) -> None:
    team.change(BOOK, "owner: shop-team\n", "")
    team.change(BOOK, "Write what happened.\n", f"Write what happened.\n\n{line}\n")

    assert team.found() == []


def test_a_column_of_owners_is_not_this_one_s(team: Team) -> None:
    team.change(BOOK, "owner: shop-team\n", "")
    team.change(BOOK, "Nobody can buy.", "Nobody can buy.\n\n| Owner | Shop |\n|---|---|\n| a | b |\n")

    assert [rule for rule, *_ in team.found()] == ["runbooks/no-owner"]


def test_the_owner_of_all_alerts_that_lead_there_counts_where_most_runbooks_name_none(team: Team) -> None:
    for name in (BOOK, "runbooks/watchdog.md"):
        team.change(name, "owner: shop-team\n", "")
    assert team.found() == []

    rules = "rules/shop.yml"
    team.change(rules, "severity: critical, owner: shop-team", "severity: critical, owner: other-team")

    assert team.found() == [("runbooks/no-owner", BOOK, team.line(BOOK, "# Shop errors"))]
