"""Who plays what, and what is left over: by locks that end with a process, the journal, and the gateway."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from cockpit import config
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.source import SourceError
from cockpit.config import Context
from cockpit.errors import CockpitError, UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.play import plays
from cockpit.scenarios.play.groups import Leftover, delete, forget, left_here, leftovers, look
from cockpit.scenarios.play.plays import Play, claim, playing
from cockpit.session import Session
from tests.scenarios.gateway import URL, Gateway

ROOT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Locks and journal are the test's own."""
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path))
    return tmp_path


def new_play(scenario: str = "x", **changed: Any) -> Play:
    given = {"title": "t", "context": "test", "gateway": URL, "interval": 15.0, "duration": 900.0}
    return plays.new_play(
        **{"scenario": scenario, "recover": 300.0, "speed": 1.0, "now": 1.0, **given, **changed}
    )


def open_and_die(play: Play) -> None:
    """Journal what a play that was killed leaves in the journal."""
    opened = {k: v for k, v in msgspec.structs.asdict(play).items() if not k.endswith("_at")}
    Journal().append("group.opened", **opened)


def session(gateway: Gateway | None, **changed: Any) -> Session:
    context = Context(name="test", prometheus=("http://prom",), pushgateway=URL, **changed)
    return Session(context, Prometheus.of(context), (), pushgateway=gateway.client if gateway else None)


@pytest.fixture
def other_process() -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """What starts a process that holds the group of x until it is killed."""
    script = (
        "import sys, time; from cockpit.journal.journal import Journal\n"
        "from cockpit.scenarios.play import plays\n"
        "play = plays.new_play(scenario='x', title='t', context='test', gateway='http://gateway',"
        " interval=15.0, duration=900.0, recover=300.0, speed=1.0, now=time.time())\n"
        "with plays.claim(Journal(), play): print('held', flush=True); sys.stdin.read()\n"
    )
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_what_is_claimed_is_played_until_it_is_released() -> None:
    journal = Journal()
    with claim(journal, new_play(title="a\x1b[2Jb")) as held:
        assert playing(journal) == (held.play,)
        assert held.play.title == "a\u241b[2Jb"
        assert (held.play.pid, held.orphaned) == (os.getpid(), False)
        opened = held.play.opened_at
        assert [held.play.t(opened + after) for after in (0, 10, 60)] == pytest.approx([-30, -20, 0])
        journal.append("group.rising", run=held.play.run)
        (seen,) = playing(journal)
        assert seen.started_at is not None
        assert (seen.phase(seen.started_at), seen.t(seen.started_at + 5)) == ("unhealthy", 5)
    assert playing(journal) == ()
    assert [play.run for play in plays.unclosed(journal)] == [held.play.run]
    assert list((config.state_dir() / "playing").iterdir()) == []


def test_two_gateways_and_two_scenarios_do_not_touch() -> None:
    journal = Journal()
    with (
        claim(journal, new_play("x")),
        claim(journal, new_play("x", gateway="http://other")),
        claim(journal, new_play("y")),
    ):
        assert len(playing(journal)) == 3


def test_a_group_that_another_process_plays_is_refused_by_pid_and_time(
    other_process: Callable[[], "subprocess.Popen[bytes]"],
) -> None:
    process = other_process()
    with (
        pytest.raises(UsageError, match=rf"x is being played on {URL} by pid {process.pid} since 20"),
        claim(Journal(), new_play()),
    ):
        pass
    assert [play.pid for play in playing(Journal())] == [process.pid]


def test_a_process_that_is_killed_plays_no_more_and_the_next_knows_of_it(
    other_process: Callable[[], "subprocess.Popen[bytes]"],
) -> None:
    process = other_process()
    process.send_signal(signal.SIGKILL)
    process.wait()
    journal = Journal()
    assert playing(journal) == ()
    assert [play.pid for play in plays.unclosed(journal)] == [process.pid]
    with claim(journal, new_play()) as held:
        assert held.orphaned
        assert [play.run for play in plays.unclosed(journal)] == [held.play.run]
    plays.close(journal, held.play.key, "deleted")
    assert plays.unclosed(journal) == ()


def test_a_lock_that_cannot_be_written_is_said_with_the_remedy(state: Path) -> None:
    (state / "playing").write_text("")
    with (
        pytest.raises(CockpitError, match=r"lock .*playing/.*COCKPIT_STATE_DIR"),
        claim(Journal(), new_play()),
    ):
        pass
    assert Journal().entries() == ()


async def test_a_killed_plays_group_is_left_over_until_it_is_deleted() -> None:
    gateway, journal = Gateway(), Journal()
    play = new_play()
    open_and_die(play)
    gateway.put(play.grouping, "c_total 1\n", age=1)
    (left,) = await leftovers(session(gateway), journal)
    assert (left.scenario, left.gateway, left.context, left.known_from) == ("x", URL, "test", "journal")
    assert left.pushed_at is not None
    await delete(session(gateway), left, journal)
    assert gateway.groups == {}
    assert plays.unclosed(journal) == ()
    assert await leftovers(session(gateway), journal) == ()


