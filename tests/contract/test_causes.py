"""One cause is one finding, and as bad as what follows from it."""

import pytest

from cockpit.contract.causes import rooted
from cockpit.contract.check import check
from cockpit.contract.model import Key, Place, Problem, Severity
from cockpit.contract.read import read
from cockpit.contract.rule import Rule
from cockpit.contract.settings import Settings
from tests.contract.healthy import Team

ERROR, WARNING, INFO = Severity
BOOK = "runbooks/shop-errors.md"
RULES = "rules/shop.yml"

Said = tuple[str, Severity, set[str], set[str]]


def left(*said: Said) -> list[tuple[str, Severity]]:
    found = [
        (
            Rule(name, severity, lambda _: iter(()), ""),
            Problem(at=Place("a"), message=name, remedy="", breaks=keys(breaks), rests_on=keys(rests_on)),
            severity,
        )
        for name, severity, breaks, rests_on in said
    ]
    return [(rule.id, severity) for rule, _, severity in rooted(found)]


def keys(names: set[str]) -> frozenset[Key]:
    return frozenset((name,) for name in names)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("a", WARNING, {"x"}, set()), ("b", WARNING, set(), {"y"})], [("a", WARNING), ("b", WARNING)]),
        ([("a", WARNING, {"x"}, set()), ("b", INFO, set(), {"x"})], [("a", WARNING)]),
        ([("a", WARNING, {"x"}, set()), ("b", ERROR, set(), {"x"})], [("a", ERROR)]),
        (
            [("a", INFO, {"x"}, set()), ("b", WARNING, {"y"}, {"x"}), ("c", ERROR, set(), {"y"})],
            [("a", ERROR)],
        ),
        ([("a", WARNING, {"x"}, set()), ("a", WARNING, set(), {"x"})], [("a", WARNING), ("a", WARNING)]),
    ],
    ids=["apart", "milder", "worse", "worse-by-way-of-another", "of-one-rule"],
)
def test_a_cause_is_as_bad_as_its_worst_consequence(
    said: list[Said], expected: list[tuple[str, Severity]]
) -> None:
    assert left(*said) == expected


@pytest.fixture
def without_triage(team: Team) -> Team:
    """A team of whose runbook the section that an alert links is gone."""
    team.change(BOOK, "## Triage\n", "")
    return team


def test_a_missing_section_that_an_alert_links_is_an_error(without_triage: Team) -> None:
    found = check(read([without_triage.folder], Settings())).findings

    assert [(each.rule, each.severity) for each in found] == [("runbooks/missing-section", ERROR)]


def test_a_consequence_that_is_accepted_makes_nothing_worse(without_triage: Team) -> None:
    link = "runbook_url: https://runbooks.example/shop-errors.md#triage"
    without_triage.change(RULES, link, f"{link} # cockpit: ignore alerts/dead-runbook -- comes back")

    found = check(read([without_triage.folder], Settings())).findings

    assert [(each.rule, each.severity) for each in found] == [("runbooks/missing-section", WARNING)]


def test_what_is_wrong_besides_is_found_besides(team: Team) -> None:
    team.change(RULES, "expr: shop:errors:ratio5m > 0.2", "expr: shop:erors:ratio5m > 0.2")
    team.change(RULES, "          runbook_url: https://runbooks.example/shop-errors.md\n", "")
    team.change(BOOK, "alerts: [ShopErrors, ShopErrorsCritical]", "alerts: [ShopErrors]")

    assert {rule for rule, _, _ in team.found()} == {"alerts/no-runbook", "queries/unknown-metric"}


def test_front_matter_that_cannot_be_read_hides_nothing_of_the_page_below(team: Team) -> None:
    team.change(BOOK, "owner: shop-team", "owner: [shop-team")
    team.change(BOOK, "shopctl restart --all", "if shopctl")

    assert {rule for rule, _, _ in team.found()} == {"files/invalid", "runbooks/bad-shell"}
