"""The commands without a screen, in a terminal, on servers and runbooks full of payloads."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.escapes import violations
from tests.pty.payloads import ALL, NEEDLES, hostile_runbooks, hostile_world
from tests.pty.servers import Pair, World, serving
from tests.pty.terminal import cockpit, launched, terminal
from tests.pty.test_walk import UNGUARDED

COMMANDS = {
    "alerts": ["alerts"],
    "alerts wide": ["alerts", "-o", "wide"],
    "alerts json": ["alerts", "-o", "json"],
    "alerts filtered": ["alerts", "-f", f"x={json.dumps(ALL.replace(chr(0), ''))}"],
    "triage": ["triage", "severity=critical"],
    "triage json": ["triage", "severity=critical", "-o", "json"],
    "runbook list": ["runbook", "list"],
    "runbook list json": ["runbook", "list", "-o", "json"],
    "runbook show": ["runbook", "show", "main-hostile"],
    "query": ["query", "up"],
    "query range": ["query", "up", "--range", "5m", "--step", "60s"],
    "query json": ["query", "up", "-o", "json"],
    "query csv": ["query", "up", "-o", "csv"],
    "query refused": ["query", f"refuse {ALL.replace(chr(0), '')}"],
    "config show": ["config", "show"],
    "no such command": [ALL.replace(chr(0), "")],
    "no such context": ["alerts", "--context", ALL.replace(chr(0), "")],
    "no such runbook": ["runbook", "show", ALL.replace(chr(0), "")],
}


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with serving(hostile_world()) as pair:
        yield pair


@pytest.fixture(scope="module")
def runbooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_runbooks(tmp_path_factory.mktemp("hostile") / "runbooks")


def environment(servers: Pair, runbooks: Path, folder: Path) -> dict[str, str]:
    return {
        "COCKPIT_STATE_DIR": str(folder / "state"),
        "COCKPIT_PROMETHEUS": servers.prometheus.url,
        "COCKPIT_ALERTMANAGER": servers.alertmanager.url,
        "COCKPIT_RUNBOOKS": str(runbooks),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_lets_a_control_code_through(
    servers: Pair, runbooks: Path, tmp_path: Path, name: str
) -> None:
    env = environment(servers, runbooks, tmp_path)
    with terminal(cockpit(*COMMANDS[name]), env=env) as shown:
        code = shown.exit_code()
        assert violations(shown.raw, NEEDLES) == []
        assert b"\x1b" not in shown.raw
        assert b"internal error" not in shown.raw
        assert b"Traceback" not in shown.raw
        assert code in {0, 2, 3}
        assert shown.raw.strip()


@pytest.mark.parametrize("name", ["alerts", "alerts json", "triage", "runbook show", "query refused"])
def test_the_commands_are_caught_when_text_is_not_cleaned(
    servers: Pair, runbooks: Path, tmp_path: Path, name: str
) -> None:
    env = environment(servers, runbooks, tmp_path)
    with terminal(launched(UNGUARDED, *COMMANDS[name]), env=env) as shown:
        shown.exit_code()
        assert violations(shown.raw, NEEDLES)


def test_what_json_escapes_decodes_to_the_very_bytes(servers: Pair, runbooks: Path, tmp_path: Path) -> None:
    env = environment(servers, runbooks, tmp_path)
    with terminal(cockpit("alerts", "-o", "json"), env=env, columns=200) as shown:
        assert shown.exit_code() == 0
        text = shown.raw.decode().replace("\r\n", "\n")
    start = re.search(r"^\{", text, re.MULTILINE)
    assert start is not None
    document, _ = json.JSONDecoder().raw_decode(text[start.start() :])
    names = {alert["labels"]["alertname"] for alert in document["alerts"]}
    assert names == {alert["labels"]["alertname"] for alert in hostile_world().alerts}


def test_no_fault_prints_an_all_clear(runbooks: Path, tmp_path: Path) -> None:
    with serving(World()) as pair:
        env = environment(pair, runbooks, tmp_path)
        pair.alertmanager.stop()
        with terminal(cockpit("alerts", "-o", "json"), env=env) as shown:
            shown.exit_code()
            assert b'"all_clear": false' in shown.raw
            assert b"refused" in shown.raw
        pair.alertmanager = pair.alertmanager.again()
        with terminal(cockpit("alerts", "-o", "json"), env=env) as shown:
            shown.exit_code()
            assert b'"all_clear": true' in shown.raw
