"""Comments that accept findings: what they hold for, and that they must say why."""

from pathlib import Path

import pytest

from cockpit.contract.check import check
from cockpit.contract.comments import comments_of
from cockpit.contract.model import Place, Problem, Severity
from cockpit.contract.read import read
from cockpit.contract.repository import File
from cockpit.contract.rule import Rule
from cockpit.contract.settings import Settings
from cockpit.contract.suppress import Comments
from tests.contract.healthy import Team

RULES = "rules/shop.yml"
RUNBOOK = "runbooks/shop-errors.md"
LINK = "          runbook_url: https://runbooks.example/shop-errors.md\n"


@pytest.fixture
def without_runbook(team: Team) -> Team:
    """A team whose alert ShopErrorsCritical has no runbook."""
    team.change(RULES, LINK, "")
    team.change(RUNBOOK, "alerts: [ShopErrors, ShopErrorsCritical]", "alerts: [ShopErrors]")
    return team


def reasons(team: Team) -> list[tuple[str, str]]:
    return [(each.finding.rule, each.reason) for each in team.report().suppressed]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- alert: ShopErrorsCritical\n", "- alert: ShopErrorsCritical # {}\n"),
        (
            "        expr: shop:errors:ratio5m > 0.2\n",
            "        # {}\n        expr: shop:errors:ratio5m > 0.2\n",
        ),
        ("      - alert: ShopErrorsCritical\n", "      # {}\n      - alert: ShopErrorsCritical\n"),
        (
            "      - alert: ShopErrorsCritical\n",
            "      # {}\n      # more\n      - alert: ShopErrorsCritical\n",
        ),
    ],
    ids=["in-its-line", "inside", "above", "above-with-more"],
)
def test_a_comment_with_a_reason_accepts_a_finding(without_runbook: Team, old: str, new: str) -> None:
    comment = "cockpit: ignore alerts/no-runbook -- moves to another team"
    without_runbook.change(RULES, old, new.format(comment))

    assert without_runbook.found() == []
    assert reasons(without_runbook) == [("alerts/no-runbook", "moves to another team")]


@pytest.mark.parametrize(
    "words",
    [
        "ignore alerts/short-for, alerts/no-runbook -- why",
        "ignore alerts/* -- why",
        "ignore-file alerts/no-runbook -- why",
    ],
)
def test_a_comment_names_rules_one_by_one_or_a_category(without_runbook: Team, words: str) -> None:
    place = "      - alert: ShopErrorsCritical\n" if "file" not in words else "groups:\n"
    without_runbook.change(RULES, place, f"{place.rstrip()} # cockpit: {words}\n")

    assert without_runbook.found() == []
    assert reasons(without_runbook) == [("alerts/no-runbook", "why")]


def test_a_comment_holds_for_nothing_beside_its_own_thing(without_runbook: Team) -> None:
    comment = "        # cockpit: ignore alerts/no-runbook -- why\n"
    without_runbook.change(
        RULES, "        expr: shop:errors:ratio5m > 0.05\n", comment + "        expr: 1 > 0.05\n"
    )
    without_runbook.change(RULES, "expr: 1 > 0.05", "expr: shop:errors:ratio5m > 0.05")

    assert [each[0] for each in without_runbook.found()] == ["check/unused-suppression", "alerts/no-runbook"]


def test_what_follows_from_an_accepted_cause_is_reported_itself(team: Team) -> None:
    team.change(RULES, "groups:\n", "# cockpit: ignore-file a/cause -- why\ngroups:\n")
    repository = read([team.folder], Settings())
    path = next(path for path in repository.files if path.endswith(RULES))
    key = frozenset([("alert", "ShopErrors")])
    cause = Problem(at=Place(path, 2, (2, 9)), message="cause", remedy="", breaks=key)
    result = Problem(at=Place(path, 3, (3, 3)), message="result", remedy="", rests_on=key)
    rules = [
        Rule("a/cause", Severity.ERROR, lambda _: iter([cause]), ""),
        Rule("a/result", Severity.ERROR, lambda _: iter([result]), ""),
    ]
    report = check(repository, rules)

    assert [each.rule for each in report.findings] == ["a/result"]
    assert [each.finding.message for each in report.suppressed] == ["cause"]
    assert report.consequences == ()


def test_front_matter_speaks_of_the_whole_runbook(team: Team) -> None:
    team.change(RUNBOOK, "owner: shop-team\n", "# cockpit: ignore runbooks/no-owner -- nobody yet\n")

    assert ("runbooks/no-owner", "nobody yet") in reasons(team)
    assert team.found() == []


