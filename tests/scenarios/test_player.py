"""Playing: the group is pushed under its own key, rises, recovers, and is deleted however it ends."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import httpx

from cockpit.clients.pushgateway import Pushgateway
from cockpit.config import Context
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.player import command, play

PATH = "/metrics/job/relay_synth/synthetic/x"


def scenario(duration: float | None, recover: float = 0.0) -> Scenario:
    signal = {"counter": "c_total", "rate": 100, "healthy": 0}
    return Scenario.model_validate(
        {
            "name": "x",
            "title": "t",
            "duration": duration,
            "recover": recover,
            "interval": 0.01,
            "signals": [signal],
        }
    )


class Gateway:
    """A Pushgateway that remembers what it was told."""

    def __init__(self, answer: Callable[[int], int] = lambda n: 200) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.answer = answer
        self._pushed = asyncio.Condition()
        context = Context(pushgateway="http://gateway")
        self.client = Pushgateway.of(context, httpx.MockTransport(self._take))

    async def pushed(self, count: int) -> None:
        async with self._pushed:
            await asyncio.wait_for(self._pushed.wait_for(lambda: len(self.calls) >= count), 5)

    async def _take(self, request: httpx.Request) -> httpx.Response:
        async with self._pushed:
            self.calls.append((request.method, request.url.path, request.content.decode()))
            self._pushed.notify_all()
        return httpx.Response(202 if request.method == "DELETE" else self.answer(len(self.calls)))

    def values(self) -> list[float]:
        found = (
            re.search(r"^c_total (\S+)$", body, re.MULTILINE)
            for method, _, body in self.calls
            if method == "PUT"
        )
        return [float(match[1]) for match in found if match]


async def test_it_stands_at_its_baseline_rises_recovers_and_is_deleted() -> None:
    gateway = Gateway()
    await play(scenario(0.1, 0.05), gateway.client, asyncio.Event())
    values = gateway.values()
    assert {path for _, path, _ in gateway.calls} == {PATH}
    assert [method for method, _, _ in gateway.calls] == ["PUT"] * len(values) + ["DELETE"]
    assert values[0] == 0
    assert values == sorted(values)
    assert values[-1] == 10
    await gateway.client.close()


async def test_stopping_deletes_at_once() -> None:
    gateway, stop = Gateway(), asyncio.Event()
    task = asyncio.create_task(play(scenario(None), gateway.client, stop))
    await gateway.pushed(5)
    stop.set()
    await asyncio.wait_for(task, 5)
    assert gateway.calls[-1][0] == "DELETE"
    await gateway.client.close()


async def test_cancelling_deletes_too() -> None:
    gateway = Gateway()
    task = asyncio.create_task(play(scenario(None), gateway.client, asyncio.Event()))
    await gateway.pushed(3)
    task.cancel()
    await asyncio.wait([task])
    assert gateway.calls[-1][0] == "DELETE"
    await gateway.client.close()


async def test_a_gateway_that_refuses_is_said_once_and_tried_again() -> None:
    said: list[str] = []
    gateway = Gateway(lambda n: 500 if n <= 3 else 200)
    await play(scenario(0.05), gateway.client, asyncio.Event(), said.append)
    assert len(said) == 1
    assert said[0].startswith("x: ")
    assert gateway.values()[3] == 0
    await gateway.client.close()


def test_the_command_line_of_a_player_keeps_names_apart_from_options(tmp_path: Path) -> None:
    words = command(["baseline"], pushgateway="http://g", speed=60, folder=tmp_path, hold=["baseline"])
    assert words[1:4] == ("-P", "-m", "cockpit.scenarios.player")
    assert words[-2:] == ("--", "baseline")
    assert words[words.index("--speed") + 1] == "60"
    assert words[words.index("--hold") + 1] == "baseline"
