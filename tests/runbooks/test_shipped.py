"""The runbooks that travel with the project: every alert of the relay rules leads to one that works."""

import re
import subprocess
from functools import cache
from typing import Any

import promql_parser
import pytest
from ruamel.yaml import YAML

from cockpit.config import shipped
from cockpit.runbooks.bind import bind
from cockpit.runbooks.library import Library
from cockpit.runbooks.model import Runbook, SectionKind
from cockpit.runbooks.parse import parse

RUNBOOKS = shipped("runbooks")
RULES = shipped("scenarios") / "rules" / "relay.yml"
LEFT_BY_THE_EXPRESSION = {
    "gmail-send": {"provider": "google", "action": "gmail.send"},
    "rollout-controller": {"controller": "rollout"},
}
PUSHED = {
    "action_exec_total",
    "action_error_total",
    "action_latency_seconds_bucket",
    "action_latency_seconds_sum",
    "action_latency_seconds_count",
    "mime_build_latency_seconds_bucket",
    "mime_build_latency_seconds_sum",
    "mime_build_latency_seconds_count",
    "oauth_refresh_failures_total",
    "rollout_controller_runs_total",
    "rollout_controller_percent",
}


def rules() -> list[dict[str, Any]]:
    groups = YAML(typ="safe", pure=True).load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
WATCHED = sorted(ALERTS.keys() - {"Watchdog"})
RECORDED = {rule["record"] for rule in rules() if "record" in rule}
FILES = sorted(path.name for path in RUNBOOKS.glob("*.md"))
SHIPPED = [name for name in FILES if name != "README.md"]


@cache
def library() -> Library:
    return Library.read([RUNBOOKS], annotations=["runbook_url", "runbook"], paths={})


@cache
def opened(name: str) -> Runbook:
    return parse((RUNBOOKS / name).read_text(encoding="utf-8"), path=name, folder=RUNBOOKS)


def labels_of(alert: str) -> dict[str, str]:
    """The labels of a real alert: those of the rule and those its expression keeps; none says `synthetic`."""
    fixed: dict[str, str] = ALERTS[alert]["labels"]
    return {"alertname": alert, **LEFT_BY_THE_EXPRESSION[fixed["service"]], **fixed}


def runbook_of(alert: str) -> Runbook:
    ref = library().resolve(labels_of(alert), ALERTS[alert]["annotations"])
    assert ref is not None, f"{alert} has no runbook"
    runbook = library().get(ref.path)
    assert runbook is not None
    return runbook


def selected(expr: str) -> set[str]:
    names: set[str] = set()

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector) and node.name:
            names.add(node.name)

    promql_parser.walk(promql_parser.parse(expr), pre_visit=visit)
    return names


def test_the_library_reads_all_of_them_without_a_complaint() -> None:
    assert library().problems == ()
    assert set(SHIPPED) <= set(library().names())


@pytest.mark.parametrize("alert", WATCHED)
def test_every_alert_leads_to_the_runbook_its_url_names(alert: str) -> None:
    runbook = runbook_of(alert)
    assert runbook.path == ALERTS[alert]["annotations"]["runbook_url"].rsplit("/", 1)[1]
    assert alert in runbook.alerts


@pytest.mark.parametrize("alert", WATCHED)
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
    assert runbook.reviewed == "2026-11-01"
    assert set(runbook.alerts) <= ALERTS.keys()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_first_line_below_the_title_says_what_to_do_first(name: str) -> None:
    below = (RUNBOOKS / name).read_text(encoding="utf-8").split("\n# ", 1)[1].splitlines()[1:]
    first = next(line for line in below if line)
    assert re.fullmatch(r"\*\*.+First .+Quer(y|ies) \d.+\*\*", first)


@pytest.mark.parametrize("alert", WATCHED)
def test_every_query_binds_with_the_alerts_labels_and_asks_for_a_series_that_exists(alert: str) -> None:
    queries = runbook_of(alert).queries
    assert len(queries) >= 5
    for query in queries:
        bound = bind(query.expr, labels_of(alert))
        assert bound.unfilled == (), query.title
        assert "$" not in bound.expr, query.title
        names = selected(bound.expr)
        assert names, query.title
        assert names <= PUSHED | RECORDED, query.title
        assert query.title
        assert query.unit
        assert query.range_seconds


@pytest.mark.parametrize("alert", [a for a in WATCHED if a.startswith("Gmail")])
def test_the_thresholds_beside_the_query_are_the_rules(alert: str) -> None:
    expr, limit = ALERTS[alert]["expr"].split(" > ")
    asked = [q for q in runbook_of(alert).queries if q.expr.startswith(expr)]
    assert len(asked) == 1
    shown = asked[0].crit if alert.endswith("Critical") else asked[0].warn
    assert shown == float(limit)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_prose_leads_to_every_query_and_to_none_that_is_missing(name: str) -> None:
    named: set[int] = set()
    for match in re.finditer(r"Quer(?:y|ies)\s+(\d+(?:, \d+)*(?:\s+(?:and|or)\s+\d+)?)", opened(name).text):
        named |= {int(number) for number in re.findall(r"\d+", match[1])}
    assert named == set(range(1, len(opened(name).queries) + 1))


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


@pytest.mark.parametrize("name", SHIPPED)
def test_the_three_lead_to_one_another(name: str) -> None:
    others = {link.url.partition("#")[0] for link in opened(name).links} - {""}
    assert others == set(SHIPPED) - {name}


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_the_index_names_each_alert_with_its_runbook_owner_and_first_action(alert: str) -> None:
    index = opened("README.md").text
    row = next(line for line in index.splitlines() if line.startswith(f"| {alert} |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 5
    assert all(cells)
    assert cells[3] == ALERTS[alert]["labels"]["owner"]
    if alert != "Watchdog":
        assert f"]({runbook_of(alert).path})" in cells[2]


def test_the_queries_of_the_index_need_no_alert() -> None:
    queries = opened("README.md").queries
    assert len(queries) >= 5
    for query in queries:
        assert bind(query.expr, {}).unfilled == ()
        assert selected(query.expr) <= PUSHED | RECORDED


@pytest.mark.parametrize("name", FILES)
def test_no_host_is_named_but_an_example(name: str) -> None:
    hosts = set(re.findall(r"https?://([^/\s'\"`)]+)", (RUNBOOKS / name).read_text(encoding="utf-8")))
    assert {host for host in hosts if not host.endswith(".example")} <= {"gmail.googleapis.com"}


def test_the_folder_holds_nothing_else() -> None:
    assert {path.name for path in RUNBOOKS.iterdir()} == set(FILES)
