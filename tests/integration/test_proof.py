"""Proofs with the real promtool: the shipped library, and copies of its rules with one thing wrong."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cockpit import config
from cockpit.errors import CockpitError, InconclusiveError, UsageError
from cockpit.scenarios import files
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.proof import promtool as programs
from cockpit.scenarios.proof.findings import Finding
from cockpit.scenarios.proof.prove import Proof, prove, prove_all
from cockpit.scenarios.proof.rulefiles import Rules
from tests.waiting import until

pytestmark = pytest.mark.servers

SHIPPED = config.shipped("scenarios")
Mutate = Callable[..., Path]


@pytest.fixture(scope="module")
def promtool() -> str:
    """The program; without it the tests are skipped."""
    try:
        return programs.find()
    except CockpitError as error:
        pytest.skip(str(error))


@pytest.fixture
def mutated(tmp_path: Path) -> Mutate:
    """Return a function that copies the shipped rules with one text replaced by another."""

    def mutate(old: str, new: str, *, times: int = -1) -> Path:
        folder = tmp_path / "rules"
        shutil.copytree(SHIPPED / "rules", folder)
        holding = [path for path in folder.glob("*.yml") if "_test" not in path.name]
        holding = [path for path in holding if old in path.read_text()]
        assert holding, f"no rule file has {old!r}"
        for path in holding:
            path.write_text(path.read_text().replace(old, new, times))
        return folder

    return mutate


def shipped(name: str) -> Scenario:
    return files.find(name, SHIPPED)


def failed(proof: Proof, alert: str) -> Finding:
    """Return the finding on `alert`, the only one that does not hold."""
    assert not proof.passed
    (finding,) = (each for each in proof.findings if not each.passed)
    assert finding.alert == alert
    return finding


def written(folder: Path, text: str) -> Path:
    path = folder / "own.yml"
    path.write_text(text)
    return path


def own(**changes: Any) -> Scenario:
    given: dict[str, Any] = {
        "name": "own",
        "title": "One of its own",
        "duration": "5m",
        "signals": [{"gauge": "level", "value": 2, "labels": {"zone": "a"}}],
        "expect": [{"alert": "High", "fires_within": "3m"}],
    }
    return Scenario.model_validate({**given, **changes})


async def test_the_whole_library_is_proven(promtool: str) -> None:
    scenarios = [shipped(name) for name in files.names(SHIPPED)]
    assert len(scenarios) >= 16
    proofs = await prove_all(scenarios, Rules.read([SHIPPED / "rules"]), program=promtool)
    wrong = [(p.scenario, f.alert, f.sentence) for p in proofs for f in p.findings if not f.passed]
    assert wrong == []
    assert [proof.scenario for proof in proofs] == [each.name for each in scenarios]
    assert all(proof.passed and proof.findings for proof in proofs)


async def test_times_are_those_of_the_rule(promtool: str) -> None:
    proof = await prove(shipped("error-rate-warn"), [SHIPPED / "rules"], promtool=promtool)
    warning = next(each for each in proof.findings if each.kind == "fires")
    # The first rate needs two samples; then `for: 10m`.
    assert warning.fired_after == 615
    assert warning.resolved_after is not None
    assert warning.sentence.startswith("fires at 10m15s of at most 13m, resolves ")


async def test_a_raised_threshold_is_the_reason(promtool: str, mutated: Mutate) -> None:
    rules = mutated("gmail_send:error_ratio:rate5m > 0.01", "gmail_send:error_ratio:rate5m > 0.03")
    finding = failed(
        await prove(shipped("error-rate-warn"), [rules], promtool=promtool), "GmailSendErrorRateWarning"
    )
    assert finding.sentence == (
        "gmail_send:error_ratio:rate5m is none at 0s, 0.02 from 2m15s to 15m, never over 0.03"
    )


async def test_a_renamed_metric_is_the_reason(promtool: str, mutated: Mutate) -> None:
    rules = mutated("rate(action_error_total{", "rate(action_eror_total{")
    finding = failed(
        await prove(shipped("error-rate-warn"), [rules], promtool=promtool), "GmailSendErrorRateWarning"
    )
    assert finding.sentence == "no series action_eror_total: the scenario pushes action_error_total"


async def test_a_deleted_rule_is_the_reason(promtool: str, mutated: Mutate) -> None:
    rules = mutated("alert: TenantMismatchSpike", "record: tenant:nothing")
    text = (rules / "safety.yml").read_text()
    # A recording rule takes neither `for` nor annotations.
    before, _, after = text.partition("record: tenant:nothing")
    (rules / "safety.yml").write_text(f"{before}record: tenant:nothing\n        expr: up\n" + _rest(after))
    proof = await prove(shipped("tenant-mismatch-spike"), [rules], promtool=promtool)
    assert not proof.passed
    # Who is to stay quiet must be there too: no rule is no proof.
    assert all(
        each.sentence.startswith(f"no alerting rule TenantMismatchSpike in {rules}")
        for each in proof.findings
    )
    assert "safety.yml" in proof.findings[0].sentence


def _rest(after: str) -> str:
    """Return a rule file's text from the next rule on."""
    return "\n      - alert:" + after.partition("\n      - alert:")[2]


