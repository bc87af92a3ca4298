"""`cockpit check` as a user runs it: what it reads, what it prints, how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.contract.healthy import Team
from tests.pty.terminal import cockpit, terminal

RULES = "rules/shop.yml"
ALERT = "- alert: ShopErrorsCritical"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A team in the folder that the program runs in."""
    return Team(tmp_path / "team")


@pytest.fixture
def broken(team: Team) -> Team:
    """A team whose alert ShopErrorsCritical has no runbook."""
    team.change(RULES, "          runbook_url: https://runbooks.example/shop-errors.md\n", "")
    team.change("runbooks/shop-errors.md", "alerts: [ShopErrors, ShopErrorsCritical]", "alerts: [ShopErrors]")
    return team


def test_what_agrees_is_told_in_one_line_and_what_was_not_looked_at_in_another(team: Team, run: Run) -> None:
    done = run("check", "team", "--no-proofs")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("no findings: 3 alerts, 1 recording rule, 1 Alertmanager config, 2 runbooks, ")
    assert done.out.splitlines()[1:] == [
        "not checked: whether the 2 scenarios hold: no proofs were asked for"
    ]


def test_a_finding_has_file_line_remedy_and_its_source(broken: Team, run: Run) -> None:
    done = run("check", "team", "--no-proofs")
    lines = done.out.splitlines()
    at = broken.line(RULES, ALERT)

    assert done.code == 1
    assert lines[0] == f"team/{RULES}"
    assert lines[1] == f"  {at}  error    ShopErrorsCritical has no runbook [alerts/no-runbook]"
    assert lines[2] == f"      | {ALERT}"
    assert lines[3].startswith("      remedy: link one with a `runbook_url` annotation")
    assert lines[5].startswith("1 error in 1 file; 3 alerts, ")


def test_the_current_folder_is_read_where_no_path_is_given(broken: Team, run: Run) -> None:
    assert f"team/{RULES}" in run("check", "--no-proofs").out


def test_a_chosen_context_names_the_folders(broken: Team, run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        f'default = "shop"\n[contexts.shop]\nrunbooks = ["{broken.folder}/runbooks"]\n'
        f'[contexts.other]\nrunbook_annotations = ["doc"]\n'
    )
    done = run("check", "--no-proofs", "-o", "json", "--config", "config.toml")
    other = run("check", "--no-proofs", "-o", "json", "--config", "config.toml", "--context", "other")

    assert done.err == f"checking {broken.folder}/runbooks\n"
    assert json.loads(done.out)["counts"]["alerts"] == 0
    assert json.loads(done.out)["counts"]["runbooks"] == 2
    # Its annotation is `doc`, which none of the alerts has.
    assert "`doc` annotation" in other.out


def test_scenarios_are_proven(team: Team, run: Run) -> None:
    team.change(
        "synthetic/shop-errors.yaml",
        "{counter: shop_errors_total, rate: 5,",
        "{counter: shop_errors_total, rate: 1,",
    )
    done = run("check", "team", "-o", "json")
    held = json.loads(done.out)

    assert done.code == 1
    assert [each["rule"] for each in held["findings"]] == ["scenarios/proof-fails"]
    assert run("check", "team", "--no-proofs").code == 0


def test_without_promtool_it_is_inconclusive(team: Team, run: Run) -> None:
    done = run("check", "team", COCKPIT_PROMTOOL_BIN="/nonexistent/promtool")

    assert done.code == 3
    assert "\nnot checked: the scenarios are not proven: " in done.out


def test_findings_win_over_what_could_not_be_asked(broken: Team, run: Run) -> None:
    assert run("check", "team", COCKPIT_PROMTOOL_BIN="/nonexistent/promtool").code == 1


def test_nothing_to_check_is_no_all_clear(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("check", "empty")

    assert done.code == 3
    assert done.out.startswith("nothing to check")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("nowhere",), "there is no nowhere"),
        (("--settings", "none.toml"), "settings none.toml: No such file"),
        (("--baseline", "none.json"), "write it with --accept"),
        (("--accept",), "--baseline FILE"),
        (("--explain", "alerts/no-runbok"), "did you mean alerts/no-runbook?"),
        (("--explain", "zzz"), "cockpit check --list"),
        (("-o", "yaml"), "yaml"),
        (("--fail-on", "bad"), "'--fail-on': 'bad' is not one of"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, args: tuple[str, ...], told: str) -> None:
    done = run("check", *args)

    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1


