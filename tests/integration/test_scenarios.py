"""The whole library of scenarios, played against the real servers: all of it does what it says."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cockpit import config
from cockpit.config import LabFile
from cockpit.journal.journal import Journal
from cockpit.lab.lab import Lab
from cockpit.lab.playing import BASELINE, players
from cockpit.scenarios import files
from cockpit.scenarios.library import PLAYED
from cockpit.scenarios.run.checks import check
from cockpit.scenarios.run.run import Result, Run
from cockpit.scenarios.run.verdict import Outcome, Verdict
from cockpit.session import Session
from tests.integration.conftest import SPEED, get_json
from tests.waiting import wait_until

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
FOLDER = config.shipped("scenarios")
LIBRARY = tuple(name for name in files.names(FOLDER) if name != BASELINE)

INHIBITING = ("error-rate-crit", "latency-crit")
INHIBITED = ("error-rate-warn", "latency-warn")
"""A critical alert of a service inhibits its warnings, so that these would not be notified meanwhile."""

QUICK = "replay-guard-unavailable"
"""It fires after 3 minutes of its time, and is over after 11."""


@pytest.fixture(scope="module")
def quiet_lab(binaries: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabFile]:
    """A lab at speed 60 in which nothing but healthy traffic plays, for this file's tests alone."""
    playing = players([BASELINE], speed=SPEED, folder=FOLDER)
    started = Lab(speed=SPEED, players=playing)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COCKPIT_STATE_DIR", str(tmp_path_factory.mktemp("state")))
            yield started.up()
    finally:
        started.down()


def context_of(lab: LabFile) -> config.Context:
    return config.resolve(config.Config(contexts={"lab": config.lab_context(lab)}), "lab", config.Overrides())


async def play(context: config.Context, name: str, *, until_fired: bool) -> Result:
    scenario = files.find(name, FOLDER)
    async with Session.open(context) as session:
        run = Run(
            session, scenario, await check(session, scenario), journal=Journal(), until_fired=until_fired
        )
        async with aclosing(run.play()) as looks:
            async for _ in looks:
                pass
    assert run.result is not None
    return run.result


async def play_all(context: config.Context) -> dict[str, Result]:
    async def several(*names: str, until_fired: bool = False) -> list[Result]:
        return await asyncio.gather(*(play(context, name, until_fired=until_fired) for name in names))

    async def one_service() -> list[Result]:
        first = await several(*INHIBITING, until_fired=True)
        return [*first, *await several(*INHIBITED, until_fired=True)]

    others = (name for name in LIBRARY if name not in INHIBITING + INHIBITED)
    results = await asyncio.gather(one_service(), several(*others))
    return {result.scenario: result for some in results for result in some}


@pytest.fixture(scope="module")
def played(quiet_lab: LabFile) -> dict[str, Result]:
    """What came of every scenario, those played at once that do not disturb each other."""
    return asyncio.run(play_all(context_of(quiet_lab)))


def groups(lab: LabFile) -> set[str]:
    """Return the scenarios of which the gateway has series."""
    found = get_json(lab.pushgateway, "/api/v1/metrics")["data"]
    return {group["labels"].get("synthetic", "") for group in found}


def is_inhibited(verdict: Verdict, result: Result) -> bool:
    severities = {each.labels.get("severity") for each in result.verdicts if each.kind == "fires"}
    return verdict.labels.get("severity") == "warning" and "critical" in severities


@pytest.mark.parametrize("name", LIBRARY)
def test_a_scenario_does_what_it_says(played: dict[str, Result], name: str) -> None:
    result = played[name]
    assert {each.outcome for each in result.verdicts} == {Outcome.PASSED}, result
    assert result.passed is True
    assert result.left == "deleted"
    fires = [each for each in result.verdicts if each.kind == "fires"]
    assert fires
    for each in fires:
        assert each.resolved_after is not None
        if not is_inhibited(each, result):
            assert each.notified is not None, each
            assert (each.notified.runbook or "").startswith("https://runbooks.example/"), each