async def test_a_dropped_label_is_the_reason(promtool: str, mutated: Mutate) -> None:
    rules = mutated("sum by (provider, action, synthetic)", "sum by (action, synthetic)")
    finding = failed(
        await prove(shipped("error-rate-warn"), [rules], promtool=promtool), "GmailSendErrorRateWarning"
    )
    assert finding.sentence == (
        "fires at 10m15s, but expected provider=google, it has none: "
        "gmail_send:error_ratio:rate5m does not keep it"
    )


async def test_one_tenant_in_fifty_is_seen_only_by_its_label(promtool: str, mutated: Mutate) -> None:
    rules = mutated("sum by (tenant, synthetic)", "sum by (synthetic)")
    finding = failed(
        await prove(shipped("tenant-mismatch-spike"), [rules], promtool=promtool), "TenantMismatchSpike"
    )
    assert finding.sentence.startswith(
        "expected tenant=t17, but tenant_mismatch:ratio:rate5m does not keep it; "
        "tenant_mismatch:ratio:rate5m is none at 0s, 0.00498 "
    )
    assert finding.sentence.endswith("never over 0.05")


async def test_sides_that_no_longer_match_are_the_reason(promtool: str, mutated: Mutate) -> None:
    rules = mutated("sum by (provider, action, synthetic)", "sum by (action, synthetic)", times=1)
    finding = failed(
        await prove(shipped("error-rate-warn"), [rules], promtool=promtool), "GmailSendErrorRateWarning"
    )
    assert finding.sentence.endswith(
        "has no value: its right side has the label provider, its left side has none"
    )


async def test_an_alert_that_is_not_held_long_enough_is_only_pending(promtool: str, mutated: Mutate) -> None:
    rules = mutated("for: 10m", "for: 30m")
    finding = failed(
        await prove(shipped("error-rate-warn"), [rules], promtool=promtool), "GmailSendErrorRateWarning"
    )
    assert finding.sentence.startswith("pending only, 15s..")
    assert finding.sentence.endswith(": not held for the 30m of its `for`")


async def test_an_alert_that_pauses_is_no_proof(promtool: str, mutated: Mutate) -> None:
    rules = mutated("[15m])) == 0", "[15m])) == 1")
    proof = await prove(shipped("controller-stalled"), [rules], promtool=promtool)
    assert not any(each.passed for each in proof.findings)
    assert proof.findings[0].sentence == (
        "fires at 17m45s of at most 21m, but stops and starts again before the recovery"
    )


async def test_of_two_ways_to_fire_the_one_that_is_meant_is_looked_at(promtool: str, mutated: Mutate) -> None:
    rules = mutated('push_time_seconds{job="relay_synth"', 'push_time_seconds{job="relay"')
    finding = failed(
        await prove(shipped("metrics-missing"), [rules], promtool=promtool), "RelayMetricsMissing"
    )
    assert finding.sentence == (
        "no series push_time_seconds{job='relay'}: the scenario pushes push_time_seconds with job=relay_synth"
    )


async def test_an_alert_that_breaks_its_silence_is_told(promtool: str, mutated: Mutate) -> None:
    rules = mutated("gmail_send:error_ratio:rate5m > 0.05", "gmail_send:error_ratio:rate5m > 0.015")
    finding = failed(
        await prove(shipped("error-rate-warn"), [rules], promtool=promtool), "GmailSendErrorRateCritical"
    )
    assert finding.sentence == (
        "fires at 5m15s at 0.02 with action=gmail.send, provider=google, and is to stay quiet"
    )
    assert finding.fired_after == 315


