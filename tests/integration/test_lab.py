"""The lab against the real servers: it comes up, does what its files say, and leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit import config
from cockpit.config import LabFile
from cockpit.errors import CockpitError, UsageError
from cockpit.lab import lab as labs
from cockpit.lab import processes, servers
from cockpit.lab.lab import Lab
from tests.integration.conftest import get_json
from tests.waiting import wait_until

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]


def cockpit(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cockpit", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture
def owner(binaries: dict[str, str], own_state: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A `cockpit lab up` in a process of its own, up."""
    command = [sys.executable, "-m", "cockpit", "lab", "up", "--speed", "60"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_until(config.running_lab)
        yield process
    finally:
        process.kill()
        process.communicate()


def pids_of(lab: LabFile) -> set[int]:
    pids = set(lab.pids.values())
    assert len(pids) >= 5
    assert all(processes.is_alive(pid) for pid in pids)
    return pids


def all_gone(pids: set[int]) -> bool:
    return not any(processes.is_alive(pid) for pid in pids)


def alerts(lab: LabFile) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get_json(lab.prometheus, "/api/v1/alerts")["data"]["alerts"]
    return found


def notifications(lab: LabFile, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in get_json(lab.sink, "/notifications") if entry["kind"] == kind]


def test_the_warning_fires_and_slack_is_told_with_summary_and_runbook(lab: LabFile) -> None:
    def fires() -> bool:
        return any(
            alert["state"] == "firing"
            and alert["labels"]["alertname"] == "GmailSendErrorRateWarning"
            and alert["labels"]["synthetic"] == "error-rate-warn"
            for alert in alerts(lab)
        )

    wait_until(fires)
    told = wait_until(lambda: notifications(lab, "slack"))
    assert told[0]["receiver"] == "ops-relay"
    assert told[0]["body"]["channel"] == "#ops-relay"
    attachment = json.dumps(told[0]["body"])
    assert "Gmail send errors are over 1 %" in attachment
    assert "https://runbooks.example/gmail-send-high-error-rate.md" in attachment
    assert not notifications(lab, "pagerduty")


def test_healthy_traffic_stays_quiet_and_the_watchdog_reaches_the_dead_mans_switch(lab: LabFile) -> None:
    # Half an hour of the rules' time, so that every rule has had all of its windows.
    elapsed = "time() - process_start_time_seconds{job='prometheus'} > 30"
    wait_until(lambda: get_json(lab.prometheus, f"/api/v1/query?query={_quoted(elapsed)}")["data"]["result"])
    query = _quoted("count by (alertname, synthetic) (max_over_time(ALERTS[10m]))")

    def seen() -> set[tuple[str, str]]:
        found = get_json(lab.prometheus, f"/api/v1/query?query={query}")["data"]["result"]
        return {(each["metric"]["alertname"], each["metric"].get("synthetic", "")) for each in found}

    quiet = {("Watchdog", ""), ("GmailSendErrorRateWarning", "error-rate-warn")}
    wait_until(lambda: seen() == quiet, "these two fire, and nothing else")
    watchdogs = wait_until(lambda: notifications(lab, "webhook"))
    assert watchdogs[0]["receiver"] == "dead-mans-switch"
    assert watchdogs[0]["body"]["commonLabels"]["alertname"] == "Watchdog"


def test_every_rule_evaluates_at_the_labs_pace(lab: LabFile) -> None:
    def evaluated() -> Any:
        groups = get_json(lab.prometheus, "/api/v1/rules")["data"]["groups"]
        return groups if all(r["health"] != "unknown" for g in groups for r in g["rules"]) else None

    groups = wait_until(evaluated, "every rule was evaluated")
    assert {group["interval"] for group in groups} == {0.25}
    rules = {rule["name"]: rule for group in groups for rule in group["rules"]}
    assert all(rule["health"] == "ok" for rule in rules.values()), rules
    assert rules["GmailSendErrorRateWarning"]["duration"] == 10


def test_nothing_listens_on_anything_but_loopback(lab: LabFile) -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("needs /proc")
    listening = {address for pid in lab.pids.values() for address in _listening(pid)}
    ports = {
        int(url.rpartition(":")[2]) for url in (lab.prometheus, lab.alertmanager, lab.pushgateway, lab.sink)
    }
    assert {port for _, port in listening} == ports
    assert {address for address, _ in listening} == {"0100007F"}


def test_a_second_lab_is_refused_with_the_remedy(owner: "subprocess.Popen[bytes]") -> None:
    second = cockpit("lab", "up")
    assert second.returncode == 1
    assert re.fullmatch(
        r"cockpit: a lab runs already at http://127\.0\.0\.1:\d+, pid \d+: .*lab down`\n", second.stderr
    )


def test_status_describes_the_lab_and_down_stops_it(owner: "subprocess.Popen[bytes]") -> None:
    status = cockpit("lab", "status", "-o", "json")
    assert status.returncode == 0
    shown = json.loads(status.stdout)
    assert shown["running"] is True
    assert (shown["speed"], shown["owner_pid"]) == (60, owner.pid)
    assert set(shown["versions"]) == {"prometheus", "alertmanager", "pushgateway"}
    assert re.match(r"\d+\.\d+", shown["versions"]["prometheus"])
    pids = set(shown["pids"].values())
    assert cockpit("lab", "down").returncode == 0
    assert all_gone(pids)
    assert owner.wait(30) == 0
    assert not list(config.lab_file().parent.glob("data-*"))
    assert cockpit("lab", "down").returncode == 0
    assert cockpit("lab", "status").returncode == 1


def test_a_starter_that_is_killed_leaves_no_process(owner: "subprocess.Popen[bytes]") -> None:
    lab = config.running_lab()
    assert lab is not None
    pids = pids_of(lab)
    owner.kill()
    wait_until(lambda: all_gone(pids), within=30)
    owner.wait(30)
    assert labs.running() is None


def test_a_keeper_that_is_killed_takes_the_lab_with_it(owner: "subprocess.Popen[bytes]") -> None:
    lab = config.running_lab()
    assert lab is not None
    pids = pids_of(lab)
    os.kill(lab.pids["keeper"], signal.SIGKILL)
    wait_until(lambda: all_gone(pids), within=30)
    assert owner.wait(30) == 1


def test_ctrl_c_on_the_terminal_stops_everything(owner: "subprocess.Popen[bytes]") -> None:
    lab = config.running_lab()
    assert lab is not None
    pids = pids_of(lab)
    owner.send_signal(signal.SIGINT)
    assert owner.wait(30) == 130
    assert all_gone(pids)
    assert config.running_lab() is None


def test_a_server_that_ends_by_itself_ends_the_lab_and_is_named(owner: "subprocess.Popen[bytes]") -> None:
    lab = config.running_lab()
    assert lab is not None
    pids = pids_of(lab)
    os.kill(lab.pids["alertmanager"], signal.SIGKILL)
    _, said = owner.communicate(timeout=30)
    assert owner.returncode == 1
    assert "alertmanager was killed by SIGKILL" in said.decode()
    assert all_gone(pids)


def test_what_a_killed_lab_left_is_cleared_by_the_next(owner: "subprocess.Popen[bytes]") -> None:
    lab = config.running_lab()
    assert lab is not None
    pids = pids_of(lab)
    owner.kill()
    owner.wait(30)
    with Lab(speed=60) as next_lab:
        assert next_lab is not None
        assert all_gone(pids)
        assert len(list(config.lab_file().parent.glob("data-*"))) == 1


def test_a_detached_lab_outlives_its_command(binaries: dict[str, str], own_state: Path) -> None:
    up = cockpit("lab", "up", "--speed", "60", "--detach", "--no-baseline")
    try:
        assert up.returncode == 0, up.stderr
        lab = labs.running()
        assert lab is not None
        assert lab.prometheus in up.stdout
        assert "player" not in lab.pids
    finally:
        assert cockpit("lab", "down").returncode == 0


def test_a_configuration_that_a_server_refuses_is_told_in_its_own_words(
    binaries: dict[str, str], own_state: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    shipped = config.shipped("scenarios") / "rules"
    (rules / "alertmanager.yml").write_text((shipped / "alertmanager.yml").read_text(encoding="utf-8"))
    (rules / "bad.yml").write_text("groups: [{name: g, rules: [{alert: A, expr: 'up >'}]}]")
    with pytest.raises(CockpitError) as caught:
        Lab(speed=60, rules=rules).up()
    assert "prometheus ended with status" in caught.value.message
    assert "parse error" in caught.value.message
    assert "\n" not in caught.value.message
    assert labs.running() is None
    assert not list(config.lab_file().parent.glob("data-*"))


def test_a_taken_port_is_tried_again(
    binaries: dict[str, str], own_state: Path, lab: LabFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = int(lab.prometheus.rpartition(":")[2])
    answers = [servers.free_ports(4), servers.free_ports(4)]
    answers[0][1] = taken
    monkeypatch.setattr(servers, "free_ports", lambda count: answers.pop(0))
    said: list[str] = []
    with Lab(speed=60, say=said.append):
        assert not answers
    assert len(said) == 1
    assert "address already in use" in said[0]


def test_external_labels_are_put_on_alerts(binaries: dict[str, str], own_state: Path) -> None:
    with Lab(speed=60, external_labels={"cluster": "west"}) as started:
        assert started.file is not None
        url = started.file.alertmanager
        alerts = wait_until(lambda: get_json(url, "/api/v2/alerts"))
        assert {alert["labels"]["cluster"] for alert in alerts} == {"west"}


def test_a_folder_that_cannot_be_written_is_named(
    binaries: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "file"))
    with pytest.raises(CockpitError, match=r"lab: .*/file/lab.*: Not a directory: .*COCKPIT_STATE_DIR"):
        Lab().up()


@pytest.mark.parametrize("speed", [0, 0.5, -1, 1001, float("nan")])
def test_a_speed_out_of_range_is_refused(speed: float) -> None:
    with pytest.raises(UsageError, match="between 1 and 1000"):
        Lab(speed=speed)


def test_the_demo_without_a_screen_shows_the_first_alert(binaries: dict[str, str], own_state: Path) -> None:
    done = cockpit("demo", "--once")
    assert done.returncode == 0, done.stderr
    assert re.search(r"WARN +GmailSendErrorRateWarning .* firing", done.stdout)
    assert "is pending, fires in" in done.stderr
    assert labs.running() is None


def _quoted(query: str) -> str:
    from urllib.parse import quote

    return quote(query, safe="")


def _listening(pid: int) -> set[tuple[str, int]]:
    """Return address (as /proc/net/tcp writes it) and port of every socket that `pid` listens on."""
    links = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, _, port = fields[1].partition(":")
                found.add((address, int(port, 16)))
    return found
