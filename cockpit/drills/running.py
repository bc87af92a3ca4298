"""Who runs which exercise now: one at a time on a gateway, and none beside one that was interrupted there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from cockpit import config
from cockpit.drills import events, history
from cockpit.drills.state import Exercise
from cockpit.errors import UsageError
from cockpit.scenarios.play import locks
from cockpit.session import Session
from cockpit.text import one_line

_REMEDIES = "`cockpit drill run --resume {0}` goes on with it, `cockpit drill abort {0}` ends it"


class Running(Struct, frozen=True):
    """An exercise that runs on this machine: its id, its gateway's URL, and the process that runs it."""

    id: str
    gateway: str
    pid: int


def folder_of(exercise: str) -> Path:
    """Return the folder for what an exercise keeps beside its journal."""
    return events.folder() / exercise


def running() -> tuple[Running, ...]:
    """Return the exercises that run on this machine now."""
    found = []
    for note in locks.held(_folder()):
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            found.append(msgspec.json.decode(note, type=Running))
    return tuple(found)


def interrupted() -> tuple[Exercise, ...]:
    """Return the exercises that are not over, or not cleaned up, and that nobody runs; the oldest first."""
    run = {each.id for each in running()}
    return tuple(each for each in history.exercises() if each.left is None and each.id not in run)


@contextmanager
def hold(exercise: str, gateway: str) -> Iterator[None]:
    """Run `exercise` on the Pushgateway with the URL `gateway`, alone there.

    Raises UsageError with the remedies where another runs there, or was interrupted there and its gateway is
    not gone, and CockpitError where that cannot be noted.
    """
    note = msgspec.json.encode(Running(exercise, gateway, os.getpid()))
    with locks.hold(locks.path(_folder(), gateway), note) as held:
        if not held:
            raise _refused(exercise, gateway)
        beside = [each for each in interrupted() if _is_in_the_way(each, exercise, gateway)]
        if beside:
            left = one_line(beside[-1].id, 60)
            raise UsageError(
                f"the exercise {left} was interrupted on {gateway}", remedy=_REMEDIES.format(left)
            )
        yield


def beat(exercise: str, now: float) -> None:
    """Note that `exercise` runs at `now` (Unix seconds): what passes after the last beat is lost."""
    path = folder_of(exercise) / "beat"
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        os.utime(path, (now, now))


def last_beat(exercise: str) -> float | None:
    """Return when it was last known to run, in Unix seconds; None where nobody knows."""
    try:
        return (folder_of(exercise) / "beat").stat().st_mtime
    except OSError:
        return None


def is_gone(exercise: Exercise) -> bool:
    """Say whether the lab in which `exercise` ran is there no more, nor its gateway with it."""
    if exercise.plan.context != config.LAB or not exercise.plan.sink:
        return False
    lab = config.running_lab()
    return lab is None or lab.pushgateway != exercise.plan.gateway or lab.started_at > exercise.planned_at


def where(session: Session, exercise: Exercise, lab: int | None) -> dict[str, Any]:
    """Return where an exercise goes on, as its plan says it. Raises UsageError where it may not."""
    context, plan = session.context, exercise.plan
    gateway = session.pushgateway.url if session.pushgateway else ""
    if gateway != plan.gateway and not (plan.sink and context.sink is not None):
        raise UsageError(f"the exercise {exercise.id} runs on {plan.gateway}", remedy="choose that context")
    return {"context": context.name, "gateway": gateway, "speed": context.speed, "lab": lab or plan.lab}


def _folder() -> Path:
    return config.state_dir() / "drilling"


def _refused(exercise: str, gateway: str) -> UsageError:
    other = next((each for each in running() if each.gateway == gateway), None)
    if other is None:
        return UsageError(f"an exercise runs on {gateway} already", remedy="wait until it is over")
    named = one_line(other.id, 60)
    what = "it" if other.id == exercise else "another exercise"
    return UsageError(
        f"{what} runs on {gateway} already: {named}, pid {other.pid}",
        remedy=f"wait until it is over, or end it with `cockpit drill abort {named}`",
    )


def _is_in_the_way(other: Exercise, exercise: str, gateway: str) -> bool:
    return other.id != exercise and other.plan.gateway == gateway and not is_gone(other)
