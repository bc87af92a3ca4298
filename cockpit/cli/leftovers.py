"""`cockpit scenario leftovers` and `cockpit scenario stop`: groups that nobody pushes, and ending a play."""

import signal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cockpit.cli import options

if TYPE_CHECKING:
    from cockpit.config import Context
    from cockpit.journal.journal import Journal
    from cockpit.scenarios.play.groups import Leftover, Look
    from cockpit.scenarios.play.plays import Play

RECOVERS_WITHIN = 60.0
"""Seconds that a play gets to recover, or to delete, once it was told."""

NARRATE_EVERY = 60.0
"""Seconds between two lines of progress."""


def warn(journal: "Journal") -> None:
    """Say on stderr what killed plays of this machine have left behind, by the journal alone."""
    from cockpit.cli.output import narrate
    from cockpit.scenarios.play.groups import left_here
    from cockpit.text import one_line

    if left := left_here(journal):
        named = ", ".join(f"{one_line(play.scenario, 80)} at {one_line(play.gateway, 120)}" for play in left)
        narrate(f"left behind by killed plays: {named}; `cockpit scenario leftovers --delete` removes it")


class Output(StrEnum):
    """How the leftovers are printed."""

    TEXT = "text"
    JSON = "json"


def leftovers(
    ctx: typer.Context,
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Delete them.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Know no more of those on a gateway that does not answer.")
    ] = False,
    output: Annotated[Output, typer.Option("-o", "--output", help="How to print.")] = Output.TEXT,
) -> None:
    """List groups that killed plays left on Pushgateways; with --delete, remove them.

    Those of this machine's plays are looked for on every gateway, those of others on the context's. Ends with
    1 when some are left, with 3 when a gateway could not be asked, so that none is known of or not all are
    deleted.
    """
    import asyncio

    look, failures = asyncio.run(_look(_context(ctx), delete=delete, forget=forget))
    gone = {left.key for left in look.leftovers} - set(failures) if delete else set()
    _print(look, output, deleted=gone if delete else None)
    if any(code == 1 for code in failures.values()) or (look.leftovers and not delete):
        raise typer.Exit(1)
    if failures or look.unasked:
        raise typer.Exit(3)


def _context(ctx: typer.Context) -> "Context":
    """Return the context chosen; where nothing is, one that knows no server: the journal still tells."""
    from cockpit.cli.output import narrate
    from cockpit.config import Context
    from cockpit.config_fields import endpoint
    from cockpit.errors import UsageError

    try:
        return options.context_of(ctx)
    except UsageError as error:
        given = options.overrides_of(ctx).pushgateway
        if options.context_name(ctx) or options.config_of(ctx).default:
            raise
        try:
            if given:
                return Context(pushgateway=endpoint(given))
        except ValueError:
            raise error from None
        narrate(f"no Pushgateway is asked but those in the journal: {error}")
        return Context()


async def _look(context: "Context", *, delete: bool, forget: bool) -> "tuple[Look, dict[Any, int]]":
    """Return what is left and, with `delete`, the exit code of each that could not be deleted."""
    from cockpit.cli.output import narrate
    from cockpit.errors import CockpitError
    from cockpit.journal.journal import Journal
    from cockpit.scenarios.play import groups
    from cockpit.session import Session

    journal, failures = Journal(), {}
    async with Session.open(context) as session:
        look = await groups.look(session, journal)
        if forget:
            for left in (each for each in look.leftovers if each.reason):
                groups.forget(left, journal)
                narrate(f"forgotten: {left.scenario} on {left.gateway}, which may still hold it")
            look = await groups.look(session, journal)
        for left in look.leftovers if delete else ():
            try:
                await groups.delete(session, left, journal)
                narrate(f"deleted {left.scenario or _grouping(left)} from {left.gateway}")
            except CockpitError as error:
                failures[left.key] = 3 if error.exit_code == 3 else 1
                narrate(f"not deleted: {left.scenario or _grouping(left)}: {error}")
    for gateway, reason in look.unasked.items():
        narrate(f"{gateway} could not be asked: {reason}")
    return look, failures


def _print(look: "Look", output: Output, *, deleted: "set[Any] | None") -> None:
    from msgspec import structs

    from cockpit.cli.output import narrate, table, terminal_width, write, write_json
    from cockpit.units import rfc3339

    if output is Output.JSON:
        rows = [
            {
                **structs.asdict(left),
                "pushed_at": rfc3339(left.pushed_at) if left.pushed_at else None,
                "deleted": deleted is not None and left.key in deleted,
            }
            for left in look.leftovers
        ]
        unasked = [{"gateway": gateway, "reason": reason} for gateway, reason in look.unasked.items()]
        write_json({"leftovers": rows, "unasked": unasked}, pretty=True)
    elif look.leftovers and deleted is None:
        head = ("GROUP", "GATEWAY", "LAST PUSH", "CONTEXT", "KNOWN FROM")
        rows_of = [
            (_grouping(left), left.gateway, _pushed(left), left.context, left.known_from)
            for left in look.leftovers
        ]
        write(table(head, rows_of, width=terminal_width()))
    elif not look.leftovers and not look.unasked:
        narrate("nothing is left over")


