"""`cockpit alerts`: the board as a table or as JSON, from the same functions as the screen."""

import asyncio
import gc
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli import options

if TYPE_CHECKING:
    from cockpit.alerts.filter import Filter
    from cockpit.alerts.model import Alert, Board
    from cockpit.clients.source import Source
    from cockpit.config import Context

HEAD = ("SEV", "ALERT", "WHERE", "STATE", "VALUE", "SINCE", "OWNER")
WIDE = (*HEAD, "RECEIVERS", "RUNBOOK", "SEEN BY", "SUMMARY")


class Output(StrEnum):
    """What `-o` takes."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"


def alerts(
    ctx: typer.Context,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter", "-f", metavar="FILTER", help="Only these: severity=~'warn.*', @state=pending."
        ),
    ] = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="How to print them.")] = Output.TABLE,
    watch: Annotated[bool, typer.Option("--watch", help="Print again whenever something changed.")] = False,
) -> None:
    """List the alerts of all sources, worst first. Ends with 3 when a source that was needed failed."""
    from cockpit.alerts.filter import parse_all

    wanted = parse_all(filters or ())
    context = options.context_of(ctx)
    if not watch:
        # A process that lives a second has nothing to collect, and looking for it among 10 000 alerts costs.
        gc.disable()
    whole = asyncio.run((_watch if watch else _once)(context, wanted, output))
    if not whole:
        raise typer.Exit(3)


async def _once(context: "Context", wanted: "Filter", output: Output) -> bool:
    from cockpit.alerts.feed import fetch_board
    from cockpit.session import Session

    async with Session.open(context) as session:
        board = await fetch_board(session)
    _print(board, wanted, output, one_line=False)
    return complete(board.sources)


def complete(sources: Iterable["Source"]) -> bool:
    """Say whether the board is whole: some source answered, and none but those on standby failed."""
    needed = [source for source in sources if not source.standby]
    return any(s.answered_at is not None for s in needed) and not any(s.failure for s in needed)


async def _watch(context: "Context", wanted: "Filter", output: Output) -> bool:
    from contextlib import aclosing

    from cockpit.alerts.feed import watch
    from cockpit.session import Session

    shown: object = None
    async with Session.open(context) as session, aclosing(watch(session)) as boards:
        async for board in boards:
            now = board.generated_at
            states = [(source.name, source.state(now, board.stale_after)) for source in board.sources]
            what = (wanted.select(board.alerts, now), states, len(board.doubts))
            if what != shown:
                shown = what
                _print(board, wanted, output, one_line=True)
    return True


def _print(board: "Board", wanted: "Filter", output: Output, *, one_line: bool) -> None:
    from cockpit.cli.output import terminal_width, write_json

    if output is Output.JSON:
        from cockpit.alerts.document import document

        write_json(document(board, wanted), pretty=not one_line and terminal_width() is not None)
    else:
        print_table(board, wanted, wide=output is Output.WIDE)


def print_table(board: "Board", wanted: "Filter", *, wide: bool) -> None:
    """Print the alerts that are `wanted` on stdout, and on stderr what keeps them from being the whole."""
    from cockpit.alerts.group import counts, worst_first
    from cockpit.alerts.phrases import names_by_fingerprint
    from cockpit.cli.output import narrate, table, terminal_width, write

    now = board.generated_at
    rows = worst_first(wanted.select(board.alerts, now), now)
    if rows:
        names = names_by_fingerprint(board.alerts)
        width = None if wide else terminal_width()
        cells = (_cells(alert, now, names, wide=wide) for alert in rows)
        write(table(WIDE if wide else HEAD, cells, right=("VALUE", "SINCE"), width=width))
    for doubt in board.doubts:
        narrate(f"not an all-clear: {doubt}")
    if board.all_clear:
        narrate(_all_clear(board))
    elif not rows and not any(source.answered_at is not None for source in board.sources):
        narrate("nothing is known: no source answered")
    elif not rows:
        passed = f"no alert passes the filter; without it: {counts(board.alerts)}"
        narrate(passed if wanted and board.alerts else "no alerts, as far as is known")


def _all_clear(board: "Board") -> str:
    from cockpit.units import rfc3339

    asked = ", ".join(source.name for source in board.sources if source.answered_at is not None)
    dog = f"; {board.watchdogs[0].name} is there" if board.watchdogs else ""
    return (
        f"all clear at {rfc3339(board.generated_at)}: asked {asked}; {board.rules} alerting rules watch{dog}"
    )


def _cells(alert: "Alert", now: float, names: Mapping[str, str], *, wide: bool) -> Sequence[str]:
    from cockpit.alerts import phrases

    cells = (
        phrases.severity_word(alert),
        phrases.name_of(alert),
        phrases.where(alert),
        phrases.state_phrase(alert, now, names),
        phrases.value_text(alert),
        phrases.since_text(alert, now),
        phrases.owner(alert),
    )
    if not wide:
        return cells
    lists = (",".join(alert.receivers) or "-", phrases.runbook_text(alert), ",".join(alert.seen_by))
    return (*cells, *lists, phrases.summary(alert))
