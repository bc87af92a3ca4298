"""`cockpit query`: one PromQL expression asked now or over a range, as evidence for a report."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from cockpit.cli import options
from cockpit.errors import InconclusiveError, UsageError
from cockpit.text import one_line

if TYPE_CHECKING:
    from cockpit.clients.source import Fetched
    from cockpit.clients.wire import QueryResult
    from cockpit.config import Context


class Output(StrEnum):
    """How the answer is printed or written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PLOT = "plot"


class Ask(Struct, frozen=True, kw_only=True):
    """What to ask. Times in Unix seconds, durations in seconds; without `seconds` it is an instant query."""

    expr: str
    at: float | None = None
    seconds: float | None = None
    step: float | None = None


class Answered(Struct, frozen=True):
    """The answer, and for a range where it begins and ends (Unix seconds) and its step (seconds)."""

    fetched: "Fetched[QueryResult]"
    start: float
    end: float
    step: float


def query(
    ctx: typer.Context,
    expr: Annotated[str, typer.Argument(metavar="EXPR", help="A PromQL expression.")],
    *,
    range_: Annotated[
        str | None, typer.Option("--range", metavar="DURATION", help="Ask over this long, such as 1h.")
    ] = None,
    step: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Between points; by default about 240 of them.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="As of then: RFC 3339 or Unix seconds; now by default.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Of the values: ratio, percent, seconds, bytes, per_second, ...")
    ] = None,
    output: Annotated[
        Output | None,
        typer.Option("-o", "--output", help="How to print; by default as the file's name says, or a table."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there; a plot as .png or .svg.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Ask Prometheus: a table, JSON, CSV or a plot."""
    import asyncio

    chosen = _output(output, out)
    if chosen is Output.CSV or (chosen is Output.PLOT and out):
        from cockpit.triage.report import require

        require()
    if out:
        from cockpit.triage.files import check_writable

        check_writable(out, force=force)
    context = options.context_of(ctx)
    ask = _ask(context, expr, range_, step, at, plot=chosen is Output.PLOT)
    answered = asyncio.run(_query(context, ask))
    _deliver(answered, ask, chosen, unit, out, force=force)
    data = answered.fetched.data
    if not data.series and data.kind != "string":
        raise InconclusiveError("no data: nothing matched")


def _output(output: Output | None, out: Path | None) -> Output:
    """Return the output asked for, or what the file's name says; raises UsageError where they disagree."""
    suffix = out.suffix.lower() if out else ""
    picture = suffix in {".png", ".svg"}
    if output is Output.PLOT and out and not picture:
        raise UsageError(f"--out {out}: a plot is written as .png or .svg")
    if output not in (None, Output.PLOT) and picture:
        raise UsageError(f"--out {out}: only `-o plot` makes a picture")
    if output is not None:
        return output
    if picture:
        return Output.PLOT
    return {".csv": Output.CSV, ".json": Output.JSON}.get(suffix, Output.TABLE)


def _ask(
    context: "Context", expr: str, range_: str | None, step: str | None, at: str | None, *, plot: bool
) -> Ask:
    import math

    from cockpit.triage.run import DEFAULT_RANGE, MAX_POINTS, step_for
    from cockpit.units import prometheus_duration

    seconds = _duration("--range", range_)
    if seconds is None and plot:
        seconds = DEFAULT_RANGE / context.speed
    if seconds is None:
        if step:
            raise UsageError("--step goes with --range")
        return Ask(expr=expr, at=_time(at))
    chosen = _duration("--step", step) or step_for(seconds, speed=context.speed)
    if seconds / chosen > MAX_POINTS:
        least = prometheus_duration(math.ceil(seconds / MAX_POINTS * 1000) / 1000)
        raise UsageError(
            f"--step {step}: more than {MAX_POINTS} points, the most Prometheus answers",
            remedy=f"at least {least} for --range {range_}",
        )
    return Ask(expr=expr, at=_time(at), seconds=seconds, step=chosen)


def _duration(flag: str, text: str | None) -> float | None:
    from cockpit.units import parse_duration

    if text is None:
        return None
    try:
        seconds = parse_duration(text)
    except UsageError as error:
        raise UsageError(f"{flag}: {error.message}", remedy=error.remedy) from error
    if seconds <= 0:
        raise UsageError(f"{flag} {text}: it is longer than zero")
    return seconds


def _time(text: str | None) -> float | None:
    from datetime import UTC, datetime

    if text is None:
        return None
    try:
        if text.replace(".", "", 1).isdigit():
            return float(text)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"--at {text}: not a time", remedy="write it like 2026-11-20T17:00:00Z or 1795194000"
        ) from error


async def _query(context: "Context", ask: Ask) -> Answered:
    from cockpit.clients.source import Failure, SourceError
    from cockpit.session import Session

    async with Session.open(context) as session:
        if not session.prometheus.configured:
            raise InconclusiveError("no Prometheus is configured", remedy="pass --prometheus URL")
        end = session.now() if ask.at is None else ask.at
        start, step = end - (ask.seconds or 0), ask.step or 0.0
        try:
            if ask.seconds is None:
                fetched = await session.prometheus.query(ask.expr, ask.at)
            else:
                fetched = await session.prometheus.query_range(ask.expr, start, end, step)
        except SourceError as error:
            if error.failure is Failure.BAD_REQUEST:
                raise UsageError(f"{error.source} refuses this query: {error.message}") from error
            raise
        return Answered(fetched, start, end, step)


def _deliver(
    answered: Answered, ask: Ask, output: Output, unit: str | None, out: Path | None, *, force: bool
) -> None:
    from cockpit.cli.output import narrate, write

    fetched = answered.fetched
    for warning in fetched.warnings:
        narrate(f"warning from {fetched.source}: {warning}")
    if out and output is Output.PLOT:
        from cockpit.triage.report import picture

        form = out.suffix.lower().removeprefix(".")
        data = picture(fetched.data, form=form, title=ask.expr, unit=unit, step=answered.step)
    else:
        text = _rendered(answered, ask, output, unit, to_file=out is not None)
        if out is None:
            write(text.rstrip("\n"))
            return
        data = (text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")
    from cockpit.triage.files import write_whole

    write_whole(out, data, force=force)
    narrate(f"wrote {out}, answered by {fetched.source}")


def _rendered(answered: Answered, ask: Ask, output: Output, unit: str | None, *, to_file: bool) -> str:
    fetched = answered.fetched
    if output is Output.CSV:
        from cockpit.triage.report import to_csv

        return to_csv(fetched.data)
    if output is Output.PLOT:
        return _plot(answered, ask, unit)
    from cockpit.cli.output import table, terminal_width, to_json
    from cockpit.triage.export import result_dict, rows

    if output is Output.JSON:
        return to_json(result_dict(fetched), pretty=True)
    head, body = rows(fetched.data, unit)
    right = [name for name in head if name.isupper() and name != "METRIC"]
    return table(
        [one_line(name, 60) for name in head], body, right=right, width=None if to_file else terminal_width()
    )


def _plot(answered: Answered, ask: Ask, unit: str | None) -> str:
    """Return a plot as wide as the terminal, in colour where stdout is one that has any, with its legend."""
    import shutil
    import sys

    from cockpit.triage.export import distinct, labels_text
    from cockpit.triage.model import Series
    from cockpit.triage.plot import plot_lines

    size = shutil.get_terminal_size((100, 24))
    found = [Series(s.labels, s.times, s.values) for s in answered.fetched.data.series]
    paint = _painter()
    # Without colour only the ASCII signs tell one line from another.
    ascii = "utf" not in (sys.stdout.encoding or "").lower() or (paint is _plain and len(found) > 1)
    drawn = plot_lines(
        found, min(size.columns, 160), max(6, min(size.lines - 4, 20)),
        start=answered.start, end=answered.end, unit=unit, step=answered.step, ascii=ascii,
    )  # fmt: skip
    lines = [one_line(ask.expr, 1000)]
    lines += ["".join(paint(s.text, s.kind) for s in row).rstrip() for row in drawn.rows]
    if len(found) > 1:
        names = [labels_text(labels) or "(no labels)" for labels in distinct([s.labels for s in found])]
        lines += _legend(names[: drawn.drawn], paint, ascii=ascii)
    if len(found) > drawn.drawn:
        lines.append(f"{len(found) - drawn.drawn} of {len(found)} series are not drawn")
    return "\n".join(lines)


def _legend(names: Sequence[str], paint: Callable[[str, str], str], *, ascii: bool) -> list[str]:
    from cockpit.triage.plot import ASCII_LINES, line_kind

    signs = ASCII_LINES if ascii else "━" * len(ASCII_LINES)
    return [f"{paint(signs[i % len(signs)], line_kind(i))} {name}" for i, name in enumerate(names)]


def _painter() -> Callable[[str, str], str]:
    from cockpit.cli.output import colours as allowed

    if not allowed():
        return _plain
    colours = {f"series{i}": code for i, code in enumerate((36, 33, 35, 32, 34, 31))}
    colours |= {"axis": 90, "label": 90, "threshold": 31, "mark": 31}
    return lambda text, kind: f"\x1b[{colours[kind]}m{text}\x1b[0m" if kind in colours else text


def _plain(text: str, kind: str) -> str:
    return text