def test_a_comment_above_a_heading_speaks_of_its_section(team: Team) -> None:
    team.change(RUNBOOK, "Nobody can buy.\n", "")
    team.change(
        RUNBOOK,
        "## Impact\n",
        "<!-- cockpit: ignore runbooks/missing-section -- to be\nseen -->\n\n## Impact\n",
    )

    assert reasons(team) == [("runbooks/missing-section", "to be seen")]
    assert team.found() == []


def test_a_comment_above_a_heading_speaks_not_of_the_section_before(team: Team) -> None:
    team.change(RUNBOOK, "After 15 minutes call the [team](#meaning).\n", "")
    comment = "<!-- cockpit: ignore runbooks/missing-section -- why -->\n\n"
    team.change(RUNBOOK, "## Post-Incident\n", f"{comment}## Post-Incident\n")

    assert [each[0] for each in team.found()] == ["runbooks/missing-section", "check/unused-suppression"]


def test_a_comment_in_a_fence_speaks_of_its_query(team: Team) -> None:
    team.change(
        RUNBOOK,
        "sum by (shop) (rate(shop_errors_total{",
        "# cockpit: ignore queries/unknown-metric -- from a gateway\nsum by (shop) (rate(shop_gone_total{",
    )

    assert reasons(team) == [("queries/unknown-metric", "from a gateway")]
    assert team.found() == []


@pytest.mark.parametrize(
    "block",
    [
        "First line,\nand more,\nand HERE.",
        "- one\n- two:\n  HERE",
        "| A | B |\n|---|---|\n| 1 | HERE |",
        "```promql\na\n\n# b\n\nHERE\n```",
        "## More\n\nText.\n\n```sh\n# c\n```\n\n### Below\n\nHERE",
    ],
    ids=["paragraph", "list", "table", "fence", "section"],
)
def test_a_comment_holds_for_all_of_the_block_below_it(block: str) -> None:
    comment = "<!-- cockpit: ignore a/b -- why -->"
    text = f"# Title\n\nBefore.\n\n{comment}\n\n{block}\n\n## Next\n\nAfter.\n"
    held = Comments(comments_of(File("a.md", text), fenced=True))
    lines = text.split("\n")

    def accepted(words: str) -> bool:
        line = next(number for number, row in enumerate(lines, 1) if words in row)
        return held.accepting("a/b", Place("a.md", line, (line, line))) is not None

    assert accepted("HERE")
    assert not accepted("Before.")
    assert not accepted("## Next")
    assert not accepted("After.")


def test_a_comment_holds_for_no_section_beside_its_own(team: Team) -> None:
    comment = "<!-- cockpit: ignore queries/unknown-metric -- a gateway -->"
    team.change(RUNBOOK, "## Meaning\n", f"{comment}\n## Meaning\n\n```bash\n# Not the end\n```\n")
    team.change(RUNBOOK, "rate(shop_errors_total{", "rate(shop_gone_total{")

    assert sorted(each[0] for each in team.found()) == ["check/unused-suppression", "queries/unknown-metric"]


def test_a_dashboard_says_it_in_a_string(team: Team) -> None:
    team.change("dashboards/shop.json", "shop_errors_total", "shop_gone_total")
    team.change(
        "dashboards/shop.json",
        '"title": "Shop",',
        '"title": "Shop", "description": "cockpit: ignore-file queries/unknown-metric -- a gateway",',
    )

    assert [each[0] for each in reasons(team)] == ["queries/unknown-metric"]


def test_documentation_that_shows_a_comment_suppresses_nothing(team: Team) -> None:
    shown = "# cockpit: ignore alerts/short-for\n<!-- cockpit: ignore alerts/short-for -->\n"
    team.write(
        "README.md", f"# How\n\n```yaml\n{shown}```\n\nWrite `# cockpit: ignore alerts/short-for` there.\n"
    )

    assert team.found() == []


def test_two_hundred_suppressions_in_one_file_are_read_at_once(tmp_path: Path) -> None:
    rule = "      - alert: A{0}\n        expr: up == 0 # cockpit: ignore alerts/* -- why\n"
    text = "groups:\n  - name: g\n    rules:\n" + "".join(map(rule.format, range(200)))
    report = Team(tmp_path, {"a.yml": text}).report()

    assert not [each for each in report.findings if each.rule.startswith(("alerts/", "check/"))]
    assert {each.finding.line for each in report.suppressed} >= set(range(4, 404, 2))
