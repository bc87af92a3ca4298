"""`cockpit why`: where an alert stands between scrape and notification, rung by rung."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli import options

if TYPE_CHECKING:
    from cockpit.alerts.why.model import Ladder
    from cockpit.config import Context

PIPED_WIDTH = 100
"""Cells of a line where stdout is no terminal."""


class Output(StrEnum):
    """How the ladder is printed."""

    TEXT = "text"
    JSON = "json"


def why(
    ctx: typer.Context,
    alert: Annotated[
        str,
        typer.Argument(
            metavar="ALERT", help="Its name, its fingerprint or the start of it, a filter, or a rule's name."
        ),
    ],
    output: Annotated[Output, typer.Option("-o", "--output", help="How to print.")] = Output.TEXT,
) -> None:
    """Say where an alert stands between scrape and notification, and what holds it up.

    Ends with 0 when somebody was told, with 1 when a rung does not hold or waits, with 3 when the first that
    does not hold could not be looked at. The worst of several alerts of one name is taken.
    """
    import asyncio

    ladder = asyncio.run(_why(options.context_of(ctx), alert))
    _print(ladder, output)
    if not ladder.holds:
        raise typer.Exit(_code(ladder))


async def _why(context: "Context", text: str) -> "Ladder":
    from cockpit.alerts.why import why
    from cockpit.session import Session

    async with Session.open(context) as session:
        return await why(session, text)


def _print(ladder: "Ladder", output: Output) -> None:
    from cockpit.alerts.why.document import document, lines, others
    from cockpit.cli.output import narrate, terminal_width, write, write_json

    if output is Output.JSON:
        write_json(document(ladder), pretty=True)
        return
    if more := others(ladder):
        narrate(more)
    write("\n".join(lines(ladder, terminal_width() or PIPED_WIDTH)))


def _code(ladder: "Ladder") -> int:
    from cockpit.alerts.why.model import RungState

    broken = ladder.first_broken
    return 1 if broken is not None and broken.state is not RungState.UNKNOWN else 3
