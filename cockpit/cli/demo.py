"""`cockpit demo`: a lab with a failing Gmail provider in it, and the screen on it; they end together."""

import asyncio
import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli import flags, options
from cockpit.cli.lab import Speed, end_on_signals, say, scenario_folder
from cockpit.errors import CockpitError, InconclusiveError

if TYPE_CHECKING:
    from cockpit.alerts.model import Alert, Board
    from cockpit.config import Context
    from cockpit.lab.lab import Lab

SCENARIO = "error-rate-warn"
"""What plays in the demo, without an end: its alert goes on firing while somebody looks."""


def demo(
    ctx: typer.Context,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="No screen: wait for the first alert, list the alerts, end.")
    ] = False,
    speed: Speed = 60.0,
) -> None:
    """Start a lab with a scenario playing in it and the screen on it; leaving stops all of it."""
    from cockpit import config
    from cockpit.lab.lab import Lab
    from cockpit.lab.playing import BASELINE, players

    folder = scenario_folder(ctx)
    ui = options.config_of(ctx).ui
    playing = players([BASELINE, SCENARIO], speed=speed, folder=folder, hold=[SCENARIO])
    lab = Lab(speed=speed, players=playing, rules=folder / "rules", say=say)
    end_on_signals()
    say(f"demo: starting Prometheus, Alertmanager, Pushgateway and a notification sink, at speed {speed:g}")
    began = time.monotonic()
    try:
        file = lab.up()
        say(f"demo: ready after {time.monotonic() - began:.1f} s at {file.prometheus}; playing {SCENARIO}")
        context = config.resolve(config.Config(), config.LAB, options.overrides_of(ctx))
        if once or not _has_screen():
            asyncio.run(_first_alert(context, lab, within=60 + 900 / speed))
            return
        from cockpit.tui.app import run

        words = {**options.flags_of(ctx), "context": config.LAB}
        code = run(context, ui, flags.words(words))
    finally:
        lab.down()
    if code:
        raise typer.Exit(code)


def _has_screen() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


async def _first_alert(context: "Context", lab: "Lab", *, within: float) -> None:
    """Tell how the alerts develop, and print them once one fires. Raises InconclusiveError if none does."""
    from contextlib import aclosing

    from cockpit.alerts.feed import watch
    from cockpit.alerts.filter import Filter
    from cockpit.alerts.model import AlertState
    from cockpit.cli.alerts import print_table
    from cockpit.session import Session

    waiting = {AlertState.PENDING, AlertState.RESOLVED, AlertState.UNDELIVERED}
    told, last = "", None
    try:
        async with (
            asyncio.timeout(within),
            Session.open(context) as session,
            aclosing(watch(session)) as boards,
        ):
            async for board in boards:
                last = board
                if any(alert.state not in waiting for alert in board.alerts):
                    print_table(board, Filter.EMPTY, wide=False)
                    return
                if end := lab.wait(0):
                    raise CockpitError(end, remedy="the demo is stopped")
                if (line := _line(board)) != told:
                    told = line
                    say(f"demo: {line}")
    except TimeoutError:
        reason = _line(last) if last else "no source answered"
        raise InconclusiveError(f"no alert fired within {within:.0f} s; last: {reason}") from None


def _line(board: "Board") -> str:
    from cockpit.alerts.group import worst_first

    if board.alerts:
        return _state(worst_first(board.alerts, board.generated_at)[0], board.generated_at)
    if failed := next((source for source in board.sources if source.error), None):
        return f"{failed.name}: {failed.error}"
    return "waiting until the errors are seen"


def _state(alert: "Alert", now: float) -> str:
    from cockpit.alerts.phrases import name_of
    from cockpit.units import short_duration

    if alert.fires_at is not None and alert.fires_at > now:
        return f"{name_of(alert)} is pending, fires in {short_duration(alert.fires_at - now)}"
    return f"{name_of(alert)} is {alert.state}"
