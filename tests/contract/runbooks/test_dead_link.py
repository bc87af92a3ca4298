import pytest

from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"
TEXT = "Nobody can buy."


def _say(team: Team, text: str) -> None:
    team.change(BOOK, TEXT, f"{TEXT}\n\n{text}\n")


@pytest.mark.parametrize(
    "link",
    [
        "[x](gone.md)",
        "[x](#gone)",
        "[x](watchdog.md#gone)",
        "[x](./watchdog.md?plain=1#gone)",
        "![x](gone.png)",
        "[x](../scripts/gone.sh)",
        '<a href="gone.md">x</a>',
        "<img src='gone.png'>",
        "[x](/runbooks/gone.md)",
    ],
)
def test_a_link_to_what_is_not_there(team: Team, link: str) -> None:
    _say(team, f"Look\nat {link}.")

    assert team.found() == [("runbooks/dead-link", BOOK, team.line(BOOK, link))]


@pytest.mark.parametrize(
    "link",
    [
        "[x](watchdog.md)",
        "[x](WATCHDOG.md#Meaning)",
        "[x](watchdog)",
        "[x](watchdog.md#post-incident)",
        "[x](watchdog.md#post--incident)",
        "[x](#top)",
        "[x](../runbooks/)",
        "[x](../dashboards/shop.json)",
        "[x](../dashboards/shop.json#L7)",
        "![x](<a picture.png>)",
        "![x](a%20picture.png)",
        "[x](https://gone.example/gone.md#gone)",
        "[x](//gone.example/gone.md)",
        "[x](mailto:gone@example)",
        "[x](../../outside/gone.md)",
        "[x](made-by-the-site)",
        "[x](made-by-the-site.html#gone)",
        "[x](/static/gone.png)",
        '[x]({{< ref "gone.md" >}})',
        "[x](docs/{{ page }}.md)",
        "`[x](gone.md)`",
        "```\n[x](gone.md)\n```",
        "[x](#2-here)\n\n## 1. Here",
        "[x](#mine)\n\n## Here {#mine}",
        '[x](#mine)\n\n<a name="mine"></a>',
        "[x](#mine)\n\n<h3>Mine</h3>",
    ],
)
def test_links_that_lead_somewhere_or_that_cannot_be_judged(team: Team, link: str) -> None:
    team.write("runbooks/a picture.png", b"\x89PNG")
    _say(team, link)

    assert team.found() == []


def test_a_reference_is_reported_where_it_is_defined(team: Team) -> None:
    _say(team, "See [that page][1].\n\n[1]: gone.md")

    assert team.found() == [("runbooks/dead-link", BOOK, team.line(BOOK, "[1]: gone.md"))]


def test_links_to_one_missing_thing_are_one_finding(team: Team) -> None:
    _say(team, "[x](gone.md)\n\n[y](gone.md)")
    team.change("runbooks/watchdog.md", "Call at once.", "Call [at once](gone.md).")

    assert team.found() == [("runbooks/dead-link", BOOK, team.line(BOOK, "[x](gone.md)"))]
    (found,) = team.report().findings
    assert found.message == "the link to gone.md leads to no file"
    assert found.remedy.endswith("; 2 more lead there")


def test_the_line_in_a_paragraph_and_a_table_is_that_of_the_link(team: Team) -> None:
    _say(team, "| a |\n|---|\n| [x](watchdog.md) |\n| [x](gone.md) |")

    assert team.found() == [("runbooks/dead-link", BOOK, team.line(BOOK, "gone.md"))]


def test_the_index_beside_the_runbooks_is_looked_through_but_no_other_page(team: Team) -> None:
    team.write("runbooks/README.md", "# Runbooks\n\n[x](gone.md)\n")
    team.write("docs/README.md", "# Docs\n\n[x](gone.md)\n")

    assert team.found() == [("runbooks/dead-link", "runbooks/README.md", 3)]


def test_a_link_to_a_section_that_is_missing_follows_from_that(team: Team) -> None:
    _say(team, "[x](watchdog.md#mitigation)")
    team.change("runbooks/watchdog.md", "## Mitigation\n\n```bash\nsystemctl restart prometheus\n```\n\n", "")

    assert [rule for rule, *_ in team.found()] == ["runbooks/missing-section"]


def test_headings_that_a_template_makes_are_not_known(team: Team) -> None:
    _say(team, "[x](watchdog.md#gone)")
    team.change("runbooks/watchdog.md", "Call at once.", '{{< include "calls.md" >}}')

    assert team.found() == []


def test_what_is_nearly_so_called_is_named(team: Team) -> None:
    _say(team, "[x](watchdgo.md) [y](#mitigaton)")

    assert [each.message for each in team.report().findings] == [
        "the link to #mitigaton leads to no heading of "
        f"{team.report().findings[0].path}, did you mean #mitigation?",
        "the link to watchdgo.md leads to no file, did you mean runbooks/watchdog.md?",
    ]
