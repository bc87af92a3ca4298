"""Playing: counters go on, failures are said and are gaps, and the group goes however it ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from cockpit.clients.source import SourceError
from cockpit.errors import CockpitError, InconclusiveError, UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.child import command
from cockpit.scenarios.play.grouping import grouping_of
from cockpit.scenarios.play.player import Player
from cockpit.scenarios.play.plays import playing, unclosed
from tests.scenarios.gateway import URL, Gateway
from tests.waiting import until

PATH = "/metrics/job/relay_synth/synthetic/x"
GROUP = grouping_of("x")


@pytest.fixture(autouse=True)
def _own_state(own_state_folder: Path) -> None:
    """Locks and journal are the test's own."""


@pytest.fixture
def own_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path))
    return tmp_path


def scenario(duration: float | None = None, recover: float = 0.0, **changed: Any) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "x",
            "title": "t",
            "duration": duration,
            "recover": recover,
            "interval": 0.02,
            "signals": [{"counter": "c_total", "rate": 100, "healthy": 0}],
            **changed,
        }
    )


def player(played: Scenario, gateway: Gateway, **said: Any) -> Player:
    return Player(played, gateway.client, journal=Journal(), context="test", **{"patience": 0.0, **said})


@contextlib.asynccontextmanager
async def running(one: Player) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(one.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def kinds() -> list[str]:
    return [entry.kind for entry in Journal().entries()]


def refusing(
    *methods: str, status: int = 500, text: str = "", times: int = 10**9
) -> Callable[[str, str], httpx.Response | None]:
    left = [times]

    def fails(method: str, path: str) -> httpx.Response | None:
        if method not in methods or left[0] <= 0:
            return None
        left[0] -= 1
        return httpx.Response(status, text=text)

    return fails


async def test_it_stands_at_its_baseline_rises_recovers_and_is_deleted() -> None:
    gateway = Gateway()
    one = player(scenario(0.1, 0.5), gateway)
    assert one.phase == "baseline"
    assert one.t(one._now()) == pytest.approx(-0.04, abs=0.01)
    await one.run()
    values = gateway.values()
    assert gateway.methods() == ["PUT"] * len(values) + ["DELETE"]
    assert {path for method, path, _ in gateway.calls if method != "GET"} == {PATH}
    assert values[:2] == [0, 0]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(10)
    assert kinds() == ["group.opened", "group.rising", "group.recovering", "group.closed"]
    assert one.started_at is not None
    assert one.recovering_at is not None
    assert one.recovering_at - one.started_at > 0.09
    assert (one.phase, one.series, one.gaps, one.left, one.trouble) == ("ended", 1, (), None, None)


async def test_a_journal_that_fills_up_meanwhile_costs_neither_the_play_nor_the_deletion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway, said = Gateway(), list[str]()
    one = player(scenario(0.1, 0.5), gateway, say=said.append)
    append = Journal.append

    def full(self: Journal, kind: str, /, **data: Any) -> Any:
        if kind != "group.opened":
            raise CockpitError("journal: no space left", remedy="free some")
        return append(self, kind, **data)

    monkeypatch.setattr(Journal, "append", full)
    await one.run()
    values = gateway.values()
    assert values[-1] == values[-2] == pytest.approx(10)
    assert (gateway.methods()[-1], gateway.groups, one.left) == ("DELETE", {}, None)
    assert said == ["x: journal: no space left: free some"] * 3


async def test_nothing_rises_before_somebody_who_looks_on_has_seen_the_baseline() -> None:
    gateway, seen = Gateway(), asyncio.Event()

    async def look() -> None:
        await seen.wait()

    one = player(scenario(), gateway, seen=look)
    async with running(one):
        await until(lambda: len(gateway.values()) >= 8)
        assert set(gateway.values()) == {0}
        assert (one.phase, one.started_at) == ("baseline", None)
        seen.set()
        await until(lambda: gateway.values()[-1] > 0)
        assert one.phase == "unhealthy"


async def test_a_baseline_that_nobody_ever_sees_ends_the_play_with_the_reason() -> None:
    gateway = Gateway()

    async def look() -> None:
        raise InconclusiveError("Prometheus does not see what is pushed")

    with pytest.raises(InconclusiveError, match="does not see"):
        await player(scenario(), gateway, seen=look).run()
    assert gateway.methods()[-1] == "DELETE"
    assert set(gateway.values()) == {0}


async def test_the_group_is_in_the_journal_before_anything_is_pushed() -> None:
    opened: list[list[str]] = []

    def look(method: str, path: str) -> httpx.Response | None:
        if method == "PUT" and not opened:
            opened.append([play.run for play in unclosed(Journal())])
        return None

    gateway = Gateway(look)
    one = player(scenario(0.02), gateway)
    await one.run()
    assert opened == [[one.play.run]]


async def test_without_a_journal_nothing_is_pushed(own_state_folder: Path) -> None:
    gateway = Gateway()
    (own_state_folder / "journal.jsonl").mkdir()
    with pytest.raises(CockpitError, match="COCKPIT_STATE_DIR"):
        await player(scenario(0.02), gateway).run()
    assert gateway.calls == []


async def test_recovering_early_heals_drains_and_deletes() -> None:
    gateway = Gateway()
    one = player(scenario(None, 0.5), gateway)
    async with running(one) as task:
        await until(lambda: gateway.values()[-1:] > [2])
        one.recover()
        one.recover()
        await task
    values = gateway.values()
    assert values == sorted(values)
    assert values[-4:] == [values[-1]] * 4
    assert gateway.groups == {}
    assert kinds()[-2:] == ["group.recovering", "group.closed"]


async def test_at_its_baseline_there_is_nothing_to_recover_from() -> None:
    gateway = Gateway()
    one = player(scenario(None, 60, interval=30), gateway)
    async with running(one) as task:
        await until(lambda: one.pushed_at is not None)
        one.recover()
        await asyncio.wait_for(task, 5)
    assert gateway.groups == {}
    assert kinds() == ["group.opened", "group.closed"]


async def test_stopping_deletes_at_once() -> None:
    gateway = Gateway()
    one = player(scenario(None, 60), gateway)
    async with running(one) as task:
        await until(lambda: one.phase == "unhealthy")
        one.stop()
        await asyncio.wait_for(task, 5)
    assert gateway.methods()[-1] == "DELETE"
    assert gateway.groups == {}


async def test_cancelling_deletes_too_however_often_it_is_repeated() -> None:
    gateway = Gateway()
    async with running(player(scenario(None), gateway)) as task:
        await until(lambda: len(gateway.bodies()) > 2)
        gateway.stalled = asyncio.Event()
        task.cancel()
        await asyncio.sleep(0)
        await until(lambda: gateway.methods()[-1] == "DELETE")
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        gateway.stalled.set()
        await asyncio.wait([task])
        assert task.cancelled()
    assert gateway.groups == {}
    assert unclosed(Journal()) == ()


async def test_what_cannot_be_deleted_is_said_and_stays_open() -> None:
    said: list[str] = []
    gateway = Gateway(refusing("DELETE"))
    one = player(scenario(0.02), gateway, say=said.append, patience=0.3)
    await one.run()
    assert gateway.methods()[-2:] == ["DELETE", "DELETE"]
    assert one.left is not None
    assert "500" in one.left
    assert "cockpit scenario leftovers" in said[-1]
    assert [play.run for play in unclosed(Journal())] == [one.play.run]


async def test_a_deletion_is_tried_again() -> None:
    gateway = Gateway(refusing("DELETE", times=1))
    await player(scenario(0.02), gateway, patience=5.0).run()
    assert gateway.groups == {}
    assert unclosed(Journal()) == ()


async def test_until_the_gateway_answers_the_baseline_waits() -> None:
    said: list[str] = []
    gateway = Gateway(refusing("GET", "PUT", times=6))
    one = player(scenario(0.02), gateway, say=said.append)
    await one.run()
    assert len(said) == 1
    assert said[0].startswith("x: ")
    assert gateway.values()[-3:-1] == [0, 0]
    assert one.gaps == ()


async def test_a_push_that_fails_in_the_middle_is_a_gap_until_the_next_good_one() -> None:
    gateway = Gateway()
    said: list[str] = []
    one = player(scenario(None), gateway, say=said.append)
    async with running(one):
        await until(lambda: one.phase == "unhealthy")
        gateway.fails = refusing("PUT", status=503, text="overloaded")
        await until(lambda: bool(one.gaps))
        assert one.trouble is not None
        assert "overloaded" in one.trouble
        last = one.pushed_at
        assert [(gap.start, gap.end) for gap in one.gaps] == [(last, None)]
        tried = len(gateway.bodies())
        await until(lambda: len(gateway.bodies()) > tried + 2)
        gateway.fails = lambda method, path: None
        await until(lambda: one.trouble is None)
        (gap,) = one.gaps
        assert gap.start == last
        assert gap.end is not None
        assert gap.end > gap.start
        assert "503" in gap.reason
    assert len([line for line in said if "503" in line]) == 1
    assert gateway.values() == sorted(gateway.values())


async def test_a_restart_of_the_gateway_is_a_gap_and_the_series_go_on() -> None:
    gateway = Gateway()
    said: list[str] = []
    one = player(scenario(None), gateway, say=said.append)
    one._restarts._clock = iter(range(10**6)).__next__
    async with running(one):
        await until(lambda: gateway.values()[-1:] > [1])
        gateway.restart()
        await until(lambda: bool(one.gaps))
        (gap,) = one.gaps
        assert gap.reason == "the gateway restarted"
        assert gap.end is not None
        assert gap.end > gap.start
        assert any("restarted" in line for line in said)
        await until(lambda: one.trouble is None)
    assert gateway.values() == sorted(gateway.values())


async def test_a_gateway_that_was_down_and_restarted_leaves_one_gap_with_both_reasons() -> None:
    gateway = Gateway()
    one = player(scenario(None), gateway)
    async with running(one):
        await until(lambda: one.phase == "unhealthy")
        gateway.fails = refusing("PUT", "GET", status=502)
        await until(lambda: bool(one.gaps))
        gateway.restart()
        gateway.fails = lambda method, path: None
        await until(lambda: one.gaps[-1].end is not None)
        (gap,) = one.gaps
        assert "502" in gap.reason
        assert gap.reason.endswith("; the gateway restarted")


@pytest.mark.parametrize("how", ["restarts", "fails"])
async def test_a_baseline_that_was_lost_is_held_again(how: str) -> None:
    gateway = Gateway()
    one = player(scenario(None, interval=0.2), gateway)
    async with running(one):
        await until(lambda: one.pushed_at is not None)
        if how == "restarts":
            one._restarts._looked = None
            gateway.restart()
        else:
            gateway.fails = refusing("PUT", times=1)
        await until(lambda: one.trouble is not None)
        if how == "fails":
            await until(lambda: one.trouble is None)
        there_again = one.pushed_at
        assert there_again is not None
        await until(lambda: one.phase == "unhealthy")
        assert one.started_at is not None
        assert one.started_at - there_again > 0.35
        assert one.gaps == ()


async def test_a_machine_that_slept_leaves_a_gap() -> None:
    gateway = Gateway()
    slept = [0.0]
    real = asyncio.get_running_loop().time
    one = player(scenario(None), gateway, clock=lambda: real() + slept[0], speed=2.0)
    async with running(one):
        await until(lambda: one.phase == "unhealthy")
        slept[0] = 90.0
        await until(lambda: bool(one.gaps) and one.gaps[0].end is not None)
        assert "nothing was pushed for 3m" in one.gaps[0].reason
        await until(lambda: gateway.values()[-1] > 9000)


async def test_counters_go_on_from_where_a_killed_play_left_them() -> None:
    gateway = Gateway()
    left = player(scenario(None), gateway).play
    Journal().append(
        "group.opened", **{k: getattr(left, k) for k in left.__struct_fields__ if k[-3:] != "_at"}
    )
    gateway.put(GROUP, "c_total 500\n")
    one = player(scenario(0.05, 0.5), gateway)
    await one.run()
    values = gateway.values()
    assert values[0] == 500
    assert values[-1] == pytest.approx(505)
    assert unclosed(Journal()) == ()


async def test_what_is_played_on_another_machine_is_refused_and_left_alone() -> None:
    gateway = Gateway()
    gateway.put(GROUP, "c_total 500\n", age=3)
    with pytest.raises(
        UsageError, match=r"x is being played on http://gateway from elsewhere: last push 3s ago"
    ):
        await player(scenario(60, interval=1), gateway).run()
    assert gateway.methods() == []
    assert unclosed(Journal()) == ()


async def test_what_another_machine_left_long_ago_is_taken_over() -> None:
    gateway = Gateway()
    gateway.put(GROUP, "c_total 500\n", age=3)
    await player(scenario(0.02), gateway).run()
    assert gateway.values()[0] == 500
    assert gateway.groups == {}


async def test_the_same_scenario_twice_is_refused_and_leaves_the_first_alone() -> None:
    gateway = Gateway()
    first = player(scenario(None), gateway)
    async with running(first):
        await until(lambda: first.phase == "unhealthy")
        pid = first.play.pid
        with pytest.raises(
            UsageError, match=rf"x is being played on {URL} by pid {pid} since 2.*scenario stop x"
        ):
            await player(scenario(0.02), gateway).run()
        assert "DELETE" not in gateway.methods()
        other = player(scenario(0.02, name="y"), gateway)
        await other.run()
        assert [play.run for play in playing(Journal())] == [first.play.run]


async def test_a_first_push_that_is_refused_ends_the_play_with_the_reason() -> None:
    gateway = Gateway(refusing("PUT", status=400, text="collected metric c is not a COUNTER"))
    with pytest.raises(
        CockpitError, match=r"refuses the push: collected metric c is not a COUNTER"
    ) as caught:
        await player(scenario(60), gateway).run()
    assert caught.value.exit_code == 1
    assert gateway.methods() == ["PUT", "DELETE"]
    assert unclosed(Journal()) == ()


async def test_a_gateway_that_lets_nobody_push_is_not_asked_to_delete() -> None:
    gateway = Gateway(refusing("PUT", "DELETE", status=403))
    with pytest.raises(SourceError, match="403"):
        await player(scenario(60), gateway).run()
    assert gateway.methods() == ["PUT"]
    assert unclosed(Journal()) == ()


async def test_what_is_no_pushgateway_is_told_at_once() -> None:
    gateway = Gateway(lambda method, path: httpx.Response(404))
    with pytest.raises(SourceError, match="not a Pushgateway"):
        await player(scenario(60), gateway).run()
    assert unclosed(Journal()) == ()


async def test_pushes_keep_their_pace() -> None:
    gateway = Gateway()
    one = player(scenario(1.0, interval=0.05), gateway)
    await one.run()
    steps = [b - a for a, b in pairwise(gateway.values()) if b > a]
    assert 10 <= len(steps) <= 21


async def test_the_journal_tells_others_how_far_it_is() -> None:
    gateway = Gateway()
    one = player(scenario(None, 60, interval=0.02), gateway, speed=60.0)
    async with running(one):
        await until(lambda: one.phase == "unhealthy")
        (seen,) = playing(Journal())
        assert seen == one.play
        assert (seen.phase(one._now()), seen.speed, seen.recover) == ("unhealthy", 60.0, 60.0)
        one.recover()
        await until(lambda: one.phase == "recovering")
        (seen,) = playing(Journal())
        assert seen.phase(one._now()) == "recovering"
        one.stop()
        await until(lambda: playing(Journal()) == ())


def test_the_command_line_of_a_player_keeps_names_apart_from_options(tmp_path: Path) -> None:
    words = command(
        ["baseline"],
        pushgateway="http://g",
        prometheus="http://p",
        speed=60,
        folder=tmp_path,
        hold=["baseline"],
    )
    assert words[1:4] == ("-P", "-m", "cockpit.scenarios.play.child")
    assert words[-2:] == ("--", "baseline")
    assert words[words.index("--speed") + 1] == "60"
    assert words[words.index("--hold") + 1] == "baseline"