def _grouping(left: "Leftover") -> str:
    from cockpit.promql import quote

    return ", ".join(f"{name}={quote(value)}" for name, value in left.grouping.items())


def _pushed(left: "Leftover") -> str:
    from cockpit.units import rfc3339

    if left.reason:
        return "could not be asked"
    return rfc3339(round(left.pushed_at)) if left.pushed_at else "never with success"


def stop(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The scenario that is being played.")],
    *,
    now: Annotated[bool, typer.Option("--now", help="Delete at once, without recovering.")] = False,
) -> None:
    """End a scenario that is played on this machine: it recovers, its group is deleted.

    Waits until that is done.
    """
    from cockpit.errors import CockpitError
    from cockpit.journal.journal import Journal
    from cockpit.scenarios.play.plays import unclosed

    journal = Journal()
    play = _chosen(journal, name, options.context_name(ctx))
    _require_process(play)
    _term(play)
    _wait(journal, play, now=now)
    if any(each.run == play.run for each in unclosed(journal)):
        raise CockpitError(
            f"{play.scenario} has ended, but its group is still on {play.gateway}",
            remedy="`cockpit scenario leftovers --delete` removes it",
        )


def _chosen(journal: "Journal", name: str, context: str | None) -> "Play":
    from cockpit.errors import CockpitError, UsageError
    from cockpit.scenarios.play.plays import playing, unclosed
    from cockpit.text import one_line

    everything = playing(journal)
    named = [play for play in everything if play.scenario == name]
    found = [play for play in named if context in (None, play.context)] if len(named) != 1 else named
    if not found and any(play.scenario == name for play in unclosed(journal)):
        remedy = "`cockpit scenario leftovers --delete` removes what it left"
        raise CockpitError(f"{one_line(name, 100)} was killed, and is not played any more", remedy=remedy)
    if not found:
        others = ", ".join(sorted({play.scenario for play in everything})) or "nothing"
        raise CockpitError(
            f"{one_line(name, 100)!r} is not played on this machine", remedy=f"played now: {others}"
        )
    if len(found) > 1:
        where = "; ".join(f"{play.context} at {play.gateway}" for play in found)
        raise UsageError(f"{name} is played {len(found)} times", remedy=f"choose with --context: {where}")
    return found[0]


def _require_process(play: "Play") -> None:
    """Refuse to end a process that does more than play this one scenario, or is on another machine."""
    import socket

    from cockpit.errors import CockpitError

    if play.host != socket.gethostname():
        problem, remedy = f"is played on {play.host}", "stop it there"
    elif play.player == "lab":
        problem, remedy = "is played by the lab itself", "`cockpit lab down` stops the lab"
    else:
        return
    raise CockpitError(f"{play.scenario} {problem}", remedy=remedy)


def _term(play: "Play") -> None:
    import contextlib
    import os

    from cockpit.errors import CockpitError

    try:
        with contextlib.suppress(ProcessLookupError):
            os.kill(play.pid, signal.SIGTERM)
    except PermissionError as error:
        raise CockpitError(f"{play.scenario}: pid {play.pid} belongs to another user") from error


def _wait(journal: "Journal", play: "Play", *, now: bool) -> None:
    """Wait until nobody holds the group of `play`; with `now` a second TERM tells it not to recover."""
    import time

    from cockpit.cli.output import narrate
    from cockpit.errors import InconclusiveError
    from cockpit.scenarios.play.plays import playing

    start = said = time.monotonic()
    phase, again = "", now
    while found := next((each for each in playing(journal) if each.run == play.run), None):
        at, before = time.monotonic(), phase
        phase = found.phase(time.time())
        if again and at - start > (0.3 if phase == "recovering" else 1.0):
            # The first TERM has been taken by now; two at once can arrive as one.
            _term(found)
            again = False
        if phase != before or at - said > NARRATE_EVERY:
            said = at
            narrate(_progress(found, time.time()))
        if at - start > RECOVERS_WITHIN and (phase != "recovering" or now):
            raise InconclusiveError(
                f"{play.scenario}: pid {play.pid} still plays it", remedy="look at it there"
            )
        time.sleep(0.1)
    narrate(f"{play.scenario} is no longer played")


def _progress(play: "Play", now: float) -> str:
    from cockpit.units import short_duration

    if play.recovering_at is None:
        return f"{play.scenario}: pid {play.pid} was told to stop"
    left = max(0.0, play.recovering_at + play.recover - now) * play.speed
    how_long = f"{short_duration(left)} left" if left else "waiting for its alerts to resolve"
    return f"{play.scenario}: recovering, {how_long}"
