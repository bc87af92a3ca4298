"""The runbooks that travel with the project: every alert of the relay rules leads to one that works."""

import re
import subprocess
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from cockpit.config import shipped
from cockpit.expression import comparisons, gives_up, selectors
from cockpit.runbooks.bind import bind, neutral
from cockpit.runbooks.library import Library
from cockpit.runbooks.model import Runbook, SectionKind
from cockpit.runbooks.parse import parse
from cockpit.scenarios.files import read
from cockpit.scenarios.signals import series, values_at
from cockpit.triage.levels import level_of, low_is_bad

RUNBOOKS = shipped("runbooks")
SCENARIOS = shipped("scenarios")
RULES = [
    path
    for path in sorted((SCENARIOS / "rules").glob("*.yml"))
    if path.name != "alertmanager.yml" and not path.name.endswith("_test.yml")
]
LEFT_BY_THE_EXPRESSION = {
    "gmail-send": {"provider": "google", "action": "gmail.send"},
    "rollout-controller": {"controller": "rollout"},
    "action-validation": {"provider": "google", "action": "gmail.send"},
    "mime-build": {"provider": "google"},
    "html-sanitizer": {"provider": "google"},
    "replay-guard": {"store": "redis"},
    "policy-engine": {"reason_family": "content"},
    "tenant-isolation": {"tenant": "t01"},
    "message-integrity": {"pipeline": "outbound"},
    "privacy-guard": {"kind": "recipient_leak"},
    "ingestion": {"source": "gmail_watch"},
    "relay": {},
}
PUSHED = {one.name for one in series(values_at(read(SCENARIOS / "synthetic" / "baseline.yaml"), 60))}
OF_SCRAPES = {"up", "scrape_samples_scraped", "scrape_duration_seconds"}
OF_SERVERS = OF_SCRAPES | {"ALERTS", "push_time_seconds"}
WITHOUT_A_LIMIT = {"RelayMetricsMissing", "RolloutControllerStalled"}
GUARDED = ("gmail-send-high-error-rate.md", "gmail-send-high-latency.md", "rollout-controller-stalled.md")
FLAGS = {"ReplayGuardUnavailable"}  # A gauge that is 0 or 1 has no value just beyond its limit.


def rules() -> list[dict[str, Any]]:
    loaded = [YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) for path in RULES]
    return [rule for file in loaded for group in file["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
WATCHED = sorted(ALERTS.keys() - {"Watchdog"})
RECORDED = {rule["record"] for rule in rules() if "record" in rule}
KNOWN = PUSHED | RECORDED | OF_SERVERS
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
    """The metrics that `expr` asks for; those of a `__name__=~"a|b"` one by one."""
    names: set[str] = set()
    for selector in selectors(expr):
        by_matcher = [value for label, _, value in selector.matchers if label == "__name__"]
        names |= (
            {selector.name} if selector.name else {one for value in by_matcher for one in value.split("|")}
        )
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
        assert names <= KNOWN, query.title
        assert query.title
        assert query.unit
        assert query.range_seconds


@pytest.mark.parametrize("alert", sorted(set(WATCHED) - WITHOUT_A_LIMIT))
def test_the_thresholds_beside_the_query_are_the_rules(alert: str) -> None:
    (rule,) = comparisons(ALERTS[alert]["expr"])
    (asked,) = [q for q in runbook_of(alert).queries if "as the alert sees" in q.title]
    assert selected(asked.expr) == selected(rule.left)
    critical = ALERTS[alert]["labels"]["severity"] == "critical"
    if alert in FLAGS:
        assert asked.warn == rule.bound
        assert [level_of(value, asked) for value in (0, 1)] == ["crit", "ok"]
    else:
        assert (asked.crit if critical else asked.warn) == rule.bound
        assert low_is_bad(asked) == rule.op.startswith("<")


@pytest.mark.parametrize("name", FILES)
def test_no_query_adds_a_rehearsal_to_real_traffic(name: str) -> None:
    for query in opened(name).queries:
        expr = neutral(query.expr)
        assert expr is not None
        merged = gives_up(expr, "synthetic")
        assert all(
            one.name in OF_SCRAPES or any(label == "synthetic" for label, _, _ in one.matchers)
            for one in merged
        ), query.title


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
        assert selected(query.expr) <= KNOWN


@pytest.mark.parametrize("name", FILES)
def test_no_host_is_named_but_an_example(name: str) -> None:
    hosts = set(re.findall(r"https?://([^/\s'\"`)]+)", (RUNBOOKS / name).read_text(encoding="utf-8")))
    assert {host for host in hosts if not host.endswith(".example")} <= {"gmail.googleapis.com"}


def test_the_folder_holds_nothing_else() -> None:
    assert {path.name for path in RUNBOOKS.iterdir()} == set(FILES)
