"""Playing scenarios as a process of its own: `python -m cockpit.scenarios.play.child --help`.

A scenario without a duration plays until the process is told to stop, by TERM, INT, HUP or, with
--until-stdin-ends, by the end of standard input; what is pushed then is deleted at once. For a drill it
recovers first, and a second TERM deletes at once; its standard input names the servers.
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

import msgspec

from cockpit import config
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.pushgateway import Pushgateway
from cockpit.config import Context
from cockpit.errors import CockpitError
from cockpit.journal.journal import Journal
from cockpit.scenarios import files
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.grouping import grouping_of
from cockpit.scenarios.play.player import PATIENCE, Player
from cockpit.scenarios.play.scraped import until_scraped
from cockpit.text import one_line

_TIMEOUT = 2.0


async def play_all(
    scenarios: Sequence[Scenario],
    servers: Context,
    stop: asyncio.Event,
    say: Callable[[str], None],
    *,
    player: str = "lab",
) -> None:
    """Play several scenarios, in real seconds, until all have ended or `stop` is set.

    With a Prometheus in `servers` each stands at its baseline until that has scraped it. A `player` other
    than `lab` recovers before it deletes, until `stop` is set a second time. What is not deleted in the end
    stays in the journal; a lab's gateway ends at the same moment. Raises the first CockpitError of any, after
    which the others are stopped.
    """
    lab = player == "lab"
    gateway, watching, journal = Pushgateway.of(servers), Prometheus.of(servers), Journal()
    players = [
        Player(
            each,
            gateway,
            journal=journal,
            context=servers.name,
            speed=servers.speed,
            player=player,
            patience=0.0 if lab else PATIENCE,
            seen=partial(until_scraped, watching, grouping_of(each.name)) if servers.prometheus else None,
            say=say,
        )
        for each in scenarios
    ]
    ending = asyncio.create_task(_end(players, stop, recover=not lab))
    try:
        async with asyncio.TaskGroup() as group:
            for each in players:
                group.create_task(each.run())
    except ExceptionGroup as errors:
        raise _first(errors) from None
    finally:
        ending.cancel()
        await gateway.close()
        await watching.close()


async def _end(players: Sequence[Player], stop: asyncio.Event, *, recover: bool) -> None:
    """Stop `players` once `stop` is set; with `recover` they do that then, and stop once it is set again."""
    await stop.wait()
    if recover:
        stop.clear()
        for each in players:
            each.recover()
        await stop.wait()
    for each in players:
        each.stop()


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


def drill_command(name: str, *, folder: Path, longest: float) -> tuple[str, ...]:
    """Return the command line of a drill's play, which `context_bytes` are given to on standard input.

    It is unhealthy until it is told to stop, at most for `longest` real seconds.
    """
    module = ("-P", "-m", "cockpit.scenarios.play.child", "--drill", f"{longest:.0f}")
    return (sys.executable, *module, "--scenarios", str(folder), "--", name)


def context_bytes(context: Context) -> bytes:
    """Return `context` as a drill's play reads it, credentials included."""
    return msgspec.json.encode(context, enc_hook=str)


def _servers(options: argparse.Namespace) -> Context:
    if options.drill is not None:
        given = sys.stdin.buffer.read()
        return msgspec.json.decode(given, type=Context, dec_hook=lambda kind, value: kind(value))
    return Context(
        name=options.context,
        pushgateway=options.pushgateway,
        prometheus=(options.prometheus,) if options.prometheus else (),
        timeout=_TIMEOUT,
        speed=options.speed,
    )


def _as_played(scenario: Scenario, options: argparse.Namespace, speed: float) -> Scenario:
    """Return `scenario` in real seconds, with the end that it is to have here."""
    if options.drill is not None:
        return scenario.at_speed(speed).model_copy(update={"duration": options.drill})
    return (scenario.held() if scenario.name in options.hold else scenario).at_speed(speed)


async def _main(options: argparse.Namespace, servers: Context, scenarios: Sequence[Scenario]) -> None:
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
    await play_all(scenarios, servers, stop, say, player="lab" if options.drill is None else "drill")
    if options.until_stdin_ends:
        await stop.wait()


def main() -> None:
    """Play what the command line names."""
    parser = argparse.ArgumentParser(description="Push synthetic scenarios to a Pushgateway.")
    parser.add_argument("names", nargs="+", metavar="SCENARIO")
    parser.add_argument("--pushgateway", metavar="URL")
    parser.add_argument("--prometheus", metavar="URL", help="rise only once it has scraped the baseline")
    parser.add_argument("--context", default=config.LAB, metavar="NAME")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--scenarios", type=Path, default=config.shipped("scenarios"), metavar="DIR")
    parser.add_argument("--hold", action="append", default=[], metavar="SCENARIO", help="play it without end")
    parser.add_argument("--until-stdin-ends", action="store_true")
    seconds = "play for a drill, unhealthy for SECONDS at most; the context is read from standard input"
    parser.add_argument("--drill", type=float, metavar="SECONDS", help=seconds)
    options = parser.parse_args()
    if options.drill is None and not options.pushgateway:
        parser.error("--pushgateway is needed")
    try:
        servers = _servers(options)
        scenarios = [files.find(name, options.scenarios) for name in dict.fromkeys(options.names)]
        asyncio.run(_main(options, servers, [_as_played(each, options, servers.speed) for each in scenarios]))
    except CockpitError as error:
        parser.exit(error.exit_code, f"error: {error}\n")


if __name__ == "__main__":
    main()
