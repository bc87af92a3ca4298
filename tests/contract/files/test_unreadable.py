from pathlib import Path

import pytest

from cockpit.files import read_regular
from tests.contract.healthy import ALERTMANAGER, DRILL, RULES, RUNBOOK, SCENARIO, Team

FILE = "rules/shop.yml"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("      - alert: Watchdog", "\t- alert: Watchdog", "\t- alert: Watchdog"),
        ("expr: vector(1)", "expr: vector(1)\n        expr: vector(2)", "expr: vector(2)"),
        ("expr: vector(1)", "expr: *one", "expr: *one"),
        ("summary: Alerting works", "summary: {{ $labels.shop }} fails", "{{ $labels.shop }} fails"),
        ("Alerting works", "Alerting\0works", "Alerting\0works"),
    ],
)
def test_a_rule_file_that_is_no_yaml_is_the_one_finding(team: Team, old: str, new: str, line: str) -> None:
    team.change(FILE, old, new)

    assert team.found() == [("files/unreadable", FILE, team.line(FILE, line))]


def test_a_rule_file_that_is_not_utf_8(team: Team) -> None:
    line = team.line(FILE, "Alerting works")
    team.write(FILE, RULES.replace("Alerting works", "Alarmierung läuft").encode("latin-1"))

    assert team.found() == [("files/unreadable", FILE, line)]


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("rules/alertmanager.yml", ALERTMANAGER, "Alertmanager config"),
        ("synthetic/shop-errors.yaml", SCENARIO, "scenario"),
        ("drills/shop-night.yaml", DRILL, "drill"),
    ],
    ids=("Alertmanager", "scenario", "drill"),
)
def test_other_files_of_a_team(team: Team, name: str, text: str, kind: str) -> None:
    team.write(name, f"{text}}}{{\n")

    found = [each for each in team.report().findings if each.rule == "files/unreadable"]

    assert [(team.name(each), each.line) for each in found] == [(name, text.count("\n") + 1)]
    assert found[0].message.startswith(f"this {kind} cannot be read")


@pytest.mark.parametrize(
    "data", [b"\x7fELF\0\0\0", b"x\n" * 20_001, b"x" * 2_000_001], ids=("binary", "long", "large")
)
def test_a_runbook_that_an_alert_leads_to(team: Team, data: bytes) -> None:
    team.write("runbooks/watchdog.md", data)
    team.change(
        "runbooks/shop-errors.md", " See [the watchdog](watchdog.md#meaning) when nothing arrives.", ""
    )

    assert team.found() == [("files/unreadable", "runbooks/watchdog.md", 1)]


def test_what_may_not_be_opened(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, limit: int) -> bytes:
        if path.name == "shop.yml":
            raise PermissionError(13, "Permission denied")
        return read_regular(path, limit)

    monkeypatch.setattr("cockpit.contract.read.read_regular", refuse)

    assert team.found() == [("files/unreadable", FILE, 1)]


def test_files_of_others_are_listed_but_are_no_finding(team: Team) -> None:
    team.write("other/values.yaml", "a: b: c\n")
    team.write("other/picture.md", b"\x89PNG\0\0")
    team.write("other/config.json", "{a: 1}")
    team.write("chart/rules.yaml", "{{- if .Values.on }}\n" + RUNBOOK + "{{- end }}\n")
    report = team.report()

    assert report.findings == ()
    assert {path.path.rpartition("/")[2]: path.reason for path in report.not_read} == {
        "values.yaml": "no YAML: mapping values are not allowed in this context",
        "picture.md": "not text",
        "config.json": "no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        "rules.yaml": "a template: it is YAML only once rendered",
    }
