from pathlib import Path

import pytest

from cockpit.contract.read import read
from cockpit.contract.rules.alerts._runbook_links import unlooked
from cockpit.contract.settings import Settings
from tests.contract.healthy import FILES, Team

RULES = "rules/shop.yml"
URL = "https://runbooks.example/"
LINK = f"runbook_url: {URL}watchdog.md"


def put(team: Team, link: str) -> None:
    team.change(RULES, LINK, f"runbook_url: '{link}'")


def dead(team: Team, settings: Settings | None = None) -> list[int]:
    return [line for rule, _, line in team.found(settings) if rule == "alerts/dead-runbook"]


def test_a_url_whose_neighbours_lead_to_files_here(team: Team) -> None:
    put(team, f"{URL}wachdog.md")

    assert team.found() == [("alerts/dead-runbook", RULES, team.line(RULES, "wachdog.md"))]
    (finding,) = team.report().findings
    assert "2 other links below https://runbooks.example/" in finding.message
    assert finding.message.endswith("did you mean runbooks/watchdog.md?") or "watchdog.md?" in finding.message


def test_a_url_that_is_mapped_onto_a_folder(team: Team) -> None:
    put(team, "https://wiki.example/rb/gone")

    assert dead(team) == []
    mapped = Settings(runbook_paths={"https://wiki.example/rb/": "runbooks/"})
    assert dead(team, mapped) == [team.line(RULES, "rb/gone")]


@pytest.mark.parametrize(
    "link",
    [
        "runbooks/gone.md",
        "./runbooks/gone",
        "../runbooks/gone.md#meaning",
        "/runbooks/gone.md",
        "shop/runbooks/watchdog.md",
    ],
)
def test_a_path_without_a_file(team: Team, link: str) -> None:
    for old in ("shop-errors.md#triage", "shop-errors.md\n"):
        team.change(RULES, f"runbook_url: {URL}{old}", f"runbook_url: runbooks/{old}")
    put(team, link)

    assert team.found() == [("alerts/dead-runbook", RULES, team.line(RULES, link))]


@pytest.mark.parametrize(
    "link",
    [
        "runbooks/watchdog.md",
        "../../runbooks/watchdog",
        "watchdog.md#post-incident",
        "runbooks/watchdog.html",
        "rules/shop.yml",
        "https://runbooks.example/watchdog",
        "https://wiki.example/wachdog",
        "Restart the relay; see wiki/on-call",
        "n/a",
        "elsewhere/docs/gone.md",
    ],
)
def test_what_leads_somewhere_or_may(team: Team, link: str) -> None:
    put(team, link)

    assert team.found() == []


def test_a_file_of_another_kind(team: Team) -> None:
    put(team, "runbooks/plan.pdf")
    assert dead(team) == [team.line(RULES, "plan.pdf")]

    team.write("runbooks/plan.pdf", "%PDF")
    assert dead(team) == []


def test_a_heading_that_the_runbook_lacks(team: Team) -> None:
    team.change(RULES, "shop-errors.md#triage", "shop-errors.md#triag")

    assert team.found() == [("alerts/dead-runbook", RULES, team.line(RULES, "#triag"))]
    assert "did you mean #triage?" in team.report().findings[0].message


def test_an_html_id_is_an_anchor(team: Team) -> None:
    team.change(RULES, "shop-errors.md#triage", "shop-errors.md#first")
    team.change("runbooks/shop-errors.md", "Nobody can buy.", '<a id="first"></a>Nobody can buy.')

    assert team.found() == []


def test_a_misspelt_anchor_is_not_taken_for_one_of_a_section_that_is_gone(team: Team) -> None:
    team.change("runbooks/shop-errors.md", "## Impact\n", "")
    team.change(RULES, "shop-errors.md#triage", "shop-errors.md#triag")

    assert dead(team) == [team.line(RULES, "#triag")]


def test_a_section_that_is_gone_is_reported_where_it_was(team: Team) -> None:
    team.change("runbooks/shop-errors.md", "## Triage\n", "")

    assert "alerts/dead-runbook" not in [rule for rule, _, _ in team.found()]


def test_a_runbook_that_is_gone_is_reported_once(team: Team) -> None:
    team.write("runbooks/more.md", FILES["runbooks/shop-errors.md"].replace("Errors]", "Errors]"))
    (team.folder / "runbooks/shop-errors.md").unlink()
    team.write(
        "rules/more.yml",
        FILES[RULES].replace("ShopErrors", "MoreErrors").replace("shop-errors.md", "more.md"),
    )

    found = [each for each in team.report().findings if each.rule == "alerts/dead-runbook"]
    assert [each.line for each in found] == [team.line(RULES, "shop-errors.md#triage")]
    assert found[0].remedy.endswith("; 1 more link it")


