"""Playing scenarios as a process of its own, for a lab: `python -m cockpit.scenarios.play.child --help`.

A scenario without a duration plays until the process is told to stop, by TERM, INT, HUP or, with
--until-stdin-ends, by the end of standard input; what is pushed then is deleted at once.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from cockpit import config
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.pushgateway import Pushgateway
from cockpit.config import Context
from cockpit.errors import CockpitError
from cockpit.journal.journal import Journal
from cockpit.scenarios import files
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.grouping import grouping_of
from cockpit.scenarios.play.player import Player
from cockpit.scenarios.play.scraped import until_scraped
from cockpit.text import one_line

_TIMEOUT = 2.0


async def play_all(
    scenarios: Sequence[Scenario],
    pushgateway: str,
    stop: asyncio.Event,
    say: Callable[[str], None],
    *,
    context: str = config.LAB,
    speed: float = 1.0,
    prometheus: str | None = None,
) -> None:
    """Play several scenarios, in real seconds, until all have ended or `stop` is set.

    With the URL of a `prometheus` each stands at its baseline until that has scraped it. What is not deleted
    in the end stays in the journal; a lab's gateway ends at the same moment. Raises the first CockpitError of
    any, after which the others are stopped.
    """
    servers = Context(
        pushgateway=pushgateway, prometheus=(prometheus,) if prometheus else (), timeout=_TIMEOUT
    )
    gateway, watching, journal = Pushgateway.of(servers), Prometheus.of(servers), Journal()

    def made(scenario: Scenario) -> Player:
        return Player(
            scenario,
            gateway,
            journal=journal,
            context=context,
            speed=speed,
            player="lab",
            patience=0.0,
            seen=partial(until_scraped, watching, grouping_of(scenario.name)) if prometheus else None,
            say=say,
        )

    players = [made(each) for each in scenarios]

    async def watch() -> None:
        await stop.wait()
        for player in players:
            player.stop()

    ending = asyncio.create_task(watch())
    try:
        async with asyncio.TaskGroup() as group:
            for player in players:
                group.create_task(player.run())
    except ExceptionGroup as errors:
        raise _first(errors) from None
    finally:
        ending.cancel()
        await gateway.close()
        await watching.close()


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def command(
    names: Sequence[str],
    *,
    pushgateway: str,
    prometheus: str,
    speed: float,
    folder: Path,
    hold: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the command line of a player that ends with its standard input; `hold` play without an end."""
    held = (word for name in hold for word in ("--hold", name))
    module = ("-P", "-m", "cockpit.scenarios.play.child", "--until-stdin-ends")
    servers = ("--pushgateway", pushgateway, "--prometheus", prometheus)
    where = (*servers, "--speed", f"{speed:g}", "--scenarios", str(folder))
    return (sys.executable, *module, *where, *held, "--", *names)


async def _main(options: argparse.Namespace, scenarios: Sequence[Scenario]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)

    def say(line: str) -> None:
        with contextlib.suppress(OSError):
            print(one_line(line), file=sys.stderr, flush=True)  # noqa: T201

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    if options.until_stdin_ends:
        threading.Thread(target=watch, daemon=True).start()
    await play_all(
        scenarios,
        options.pushgateway,
        stop,
        say,
        context=options.context,
        speed=options.speed,
        prometheus=options.prometheus,
    )
    if options.until_stdin_ends:
        await stop.wait()


def main() -> None:
    """Play what the command line names."""
    parser = argparse.ArgumentParser(description="Push synthetic scenarios to a Pushgateway.")
    parser.add_argument("names", nargs="+", metavar="SCENARIO")
    parser.add_argument("--pushgateway", required=True, metavar="URL")
    parser.add_argument("--prometheus", metavar="URL", help="rise only once it has scraped the baseline")
    parser.add_argument("--context", default=config.LAB, metavar="NAME")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--scenarios", type=Path, default=config.shipped("scenarios"), metavar="DIR")
    parser.add_argument("--hold", action="append", default=[], metavar="SCENARIO", help="play it without end")
    parser.add_argument("--until-stdin-ends", action="store_true")
    options = parser.parse_args()
    try:
        scenarios = [files.find(name, options.scenarios) for name in dict.fromkeys(options.names)]
        playing = [
            (each.held() if each.name in options.hold else each).at_speed(options.speed) for each in scenarios
        ]
        asyncio.run(_main(options, playing))
    except CockpitError as error:
        parser.exit(error.exit_code, f"error: {error}\n")


if __name__ == "__main__":
    main()
