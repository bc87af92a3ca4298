"""Plays on a real Pushgateway: killed, restarted, stopped; what is left is listed, deleted, taken over."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cockpit.clients.pushgateway import Pushgateway
from cockpit.config import Context
from cockpit.errors import CockpitError
from cockpit.journal.journal import Journal
from cockpit.lab import servers
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.player import Player
from cockpit.scenarios.play.plays import playing, unclosed
from tests.integration.conftest import get_json
from tests.integration.pair import free_port
from tests.waiting import until, wait_until

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
HOSTILE = 'a"b\\c\n{}#/é\u202e' + "\u2028=, "

SCENARIO: dict[str, Any] = {
    "name": "left-behind",
    "title": "left behind",
    "duration": 60.0,
    "recover": 0.5,
    "interval": 0.1,
    "labels": {"who": HOSTILE},
    "signals": [
        {"counter": "left_total", "rate": 100, "healthy": 0},
        {"histogram": "left_seconds", "rate": 50, "p50": 0.1, "p95": 0.4},
    ],
}
STOPPABLE = """
import asyncio, json, signal, sys
from cockpit.clients.pushgateway import Pushgateway
from cockpit.config import Context
from cockpit.journal.journal import Journal
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.player import Player

async def main():
    gateway = Pushgateway.of(Context(pushgateway=sys.argv[1]))
    player = Player(Scenario.model_validate_json(sys.argv[2]), gateway, journal=Journal(), context="test")
    told = []
    def end():
        told.append(1)
        player.recover() if len(told) == 1 else player.stop()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    await player.run()
    await gateway.close()

asyncio.run(main())
"""


class Server:
    """A Pushgateway that keeps nothing on disk, on a port of its own."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        address = self.url.removeprefix("http://")
        command = [self.program, "--persistence.file=", f"--web.listen-address={address}"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: servers.is_ready(self.url), "the Pushgateway is ready")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def groups(self) -> dict[str, Any]:
        """What is pushed by scenarios, by their name."""
        found = get_json(self.url, "/api/v1/metrics")["data"]
        return {g["labels"]["synthetic"]: g for g in found if g["labels"]["job"] == "relay_synth"}

    def counter(self) -> float:
        """The counter's value; below 0 where it is not there."""
        family = self.groups().get("left-behind", {}).get("left_total")
        return float(family["metrics"][0]["value"]) if family else -1.0


@pytest.fixture
def server(binaries: dict[str, str], own_state: Path) -> Iterator[Server]:
    """A Pushgateway of the test's own, and a state folder."""
    started = Server(binaries["pushgateway"])
    started.start()
    yield started
    started.kill()


@pytest.fixture
def start(server: Server) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """What starts a process that plays the scenario and takes TERM as `scenario run` does."""
    started: list[subprocess.Popen[bytes]] = []

    def run() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", STOPPABLE, server.url, json.dumps(SCENARIO)]
        started.append(subprocess.Popen(command, cwd=ROOT))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


class Watching:
    """Reads the counter over and over, in a thread."""

    def __init__(self, server: Server) -> None:
        self.seen: list[float] = []
        self._server, self._ends = server, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watching":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.wait(0.02):
            self.seen.append(self._server.counter())


