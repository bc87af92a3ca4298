from cockpit.contract.check import check
from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from cockpit.drills.coverage import Covered
from tests.contract.healthy import Team


def outdated(team: Team, last: Covered) -> list[tuple[str, str, int, str]]:
    repository = read([team.folder], Settings())
    repository.covered = {last.alert: last}
    return [(f.rule, team.name(f), f.line, f.message) for f in check(repository).findings]


def test_a_rule_that_changed_since_it_was_drilled(team: Team) -> None:
    last = Covered(alert="ShopErrors", drill="shop-night", exercise="x", at=1.0, changed=("rule", "runbook"))

    assert outdated(team, last) == [
        (
            "drills/outdated",
            "rules/shop.yml",
            team.line("rules/shop.yml", "alert: ShopErrors\n"),
            "the rule and the runbook of ShopErrors changed since it was drilled",
        )
    ]


def test_what_is_as_it_was_drilled(team: Team) -> None:
    assert outdated(team, Covered(alert="ShopErrors", drill="shop-night", exercise="x", at=1.0)) == []
