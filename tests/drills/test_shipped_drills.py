"""The drills that travel with the project: each can be won by following its runbook, in the time it gives."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from cockpit.alerts.routing import parse
from cockpit.config import shipped
from cockpit.drills import files
from cockpit.drills.model import (
    ALL,
    Asked,
    Choice,
    Drill,
    Firing,
    Inhibited,
    Leftovers,
    Notified,
    Opened,
    Phase,
    Resolved,
)
from cockpit.runbooks.library import Library
from cockpit.runbooks.model import Runbook
from cockpit.scenarios import files as scenario_files
from cockpit.scenarios.model import Fires, Scenario
from cockpit.scenarios.proof.rulefiles import Rules
from cockpit.scenarios.signals import values_at

FOLDER = shipped("scenarios")
NAMES = files.names(FOLDER)
RULES = FOLDER / "rules"
GROUP_INTERVAL = 300.0


@cache
def drill(name: str) -> Drill:
    return files.find(name, FOLDER)


@cache
def rules() -> dict[str, dict[str, Any]]:
    ours = [path for path in RULES.glob("*.yml") if path.name not in {"alertmanager.yml"}]
    loaded = [YAML(typ="safe", pure=True).load(path.read_text()) for path in ours if "_test" not in path.stem]
    every = [rule for file in loaded for group in file["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule for rule in every if "alert" in rule}


def opened(of: Drill) -> tuple[str, ...]:
    return tuple(each.opened for phase in of.phases for each in phase.operator if isinstance(each, Opened))


def runbook(name: str) -> Runbook:
    found = Library.read([shipped("runbooks")]).get(name)
    assert found is not None
    return found


def page(of: Drill, phase: Phase) -> Runbook:
    """Return the runbook that lies open in a phase: the last that was to be opened, before any the first."""
    before = of.phases[: of.phases.index(phase) + 1]
    names = [each.opened for one in before for each in one.operator if isinstance(each, Opened)]
    return runbook(names[-1] if names else opened(of)[0])


def phases() -> Iterator[Any]:
    for name in NAMES:
        for number, phase in enumerate(drill(name).phases, 1):
            yield pytest.param(drill(name), phase, id=f"{name}-{number}")


def played(of: Drill, until: Phase) -> list[Scenario]:
    """Return what was played up to a phase, that one included."""
    before = of.phases[: of.phases.index(until) + 1]
    return [scenario_files.find(each.play, FOLDER) for each in before if each.play]


def expected(of: Drill, until: Phase, alert: str) -> list[Fires]:
    expects = [each for scenario in played(of, until) for each in scenario.expect]
    found = [each for each in expects if isinstance(each, Fires) and each.alert == alert]
    assert found, f"nothing that is played makes {alert} fire"
    return found


def test_there_are_eight_of_six_phases_each_worth_a_point() -> None:
    assert len(NAMES) == 8
    for name in NAMES:
        assert len(drill(name).phases) == 6
        assert drill(name).rubric == {6: "A+", 5: "A", 4: "B", 0: "F"}
        assert drill(name).mark == 5
        assert drill(name).brief
        assert drill(name).debrief
        assert drill(name).phases[-1].stop == ALL
        assert any(isinstance(each, Leftovers) for each in drill(name).phases[-1].verify)


def test_every_alert_but_those_that_always_fire_is_verified_firing_by_a_drill() -> None:
    known = Rules.read([RULES])
    alerts = {each.name for each in known.all if each.is_alert and not known.always_firing(each)}
    assert {alert for name in NAMES for alert in drill(name).alerts} == alerts


@pytest.mark.parametrize(("of", "phase"), phases())
def test_a_phase_has_notes_for_the_debrief_and_one_of_people_a_brief_and_hints(
    of: Drill, phase: Phase
) -> None:
    assert phase.debrief
    if phase.operator:
        assert phase.brief
        assert phase.hints
        assert 180 <= phase.limit <= 600, "people get minutes"


@pytest.mark.parametrize(("of", "phase"), phases())
def test_the_options_of_a_choice_can_be_told_apart_where_commas_part_them(of: Drill, phase: Phase) -> None:
    options = [option for each in phase.operator if isinstance(each, Choice) for option in each.of]
    assert not [option for option in options if "," in option]


@pytest.mark.parametrize(("of", "phase"), phases())
def test_what_has_to_fire_can_in_the_time_that_the_scenario_takes(of: Drill, phase: Phase) -> None:
    within = max((each.within or 0 for each in phase.verify if isinstance(each, Notified)), default=0.0)
    before = of.phases[: of.phases.index(phase)]
    fires = {each.firing for one in before for each in one.verify if isinstance(each, Firing)}
    due = {each.firing for each in phase.verify if isinstance(each, Firing)}
    due |= {each.inhibited for each in phase.verify if isinstance(each, Inhibited)}
    for alert in due - fires:
        assert min(one.fires_within for one in expected(of, phase, alert)) + within <= phase.limit, alert


@pytest.mark.parametrize("name", NAMES)
def test_what_has_fired_resolves_and_is_told_of_in_time(name: str) -> None:
    last = drill(name).phases[-1]
    assert {each.resolved for each in last.verify if isinstance(each, Resolved)} >= set(drill(name).alerts)
    for each in last.verify:
        if isinstance(each, Resolved):
            takes = max(one.resolves_within or 0.0 for one in expected(drill(name), last, each.resolved))
            assert takes + GROUP_INTERVAL < last.limit, each.resolved
    assert max(scenario.recover for scenario in played(drill(name), last)) < last.limit


@pytest.mark.parametrize(("of", "phase"), phases())
def test_who_is_to_be_told_is_who_the_alert_is_routed_to(of: Drill, phase: Phase) -> None:
    routing = parse((RULES / "alertmanager.yml").read_text())
    for each in phase.verify:
        if isinstance(each, Notified):
            alert = phase.alert_told(each)
            labels = {"alertname": alert, **rules()[alert]["labels"], "synthetic": "x"}
            assert each.notified in {taken.route.receiver for taken in routing.taken(labels)}
            assert set(each.carrying) == {"runbook", "summary"}


@pytest.mark.parametrize(("of", "phase"), phases())
def test_what_inhibits_is_critical_and_of_the_same_service(of: Drill, phase: Phase) -> None:
    for each in phase.verify:
        if isinstance(each, Inhibited):
            assert each.by is not None
            target, source = rules()[each.inhibited]["labels"], rules()[each.by]["labels"]
            assert (target["severity"], source["severity"]) == ("warning", "critical")
            assert target["service"] == source["service"]


@pytest.mark.parametrize("name", NAMES)
def test_each_runbook_to_be_opened_is_that_of_an_alert_that_fires_by_then(name: str) -> None:
    assert opened(drill(name))
    fires: set[str] = set()
    for phase in drill(name).phases:
        fires |= {each.firing for each in phase.verify if isinstance(each, Firing)}
        for each in phase.operator:
            if isinstance(each, Opened):
                assert fires & set(runbook(each.opened).alerts), each.opened


@pytest.mark.parametrize(("of", "phase"), phases())
def test_the_runbook_that_lies_open_has_what_the_phase_speaks_of(of: Drill, phase: Phase) -> None:
    found = page(of, phase)
    asked = [each.answer for each in phase.operator if isinstance(each, Asked)]
    asked += [each.choice for each in phase.operator if isinstance(each, Choice)]
    for text in (*phase.hints, phase.debrief or "", *asked):
        for numbers in re.findall(r"Quer(?:y|ies) (\d+(?:, \d+)*(?: and \d+)?)", text):
            assert all(1 <= int(one) <= len(found.queries) for one in re.findall(r"\d+", numbers)), text
    for text in phase.hints:
        for quoted in re.findall(r'"([^"]+)"', text):
            assert quoted.casefold() in found.text.casefold(), quoted
    if any("copied" in type(each).model_fields for each in phase.operator):
        assert found.commands


@pytest.mark.parametrize(
    ("name", "question", "scenario", "counter", "label"),
    [
        ("tabletop-01", "error code", "error-rate-warn", "action_error_total", "code"),
        ("tabletop-05", "reason", "validation-spike", "action_validation_errors_total", "reason"),
        ("tabletop-05", "reason", "denial-spike", "policy_denials_total", "reason"),
        ("tabletop-06", "rule", "sanitization-spike", "html_sanitization_changes_total", "rule"),
        ("tabletop-07", "tenant", "tenant-mismatch-spike", "tenant_mismatch_total", "tenant"),
        ("tabletop-07", "pipeline", "integrity-breach", "integrity_failures_total", "pipeline"),
        ("tabletop-07", "kind", "privacy-violation", "privacy_violations_total", "kind"),
    ],
)
def test_the_one_that_is_asked_for_is_what_the_scenario_pushes_most(
    name: str, question: str, scenario: str, counter: str, label: str
) -> None:
    asked = next(
        each
        for phase in drill(name).phases
        if scenario in {one.name for one in played(drill(name), phase)}
        for each in phase.operator
        if isinstance(each, Asked) and question in each.answer
    )
    samples = values_at(scenario_files.find(scenario, FOLDER), 240)
    counted = {each.labels[label]: each.value for each in samples if each.name == counter}
    *others, most = sorted(counted, key=lambda value: counted[value])
    assert asked.accepts(most)
    assert others
    assert not any(asked.accepts(other) for other in others)
