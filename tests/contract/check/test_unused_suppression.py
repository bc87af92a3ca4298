import pytest

from cockpit.contract.check import check
from cockpit.contract.model import Place, Problem, Severity
from cockpit.contract.read import read
from cockpit.contract.rule import Rule, all_rules
from cockpit.contract.settings import Settings
from tests.contract.healthy import Team

RULES = "rules/shop.yml"
ALERT = "- alert: ShopErrors\n"


def test_a_comment_where_nothing_is_found(team: Team) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: ignore alerts/no-runbook -- why\n")

    assert team.found() == [("check/unused-suppression", RULES, team.line(RULES, "-- why"))]


def test_a_rule_that_is_off_may_need_it_another_time(team: Team) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: ignore alerts/no-runbook -- why\n")

    assert team.found(Settings(severity={"alerts/no-runbook": "off"})) == []


def test_proofs_that_were_not_run_may_need_it(team: Team) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: ignore scenarios/unproven -- why\n")

    assert team.found() == []


def test_a_comment_for_what_follows_from_something_else_is_kept(team: Team) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: ignore a/result -- why\n")
    repository = read([team.folder], Settings())
    path = next(each for each in repository.files if each.endswith(RULES))
    line = team.line(RULES, "-- why")
    key = frozenset([("alert", "ShopErrors")])
    at = Place(path, line, (line, line))
    cause = Problem(at=Place(path, 1, (1, 1)), message="cause", remedy="", breaks=key)
    result = Problem(at=at, message="result", remedy="", rests_on=key)
    own = [each for each in all_rules() if each.id == "check/unused-suppression"]
    rules = [
        Rule("a/cause", Severity.ERROR, lambda _: iter([cause]), ""),
        Rule("a/result", Severity.ERROR, lambda _: iter([result]), ""),
    ]

    assert [each.message for each in check(repository, [*rules, *own]).findings] == ["cause"]
    assert len(check(repository, [rules[1], *own]).suppressed) == 1


BOOK = "runbooks/shop-errors.md"


@pytest.mark.parametrize(
    "rule", ["runbooks/missing-section", "runbooks/*", "queries/unknown-label", "queries/*"]
)
def test_what_needs_the_rules_may_need_it_where_these_are_not_read(team: Team, rule: str) -> None:
    team.change(BOOK, "## Meaning\n", f"<!-- cockpit: ignore {rule} -- why -->\n## Meaning\n")
    alone = check(read([team.folder / "runbooks"], Settings()))

    assert "check/unused-suppression" not in {each.rule for each in alone.findings}
    assert ("check/unused-suppression", BOOK, team.line(BOOK, "-- why")) in team.found()


@pytest.mark.parametrize("rule", ["alerts/dead-runbook", "alerts/default-route", "alerts/*"])
def test_what_needs_other_files_may_need_it_where_these_are_not_read(team: Team, rule: str) -> None:
    team.change(RULES, ALERT, f"{ALERT.rstrip()} # cockpit: ignore {rule} -- why\n")
    alone = check(read([team.folder / RULES], Settings()))

    assert "check/unused-suppression" not in {each.rule for each in alone.findings}
    assert team.found() == [("check/unused-suppression", RULES, team.line(RULES, "-- why"))]


def test_a_page_that_is_no_runbook_may_become_one(team: Team) -> None:
    team.write("notes.md", "# Notes\n\n<!-- cockpit: ignore runbooks/no-owner -- why -->\n\nText.\n")

    assert team.found() == []


def test_a_metric_that_nobody_can_judge_may_need_it(team: Team) -> None:
    comment = "# cockpit: ignore queries/unknown-metric -- a gateway"
    team.change("rules/shop.yml", "expr: vector(1)", f"expr: nobody_knows > 1 {comment}")

    assert "check/unused-suppression" not in {each[0] for each in team.found()}
