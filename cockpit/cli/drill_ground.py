"""Where an exercise runs: in a lab that it brings, or where flags say; never in a config's default context.

A lab for an exercise is detached: it survives the screen, so that an exercise can be resumed in it.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cockpit import config
from cockpit.cli import flags as told
from cockpit.cli.output import narrate
from cockpit.config import Config, Context, LabFile, Overrides
from cockpit.errors import UsageError
from cockpit.lab import detached
from cockpit.lab import lab as labs

if TYPE_CHECKING:
    from cockpit.drills.state import Exercise

SPEED = 10.0
"""The speed of a lab that an exercise brings."""

CHOOSING = ("context", "prometheus", "alertmanager", "pushgateway")
"""The flags that say where. In the environment they do not: what is set there stands for every command."""


class Ground(Struct, frozen=True, kw_only=True):
    """The context, the words of a command line that choose it, and what lab was brought: its owner's pid."""

    context: Context
    words: tuple[str, ...]
    lab: int | None = None


def is_chosen(flags: told.Flags) -> bool:
    """Say whether `flags` choose a context."""
    return any(name in flags for name in CHOOSING)


def files_of(flags: told.Flags) -> Context:
    """Return the context whose files are meant: the one that `flags` choose, else the folders they name.

    Of its servers nothing is to be asked.
    """
    if is_chosen(flags):
        return told.context_of(flags, told.config_of(flags))
    given = told.overrides(flags)
    folders = Overrides(scenarios=given.scenarios, runbooks=given.runbooks)
    return config.resolve(Config(contexts={config.LAB: Context()}), config.LAB, folders)


def folder_of(context: Context) -> Path:
    """Return the folder of a context's drills, scenarios and rules."""
    return (context.scenarios or config.shipped("scenarios")).expanduser().absolute()


def chosen(flags: told.Flags, speed: float | None) -> Ground:
    """Return the context that `flags` choose. Raises UsageError where nothing may be pushed to it."""
    from cockpit.scenarios.run.checks import require_allowed

    context = told.context_of(flags, told.config_of(flags))
    if speed not in (None, context.speed):
        remedy = "leave --speed out, or leave out what chooses the context: the drill brings a lab then"
        raise UsageError(f"the context {context.name!r} is at speed {context.speed:g}", remedy=remedy)
    require_allowed(context)
    return Ground(context=context, words=told.words(flags))


def own_lab(flags: told.Flags, speed: float | None, scenarios: Path) -> Ground:
    """Return the lab that runs in this state folder or, with its owner's pid, one that is brought up now.

    Rules and Alertmanager's config are those of the folder `scenarios`. Raises UsageError where the one that
    runs has another speed, CockpitError where none comes up.
    """
    _forget_other_servers()
    lab = labs.running()
    if lab is not None and speed not in (None, lab.speed):
        remedy = f"run the drill with --speed {lab.speed:g}, or stop the lab with `cockpit lab down`"
        raise UsageError(f"a lab runs already, at speed {lab.speed:g}", remedy=remedy)
    if lab is not None:
        return _in_lab(flags, scenarios)
    speed = SPEED if speed is None else speed
    labs.require_speed(speed)
    narrate(f"starting a lab at speed {speed:g}")
    words = ("--scenarios", str(scenarios), "lab", "up", "--speed", f"{speed:g}")
    lab = detached.up(words)
    return replace(_in_lab(flags, scenarios), lab=lab.owner_pid)


def again(exercise: "Exercise", flags: told.Flags) -> Ground:
    """Return where `exercise` was begun, its lab brought up again where that is gone.

    Raises UsageError where it is to be found no more.
    """
    plan = exercise.plan
    if plan.sink:
        return _lab_again(exercise, flags)
    flags = flags if is_chosen(flags) else {**flags, "context": plan.context}
    ground = chosen(flags, None)
    if ground.context.pushgateway != plan.gateway:
        remedy = "choose it with --context, or with the URL flags with which it was begun"
        raise UsageError(f"the exercise pushes to {plan.gateway}", remedy=remedy)
    return ground


def of_running(exercise: "Exercise", flags: told.Flags) -> Ground:
    """Return where `exercise` runs, without bringing anything."""
    if not exercise.plan.sink:
        return again(exercise, flags)
    _forget_other_servers()
    return _in_lab(flags, Path(exercise.plan.scenarios))


def take_down(owner: int | None) -> LabFile | None:
    """Take down the lab of the process `owner`, if it is the one that runs here; return what it was."""
    lab = labs.running()
    return labs.take_down() if lab is not None and lab.owner_pid == owner else None


def _lab_again(exercise: "Exercise", flags: told.Flags) -> Ground:
    plan, lab = exercise.plan, labs.running()
    ground = own_lab(flags, plan.speed, Path(plan.scenarios))
    brought = ground.lab or (plan.lab if lab is not None and lab.owner_pid == plan.lab else None)
    return replace(ground, lab=brought)


def _in_lab(flags: told.Flags, scenarios: Path) -> Ground:
    kept = {name: value for name, value in flags.items() if name not in CHOOSING}
    words = {**kept, "context": config.LAB, "scenarios": str(scenarios)}
    context = config.resolve(Config(), config.LAB, told.overrides(words))
    return Ground(context=context, words=told.words(words))


def _forget_other_servers(names: Sequence[str] = CHOOSING) -> None:
    """Take out of the environment what would lead this process, or one that it starts, away from the lab."""
    for name in names:
        os.environ.pop(f"COCKPIT_{name.upper()}", None)