@pytest.mark.parametrize(
    ("link", "is_dead"),
    [
        ("runbooks/{{ $labels.shop }}.md", False),
        ("runbooks/{{ $labels.shop }}/README.md", True),
        ("runbooks/{{ .Labels.shop }}-errors.md#triage", False),
        ("runbooks/{{ $labels.kind }}-errors.md", True),
        ("{{ $labels.shop }}", False),
        ("https://wiki.example/{{ $labels.kind }}/gone.md", False),
        ("elsewhere/{{ $labels.shop }}.md", False),
        ("runbooks/{{ if true }}gone{{ end }}.md", False),
        ("runbooks/{{ toLower $labels.kind }}-errors.md", False),
    ],
)
def test_a_template(team: Team, link: str, *, is_dead: bool) -> None:
    team.change(
        RULES, "expr: shop:errors:ratio5m > 0.2", "expr: sum by (shop, path) (shop:errors:ratio5m) > 0.2"
    )
    team.change(RULES, f"runbook_url: {URL}shop-errors.md\n", f"runbook_url: '{link}'\n")

    assert dead(team) == ([team.line(RULES, link)] if is_dead else [])


def test_a_template_whose_label_is_known(team: Team) -> None:
    team.change(RULES, "expr: shop:errors:ratio5m > 0.2", 'expr: shop:errors:ratio5m{shop="berlin"} > 0.2')
    team.change(
        RULES, f"runbook_url: {URL}shop-errors.md\n", "runbook_url: 'runbooks/{{ $labels.shop }}-errors.md'\n"
    )

    assert dead(team) == [team.line(RULES, "$labels.shop }}-errors")]


def test_a_page_in_a_folder_that_is_gone_with_it(tmp_path: Path) -> None:
    rule = "  - {{alert: {0}, expr: up == 0, annotations: {{runbook: docs/{1}.md}}}}\n"
    pages = ("a/one", "b/two", "frontend/three", "backend/four", "network/five")
    rules = "".join(rule.format(f"A{number}", page) for number, page in enumerate(pages))
    head = "groups:\n- name: a\n  rules:\n"
    here = {"docs/a/one.md": "# One\n\nText.\n", "docs/b/two.md": "# Two\n\nText.\n"}

    assert dead(Team(tmp_path / "here", {"rules.yml": head + rules, **here})) == [6, 7, 8]
    assert dead(Team(tmp_path / "elsewhere", {"rules.yml": head + rules, "docs/x.md": "# X\n"})) == []


def _named(folder: Path, *names: str) -> Team:
    rule = "  - {{alert: A{0}, expr: up == 0, annotations: {{runbook: '{1}'}}}}\n"
    rules = "".join(rule.format(number, name) for number, name in enumerate(names))
    pages = {f"docs/{name}.md": f"# {name}\n\nText.\n" for name in ("cart-full", "checkout-down", "pay-slow")}
    return Team(folder, {"rules.yml": f"groups:\n- name: a\n  rules:\n{rules}", **pages})


def test_a_name_alone_that_is_no_page_s_beside_names_that_are(tmp_path: Path) -> None:
    team = _named(tmp_path, "cart-full", "pay-slow", "checkout-dwn")

    assert dead(team) == [6]
    assert "did you mean" in next(each.message for each in team.report().findings if each.line == 6)


@pytest.mark.parametrize(
    "names", [("cart-full", "checkout-dwn"), ("cart-full", "pay-slow", "TBD"), ("ask", "the", "team")]
)
def test_a_name_that_may_be_none_of_a_page(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert dead(_named(tmp_path, *names)) == []


def test_a_url_with_one_neighbour_that_is_written_almost_as_a_page_is_called(tmp_path: Path) -> None:
    team = _named(tmp_path, f"{URL}cart-full", f"{URL}checkout-dwn")

    assert dead(team) == [5]
    assert "another link below https://runbooks.example/ leads to a file here" in str(team.report())
    assert dead(_named(tmp_path, f"{URL}cart-full", f"{URL}checkout-errors")) == []


@pytest.mark.parametrize(
    ("links", "said"),
    [
        (["cart-full", f"{URL}pay-slow"], ()),
        (
            ["cart-full", "https://wiki.example/a#x", "https://wiki.example/a#y"],
            ("1 runbook link leads elsewhere: whether the page is there is not looked at",),
        ),
        (
            ["https://wiki.example/a", "https://wiki.example/{{ $labels.job }}", "see the wiki"],
            ("2 runbook links lead elsewhere: whether the pages are there is not looked at",),
        ),
    ],
)
def test_pages_elsewhere_are_counted(tmp_path: Path, links: list[str], said: tuple[str, ...]) -> None:
    _named(tmp_path, *links)

    assert unlooked(read([tmp_path], Settings())) == said