async def test_a_group_that_is_gone_is_closed() -> None:
    journal = Journal()
    open_and_die(new_play())
    assert await leftovers(session(Gateway()), journal) == ()
    assert plays.unclosed(journal) == ()
    assert journal.entries("group.closed")[0].data["how"] == "gone"


async def test_what_is_being_played_is_not_left_over() -> None:
    gateway, journal = Gateway(), Journal()
    with claim(journal, new_play()) as held:
        gateway.put(held.play.grouping, age=3600)
        assert await leftovers(session(gateway), journal) == ()
        left = Leftover(
            grouping=held.play.grouping,
            gateway=URL,
            scenario="x",
            pushed_at=1,
            context="",
            known_from="journal",
        )
        with pytest.raises(UsageError, match="is being played"):
            await delete(session(gateway), left, journal)
    assert len(gateway.groups) == 1


async def test_what_begins_while_leftovers_are_looked_for_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, journal = Gateway(), Journal()
    begun = contextlib.ExitStack()
    entries = Journal.entries

    def meanwhile(self: Journal, *kinds: str) -> Any:
        monkeypatch.setattr(Journal, "entries", entries)
        begun.enter_context(claim(journal, new_play()))
        return entries(self, *kinds)

    monkeypatch.setattr(Journal, "entries", meanwhile)
    with begun:
        assert await leftovers(session(gateway), journal) == ()
        assert len(plays.unclosed(journal)) == 1


async def test_groups_of_other_machines_count_once_nobody_pushes_them() -> None:
    gateway, journal = Gateway(), Journal()
    gateway.put({"job": "relay_synth", "synthetic": "old"}, age=61)
    gateway.put({"job": "relay_synth", "synthetic": "fresh"}, age=50)
    gateway.put({"job": "another"}, age=3600)
    (left,) = await leftovers(session(gateway), journal)
    assert (left.scenario, left.known_from) == ("old", "gateway")
    await delete(session(gateway), left, journal)
    assert [dict(key).get("synthetic") for key in gateway.groups] == ["fresh", None]


async def test_a_gateway_that_cannot_be_asked_keeps_its_leftovers_with_the_reason() -> None:
    journal = Journal()
    open_and_die(new_play(gateway=NOBODY))
    found = await look(session(Gateway()), journal)
    (left,) = found.leftovers
    assert (left.gateway, left.pushed_at) == (NOBODY, None)
    assert left.reason is not None
    assert "refused" in left.reason
    assert list(found.unasked) == [NOBODY]
    with pytest.raises(SourceError):
        await delete(session(None), left, journal)
    assert len(plays.unclosed(journal)) == 1


async def test_that_the_contexts_own_gateway_is_silent_is_said() -> None:
    gateway = Gateway(lambda method, path: httpx.Response(500))
    found = await look(session(gateway), Journal())
    assert found.leftovers == ()
    assert list(found.unasked) == [URL]


async def test_what_a_lab_that_is_gone_left_is_closed_without_asking() -> None:
    journal = Journal()
    open_and_die(new_play(context="lab", gateway="http://127.0.0.1:9"))
    open_and_die(new_play(context="lab", gateway="http://lab.example.invalid"))
    found = await look(session(Gateway()), journal)
    assert [left.gateway for left in found.leftovers] == ["http://lab.example.invalid"]
    assert [play.gateway for play in plays.unclosed(journal)] == ["http://lab.example.invalid"]


async def test_a_read_only_context_deletes_nothing() -> None:
    gateway, journal = Gateway(), Journal()
    gateway.put({"job": "relay_synth", "synthetic": "old"}, age=3600)
    (left,) = await leftovers(session(gateway), journal)
    with pytest.raises(UsageError, match="read-only"):
        await delete(session(gateway, read_only=True), left, journal)
    assert len(gateway.groups) == 1


@pytest.mark.parametrize(
    "data", [{}, {"run": 3}, {"run": "r", "gateway": None}, {"run": "r", "grouping": {"job": ""}}]
)
def test_an_entry_that_is_no_play_is_none(data: dict[str, Any]) -> None:
    Journal().append("group.opened", **data)
    Journal().append("group.rising", run="r")
    Journal().append("group.closed", run=["r"])
    assert plays.unclosed(Journal()) == ()


async def test_what_a_killed_play_left_is_known_without_asking_a_server_and_can_be_forgotten() -> None:
    open_and_die(new_play("x", gateway=NOBODY))
    assert [play.scenario for play in left_here(Journal())] == ["x"]
    async with session(Gateway()) as opened:
        (left,) = (await look(opened, Journal())).leftovers
        assert left.reason
        forget(left, Journal())
        assert (await look(opened, Journal())).leftovers == ()
    assert left_here(Journal()) == ()