async def test_what_only_its_deletion_ends_has_not_resolved(promtool: str, tmp_path: Path) -> None:
    rules = written(
        tmp_path, "groups: [{name: g, interval: 15s, rules: [{alert: High, expr: level > 1, for: 1m}]}]"
    )
    expect = [{"alert": "High", "fires_within": "3m", "resolves_within": "10m"}]
    finding = failed(await prove(own(recover="1m", expect=expect), [rules], promtool=promtool), "High")
    assert "but resolves 10m15s after recovery" in finding.sentence
    healed = own(recover="1m", expect=expect, signals=[{"gauge": "level", "value": 2, "healthy": 0}])
    assert (await prove(healed, [rules], promtool=promtool)).passed


async def test_hostile_labels_come_through_whole(promtool: str, tmp_path: Path) -> None:
    hostile = 'a"b\\c\n{}, é\x9b\x00\u2028😀'
    rules = written(
        tmp_path, "groups: [{name: g, interval: 15s, rules: [{alert: High, expr: level > 1, for: 1m}]}]"
    )
    one = own(
        signals=[{"gauge": "level", "value": 2, "labels": {"zone": hostile}}],
        expect=[
            {"alert": "High", "fires_within": "1m", "labels": {"zone": hostile}},
            {"quiet": "High", "labels": {"zone": "b"}},
        ],
    )
    proof = await prove(one, [rules], promtool=promtool, keep=tmp_path / "kept")
    assert [each.sentence for each in proof.findings] == [
        "fires at 1m of at most 1m",
        "quiet throughout with zone=b, but nothing pushed has zone=b",
    ]
    assert _promtool(promtool, tmp_path / "kept").returncode == 0


async def test_a_rule_that_cannot_be_evaluated_fails_what_rests_on_it(promtool: str, tmp_path: Path) -> None:
    rules = written(
        tmp_path,
        """
groups:
  - name: g
    interval: 15s
    rules:
      - {record: "level:both", expr: "other * on (zone) level"}
      - {alert: Broken, expr: "level:both > 1"}
      - {alert: High, expr: level > 1}
""",
    )
    level = {"gauge": "level", "value": 2}
    one = own(
        signals=[
            {**level, "labels": {"zone": "a", "side": "left"}},
            {**level, "labels": {"zone": "a", "side": "right"}},
            {"gauge": "other", "value": 1, "labels": {"zone": "a"}},
        ],
        expect=[{"alert": "Broken", "fires_within": "3m"}, {"alert": "High", "fires_within": "3m"}],
    )
    broken, high = (await prove(one, [rules], promtool=promtool)).findings
    assert high.passed
    assert not broken.passed
    assert broken.sentence.startswith(
        "the rule level:both cannot be evaluated at 0s: found duplicate series for the match group"
    )


@pytest.mark.parametrize("expr", ["vector(1)", "absent(what_nobody_pushes)"])
async def test_what_fires_without_the_scenario_proves_nothing(
    promtool: str, tmp_path: Path, expr: str
) -> None:
    rules = written(tmp_path, f"groups: [{{name: g, interval: 15s, rules: [{{alert: High, expr: {expr}}}]}}]")
    finding = failed(await prove(own(), [rules], promtool=promtool), "High")
    assert finding.sentence == "fires, but also where nothing is pushed: it does not rest on the scenario"


async def test_each_alert_is_evaluated_as_often_as_its_groups_are(promtool: str, tmp_path: Path) -> None:
    rules = written(
        tmp_path,
        """
groups:
  - {name: slow, interval: 2m, rules: [{alert: High, expr: level > 1, for: 1m}]}
  - {name: quick, interval: 15s, rules: [{alert: Higher, expr: level > 1, for: 1m}]}
  - {name: hourly, interval: 1h, rules: [{alert: Highest, expr: level > 1}]}
""",
    )
    alerts = [{"alert": name, "fires_within": "110s"} for name in ("High", "Higher", "Highest")]
    kept = tmp_path / "kept"
    proof = await prove(own(expect=[*alerts, {"quiet": "Lower"}]), [rules], promtool=promtool, keep=kept)
    assert [each.sentence for each in proof.findings] == [
        "its rules are evaluated every 2m only, which is longer than the 1m50s granted",
        "fires at 1m of at most 1m50s",
        "its rules are evaluated every 1h only, which is longer than the 1m50s granted",
        f"no alerting rule Lower in {rules}",
    ]
    assert {path.name for path in kept.iterdir()} == {
        "own-15s_test.yml",
        "own-2m_test.yml",
        "own-1h_test.yml",
    }


