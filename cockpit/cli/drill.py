"""`cockpit drill`: scored exercises; the library of drills, their reports, and what was drilled when."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cockpit.cli import drill_run, options
from cockpit.cli.drill_run import Identified, Output, Printed

if TYPE_CHECKING:
    from cockpit.drills.coverage import Covered
    from cockpit.drills.history import Row
    from cockpit.drills.library import Item

app = typer.Typer(no_args_is_help=True)


class Written(StrEnum):
    """How a report is written."""

    MARKDOWN = "md"
    JSON = "json"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The drill's name, as in `drill list`.")]
Tabled = Annotated[Literal["table", "json"], typer.Option("-o", "--output", help="table or json.")]


@app.command("list")
def list_(ctx: typer.Context, *, output: Printed = Output.TEXT) -> None:
    """List the drills: when each was last run, with which score, and how that compares with the time before.

    Says also what runs or was interrupted. Ends with 2 when a drill cannot be used.
    """
    from cockpit.cli.drill_ground import files_of, folder_of
    from cockpit.cli.output import narrate, table, terminal_width, write, write_json
    from cockpit.drills.library import library

    folder = folder_of(files_of(options.flags_of(ctx)))
    items = library(folder)
    if output is Output.JSON:
        write_json([_listed(item) for item in items], pretty=terminal_width() is not None)
    elif items:
        head = ("NAME", "TITLE", "PHASES", "LAST", "SCORE", "TREND")
        write(table(head, map(_item, items), right=("PHASES",), width=terminal_width()))
    else:
        narrate(f"no drills in {folder / 'drills'}")
    for item in items:
        if item.problem:
            narrate(item.problem)
    drill_run.say_what_goes_on()
    if any(item.problem for item in items):
        raise typer.Exit(2)


@app.command()
def show(
    ctx: typer.Context,
    name: Name,
    *,
    answers: Annotated[
        bool, typer.Option("--answers", help="With hints, accepted answers and debrief notes.")
    ] = False,
    output: Printed = Output.TEXT,
) -> None:
    """Show one drill: its phases with their limits, what is verified, and what the operator is asked."""
    from cockpit.cli.drill_ground import files_of, folder_of
    from cockpit.cli.drill_words import drill_lines, open_document
    from cockpit.cli.output import terminal_width, write, write_json
    from cockpit.cli.playing import wrapped
    from cockpit.drills import files

    drill = files.find(name, folder_of(files_of(options.flags_of(ctx))))
    if output is Output.JSON:
        document = drill.document() if answers else open_document(drill)
        write_json(document, pretty=terminal_width() is not None)
    else:
        lines = drill_lines(drill, answers=answers)
        write("\n".join(wrapped(line, sys.stdout, indent) for indent, line in lines))


@app.command()
def report(
    ctx: typer.Context,
    exercise: Identified = "",
    *,
    output: Annotated[Written, typer.Option("-o", "--output", help="Markdown, or JSON.")] = Written.MARKDOWN,
) -> None:
    """Write the report of an exercise, by default of the last one."""
    from cockpit.cli.output import terminal_width, write, write_json
    from cockpit.drills import history, report

    found = history.find(exercise)
    if output is Written.JSON:
        write_json(report.document(found), pretty=terminal_width() is not None)
    else:
        write(report.markdown(found).rstrip("\n"))


@app.command()
def history(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of this drill alone.")] = "",
    *,
    output: Tabled = "table",
) -> None:
    """List the exercises of this machine, the oldest first: score, grade, and how each compares."""
    from cockpit.cli.output import narrate, table, terminal_width, write, write_json
    from cockpit.drills import history

    rows = history.rows(history.exercises(), name)
    if output == "json":
        write_json([history.document(row) for row in rows], pretty=terminal_width() is not None)
    elif rows:
        # An id begins with the time.
        head = ("ID", "DRILL", "MODE", "STATE", "SCORE", "TREND")
        write(table(head, map(_row, rows), width=terminal_width()))
    else:
        narrate("no exercise yet" + (f" of {name}" if name else ""))
    drill_run.say_what_goes_on()


@app.command()
def coverage(ctx: typer.Context, *, output: Tabled = "table") -> None:
    """List the alerts: which was drilled, when last, and whether rule or runbook have changed since.

    An alert whose rule or runbook has changed counts as undrilled.
    """
    from cockpit.cli.drill_ground import files_of, folder_of
    from cockpit.cli.output import narrate, table, terminal_width, write, write_json
    from cockpit.drills.coverage import coverage, document
    from cockpit.runbooks.library import Library

    context = files_of(options.flags_of(ctx))
    runbooks = Library.read(
        context.runbooks, annotations=context.runbook_annotations, paths=context.runbook_paths
    )
    rows = coverage(folder_of(context), runbooks)
    if output == "json":
        write_json([document(row) for row in rows], pretty=terminal_width() is not None)
    else:
        write(table(("ALERT", "DRILLED", "DRILL", "SINCE THEN"), map(_covered, rows), width=terminal_width()))
    undrilled = sum(not row.is_drilled for row in rows)
    narrate(f"{len(rows) - undrilled} of {len(rows)} alerts drilled")


app.command("run")(drill_run.run)
app.command("abort")(drill_run.abort)
app.command("facilitate")(drill_run.facilitate)


def _item(item: "Item") -> tuple[str, ...]:
    title = item.drill.title if item.drill else "cannot be used"
    phases = str(len(item.drill.phases)) if item.drill else "-"
    last = item.last
    if last is None:
        return item.name, title, phases, item.goes_on or "-", "-", "-"
    when = _ago(last.at)
    return (
        item.name,
        title,
        phases,
        f"{when}, {item.goes_on} now" if item.goes_on else when,
        _points(last),
        last.trend or "-",
    )


def _listed(item: "Item") -> dict[str, Any]:
    from cockpit.drills import history

    return {
        "name": item.name,
        "title": item.drill.title if item.drill else None,
        "phases": len(item.drill.phases) if item.drill else None,
        "problem": item.problem or None,
        "goes_on": item.goes_on or None,
        "last": history.document(item.last) if item.last else None,
    }


def _row(row: "Row") -> tuple[str, ...]:
    drill = row.drill or "a secret"
    return row.id, drill, row.mode, row.state, _points(row), row.trend or "-"


def _covered(row: "Covered") -> tuple[str, ...]:
    drilled = "never" if row.at is None else _ago(row.at)
    since = f"changed: {', '.join(row.changed)}" if row.changed else "-" if row.at is None else "unchanged"
    return row.alert, drilled, row.drill or "-", since


def _points(row: "Row") -> str:
    from cockpit.cli.drill_words import points_line

    grade = f" {row.score.grade}" if row.score.grade else ""
    return points_line(row.score) + grade


def _ago(at: float) -> str:
    import time

    from cockpit.units import short_duration

    return f"{short_duration(max(0.0, time.time() - at))} ago"
