"""`cockpit lab up | status | down`: a real Prometheus, Alertmanager and Pushgateway on loopback."""

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cockpit.cli import options
from cockpit.errors import CockpitError, UsageError

if TYPE_CHECKING:
    from cockpit.config import LabFile

app = typer.Typer(no_args_is_help=True)

Speed = Annotated[float, typer.Option("--speed", metavar="N", help="Divide every duration by N.")]


def scenario_folder(ctx: typer.Context) -> Path:
    """Return the folder of scenarios that flags or environment name, else the shipped one."""
    from cockpit import config

    named = options.overrides_of(ctx).scenarios
    return Path(named).expanduser().absolute() if named else config.shipped("scenarios")


def label_pairs(pairs: list[str]) -> dict[str, str]:
    """Return `name=value` pairs as a mapping. Raises UsageError for one that is none."""
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise UsageError(f"--external-label {wrong[0]!r}", remedy="write it as name=value")
    return dict(pair.split("=", 1) for pair in pairs)


def say(line: str) -> None:
    """Tell a person what happens, on stderr."""
    typer.echo(line, err=True)


def summary(lab: "LabFile") -> str:
    """Return the table of a lab's servers: name, URL, version, pid."""
    from cockpit.cli.output import table

    names = ("prometheus", "alertmanager", "pushgateway", "sink")
    rows = [
        (name, getattr(lab, name), lab.versions.get(name, ""), str(lab.pids.get(name, ""))) for name in names
    ]
    return table(("SERVER", "URL", "VERSION", "PID"), rows, right=("PID",))


def end_on_signals(*, term: int = 128 + signal.SIGTERM) -> None:
    """Let TERM and HUP end the command as ctrl-C does, so that what it started is stopped.

    `term` is the exit code after TERM.
    """

    def leave(number: int, frame: object) -> None:
        raise SystemExit(term if number == signal.SIGTERM else 128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


@app.command()
def up(
    ctx: typer.Context,
    *,
    speed: Speed = 1.0,
    baseline: Annotated[bool, typer.Option(help="Play healthy traffic in it.")] = True,
    play: Annotated[
        list[str] | None,
        typer.Option("--play", metavar="SCENARIO", help="Play this as well; can be repeated."),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it running; end it with `lab down`.")
    ] = False,
    external_label: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="An external label; can be repeated.")
    ] = None,
) -> None:
    """Start a lab. It runs until ctrl-C, or with --detach until `cockpit lab down`."""
    from cockpit.lab.lab import Lab
    from cockpit.lab.playing import BASELINE, players

    labels = label_pairs(external_label or [])
    folder = scenario_folder(ctx)
    names = [*([BASELINE] if baseline else []), *(play or [])]
    playing = players(names, speed=speed, folder=folder)
    if detach:
        _detached()
        return
    lab = Lab(speed=speed, external_labels=labels, players=playing, rules=folder / "rules", say=say)
    end_on_signals(term=0)
    try:
        typer.echo(summary(lab.up()))
        sys.stdout.flush()
        say(f"lab at speed {speed:g}, playing: {', '.join(names) or 'nothing'}. ctrl-C stops it.")
        if end := lab.wait():
            raise CockpitError(end, remedy="the lab is stopped")
    finally:
        lab.down()


def _detached() -> None:
    """Run the same command without --detach, so that its lab is left running."""
    from cockpit.lab import detached, lab

    end_on_signals()
    file = detached.up([word for word in sys.argv[1:] if word != "--detach"])
    try:
        typer.echo(summary(file))
    except BaseException:
        # Also after ctrl-C: without the words that it is left running, it is not.
        lab.take_down()
        raise
    say("lab left running; `cockpit lab down` stops it")


@app.command()
def status(
    ctx: typer.Context,
    output: Annotated[Literal["text", "json"], typer.Option("-o", "--output", help="text or json.")] = "text",
) -> None:
    """Show the lab that runs: URLs, versions, pids, speed. Exit 1 when none runs."""
    import msgspec

    from cockpit.cli.output import to_json, write
    from cockpit.lab import lab as labs
    from cockpit.units import rfc3339, short_duration

    lab = labs.running()
    if output == "json":
        described = (
            {} if lab is None else {**msgspec.structs.asdict(lab), "started_at": rfc3339(lab.started_at)}
        )
        write(to_json({"running": lab is not None, **described}))
    elif lab is not None:
        typer.echo(summary(lab))
        age = short_duration(time.time() - lab.started_at)
        typer.echo(f"speed {lab.speed:g}, up {age}, pid {lab.owner_pid}")
    if lab is None:
        raise CockpitError("no lab is running", remedy="start one with `cockpit lab up`")


@app.command()
def down(ctx: typer.Context) -> None:
    """Stop the lab that runs, if any."""
    from cockpit.lab.lab import take_down

    lab = take_down()
    say(f"lab of pid {lab.owner_pid} stopped" if lab else "no lab is running")