def test_settings_of_the_folder_hold(broken: Team, run: Run, tmp_path: Path) -> None:
    file = tmp_path / ".cockpit.toml"
    file.write_text('[check.severity]\n"alerts/no-runbook" = "warning"\n')
    assert run("check", "team", "--no-proofs").code == 0
    assert run("check", "team", "--no-proofs", "--fail-on", "warning").code == 1

    file.write_text('[check]\nfail_on = "warning"\n[check.severity]\n"alerts/no-runbook" = "warning"\n')
    assert run("check", "team", "--no-proofs").code == 1
    assert run("check", "team", "--no-proofs", "--fail-on", "error").code == 0

    file.write_text('[check.severity]\n"alerts/*" = "off"\n')
    assert run("check", "team", "--no-proofs").out.startswith("no findings")

    file.write_text('[check.severity]\n"alerts/no-runbok" = "off"\n')
    assert run("check", "team").code == 2


def test_what_is_less_severe_is_counted_where_it_is_not_shown(broken: Team, run: Run, tmp_path: Path) -> None:
    (tmp_path / ".cockpit.toml").write_text('[check.severity]\n"alerts/no-runbook" = "warning"\n')
    done = run("check", "team", "--no-proofs", "--severity", "error", "--fail-on", "warning")

    assert done.code == 1
    assert done.out.startswith("no findings of that severity: ")
    assert "less severe, not shown: 1\n" in done.out


def test_a_baseline_accepts_today_and_fails_on_what_is_new(broken: Team, run: Run) -> None:
    accept = run("check", "team", "--no-proofs", "--baseline", "b.json", "--accept")
    assert (accept.code, accept.err) == (0, "1 accepted in b.json\n")

    known = run("check", "team", "--no-proofs", "--baseline", "b.json")
    assert known.code == 0
    assert "accepted by the baseline: 1\n" in known.out

    broken.change(RULES, ALERT, "- alert: ShopOutage")
    new = run("check", "team", "--no-proofs", "--baseline", "b.json", "-o", "json")
    held = json.loads(new.out)
    assert new.code == 1
    assert [each["rule"] for each in held["findings"]] == ["scenarios/unknown-alert"]
    assert held["baseline"] == {"known": 0, "gone": 1}
    assert (
        "1 accepted finding is gone: --accept drops it"
        in run("check", "team", "--no-proofs", "--baseline", "b.json").out
    )


def test_no_file_but_a_baseline_is_overwritten(broken: Team, run: Run) -> None:
    dashboard = broken.folder / "dashboards/shop.json"
    before = dashboard.read_text()
    done = run("check", "team", "--no-proofs", "--baseline", str(dashboard), "--accept")

    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(": not overwritten\n")
    assert dashboard.read_text() == before


def test_another_current_folder_changes_neither_baseline_nor_annotations(
    broken: Team, run: Run, environment: dict[str, str]
) -> None:
    (broken.folder.parent / ".git").mkdir()
    accept = run("check", "team", "--no-proofs", "--baseline", "b.json", "--accept")

    def below(*args: str) -> str:
        command = [sys.executable, "-m", "cockpit", "check", "..", "--no-proofs", *args]
        folder = broken.folder / "rules"
        return subprocess.run(
            command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True, timeout=60, check=False
        ).stdout

    assert accept.code == 0
    assert "accepted by the baseline: 1\n" in below("--baseline", "../../b.json")
    assert below("-o", "github").startswith(f"::error file=team/{RULES},")
    held = json.loads(below("-o", "sarif"))["runs"][0]["results"][0]["locations"][0]
    assert held["physicalLocation"]["artifactLocation"]["uri"] == f"team/{RULES}"
    assert below().startswith("../rules/shop.yml\n")


def test_what_follows_is_counted_and_listed_where_it_is_asked_for(team: Team, run: Run) -> None:
    team.change("runbooks/shop-errors.md", "## Triage\n", "")
    counted = run("check", "team", "--no-proofs").out
    listed = run("check", "team", "--no-proofs", "--consequences").out
    held = json.loads(run("check", "team", "--no-proofs", "-o", "json").out)
    annotated = run("check", "team", "--no-proofs", "--consequences", "-o", "github").out

    assert "\n1 follows from these: --consequences lists them\n" in counted
    assert "dead-runbook" not in counted
    assert listed.index("missing-section") < listed.index("What follows from others:")
    assert listed.index("What follows from others:") < listed.index("[alerts/dead-runbook]")
    assert "\n1 follows from these\n" in listed
    assert [each["rule"] for each in held["consequences"]] == ["alerts/dead-runbook"]
    assert "title=alerts/dead-runbook::follows from another: " in annotated


