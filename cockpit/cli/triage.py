"""`cockpit triage`: the linked runbook's queries, bound to one alert and answered."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli import options

if TYPE_CHECKING:
    from cockpit.alerts.model import Alert
    from cockpit.config import Context
    from cockpit.triage.run import Triage


class Output(StrEnum):
    """How the answers are printed."""

    TEXT = "text"
    JSON = "json"


def triage(
    ctx: typer.Context,
    alert: Annotated[
        str,
        typer.Argument(metavar="ALERT", help="Its name, its fingerprint or the start of it, or a filter."),
    ],
    output: Annotated[Output, typer.Option("-o", "--output", help="How to print.")] = Output.TEXT,
) -> None:
    """Answer the linked runbook's queries for one alert.

    The worst of several alerts of one name is taken. Ends with 3 when a query could not be answered.
    """
    import asyncio

    context = options.context_of(ctx)
    done, now = asyncio.run(_triage(context, alert, plots=output is Output.TEXT))
    _print(done, now, output)
    if _unanswered(done):
        raise typer.Exit(3)


async def _triage(context: "Context", text: str, *, plots: bool) -> "tuple[Triage, float]":
    from cockpit.alerts.feed import fetch_board
    from cockpit.alerts.pick import pick_from
    from cockpit.cli.output import narrate
    from cockpit.session import Session
    from cockpit.triage.run import triage as run

    async with Session.open(context) as session:
        board = await fetch_board(session)
        found = pick_from(board, text)
        for other in found[1:6]:
            narrate(f"also {other.state}: {_named(other)}")
        if len(found) > 6:
            narrate(f"and {len(found) - 6} more called {found[0].name}")
        done = await run(session, found[0], range_seconds=None if plots else 0)
    _require_runbook(done)
    return done, board.generated_at


def _require_runbook(done: "Triage") -> None:
    from cockpit.errors import CockpitError
    from cockpit.text import one_line

    if done.runbook is None:
        raise CockpitError(
            f"{one_line(done.alert.name, 200)} has no runbook",
            remedy="give its rule a runbook_url annotation, or name it under `alerts:` in a runbook",
        )


def _print(done: "Triage", now: float, output: Output) -> None:
    from msgspec import to_builtins

    from cockpit.alerts.document import row
    from cockpit.cli.output import write, write_json
    from cockpit.triage.export import triage_dict

    if output is Output.JSON:
        write_json(triage_dict(done, to_builtins(row(done.alert, now))), pretty=True)
    else:
        write("\n".join(_text(done)))


def _text(done: "Triage") -> list[str]:
    from cockpit.text import one_line
    from cockpit.triage.export import card
    from cockpit.triage.model import AnswerState

    alert, runbook = done.alert, done.runbook
    assert runbook is not None
    lines = [f"{_named(alert)}  {alert.severity and one_line(alert.severity, 40).upper()} {alert.state}"]
    if summary := alert.annotations.get("summary"):
        lines.append(one_line(summary, 400))
    lines.append(f"runbook {one_line(runbook.path)}: {one_line(runbook.title)}")
    for answer in done.answers:
        lines += ["", *card(answer, ascii=_ascii())]
    if not done.answers:
        lines += ["", "the runbook has no queries"]
    sources = {a.source for a in done.answers if a.source and a.state is not AnswerState.FAILED}
    if sources:
        lines += ["", f"answered by {', '.join(sorted(sources))}"]
    return lines


def _named(alert: "Alert") -> str:
    from cockpit.text import one_line
    from cockpit.triage.export import labels_text

    shown = {k: v for k, v in alert.labels.items() if k not in {"alertname", "severity"}}
    return f"{one_line(alert.name, 200)}  {labels_text(shown)}".rstrip()


def _ascii() -> bool:
    import sys

    return "utf" not in (sys.stdout.encoding or "").lower()


def _unanswered(done: "Triage") -> bool:
    from cockpit.triage.model import AnswerState

    return any(a.state in {AnswerState.FAILED, AnswerState.ASKING} for a in done.answers)
