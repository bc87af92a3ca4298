"""The drills of a folder, with how each went when it was last played, and which of them goes on."""

from pathlib import Path

from msgspec import Struct

from cockpit.drills import files, history, running
from cockpit.drills.history import Row
from cockpit.drills.model import Drill
from cockpit.drills.state import State
from cockpit.errors import CockpitError


class Item(Struct, frozen=True, kw_only=True):
    """One drill file. Where it cannot be used, `problem` says why and there is no `drill`.

    `last` is its last exercise that was finished, with its trend; `goes_on` is running or interrupted where
    one of it, not a blind one, is not over or not cleaned up.
    """

    name: str
    drill: Drill | None = None
    problem: str = ""
    last: Row | None = None
    goes_on: str = ""


def library(folder: Path) -> tuple[Item, ...]:
    """Return the drills under `folder` (the context's `scenarios`), by name; also those with a problem."""
    exercises = history.exercises()
    last = {row.drill: row for row in history.rows(exercises) if row.state is State.FINISHED}
    held = {each.id for each in running.running()}
    goes_on = {
        each.drill.name: "running" if each.id in held else "interrupted"
        for each in exercises
        if each.left is None and not each.is_secret
    }
    return tuple(_item(name, folder, last.get(name), goes_on.get(name, "")) for name in files.names(folder))


def _item(name: str, folder: Path, last: Row | None, goes_on: str) -> Item:
    try:
        drill = files.find(name, folder)
    except CockpitError as error:
        return Item(name=name, problem=str(error), last=last, goes_on=goes_on)
    return Item(name=name, drill=drill, last=last, goes_on=goes_on)
