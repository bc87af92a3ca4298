"""Ending an exercise from outside: telling whoever runs it, or cleaning up after one that nobody runs."""

import asyncio
import time

from cockpit.cli.drill_ground import Ground, take_down
from cockpit.cli.output import narrate
from cockpit.drills import events, history, running
from cockpit.drills.engine import clean_up
from cockpit.drills.playing import Plays
from cockpit.drills.state import Exercise
from cockpit.errors import UsageError
from cockpit.text import one_line

LOOK_EVERY = 0.2
_DELETED_WITHIN = 10.0
"""Seconds that plays get to delete their series, unhealed, before their lab goes."""


def abort(identified: str) -> None:
    """End an exercise, and wait until what it played is deleted and the lab that it brought is down.

    Raises UsageError where there is none to end, or several.
    """
    exercise = _unfinished(identified)
    if not exercise.is_over:
        events.abort(events.journal_of(exercise.id), "`cockpit drill abort`")
    if _is_run(exercise):
        narrate(f"{exercise.id} is told to end: it heals, and deletes what it played")
        while _is_run(exercise) and history.find(exercise.id).left is None:
            time.sleep(LOOK_EVERY)
    if history.find(exercise.id).left is None:
        narrate(f"nobody runs {exercise.id}: what it played is deleted")
        clean(history.find(exercise.id))
        if lab := take_down(exercise.plan.lab):
            narrate(f"lab of pid {lab.owner_pid} stopped")
    for each in history.find(exercise.id).left or ():
        narrate(f"left behind: {one_line(each, 200)}; `cockpit scenario leftovers --delete` deletes it")
    narrate(f"{exercise.id} is over; `cockpit drill report {exercise.id}` is its report")


def _is_run(exercise: Exercise) -> bool:
    return any(each.id == exercise.id for each in running.running())


def leave(ground: Ground) -> None:
    """Take down the lab that was brought, after what plays in it has ended."""
    for each in running.interrupted():
        if each.plan.gateway == ground.context.pushgateway:
            clean(each)
    take_down(ground.lab)


def clean(exercise: Exercise) -> None:
    """Delete what `exercise`, which nobody runs, played; at once where its lab goes with it."""
    if exercise.plan.lab is not None:
        delete_at_once(exercise)
    if exercise.is_over:
        asyncio.run(clean_up(exercise, events.journal_of(exercise.id)))


def delete_at_once(exercise: Exercise) -> None:
    """End what `exercise`, which nobody runs, plays, without healing."""
    plays, until = Plays(exercise), time.monotonic() + _DELETED_WITHIN
    plays.hurried = True
    while plays.going() and time.monotonic() < until:
        plays.stop(plays.going())
        time.sleep(LOOK_EVERY)


def _unfinished(identified: str) -> Exercise:
    """Return the exercise to end: the one named, or the only one that is not over and cleaned up."""
    if identified:
        found = [history.find(identified)]
    else:
        found = [each for each in history.exercises() if each.left is None]
    if not found or found[0].left is not None:
        what = f"the exercise {found[0].id} is over" if found else "no exercise runs or was interrupted"
        raise UsageError(what, remedy="`cockpit drill history` lists them")
    if len(found) > 1:
        names = ", ".join(each.id for each in found)
        raise UsageError(f"{len(found)} exercises are not over", remedy=f"name one: {names}")
    return found[0]