async def test_a_chain_over_groups_takes_as_long_as_it_may(promtool: str, tmp_path: Path) -> None:
    rules = written(
        tmp_path,
        """
groups:
  - {name: alerts, interval: 15s, rules: [{alert: High, expr: c > 1, for: 1m}]}
  - {name: third, interval: 15s, rules: [{record: c, expr: b}]}
  - {name: second, interval: 15s, rules: [{record: b, expr: a}]}
  - {name: first, interval: 15s, rules: [{record: a, expr: level}]}
""",
    )
    kept = tmp_path / "kept"
    one = own(expect=[{"alert": "High", "fires_within": "1m30s"}])
    late = "fires at 1m45s, later than the 1m30s granted: pending from 45s on, `for` is 1m"
    for _ in range(3):
        # Left to itself, promtool takes the groups in another order each time.
        assert failed(await prove(one, [rules], promtool=promtool, keep=kept), "High").sentence == late
        assert _promtool(promtool, kept).returncode == 1


async def test_rules_that_promtool_refuses_are_told_in_its_words(promtool: str, tmp_path: Path) -> None:
    rules = written(
        tmp_path, "groups:\n  - name: g\n    rules:\n      - alert: High\n        exprx: level > 1\n"
    )
    with pytest.raises(
        UsageError, match=r"promtool refuses the rules: .*own\.yml.*line 5: field exprx"
    ) as no:
        await prove(own(), [rules], promtool=promtool)
    assert str(no.value).count("exprx") == 1


async def test_what_promtool_cannot_hold_is_inconclusive(promtool: str, tmp_path: Path) -> None:
    rules = written(tmp_path, "groups: [{name: g, interval: 15s, rules: [{alert: High, expr: level > 1}]}]")
    many = [{"gauge": "level", "value": 2, "labels": {"zone": str(n)}} for n in range(400)]
    with pytest.raises(
        InconclusiveError, match=r"own cannot be proven: promtool \S+ says .*too many samples"
    ):
        await prove(own(signals=many, duration="15m"), [rules], promtool=promtool)


async def test_a_program_that_is_no_promtool_is_inconclusive(tmp_path: Path) -> None:
    rules = written(tmp_path, "groups: [{name: g, rules: [{alert: High, expr: level > 1}]}]")
    with pytest.raises(InconclusiveError, match="own cannot be proven: true says exit code 0 and no word"):
        await prove(own(), [rules], promtool="true")
    with pytest.raises(InconclusiveError, match="No such file"):
        await prove(own(), [rules], promtool=str(tmp_path / "none"))


