"""`cockpit scenario`: the library of scenarios, proving them, playing them, and what they left behind."""

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cockpit.cli import leftovers, options, proving
from cockpit.cli.proving import scenario_folder

if TYPE_CHECKING:
    from cockpit.scenarios.library import Item, Outcome

app = typer.Typer(no_args_is_help=True)
app.command("prove")(proving.prove)


class Output(StrEnum):
    """What `-o` takes."""

    TEXT = "text"
    JSON = "json"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The scenario's name, as in `scenario list`.")]
Printed = Annotated[Output, typer.Option("-o", "--output", help="How to print.")]


@app.command("list")
def list_(ctx: typer.Context, *, output: Printed = Output.TEXT) -> None:
    """List the scenarios: what each makes fire, and when it was last proven and played.

    Ends with 2 when one of them cannot be used.
    """
    from cockpit.cli.output import narrate, table, terminal_width, write, write_json
    from cockpit.journal.journal import Journal
    from cockpit.scenarios.library import library

    folder = scenario_folder(ctx)
    journal = Journal()
    items = library(folder, journal)
    leftovers.warn(journal)
    if output is Output.JSON:
        write_json([_listed(item) for item in items], pretty=terminal_width() is not None)
    elif items:
        head = ("NAME", "TITLE", "FIRES", "PROVEN", "PLAYED")
        rows = (_row(item) for item in items)
        write(table(head, rows, width=terminal_width()))
    else:
        narrate(f"no scenarios in {folder / 'synthetic'}")
    for item in items:
        if item.problem:
            narrate(item.problem)
    if any(item.problem for item in items):
        raise typer.Exit(2)


@app.command()
def show(ctx: typer.Context, name: Name, *, output: Printed = Output.TEXT) -> None:
    """Show one scenario: what it pushes, and what it expects."""
    from cockpit.cli.output import terminal_width, write, write_json
    from cockpit.journal.journal import Journal
    from cockpit.scenarios import files
    from cockpit.scenarios.library import library

    folder = scenario_folder(ctx)
    scenario = files.find(name, folder)
    (item,) = (each for each in library(folder, Journal()) if each.name == name)
    if output is Output.JSON:
        file = str(folder / "synthetic" / f"{name}.yaml")
        described = scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
        write_json({**described, "file": file, **_times(item)}, pretty=terminal_width() is not None)
        return
    write("\n".join(_described(item)))


@app.command()
def run(
    ctx: typer.Context,
    name: Name,
    *,
    duration: Annotated[
        str | None, typer.Option(metavar="TIME", help="Unhealthy for this long, instead of as the file says.")
    ] = None,
    interval: Annotated[
        str | None, typer.Option(metavar="TIME", help="Push this often, instead of as the file says.")
    ] = None,
    until_fired: Annotated[
        bool, typer.Option("--until-fired", help="Recover as soon as all that is to fire has fired.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Accept that rules mix synthetic series into real ones.")
    ] = False,
    output: Printed = Output.TEXT,
    until_stdin_ends: Annotated[bool, typer.Option("--until-stdin-ends", hidden=True)] = False,
) -> None:
    """Play a scenario until the real alerts fire and resolve, and judge what was expected of them.

    Durations are in the scenario's time, which a lab at speed N passes N times as fast. ctrl-C pushes healthy
    values for a while and then deletes; a second one deletes at once. Ends with 0 when all of it holds, 1
    when something does not, 3 when it cannot be told or the series could not be deleted.
    """
    from cockpit.scenarios import files
    from cockpit.scenarios.run.checks import require_allowed
    from cockpit.scenarios.run.run import changed
    from cockpit.units import parse_duration

    lasts = None if duration is None else _positive(parse_duration(duration), "--duration")
    every = None if interval is None else _positive(parse_duration(interval), "--interval")
    context = options.context_of(ctx)
    scenario = changed(
        files.find(name, context.scenarios or scenario_folder(ctx)), duration=lasts, interval=every
    )
    require_allowed(context)

    from cockpit.cli.playing import play

    code = asyncio.run(
        play(
            context,
            scenario,
            until_fired=until_fired,
            consent=yes,
            as_json=output is Output.JSON,
            until_stdin_ends=until_stdin_ends,
        )
    )
    if code:
        raise typer.Exit(code)


app.command("stop")(leftovers.stop)
app.command("leftovers")(leftovers.leftovers)


def _positive(seconds: float, flag: str) -> float:
    from cockpit.errors import UsageError

    if seconds <= 0:
        raise UsageError(f"{flag} is longer than nothing", remedy="write it like 15s, 5m or 1h30m")
    return seconds


def _row(item: "Item") -> tuple[str, ...]:
    title = item.scenario.title if item.scenario else "cannot be used"
    return item.name, title, ", ".join(item.fires) or "-", _when(item.proved), _when(item.played)


def _when(outcome: "Outcome | None") -> str:
    if outcome is None:
        return "-"
    import time

    from cockpit.units import short_duration

    said = {True: "ok", False: "failed", None: "inconclusive"}[outcome.passed]
    where = f" in {outcome.context}" if outcome.context else ""
    changed = ", changed since" if outcome.outdated else ""
    return f"{said} {short_duration(max(0.0, time.time() - outcome.at))} ago{where}{changed}"


def _times(item: "Item") -> dict[str, Any]:
    return {
        "proved": _time(item.proved, "outdated"),
        "played": _time(item.played, "context"),
    }


def _time(outcome: "Outcome | None", more: str) -> dict[str, Any] | None:
    from cockpit.units import rfc3339

    if outcome is None:
        return None
    return {"at": rfc3339(outcome.at), "passed": outcome.passed, more: getattr(outcome, more)}


def _listed(item: "Item") -> dict[str, Any]:
    title = item.scenario.title if item.scenario else None
    problem = item.problem or None
    return {
        "name": item.name,
        "title": title,
        "fires": item.fires,
        "problem": problem,
        **_times(item),
    }


def _described(item: "Item") -> list[str]:
    from cockpit.scenarios import describe
    from cockpit.text import one_line

    scenario = item.scenario
    assert scenario is not None
    labels = " ".join(f"{name}={value}" for name, value in sorted(scenario.labels.items()))
    lines = [one_line(f"{scenario.name}: {scenario.title}", 1000), describe.course(scenario)]
    lines += [one_line(f"all series have {labels}", 1000)] if labels else []
    lines += ["", "PUSHES", *(f"  {row}" for row in describe.pushed(scenario)), "", "EXPECTS"]
    lines += [f"  {name} {what}" for name, what in describe.expected(scenario)] or ["  nothing"]
    return [*lines, "", f"proven {_when(item.proved)}, played {_when(item.played)}"]
