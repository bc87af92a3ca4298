import pytest

from cockpit.contract.settings import Settings
from cockpit.runbooks.model import SectionKind
from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"
IMPACT = "## Impact\n\nNobody can buy.\n"


def test_a_section_that_is_not_there(team: Team) -> None:
    team.change(BOOK, IMPACT, "")

    assert team.found() == [("runbooks/missing-section", BOOK, team.line(BOOK, "# Shop errors"))]
    assert "lacks the section impact" in team.report().findings[0].message


def test_what_hangs_on_a_missing_section_is_not_reported_too(team: Team) -> None:
    team.change(
        BOOK,
        '## Triage\n\n```promql {"title": "Errors by shop"}\n'
        'sum by (shop) (rate(shop_errors_total{shop="$shop"}[5m]))\n```\n\n',
        "",
    )

    assert team.found() == [("runbooks/missing-section", BOOK, team.line(BOOK, "# Shop errors"))]


@pytest.mark.parametrize("text", ["", "<!-- to do -->\n", "### Money\n\n### Trust\n", "---\n"])
def test_a_section_with_nothing_in_it(team: Team, text: str) -> None:
    team.change(BOOK, IMPACT, f"## Impact\n\n{text}")

    assert team.found() == [("runbooks/missing-section", BOOK, team.line(BOOK, "## Impact"))]


@pytest.mark.parametrize("text", ["### Money\n\nAll of it.\n", "- money\n", "```\nmoney\n```\n"])
def test_text_lists_and_code_are_something(team: Team, text: str) -> None:
    team.change(BOOK, IMPACT, f"## Impact\n\n{text}")

    assert team.found() == []


@pytest.mark.parametrize("title", ["Severity", "4. Impact", "Blast Radius", "🔥 Impact on users"])
def test_other_names_and_numbers_will_do(team: Team, title: str) -> None:
    team.change(BOOK, "## Impact", f"## {title}")

    assert team.found() == []


def test_the_team_says_which_sections_are_needed(team: Team) -> None:
    team.change(BOOK, IMPACT, "")

    assert team.found(Settings(sections=(SectionKind.TRIAGE, SectionKind.MITIGATION))) == []


def test_a_title_may_name_two_sections(team: Team) -> None:
    team.change(BOOK, IMPACT, "")
    team.change(BOOK, "## Escalation", "## Impact and escalation")

    assert team.found() == []


@pytest.mark.parametrize("title", ["2. Check the logs", "Ensure that it runs"])
def test_an_order_to_look_is_a_triage(team: Team, title: str) -> None:
    team.change(BOOK, "## Triage", f"## {title}")
    team.change("rules/shop.yml", "shop-errors.md#triage", "shop-errors.md")

    assert team.found() == []
