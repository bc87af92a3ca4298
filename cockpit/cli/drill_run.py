"""`cockpit drill run`, `abort` and `facilitate`: their flags, and what contradicts what."""

from enum import StrEnum
from typing import Annotated

import typer

from cockpit.cli import options


class Output(StrEnum):
    """What `-o` takes where a person reads text."""

    TEXT = "text"
    JSON = "json"


Printed = Annotated[Output, typer.Option("-o", "--output", help="How to print.")]
Identified = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The exercise, as in `drill history`, or how its id begins.", show_default=False
    ),
]


def run(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The drill; with --resume the exercise, by its id.")
    ] = "",
    *,
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Nobody is there: only what the machine verifies is scored.")
    ] = False,
    speed: Annotated[
        float | None,
        typer.Option(metavar="N", help="Divide every duration of the lab by N; 10 unless one runs."),
    ] = None,
    random: Annotated[bool, typer.Option("--random", help="Any drill.")] = False,
    blind: Annotated[
        bool, typer.Option("--blind", help="Which drill it is stays a secret until the debrief.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the exercise that was interrupted.")
    ] = False,
    operators: Annotated[
        list[str] | None, typer.Option("--operator", metavar="NAME", help="Who operates; can be repeated.")
    ] = None,
    facilitator: Annotated[
        str, typer.Option(metavar="NAME", help="Who facilitates, on a screen of their own.")
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Accept that rules mix synthetic series into real ones.")
    ] = False,
    output: Printed = Output.TEXT,
) -> None:
    """Run a drill: signals are injected, real alerts fire, the operator answers, and the whole is scored.

    It brings a lab of its own, with the rules of the scenario folder, unless --context or the flags with URLs
    say where; a config's default context is never drilled. ctrl-C without a screen aborts it, which heals and
    deletes; a second one deletes at once. Ends with 0 when it is passed, 1 below the mark, 3 when it cannot
    be told, 130 when it was aborted or interrupted.
    """
    from cockpit.cli import drill_order

    order = drill_order.Order(
        name=name,
        unattended=unattended,
        speed=speed,
        random=random,
        blind=blind,
        operators=tuple(operators or ()),
        facilitator=facilitator,
        consent=yes,
        as_json=output is Output.JSON,
        flags=options.flags_of(ctx),
    )
    code = drill_order.resume(order) if resume else drill_order.begin(order)
    if code:
        raise typer.Exit(code)


def abort(ctx: typer.Context, exercise: Identified = "") -> None:
    """End an exercise: it heals, what it played is deleted, and the lab that it brought goes down.

    Also where nobody runs it any more, because its screen is gone or was killed.
    """
    from cockpit.cli import drill_ending

    drill_ending.abort(exercise)


def facilitate(ctx: typer.Context, exercise: Identified = "") -> None:
    """Show the facilitator's screen of an exercise: what comes, what was seen, and scores by hand.

    By default of the one that runs. It is for the facilitator alone: it gives answers and hints away.
    """
    from cockpit.cli import drill_order

    if code := drill_order.facilitate(exercise, options.flags_of(ctx)):
        raise typer.Exit(code)


def say_what_goes_on() -> None:
    """Say on stderr which exercises run, and which were interrupted."""
    from cockpit.cli.output import narrate
    from cockpit.drills import running

    for each in running.running():
        narrate(f"{each.id} runs on {each.gateway}, pid {each.pid}")
    for left in running.interrupted():
        narrate(
            f"{left.id} was interrupted: `cockpit drill run --resume {left.id}` goes on with it, "
            f"`cockpit drill abort {left.id}` ends it"
        )
