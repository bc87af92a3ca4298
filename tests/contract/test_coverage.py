import msgspec
import pytest

from cockpit.contract.check import check
from cockpit.contract.coverage import coverage, document, unlooked
from cockpit.contract.covered import Lack
from cockpit.contract.model import Finding, Report, Severity, Suppressed
from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from tests.contract.healthy import Team


def test_each_alert_has_its_runbook_its_scenario_and_its_drill(team: Team) -> None:
    repository = read([team.folder], Settings())
    rows = coverage(repository, check(repository))

    assert [(row.alert, row.severity, row.runbook, row.scenarios, row.drills) for row in rows] == [
        ("ShopErrors", "warning", "runbooks/shop-errors.md", ("shop-errors",), ("shop-night",)),
        (
            "ShopErrorsCritical",
            "critical",
            "runbooks/shop-errors.md",
            ("shop-errors-critical",),
            ("shop-night",),
        ),
        ("Watchdog", "none", "runbooks/watchdog.md", (), ()),
    ]
    assert [row.always for row in rows] == [False, False, True]
    assert all(row.lacks == () for row in rows)


def test_what_is_missing_is_named_unless_a_reason_is_stated(team: Team) -> None:
    (team.folder / "drills/shop-night.yaml").unlink()
    repository = read([team.folder], Settings())
    assert [row.lacks for row in coverage(repository, Report())] == [(Lack.DRILL,), (Lack.DRILL,), ()]

    place = repository.alerts[0].at("alert")
    finding = Finding(
        rule="drills/undrilled",
        severity=Severity.WARNING,
        path=place.path,
        line=place.line,
        message="",
        remedy="",
    )
    rows = coverage(repository, Report(suppressed=(Suppressed(finding, "the same page as X"),)))

    assert rows[0].lacks == ()
    assert rows[0].reasons == {"drills/undrilled": "the same page as X"}


def test_a_row_can_be_written_as_json(team: Team) -> None:
    rows = coverage(read([team.folder], Settings()), Report())
    assert (
        msgspec.json.decode(msgspec.json.encode([document(row) for row in rows]))[0]["alert"] == "ShopErrors"
    )


def test_what_cannot_be_told_without_scenarios_proofs_and_drills_is_said(team: Team) -> None:
    assert unlooked(read([team.folder], Settings()), proofs=True) == ()
    assert unlooked(read([team.folder], Settings()), proofs=False) == (
        "whether the 2 scenarios hold: no proofs were asked for",
    )
    for name in (
        "synthetic/shop-errors.yaml",
        "synthetic/shop-errors-critical.yaml",
        "drills/shop-night.yaml",
    ):
        (team.folder / name).unlink()
    assert unlooked(read([team.folder], Settings()), proofs=True) == (
        "whether the 2 alerts would fire: there are no scenarios that prove it",
        "whether people can handle the alerts: there are no drills",
    )


@pytest.mark.parametrize("left", ["synthetic", "drills", "runbooks", "rules/alertmanager.yml"])
def test_what_speaks_of_alerts_cannot_be_told_without_rules(team: Team, left: str) -> None:
    assert unlooked(read([team.folder / left], Settings()), proofs=True) == (
        "whether what is said of alerts is so: there are no alerting rules here",
    )


def test_nothing_is_called_undrilled_while_a_drill_cannot_be_read(team: Team) -> None:
    team.change("drills/shop-night.yaml", "pass: 2\n", "passes: 2\n")
    rows = coverage(read([team.folder], Settings()), Report())

    assert [(row.lacks, row.reasons) for row in rows] == [
        ((), {"drills/undrilled": "a drill cannot be read"}),
        ((), {"drills/undrilled": "a drill cannot be read"}),
        ((), {}),
    ]
