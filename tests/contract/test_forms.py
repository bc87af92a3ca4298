"""Reports for other programs, of a hostile finding too."""

import json
from pathlib import Path

from cockpit.contract.forms import github, sarif
from cockpit.contract.forms.document import document
from cockpit.contract.model import Finding, NotRead, Report, Severity, Suppressed
from cockpit.contract.rule import all_rules
from tests.contract.healthy import Team


def finding(message: str = "A has no runbook", **changed: object) -> Finding:
    held = {
        "rule": "alerts/no-runbook",
        "severity": Severity.ERROR,
        "path": "rules/a b.yml",
        "line": 4,
        "message": message,
        "remedy": "write one",
    }
    return Finding(**(held | changed))  # type: ignore[arg-type]


REPORT = Report(
    findings=(
        finding(),
        finding(line=9),
        finding("gone", path="http://prom", line=0, severity=Severity.INFO),
    ),
    suppressed=(Suppressed(finding("B has no runbook"), "moves soon"),),
    not_read=(NotRead("x.yml", "no YAML", 3),),
    not_checked=("no server is asked",),
    counts={"alerts": 2},
    consequences=(finding("follows"),),
    known=1,
    gone=2,
)


def test_json_has_all_of_it() -> None:
    held = json.loads(json.dumps(document(REPORT, now=0.0, passed=False, baseline=True, coverage=[])))

    assert held["generated_at"] == "1970-01-01T00:00:00Z"
    assert held["passed"] is False
    assert held["findings"][0] == {
        "rule": "alerts/no-runbook",
        "severity": "error",
        "path": "rules/a b.yml",
        "line": 4,
        "message": "A has no runbook",
        "remedy": "write one",
        "source": "",
    }
    assert held["findings"][2]["line"] is None
    assert held["suppressed"][0]["reason"] == "moves soon"
    assert held["not_read"] == [{"path": "x.yml", "line": 3, "reason": "no YAML"}]
    assert held["not_checked"] == ["no server is asked"]
    assert held["counts"] == {"alerts": 2}
    assert [each["message"] for each in held["consequences"]] == ["follows"]
    assert held["baseline"] == {"known": 1, "gone": 2}
    assert held["coverage"] == []


def test_json_without_a_baseline_and_without_coverage() -> None:
    held = document(REPORT, now=0.0, passed=False, baseline=False)

    assert held["baseline"] is None
    assert "coverage" not in held


def test_annotations_name_file_and_line() -> None:
    lines = list(github.annotations(REPORT.findings))

    assert lines[0] == (
        "::error file=rules/a b.yml,line=4,title=alerts/no-runbook::A has no runbook%0ARemedy: write one"
    )
    assert lines[2] == "::notice title=alerts/no-runbook::http://prom: gone%0ARemedy: write one"


def test_no_text_can_be_a_command_of_its_own() -> None:
    hostile = finding("100%\r\n::set-env name=A::b", path="a,line=1::\nb:c%.yml")
    (line,) = github.annotations([hostile])

    assert "\n" not in line
    assert "\r" not in line
    assert "file=a%2Cline=1%3A%3A%0Ab%3Ac%25.yml,line=4," in line
    assert not github.plain("  ::error::x").lstrip().startswith("::")
    assert "##[" not in github.plain("a ##[warning]b")
    assert github.plain("3 errors in 1 file") == "3 errors in 1 file"


def test_sarif_has_rules_results_and_what_is_suppressed() -> None:
    (run,) = sarif.log(REPORT, all_rules())["runs"]
    first, second, server, suppressed = run["results"]
    rules = run["tool"]["driver"]["rules"]

    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "alerts/no-runbook"
    assert all(each["help"]["text"] and each["shortDescription"]["text"] for each in rules)
    assert first["level"] == "error"
    assert server["level"] == "note"
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "rules/a%20b.yml"},
        "region": {"startLine": 4},
    }
    assert "physicalLocation" not in server["locations"][0]
    assert "suppressions" not in first
    assert suppressed["suppressions"] == [{"kind": "inSource", "justification": "moves soon"}]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [each["message"]["text"] for each in notes] == ["not read: no YAML", "no server is asked"]
    assert first["partialFingerprints"] != second["partialFingerprints"]


def test_a_fingerprint_stays_when_a_finding_moves() -> None:
    def marks(*lines: int) -> list[dict[str, str]]:
        found = tuple(finding(line=line) for line in lines)
        (run,) = sarif.log(Report(findings=found), all_rules())["runs"]
        return [each["partialFingerprints"] for each in run["results"]]

    assert marks(4, 9) == marks(40, 90)


def test_a_real_report_goes_through_all_forms(team: Team, tmp_path: Path) -> None:
    team.write("rules/\x1b[2Jé.yml", "groups:\n  - rules:\n      - {alert: A, expr: '('}\n")
    report = team.report()

    assert report.findings
    assert json.dumps(sarif.log(report, all_rules()))
    assert "\x1b" not in "".join(github.annotations(report.findings))