def cockpit(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cockpit", "scenario", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_killed_play_is_listed_taken_over_without_a_reset_and_deleted(
    server: Server, start: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    with Watching(server) as watching:
        first = start()
        wait_until(lambda: server.counter() > 20)
        first.kill()
        first.wait()
        assert server.counter() > 20
        listed = cockpit("leftovers", "--pushgateway", server.url, "-o", "json")
        second = start()
        before = server.counter()
        wait_until(lambda: server.counter() > before + 20)
        second.kill()
        second.wait()
    assert watching.seen[-1] > before
    assert all(b >= a for a, b in pairwise(watching.seen))

    assert listed.returncode == 1, listed.stderr
    (left,) = json.loads(listed.stdout)["leftovers"]
    assert left["grouping"] == {"job": "relay_synth", "synthetic": "left-behind"}
    assert (left["gateway"], left["known_from"], left["deleted"]) == (server.url, "journal", False)
    deleted = cockpit("leftovers", "--delete")
    assert deleted.returncode == 0, deleted.stderr
    assert "deleted left-behind" in deleted.stderr
    assert server.groups() == {}
    again = cockpit("leftovers", "--pushgateway", server.url)
    assert (again.returncode, again.stdout) == (0, "")


def test_with_its_gateway_down_a_leftover_stays_and_is_told(
    server: Server, start: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    process = start()
    wait_until(lambda: server.counter() >= 0)
    process.kill()
    process.wait()
    server.kill()
    listed = cockpit("leftovers")
    assert listed.returncode == 1
    assert "could not be asked" in listed.stdout
    assert "refused" in listed.stderr
    assert cockpit("leftovers", "--delete").returncode == 3
    assert len(unclosed(Journal())) == 1


def test_a_play_is_stopped_by_its_name(
    server: Server, start: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    process = start()
    wait_until(lambda: server.counter() > 0)
    done = cockpit("stop", "left-behind")
    assert done.returncode == 0, done.stderr
    assert "recovering" in done.stderr
    assert server.groups() == {}
    assert process.wait(30) == 0
    kinds = [entry.kind for entry in Journal().entries()]
    assert kinds == ["group.opened", "group.rising", "group.recovering", "group.closed"]
    none = cockpit("stop", "left-behind")
    assert (none.returncode, none.stdout) == (1, "")
    assert "is not played on this machine" in none.stderr


def test_a_play_is_stopped_at_once(server: Server, start: Callable[[], "subprocess.Popen[bytes]"]) -> None:
    slow = {**SCENARIO, "recover": 3600.0}
    process = subprocess.Popen([sys.executable, "-c", STOPPABLE, server.url, json.dumps(slow)], cwd=ROOT)
    try:
        wait_until(lambda: server.counter() > 0)
        done = cockpit("stop", "left-behind", "--now")
        assert done.returncode == 0, done.stderr
        assert server.groups() == {}
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def test_what_a_lab_plays_is_stopped_with_the_lab(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "synthetic"
    folder.mkdir()
    (folder / "left-behind.yaml").write_text(json.dumps(SCENARIO))
    command = [sys.executable, "-m", "cockpit.scenarios.play.child", "--pushgateway", server.url]
    process = subprocess.Popen(
        [*command, "--scenarios", str(tmp_path), "--until-stdin-ends", "left-behind"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
    )
    try:
        wait_until(lambda: server.counter() > 0)
        refused = cockpit("stop", "left-behind")
        assert refused.returncode == 1
        assert "cockpit lab down" in refused.stderr
        assert [play.pid for play in playing(Journal())] == [process.pid]
        process.communicate()
        assert process.returncode == 0
        assert server.groups() == {}
        assert unclosed(Journal()) == ()
    finally:
        process.kill()
        process.wait()


async def test_hostile_label_values_arrive_byte_exact(server: Server) -> None:
    async with _Playing(server) as player:
        await until(lambda: player.pushed_at is not None)
        metrics = server.groups()["left-behind"]["left_total"]["metrics"]
        assert metrics[0]["labels"]["who"] == HOSTILE
        player.stop()
        await player.task
    assert server.groups() == {}


async def test_a_gateway_that_restarts_in_the_middle_is_a_gap_and_the_values_go_on(server: Server) -> None:
    async with _Playing(server) as player:
        await until(lambda: server.counter() > 20)
        before = server.counter()
        await asyncio.to_thread(server.kill)
        await until(lambda: player.trouble is not None)
        await asyncio.to_thread(server.start)
        await until(lambda: bool(player.gaps) and player.gaps[-1].end is not None)
        assert server.counter() > before
        (gap,) = player.gaps
        assert gap.reason.endswith("the gateway restarted")
        assert gap.start < (gap.end or 0) <= time.time()
        assert len([line for line in player.said if "refused" in line]) == 1


async def test_a_clash_of_types_ends_the_play_and_leaves_nothing(server: Server) -> None:
    gateway = Pushgateway.of(Context(pushgateway=server.url))
    await gateway.push({"job": "other"}, b"# TYPE left_total gauge\nleft_total 1\n")
    async with _Playing(server) as player:
        with pytest.raises(
            CockpitError, match=r"refuses the push: .*inconsistent.* is not a (GAUGE|COUNTER): delete"
        ):
            await player.task
    assert server.groups() == {}
    assert unclosed(Journal()) == ()
    await gateway.close()


class _Playing(Player):
    """The scenario played in this process; `said` is what it told."""

    def __init__(self, server: Server) -> None:
        self.said: list[str] = []
        self.gateway = Pushgateway.of(Context(pushgateway=server.url))
        super().__init__(
            Scenario.model_validate(SCENARIO),
            self.gateway,
            journal=Journal(),
            context="test",
            say=self.said.append,
        )

    async def __aenter__(self) -> "_Playing":
        self.task = asyncio.create_task(self.run())
        return self

    async def __aexit__(self, *error: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        await self.gateway.close()
