"""Playing scenarios: their series pushed at every interval, and deleted at the end however it comes.

As a process: `python -m cockpit.scenarios.player --pushgateway URL --speed 60 baseline error-rate-warn`. A
scenario without a duration plays until the process is told to stop, by TERM, INT or, with --until-stdin-ends,
by the end of standard input; what is pushed then is deleted at once.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from cockpit import config
from cockpit.clients.pushgateway import Pushgateway
from cockpit.clients.source import SourceError
from cockpit.config import Context
from cockpit.errors import CockpitError
from cockpit.scenarios import files
from cockpit.scenarios.exposition import text
from cockpit.scenarios.model import JOB, Scenario
from cockpit.scenarios.signals import values_at

_TIMEOUT = 2.0
_LEAD = 2
"""Intervals for which a scenario stands at its baseline, so that it is scraped before it rises."""


def _grouping(scenario: Scenario) -> dict[str, str]:
    return {"job": JOB, "synthetic": scenario.name}


async def play(
    scenario: Scenario,
    gateway: Pushgateway,
    stop: asyncio.Event,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Push `scenario`, in real seconds, until it has recovered or `stop` is set; then delete it.

    A push that fails is said once and tried again at the next interval; the clock begins with the first that
    succeeds.
    """
    loop = asyncio.get_running_loop()
    grouping, start, failing = _grouping(scenario), None, False
    end = None if scenario.duration is None else scenario.duration + scenario.recover
    try:
        tick = loop.time()
        while not stop.is_set():
            t = 0.0 if start is None else loop.time() - start
            if end is not None and t >= end:
                break
            try:
                await gateway.push(grouping, text(values_at(scenario, t)))
                start, failing = start or loop.time() + _LEAD * scenario.interval, False
            except SourceError as error:
                if not failing:
                    say(f"{scenario.name}: {error}")
                failing = True
            tick = max(tick + scenario.interval, loop.time())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), tick - loop.time())
    finally:
        await _delete(scenario, gateway, say)


async def _delete(scenario: Scenario, gateway: Pushgateway, say: Callable[[str], None]) -> None:
    try:
        await gateway.delete(_grouping(scenario))
    except SourceError as error:
        say(f"{scenario.name}: not deleted: {error}")


async def play_all(
    scenarios: Sequence[Scenario], pushgateway: str, stop: asyncio.Event, say: Callable[[str], None]
) -> None:
    """Play several scenarios at once until all have ended or `stop` is set."""
    gateway = Pushgateway.of(Context(pushgateway=pushgateway, timeout=_TIMEOUT))
    try:
        async with asyncio.TaskGroup() as group:
            for scenario in scenarios:
                group.create_task(play(scenario, gateway, stop, say))
    finally:
        await gateway.close()


def command(
    names: Sequence[str], *, pushgateway: str, speed: float, folder: Path, hold: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the command line of a player that ends with its standard input; `hold` play without an end."""
    held = (word for name in hold for word in ("--hold", name))
    module = ("-P", "-m", "cockpit.scenarios.player", "--until-stdin-ends")
    where = ("--pushgateway", pushgateway, "--speed", f"{speed:g}", "--scenarios", str(folder))
    return (sys.executable, *module, *where, *held, "--", *names)


async def _main(options: argparse.Namespace, scenarios: Sequence[Scenario]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    if options.until_stdin_ends:
        threading.Thread(target=watch, daemon=True).start()
    await play_all(scenarios, options.pushgateway, stop, say)
    if options.until_stdin_ends:
        await stop.wait()


def main() -> None:
    """Play what the command line names."""
    parser = argparse.ArgumentParser(description="Push synthetic scenarios to a Pushgateway.")
    parser.add_argument("names", nargs="+", metavar="SCENARIO")
    parser.add_argument("--pushgateway", required=True, metavar="URL")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--scenarios", type=Path, default=config.shipped("scenarios"), metavar="DIR")
    parser.add_argument("--hold", action="append", default=[], metavar="SCENARIO", help="play it without end")
    parser.add_argument("--until-stdin-ends", action="store_true")
    options = parser.parse_args()
    try:
        scenarios = [files.find(name, options.scenarios) for name in options.names]
        playing = [
            (each.held() if each.name in options.hold else each).at_speed(options.speed) for each in scenarios
        ]
        asyncio.run(_main(options, playing))
    except CockpitError as error:
        parser.exit(error.exit_code, f"error: {error}\n")


if __name__ == "__main__":
    main()
