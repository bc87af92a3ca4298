"""The runbooks that travel with the project: every alert of the relay rules leads to one that works."""

import re
import subprocess
from datetime import date
from itertools import takewhile

import pytest

from cockpit.runbooks.model import Section, SectionKind
from tests.runbooks.shipped import (
    ALERTS,
    FILES,
    RUNBOOKS,
    SHIPPED,
    first_action,
    library,
    opened,
    queries_in,
    runbook_of,
)

GUARDED = ("gmail-send-high-error-rate.md", "gmail-send-high-latency.md", "rollout-controller-stalled.md")


def section(name: str, kind: SectionKind) -> Section:
    return next(s for s in opened(name).sections if s.kind == kind)


def prose(name: str, kind: SectionKind) -> str:
    found = section(name, kind)
    return "\n".join(opened(name).text.splitlines()[found.start : found.end])


def test_the_library_reads_all_of_them_without_a_complaint() -> None:
    assert library().problems == ()
    assert set(SHIPPED) <= set(library().names())


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_every_alert_leads_to_the_runbook_its_url_names(alert: str) -> None:
    runbook = runbook_of(alert)
    assert runbook.path == ALERTS[alert]["annotations"]["runbook_url"].rsplit("/", 1)[1]
    assert alert in runbook.alerts


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_an_alert_without_a_url_finds_the_same_runbook_by_its_name(alert: str) -> None:
    ref = library().resolve({"alertname": alert}, {})
    assert ref is not None
    assert ref.path == runbook_of(alert).path


