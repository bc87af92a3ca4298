"""Which runbook, which proof and which drill each alert has, or the reason that it has none. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from cockpit.contract.covered import UNDRILLED, UNPROVEN, Covered
from cockpit.contract.kinds import Kind
from cockpit.contract.model import Report
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.words import several
from cockpit.drills.model import Firing
from cockpit.scenarios.model import Fires


def coverage(repository: Repository, report: Report) -> tuple[Covered, ...]:
    """Return a row for each alert, by name."""
    proving = _by_alert((e.scenario.name, _fired(e.scenario.expect)) for e in repository.scenarios)
    drilling = _by_alert((each.drill.name, verified(each.drill.phases)) for each in repository.drills)
    stated: dict[tuple[str, int], dict[str, str]] = {}
    for each in report.suppressed:
        stated.setdefault((each.finding.path, each.finding.line), {})[each.finding.rule] = each.reason
    unread = {
        rule: f"a {kind} cannot be read"
        for rule, kind in ((UNPROVEN, Kind.SCENARIO), (UNDRILLED, Kind.DRILL))
        if any(bad.kind == kind for bad in repository.bad_files)
    }
    failing = {proof.scenario for proof in repository.proofs.values() if not proof.passed}
    rows: dict[str, Covered] = {}
    for alert in sorted(repository.alerts, key=lambda each: each.name):
        scenarios, always = proving.get(alert.name, ()), repository.graph.always_firing(alert.rule)
        ref = repository.runbook_of(alert)
        rows.setdefault(
            alert.name,
            Covered(
                alert=str(alert.name),
                severity=next((str(alert.rule.labels[n]) for n in _severities(repository, alert)), ""),
                runbook=ref.path if ref else "",
                scenarios=scenarios,
                failing=tuple(name for name in scenarios if name in failing),
                drills=drilling.get(alert.name, ()),
                always=always,
                reasons=({} if always else unread)
                | stated.get((alert.file.path, alert.at("alert").line), {}),
            ),
        )
    return tuple(rows.values())


def document(row: Covered) -> dict[str, Any]:
    """Return the JSON form of a row."""
    return {
        "alert": row.alert,
        "severity": row.severity or None,
        "runbook": row.runbook or None,
        "scenarios": list(row.scenarios),
        "failing": list(row.failing),
        "drills": list(row.drills),
        "always_fires": row.always,
        "lacks": list(row.lacks),
        "reasons": row.reasons,
    }


def verified(phases: Iterable[Any]) -> tuple[str, ...]:
    """Return the alerts that phases of a drill verify to fire."""
    return tuple(c.firing for phase in phases for c in phase.verify if isinstance(c, Firing))


def unlooked(repository: Repository, *, proofs: bool) -> tuple[str, ...]:
    """Return, a sentence each, what cannot be told of the alerts for lack of scenarios, proofs and drills."""
    if not repository.alerts:
        speaking = (
            repository.scenarios or repository.drills or repository.runbooks or repository.alertmanagers
        )
        return ("whether what is said of alerts is so: there are no alerting rules here",) if speaking else ()
    alerts = len({each.name for each in repository.real_alerts})
    if not alerts:
        return ()
    said = []
    if not repository.scenarios:
        said.append(
            f"whether the {several(alerts, 'alert')} would fire: there are no scenarios that prove it"
        )
    elif not proofs:
        said.append(
            f"whether the {several(len(repository.scenarios), 'scenario')} hold: no proofs were asked for"
        )
    if not repository.drills:
        said.append("whether people can handle the alerts: there are no drills")
    return tuple(said)


def _fired(expect: Iterable[Any]) -> tuple[str, ...]:
    return tuple(each.alert for each in expect if isinstance(each, Fires))


def _by_alert(named: Iterable[tuple[str, tuple[str, ...]]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name, alerts in named:
        for alert in alerts:
            found.setdefault(alert, {})[name] = None
    return {alert: tuple(names) for alert, names in found.items()}


def _severities(repository: Repository, alert: RuleEntry) -> tuple[str, ...]:
    return tuple(name for name in repository.settings.severity_labels if name in alert.rule.labels)
