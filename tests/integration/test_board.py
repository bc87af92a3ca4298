"""`cockpit alerts -o json` against real servers: every state, told from both sides."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.alerts.fingerprint import fingerprint
from tests.integration.pair import Pair, get, pair
from tests.waiting import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(tmp_path_factory.mktemp("pair")) as running:
        yield running


def cockpit(servers: Pair, *args: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("COCKPIT_")}
    command = [sys.executable, "-m", "cockpit", "--config", str(servers.config), *args]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, env=env, check=False, cwd=Path.cwd()
    )


@pytest.fixture(scope="module")
def board(servers: Pair) -> dict[str, Any]:
    """The document, once the grace period of the undelivered alert is over."""
    found: dict[str, Any] = {}

    def untold() -> bool:
        ran = cockpit(servers, "alerts", "-o", "json")
        assert ran.returncode == 0, ran.stderr
        found.update(json.loads(ran.stdout))
        return any(alert["state"] == "undelivered" for alert in found["alerts"])

    wait_until(untold, "an alert is undelivered")
    return found


def test_each_alert_has_its_state_and_one_row(board: dict[str, Any]) -> None:
    assert sorted((alert["name"], alert["state"]) for alert in board["alerts"]) == [
        ("Burning", "firing"),
        ("Covered", "inhibited"),
        ("Quiet", "silenced"),
        ("Untold", "undelivered"),
        ("Waiting", "pending"),
    ]


def test_it_is_not_all_clear_and_says_why(board: dict[str, Any]) -> None:
    assert board["all_clear"] is False
    assert board["doubts"] == ["1 alert fires that no Alertmanager has: nobody is being told"]
    assert board["watchdog"]["present"] is True


def test_what_both_servers_know_is_in_the_row(board: dict[str, Any]) -> None:
    rows = {alert["name"]: alert for alert in board["alerts"]}
    assert rows["Burning"]["value"] == 3.0
    assert rows["Burning"]["labels"] == {
        "alertname": "Burning", "severity": "critical", "service": "mail", "cluster": "test",
    }  # fmt: skip
    assert rows["Burning"]["receivers"] == ["nobody"]
    assert len(rows["Burning"]["seen_by"]) == 3
    assert rows["Covered"]["inhibited_by"] == [rows["Burning"]["fingerprint"]]
    assert len(rows["Quiet"]["silenced_by"]) == 1
    assert 3400 < rows["Waiting"]["pending_left_seconds"] <= 3600
    assert len(rows["Untold"]["seen_by"]) == 1


def test_sources_are_fresh_or_standing_by(board: dict[str, Any]) -> None:
    states = sorted((source["kind"], source["state"]) for source in board["sources"])
    assert states[:3] == [("alertmanager", "fresh"), ("alertmanager", "fresh"), ("prometheus", "fresh")]


def test_fingerprints_are_alertmanagers(servers: Pair) -> None:
    alerts = get(f"{servers.alertmanager[0]}/api/v2/alerts")
    assert alerts
    assert [fingerprint(alert["labels"]) for alert in alerts] == [alert["fingerprint"] for alert in alerts]


def test_the_table_says_the_same(servers: Pair) -> None:
    ran = cockpit(servers, "alerts", "-f", "@state=inhibited")
    assert ran.returncode == 0
    head, row = ran.stdout.splitlines()
    assert head.split() == ["SEV", "ALERT", "WHERE", "STATE", "VALUE", "SINCE", "OWNER"]
    assert row.startswith("WARN  Covered  cluster=test  inhibited by Burning")


def test_no_source_at_all_is_inconclusive(servers: Pair, tmp_path: Path) -> None:
    nowhere = tmp_path / "config.toml"
    nowhere.write_text(
        '[contexts.x]\nprometheus = ["http://127.0.0.1:1"]\nalertmanager = ["http://127.0.0.1:1"]\n'
    )
    ran = cockpit(Pair(servers.prometheus, servers.alertmanager, nowhere), "alerts", "-o", "json")
    assert ran.returncode == 3
    document = json.loads(ran.stdout)
    assert document["all_clear"] is False
    assert {source["state"] for source in document["sources"]} == {"failed"}
    assert len(document["doubts"]) >= 2