def test_no_series_and_no_alert_is_left_and_each_play_is_journaled(
    played: dict[str, Result], quiet_lab: LabFile
) -> None:
    assert groups(quiet_lab) == {BASELINE}
    found = wait_until(lambda: get_json(quiet_lab.prometheus, "/api/v1/alerts")["data"]["alerts"])
    assert {alert["labels"]["alertname"] for alert in found} == {"Watchdog"}
    journaled = {str(entry.data["scenario"]): entry.data["passed"] for entry in Journal().entries(PLAYED)}
    assert journaled == dict.fromkeys(LIBRARY, True)


def test_one_tenants_mismatches_stay_below_the_threshold_in_the_aggregate(
    played: dict[str, Result], quiet_lab: LabFile
) -> None:
    result = played["tenant-mismatch-spike"]
    fires = next(each for each in result.verdicts if each.kind == "fires")
    assert (fires.alert, fires.labels["tenant"]) == ("TenantMismatchSpike", "t17")
    mine = '{synthetic="tenant-mismatch-spike"}[5s]'
    ratio = f"sum(rate(tenant_mismatch_total{mine})) / sum(rate(tenant_requests_total{mine}))"
    worst = quote(f"max_over_time(({ratio})[2m:500ms])")
    (found,) = get_json(quiet_lab.prometheus, f"/api/v1/query?query={worst}")["data"]["result"]
    assert 0.001 < float(found["value"][1]) < 0.05


@pytest.fixture
def command(quiet_lab: LabFile, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A `scenario run` of the quick scenario in a process of its own, its series unhealthy."""
    process = started(QUICK, "-o", "json")
    try:
        said = iter(process.stderr or ())
        assert any("unhealthy, " in line for line in said), process.communicate()
        yield process
    finally:
        process.kill()
        process.communicate()


def started(*words: str, **options: Any) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-m", "cockpit", "--context", "lab", "scenario", "run", *words]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(argv, cwd=ROOT, text=True, **streams)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_recovers_and_deletes(
    command: "subprocess.Popen[str]", quiet_lab: LabFile, number: signal.Signals, code: int
) -> None:
    assert QUICK in groups(quiet_lab)
    command.send_signal(number)
    out, said = command.communicate(timeout=30)
    assert command.returncode == code
    name = "ctrl-C" if number == signal.SIGINT else number.name
    assert f"{name}: healthy values for 3m, then the series are deleted" in said
    assert "recovering, " in said
    assert groups(quiet_lab) == {BASELINE}
    shown = json.loads(out)
    assert (shown["passed"], shown["left"]) == (None, "deleted")
    assert 0 < shown["duration_seconds"] < 480


def test_a_second_ctrl_c_deletes_at_once(command: "subprocess.Popen[str]", quiet_lab: LabFile) -> None:
    command.send_signal(signal.SIGINT)
    assert any("healthy values" in line for line in command.stderr or ())
    command.send_signal(signal.SIGINT)
    _, said = command.communicate(timeout=30)
    assert command.returncode == 130
    assert "deleting at once" in said
    assert groups(quiet_lab) == {BASELINE}


def test_a_lost_terminal_recovers_and_deletes(quiet_lab: LabFile) -> None:
    master, slave = os.openpty()
    process = started(QUICK, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    said = b""
    while b"unhealthy, " not in said:
        said += os.read(master, 4096)
    os.close(master)
    process.send_signal(signal.SIGHUP)
    assert process.wait(30) == 129
    assert groups(quiet_lab) == {BASELINE}
    (last,) = Journal().entries("group.recovering")[-1:]
    assert last.data["run"] == Journal().entries(PLAYED)[-1].data["run"]


def test_a_gateway_that_goes_down_in_the_middle_makes_it_inconclusive(
    command: "subprocess.Popen[str]", quiet_lab: LabFile
) -> None:
    gateway = quiet_lab.pids["pushgateway"]
    os.kill(gateway, signal.SIGSTOP)
    told = []
    try:
        for line in command.stderr or ():
            told.append(line)
            if "recovering, " in line:
                break
    finally:
        os.kill(gateway, signal.SIGCONT)
    out, said = command.communicate(timeout=60)
    assert command.returncode == 3, said
    assert "no answer" in "".join(told)
    shown = json.loads(out)
    assert (shown["passed"], shown["left"]) == (None, "deleted")
    assert shown["gaps"]
    (verdict,) = shown["verdicts"]
    assert verdict["outcome"] == "inconclusive"
    assert verdict["sentence"].startswith("did not fire within 6m, but ")
    assert groups(quiet_lab) == {BASELINE}
