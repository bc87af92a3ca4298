"""`cockpit why` against real servers: each test breaks one rung, and that rung must be the first named."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cockpit import config
from cockpit.alerts.why import Ladder, Rung, RungState, why
from cockpit.config import LabFile
from cockpit.lab.lab import Lab
from cockpit.session import Session
from tests.waiting import wait_until

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
SPEED = 60.0
RULES = """
groups:
- name: why
  interval: 15s
  rules:
  - {record: "pushed:sum", expr: sum by (job) (pushed_thing)}
  - {alert: Low, expr: prometheus_tsdb_head_series > 1e9, labels: {severity: warning}}
  - {alert: Waiting, expr: vector(2) > 1, for: 10h, labels: {severity: warning}}
  - {alert: Quiet, expr: vector(3) > 1, labels: {severity: warning, service: disk}}
  - {alert: Burning, expr: vector(4) > 1, labels: {severity: critical, service: mail}}
  - {alert: Covered, expr: vector(5) > 1, labels: {severity: warning, service: mail}}
  - {alert: Pushed, expr: pushed:sum > 10, labels: {severity: warning}}
  - {alert: Gone, expr: absent(nobody_has_this), for: 10h, labels: {severity: warning}}
"""
ALERTMANAGER = """
global: {slack_api_url: "http://127.0.0.1:9/slack/ops"}
route:
  receiver: slack
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  routes:
  - {matchers: ['severity="critical"'], receiver: slack}
inhibit_rules:
- {source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [service]}
receivers:
- name: slack
  slack_configs:
  - channel: "#ops"
    title: '[{{ .Status | toUpper }}] {{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }}'
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "why.yml").write_text(RULES)
    (folder / "alertmanager.yml").write_text(ALERTMANAGER)
    return folder


