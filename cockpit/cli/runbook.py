"""`cockpit runbook list | show`: the runbooks of the context, as tables, text or JSON."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cockpit.cli import options

if TYPE_CHECKING:
    from cockpit.runbooks.library import Library
    from cockpit.runbooks.model import Runbook, Section

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

HEAD = ("RUNBOOK", "TITLE", "QUERIES", "COMMANDS", "ALERTS")


class ListOutput(StrEnum):
    """What `-o` of `list` takes."""

    TABLE = "table"
    JSON = "json"


class ShowOutput(StrEnum):
    """What `-o` of `show` takes."""

    TEXT = "text"
    JSON = "json"


def _library(ctx: typer.Context) -> "Library":
    """Return the library of the context; without one, of the named folders or the shipped runbooks."""
    from pathlib import Path

    from cockpit.config import running_lab, shipped
    from cockpit.runbooks.library import Library

    flags = options.overrides_of(ctx)
    named = options.context_name(ctx) or flags.prometheus or flags.alertmanager
    if named or options.config_of(ctx).contexts or running_lab():
        context = options.context_of(ctx)
        library = Library.read(
            context.runbooks, annotations=context.runbook_annotations, paths=context.runbook_paths
        )
    else:
        folders = tuple(Path(p).expanduser().absolute() for p in flags.runbooks) or (shipped("runbooks"),)
        library = Library.read(folders)
    return library


def _narrate_problems(library: "Library") -> None:
    from cockpit.cli.output import narrate

    for problem in library.problems:
        narrate(f"cockpit: {problem}")


@app.command("list")
def list_runbooks(
    ctx: typer.Context,
    output: Annotated[
        ListOutput, typer.Option("--output", "-o", help="How to print them.")
    ] = ListOutput.TABLE,
) -> None:
    """List the runbooks of the context: titles, how many queries and commands, which alerts they name."""
    from cockpit.cli.output import table, terminal_width, to_json, write

    library = _library(ctx)
    found = library.all()
    if output is ListOutput.JSON:
        write(to_json([summary(runbook) for runbook in found], pretty=True))
    else:
        rows = [
            (r.path, r.title, str(len(r.queries)), str(len(r.commands)), ", ".join(r.alerts)) for r in found
        ]
        write(table(HEAD, rows, right=("QUERIES", "COMMANDS"), width=terminal_width()))
    _narrate_problems(library)


@app.command("show")
def show_runbook(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The runbook's path below its folder, or its stem.")
    ],
    output: Annotated[ShowOutput, typer.Option("--output", "-o", help="How to print it.")] = ShowOutput.TEXT,
    section: Annotated[
        str | None, typer.Option("--section", metavar="S", help="Only this section: title, anchor or kind.")
    ] = None,
) -> None:
    """Show a runbook, or one of its sections."""
    from cockpit.cli.output import to_json, write
    from cockpit.errors import UsageError

    library = _library(ctx)
    runbook = library.get(name)
    if runbook is None:
        _narrate_problems(library)
        raise UsageError(f"there is no runbook {name!r}", remedy=_nearest(name, library.names()))
    chosen = _section(runbook, section) if section else None
    if output is ShowOutput.JSON:
        write(to_json(document(runbook, chosen), pretty=True))
    else:
        lines = runbook.text.split("\n")
        write("\n".join(lines[chosen.start : chosen.end] if chosen else lines).strip("\n"))


def summary(runbook: "Runbook") -> dict[str, Any]:
    """Return what `list -o json` says of a runbook."""
    return {
        "path": runbook.path,
        "title": runbook.title,
        "alerts": runbook.alerts,
        "owner": runbook.owner,
        "reviewed": runbook.reviewed,
        "queries": len(runbook.queries),
        "commands": len(runbook.commands),
    }


def document(runbook: "Runbook", section: "Section | None" = None) -> dict[str, Any]:
    """Return what `show -o json` says: a runbook, or what `section` of it holds. Lines count from 1."""
    inside = range(section.start, section.end) if section else range(runbook.text.count("\n") + 1)
    lines = runbook.text.split("\n")
    return {
        **summary(runbook),
        "contacts": runbook.contacts,
        "sections": [
            {"title": s.title, "level": s.level, "anchor": s.anchor, "kind": s.kind, "line": s.start + 1}
            for s in runbook.sections
            if s.start in inside
        ],
        "queries": [
            {
                "number": number,
                "title": q.title,
                "expr": q.expr,
                "section": q.section,
                "unit": q.unit,
                "warn": q.warn,
                "crit": q.crit,
                "range_seconds": q.range_seconds,
                "line": q.line + 1,
            }
            for number, q in enumerate(runbook.queries, 1)
            if q.line in inside
        ],
        "commands": [
            {
                "title": c.title,
                "code": c.code,
                "language": c.language,
                "risk": c.risk,
                "section": c.section,
                "line": c.line + 1,
            }
            for c in runbook.commands
            if c.line in inside
        ],
        "links": [
            {"text": k.text, "url": k.url, "line": k.line + 1} for k in runbook.links if k.line in inside
        ],
        "text": "\n".join(lines[inside.start : inside.stop]),
    }


def _section(runbook: "Runbook", wanted: str) -> "Section":
    from cockpit.errors import UsageError
    from cockpit.runbooks.sections import section_kind

    folded = wanted.strip().lstrip("#").casefold()
    kind = section_kind(wanted)
    for match in (
        lambda s: folded in {s.anchor.casefold(), s.title.casefold()},
        lambda s: s.kind is not None and (s.kind == kind or s.kind.value == folded),
        lambda s: folded in s.title.casefold(),
    ):
        if (found := next((s for s in runbook.sections if match(s)), None)) is not None:
            return found
    known = ", ".join(s.title for s in runbook.sections if s.level <= 2)
    raise UsageError(f"{runbook.path} has no section {wanted!r}", remedy=f"it has: {known or 'none'}")


def _nearest(name: str, names: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, names, n=1, cutoff=0.4)
    return f"did you mean {near[0]}?" if near else "see `cockpit runbook list`"