@pytest.mark.parametrize("name", SHIPPED)
def test_a_runbook_has_the_six_sections_in_order(name: str) -> None:
    kinds = [s.kind for s in opened(name).sections if s.kind is not None]
    assert kinds == list(SectionKind)
    titles = [s.title for s in opened(name).sections if s.level == 2]
    assert titles == [
        "What It Means",
        "Immediate Triage",
        "Immediate Mitigations",
        "Rollout Controller Impact",
        "Escalation",
        "Post-Incident",
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_runbook_says_whose_it_is_and_when_it_was_last_read(name: str) -> None:
    runbook = opened(name)
    assert runbook.owner == "relay-oncall"
    assert runbook.contacts == {"slack": "#ops-relay", "pagerduty": "relay"}
    reviewed = runbook.reviewed or ""
    assert date.fromisoformat(reviewed).isoformat() == reviewed
    assert runbook.alerts
    assert set(runbook.alerts) <= ALERTS.keys()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_first_line_below_the_title_says_what_to_do_first(name: str) -> None:
    assert re.fullmatch(r"\*\*.+ First .+Quer(y|ies) \d.+\*\*", first_action(name))
    severities = {ALERTS[alert]["labels"]["severity"] for alert in opened(name).alerts}
    assert severities != {"critical"} or " First acknowledge, " in first_action(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_triage_section_has_steps_and_queries_of_its_own(name: str) -> None:
    triage = section(name, SectionKind.TRIAGE)
    assert sum(triage.start < query.line < triage.end for query in opened(name).queries) >= 3
    assert len(re.findall(r"^\d\. ", prose(name, SectionKind.TRIAGE), re.M)) >= 3


@pytest.mark.parametrize("name", SHIPPED)
def test_the_escalation_is_a_timeline_from_the_first_minute_on(name: str) -> None:
    table = [line for line in prose(name, SectionKind.ESCALATION).splitlines() if line.startswith("|")]
    assert table[0] == "| After | If | Who | How |"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]
    assert all(len(row) == 4 and all(row) for row in rows)
    minutes = [int(row[0].split()[0]) for row in rows if row[0].endswith(" min")]
    assert minutes[0] == 0
    assert minutes[-1] >= 30
    assert minutes == sorted(minutes)
    assert {row[0] for row in rows if not row[0].endswith(" min")} <= {"at once", "2 h", "by day"}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_impact_says_what_the_controller_does_and_who_holds_it(name: str) -> None:
    said = prose(name, SectionKind.IMPACT)
    assert re.search(r"[Tt]he controller|it neither raises nor guards", said)
    assert re.search(r"\b([Hh]old|held|hold it by hand|stopped by hand)\b", said)


@pytest.mark.parametrize("name", FILES)
def test_every_command_is_shell_and_names_its_risk(name: str) -> None:
    commands = opened(name).commands
    assert len(commands) >= (1 if name == "README.md" else 2)
    for command in commands:
        assert command.risk in {"low", "medium", "high"}, command.code
        checked = subprocess.run(
            ["bash", "-n"], input=command.code, capture_output=True, text=True, check=False, timeout=10
        )
        assert (checked.returncode, checked.stderr) == (0, ""), command.title


@pytest.mark.parametrize("name", SHIPPED)
def test_every_high_risk_command_is_followed_by_its_way_back(name: str) -> None:
    commands = opened(name).commands
    risky = [i for i, c in enumerate(commands) if c.risk == "high" and not c.title.startswith("Undo")]
    assert risky
    for i in risky:
        assert commands[i + 1].title.startswith("Undo: "), commands[i].title


@pytest.mark.parametrize("name", FILES)
def test_every_relative_link_and_anchor_holds(name: str) -> None:
    relative = [link.url for link in opened(name).links if "://" not in link.url]
    assert relative
    for url in relative:
        target, _, anchor = url.partition("#")
        assert not target or target in FILES, url
        anchors = {s.anchor for s in opened(target or name).sections}
        assert not anchor or anchor in anchors, url


def linked_from(name: str) -> set[str]:
    return {link.url.partition("#")[0] for link in opened(name).links} & (set(SHIPPED) - {name})


@pytest.mark.parametrize("name", SHIPPED)
def test_a_runbook_leads_to_the_related_ones_and_is_led_to(name: str) -> None:
    assert len(linked_from(name)) >= 2
    assert [other for other in SHIPPED if name in linked_from(other)]


@pytest.mark.parametrize("name", GUARDED)
def test_what_the_controller_watches_and_the_controller_lead_to_one_another(name: str) -> None:
    assert set(GUARDED) - {name} <= linked_from(name)


@pytest.mark.parametrize("name", sorted(set(SHIPPED) - set(GUARDED)))
def test_what_the_controller_does_not_watch_leads_to_holding_it(name: str) -> None:
    assert "gmail-send-high-error-rate.md#rollout-controller-impact" in {x.url for x in opened(name).links}


def test_the_index_maps_each_alert_to_its_runbook_its_owner_and_the_first_action() -> None:
    index = opened("README.md")
    lines = iter(index.text.splitlines())
    assert "| Alert | Fires | Runbook | Owner | First action |" in lines
    assert next(lines) == "|---|---|---|---|---|"
    table = [line.strip("|").split("|") for line in takewhile(lambda line: line.startswith("|"), lines)]
    rows = {alert: cells for alert, *cells in ([cell.strip() for cell in row] for row in table)}
    assert len(table) == len(rows)
    assert rows.keys() == ALERTS.keys()
    assert index.alerts == ()
    for alert, (fires, runbook, owner, action) in rows.items():
        path = runbook_of(alert).path
        assert fires
        assert runbook.endswith(f"]({path})")
        assert owner == runbook_of(alert).owner == ALERTS[alert]["labels"]["owner"]
        assert queries_in(action) == queries_in(first_action(path)), alert


@pytest.mark.parametrize("name", FILES)
def test_no_host_is_named_but_an_example(name: str) -> None:
    hosts = set(re.findall(r"https?://([^/\s'\"`)]+)", (RUNBOOKS / name).read_text(encoding="utf-8")))
    assert {host for host in hosts if not host.endswith(".example")} <= {"gmail.googleapis.com"}


def test_the_folder_holds_nothing_else() -> None:
    assert {path.name for path in RUNBOOKS.iterdir()} == set(FILES)