async def test_a_proof_that_is_given_up_ends_its_promtool(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = tmp_path / "promtool"
    program.write_text(f"#!/bin/sh\necho $$ > {pid}.new && mv {pid}.new {pid}\nexec sleep 1000\n")
    program.chmod(0o755)
    rules = written(tmp_path, "groups: [{name: g, rules: [{alert: High, expr: level > 1}]}]")
    task = asyncio.create_task(prove(own(), [rules], promtool=str(program)))
    await until(pid.exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def _promtool(program: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    tests = [str(path) for path in sorted(folder.glob("*_test.yml"))]
    assert tests
    return subprocess.run([program, "test", "rules", *tests], capture_output=True, text=True, check=False)


async def test_kept_tests_hold_exactly_when_the_proof_does(
    promtool: str, mutated: Mutate, tmp_path: Path
) -> None:
    rules, folder = mutated("for: 10m", "for: 10m"), tmp_path / "deep" / "kept"
    names = ("error-rate-warn", "controller-stalled", "metrics-missing")
    read = Rules.read([rules])
    await prove_all([shipped(name) for name in names], read, program=promtool, keep=folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}_test.yml" for name in names)
    ran = _promtool(promtool, folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr

    for name in names[1:]:
        (folder / f"{name}_test.yml").unlink()
    gmail = rules / "gmail-send.yml"
    was = gmail.read_text()
    for old, new, says in (
        ("rate5m > 0.01", "rate5m > 0.03", "max(max_over_time("),
        ("rate5m > 0.05", "rate5m > 0.01", "count(count_over_time("),
        ("[5m]", "[30m]", "count(count_over_time("),
        ("(provider, action, synthetic)", "(action, synthetic)", "max(max_over_time("),
    ):
        assert old in was
        gmail.write_text(was.replace(old, new))
        ran = _promtool(promtool, folder)
        assert ran.returncode == 1, (old, new)
        assert says in ran.stderr, (old, new)


async def test_a_disk_that_takes_nothing_is_inconclusive(
    promtool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = written(tmp_path, "groups: [{name: g, rules: [{alert: High, expr: level > 1}]}]")
    (tmp_path / "empty.yml").write_text("groups: []\n")
    assert (await prove(own(), [tmp_path], promtool=promtool)).passed
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(InconclusiveError, match=r"nothing is proven.*TMPDIR"):
        await prove(own(), [rules], promtool=promtool)


def _cockpit(tmp_path: Path, *args: str) -> "subprocess.CompletedProcess[str]":
    kept = {n: value for n, value in os.environ.items() if not n.startswith(("COCKPIT_", "XDG_"))}
    state = {"COCKPIT_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path / "home")}
    return subprocess.run(
        [sys.executable, "-m", "cockpit", "scenario", "prove", *args],
        env={**kept, **state},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_prints_journals_and_ends_with_what_it_found(
    promtool: str, mutated: Mutate, tmp_path: Path
) -> None:
    done = _cockpit(tmp_path, "error-rate-warn", "mime-slow")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PASS  error-rate-warn: Gmail send errors at 2 %\n  PASS  GmailSend")
    assert "2 of 2 scenarios proven in " in done.stderr
    journal = [json.loads(line) for line in (tmp_path / "state" / "journal.jsonl").read_text().splitlines()]
    assert [(entry["kind"], entry["data"]["scenario"], entry["data"]["passed"]) for entry in journal] == [
        ("scenario.proved", "error-rate-warn", True),
        ("scenario.proved", "mime-slow", True),
    ]
    assert all(entry["data"]["of"] for entry in journal)

    rules = str(mutated("rate5m > 0.01", "rate5m > 0.03"))
    done = _cockpit(tmp_path, "error-rate-warn", "--rules", rules, "-o", "json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["passed"] is False
    (proof,) = document["scenarios"]
    assert proof["findings"][0]["alert"] == "GmailSendErrorRateWarning"
    assert proof["findings"][0]["passed"] is False


def test_the_alerts_that_no_scenario_proves_are_listed(promtool: str, tmp_path: Path) -> None:
    rules = written(
        tmp_path,
        """
groups:
  - name: g
    interval: 15s
    rules:
      - {alert: MimeBuildSlow, expr: vector(1)}
      - {alert: Forgotten, expr: level > 1}
      - {alert: Watchdog, expr: vector(1)}
""",
    )
    done = _cockpit(tmp_path, "mime-slow", "--rules", str(rules), "--coverage", "-o", "json")
    assert done.returncode == 1
    # A rule that looks at no series always fires: no scenario has to prove it.
    assert json.loads(done.stdout)["uncovered"] == [{"alert": "Forgotten", "file": str(rules)}]
    done = _cockpit(tmp_path, "--coverage")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "alerts that none proves: 0" in done.stderr


def test_what_cannot_be_used_is_said_before_anything_runs(promtool: str, tmp_path: Path) -> None:
    done = _cockpit(tmp_path, "mime-slo")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no scenario 'mime-slo'" in done.stderr
    mine = tmp_path / "mime-slow_test.yml"
    mine.write_text("# mine\n")
    done = _cockpit(tmp_path, "mime-slow", "--keep", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "which is not overwritten" in done.stderr
    assert mine.read_text() == "# mine\n"


def test_a_journal_that_cannot_be_written_fails_no_proof(promtool: str, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    done = _cockpit(tmp_path, "mime-slow")
    assert done.returncode == 0
    assert "the proofs are not in the journal" in done.stderr