def started(state: Path, rules: Path) -> Lab:
    lab = Lab(speed=SPEED, rules=rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COCKPIT_STATE_DIR", str(state))
        lab.up()
    return lab


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("why")


@pytest.fixture(scope="module")
def lab(binaries: dict[str, str], state: Path, rules: Path) -> Iterator[LabFile]:
    """A lab that no test breaks."""
    up = started(state, rules)
    try:
        assert up.file is not None
        yield up.file
    finally:
        up.down()


@pytest.fixture
def doomed(binaries: dict[str, str], tmp_path: Path, rules: Path) -> Iterator[LabFile]:
    """A lab of the test's own, to break."""
    up = started(tmp_path, rules)
    try:
        assert up.file is not None
        yield up.file
    finally:
        up.down()


def ask(lab: LabFile, text: str, **more: Any) -> Ladder:
    async def asked() -> Ladder:
        context = replace(config.lab_context(lab), **more)
        async with Session.open(context) as session:
            return await why(session, text)

    return asyncio.run(asked())


def first_broken(lab: LabFile, text: str, wanted: str, *words: str) -> Rung:
    """Wait until `wanted` is the first rung that does not hold and its evidence has `words`."""

    said: list[str] = []

    def probe() -> Rung | None:
        ladder = ask(lab, text)
        said[:] = [ladder.sentence]
        broken = ladder.first_broken
        return broken if broken and broken.name == wanted and all(w in str(broken) for w in words) else None

    try:
        return wait_until(probe, f"{wanted} of {text}")
    except AssertionError as error:
        raise AssertionError(f"{error}; {said}") from None


def post(url: str, body: bytes = b"", kind: str = "application/json") -> bytes:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": kind}, method="POST")
    with urllib.request.urlopen(request, timeout=5) as answer:
        answered: bytes = answer.read()
    return answered


def rung(ladder: Ladder, name: str) -> Rung:
    return next(each for each in ladder.rungs if each.name == name)


def test_every_rung_holds_for_an_alert_that_somebody_was_told_of(lab: LabFile) -> None:
    ladder = wait_until(lambda: found if (found := ask(lab, "Burning")).holds else None)
    assert [each.state for each in ladder.rungs] == [RungState.OK] * 9
    assert ladder.sentence.startswith("every rung holds: slack was told ")
    assert rung(ladder, "routed").evidence == "to slack: #ops"
    assert rung(ladder, "routed").detail == ('route severity="critical"',)


def test_where_there_is_no_sink_the_receivers_counters_tell(lab: LabFile) -> None:
    def took() -> Ladder | None:
        found = ask(lab, "Burning", sink=None)
        return found if found.holds else None

    ladder = wait_until(took, "its requests are counted")
    assert ladder.rungs[-1].evidence.startswith("slack took ")


def test_a_rule_that_is_not_loaded(lab: LabFile) -> None:
    broken = first_broken(lab, "Burned", "rule healthy", "no rule of this name is loaded")
    assert broken.state is RungState.BROKEN
    assert broken.detail == ("names like it: Burning",)
    ladder = ask(lab, "Burned")
    assert [each.state for each in ladder.rungs[:2]] == [RungState.UNKNOWN] * 2
    assert all(each.state is RungState.LATER for each in ladder.rungs[3:])


def test_an_expression_under_its_threshold(lab: LabFile) -> None:
    broken = first_broken(lab, "Low", "expression true", ", not over 1 G")
    assert broken.state is RungState.BROKEN
    ladder = ask(lab, "Low")
    assert "target prometheus up" in ladder.rungs[0].evidence
    assert rung(ladder, "rule healthy").state is RungState.OK
    assert rung(ladder, "routed").evidence == "would go to slack: #ops"


def test_a_pending_alert(lab: LabFile) -> None:
    broken = first_broken(lab, "Waiting", "pending", " left of 10m00s, fires about ")
    assert broken.state is RungState.WAITING
    assert broken.due is not None
    assert broken.at is not None
    assert broken.due - broken.at == pytest.approx(600, abs=0.01)


def test_absence_is_what_absent_wants(lab: LabFile) -> None:
    first_broken(lab, "Gone", "pending")
    assert ask(lab, "Gone").rungs[0].evidence == "none of nobody_has_this, as the rule wants"


def test_a_silenced_alert(lab: LabFile) -> None:
    silence = {
        "matchers": [{"name": "alertname", "value": "Quiet", "isRegex": False, "isEqual": True}],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "kim",
        "comment": "known\n\x1b[31m since May",
    }
    post(f"{lab.alertmanager}/api/v2/silences", json.dumps(silence).encode())
    until = "silenced by kim until 2099-01-01 00:00Z"
    broken = first_broken(lab, "Quiet", "not suppressed", until, "since May")
    assert broken.state is RungState.BROKEN
    assert "\x1b" not in broken.evidence
    assert "\n" not in broken.evidence
    assert rung(ask(lab, "Quiet"), "notified").state is RungState.LATER


def test_an_inhibited_alert(lab: LabFile) -> None:
    broken = first_broken(lab, "Covered", "not suppressed", "inhibited by Burning ")
    assert "service=mail" in broken.evidence


def test_a_target_that_is_down(doomed: LabFile) -> None:
    post(f"{doomed.pushgateway}/metrics/job/shop", b"pushed_thing 11\n", "text/plain")
    wait_until(lambda: ask(doomed, "Pushed").holds, "it fires and is told")
    ladder = ask(doomed, "Pushed")
    assert "pushed_thing, 1 series" in ladder.rungs[0].evidence
    assert "target pushgateway up" in ladder.rungs[0].evidence
    os.kill(doomed.pids["pushgateway"], signal.SIGKILL)
    broken = first_broken(doomed, "Pushed", "series present", "no series pushed_thing", "last seen")
    assert broken.state is RungState.BROKEN
    assert "; target pushgateway 127.0.0.1:" in broken.evidence
    assert "connection refused" in broken.evidence


def test_an_alertmanager_that_is_down(doomed: LabFile) -> None:
    wait_until(lambda: ask(doomed, "Burning").holds, "it is told")
    os.kill(doomed.pids["alertmanager"], signal.SIGKILL)
    broken = first_broken(doomed, "Burning", "received", "alertmanager cannot be asked: ")
    assert "refused" in broken.evidence
    broken = first_broken(doomed, "Burning", "received", "Prometheus failed to send to http://127.0.0.1:")
    assert broken.state is RungState.BROKEN


def test_a_receiver_that_fails(doomed: LabFile) -> None:
    post(f"{doomed.sink}/fail?status=500&count=100000")
    broken = first_broken(doomed, "Burning", "notified", "slack fails: ", " requests since ")
    assert broken.state is RungState.BROKEN


@pytest.fixture
def run(lab: LabFile, state: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cockpit", "why", *words],
            cwd=ROOT,
            env={**os.environ, "COCKPIT_STATE_DIR": str(state)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_the_command_prints_the_ladder_and_ends_with_what_holds(
    lab: LabFile, run: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    wait_until(lambda: ask(lab, "Burning").holds)
    told = run("Burning", "-o", "json")
    assert told.returncode == 0, told.stderr
    shown = json.loads(told.stdout)
    assert (shown["alert"], shown["holds"], shown["first_broken"]) == ("Burning", True, None)
    assert [each["state"] for each in shown["rungs"]] == ["ok"] * 9
    pending = run("Waiting")
    assert pending.returncode == 1
    assert "\n  >>  pending" in pending.stdout
    assert "\n  first rung that does not hold: pending, " in pending.stdout
    unknown = run("Waiting", "--prometheus", "http://127.0.0.1:1", "--context", "lab")
    assert unknown.returncode == 3, unknown.stdout
    assert "\n  ?   series present" in unknown.stdout
