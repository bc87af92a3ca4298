from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"
QUERY = (
    '```promql {"title": "Errors by shop"}\nsum by (shop) (rate(shop_errors_total{shop="$shop"}[5m]))\n```\n'
)


def test_a_runbook_that_asks_nothing(team: Team) -> None:
    team.change(BOOK, QUERY, "Look at the graphs.\n")

    assert team.found() == [("runbooks/no-query", BOOK, team.line(BOOK, "# Shop errors"))]


def test_queries_in_other_languages_count(team: Team) -> None:
    team.change(BOOK, QUERY, '```logql\n{app="shop"} |= "error"\n```\n')

    assert team.found() == []


def test_it_follows_from_a_missing_triage_alone(team: Team) -> None:
    team.change(BOOK, QUERY, "Look at the graphs.\n")
    team.change(BOOK, "## Impact\n\nNobody can buy.\n", "")

    assert [rule for rule, *_ in team.found()] == ["runbooks/missing-section", "runbooks/no-query"]