def test_suppressed_findings_are_counted_and_in_the_json(broken: Team, run: Run) -> None:
    broken.change(RULES, ALERT, f"{ALERT} # cockpit: ignore alerts/no-runbook -- soon")
    done = run("check", "team", "--no-proofs")
    held = json.loads(run("check", "team", "--no-proofs", "-o", "json").out)

    assert done.code == 0
    assert "\nsuppressed, with a reason: 1\n" in done.out
    assert [each["reason"] for each in held["suppressed"]] == ["soon"]
    assert held["passed"] is True


def test_github_annotates_and_tells_the_sum(broken: Team, run: Run) -> None:
    done = run("check", "team", "--no-proofs", "-o", "github")
    first, second = done.out.splitlines()[:2]

    assert done.code == 1
    assert first.startswith(
        f"::error file=team/{RULES},line={broken.line(RULES, ALERT)},title=alerts/no-runbook::"
    )
    assert second.startswith("1 error in 1 file; ")


def test_sarif_is_json_of_its_version(broken: Team, run: Run) -> None:
    done = run("check", "team", "--no-proofs", "-o", "sarif")
    held = json.loads(done.out)

    assert done.code == 1
    assert held["version"] == "2.1.0"
    assert [each["ruleId"] for each in held["runs"][0]["results"]] == ["alerts/no-runbook"]


def test_coverage_names_runbook_scenario_and_drill_of_each_alert(team: Team, run: Run) -> None:
    done = run("check", "team", "--no-proofs", "--coverage")
    row = next(line for line in done.out.splitlines() if line.startswith("ShopErrorsCritical"))

    assert row.split() == [
        "ShopErrorsCritical",
        "runbooks/shop-errors.md",
        "shop-errors-critical",
        "shop-night",
    ]
    held = json.loads(run("check", "team", "--no-proofs", "--coverage", "-o", "json").out)
    assert [each["alert"] for each in held["coverage"]] == ["ShopErrors", "ShopErrorsCritical", "Watchdog"]


def test_every_rule_is_listed_and_has_a_page(run: Run) -> None:
    listed = run("check", "--list")
    page = run("check", "--explain", "alerts/no-runbook")

    assert "alerts/no-runbook" in listed.out
    assert page.out.startswith("alerts/no-runbook (error)\n\nAlert without a runbook.\n")
    assert "**Remedy.**" in page.out


def test_nothing_hostile_reaches_the_terminal(team: Team, run: Run) -> None:
    team.write(
        "rules/\x1b]0;owned\x07.yml",
        'groups:\n  - name: x\n    rules:\n      - alert: "A\\e[2J\\u202E"\n        expr: up == 0\n',
    )
    for form in ("text", "json", "github", "sarif"):
        done = run("check", "team", "--no-proofs", "-o", form)
        assert done.code in {0, 1}
        assert not set("\x1b\x07\u202e") & set(done.out + done.err)


def test_no_widget_library_is_imported(team: Team, environment: dict[str, str]) -> None:
    code = """
import sys
from cockpit.__main__ import main
main(["check", "team", "--no-proofs"])
assert not {"textual", "rich", "httpx"} & set(sys.modules), set(sys.modules) & {"textual", "rich", "httpx"}
"""
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, cwd=team.folder.parent, timeout=60
    )


def test_it_fits_a_narrow_terminal_in_colour(broken: Team, environment: dict[str, str]) -> None:
    command = cockpit("check", "--no-proofs", str(broken.folder))
    with terminal(command, columns=60, env=environment) as screen:
        assert screen.exit_code() == 1
        rows = screen.text().splitlines()
    assert b"\x1b[1;31merror" in screen.raw
    remedy = next(number for number, row in enumerate(rows) if "remedy:" in row)
    assert rows[remedy].startswith("      remedy: link one with a `runbook_url` annotation, or")
    assert rows[remedy + 1].startswith("      name the alert in a runbook's `alerts:`")

    with terminal(command, columns=60, env={**environment, "NO_COLOR": "1"}) as screen:
        assert screen.exit_code() == 1
    assert b"\x1b" not in screen.raw
