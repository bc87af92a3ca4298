"""The scenarios of a folder, with what each proves and when it was last proven and played."""

from pathlib import Path

from msgspec import Struct

from cockpit.errors import CockpitError
from cockpit.journal.journal import Entry, Journal
from cockpit.scenarios import files
from cockpit.scenarios.model import Fires, Scenario

PROVED, PLAYED = "scenario.proved", "scenario.played"
"""The kinds of journal entries that tell of it."""


class Outcome(Struct, frozen=True):
    """When something was last done (Unix seconds), and what came of it; None: it could not be told."""

    at: float
    passed: bool | None


class Item(Struct, frozen=True, kw_only=True):
    """One scenario file. Where it cannot be used, `problem` says why and there is no `scenario`."""

    name: str
    scenario: Scenario | None = None
    problem: str = ""
    proved: Outcome | None = None
    played: Outcome | None = None

    @property
    def fires(self) -> tuple[str, ...]:
        """The alerts that it makes fire, each once."""
        expected = self.scenario.expect if self.scenario else ()
        return tuple(dict.fromkeys(each.alert for each in expected if isinstance(each, Fires)))


def library(folder: Path, journal: Journal) -> tuple[Item, ...]:
    """Return the scenarios under `folder`, by name. One that cannot be read is there with its problem."""
    proved, played = _last(journal.entries(PROVED)), _last(journal.entries(PLAYED))
    return tuple(_item(name, folder, proved.get(name), played.get(name)) for name in files.names(folder))


def _item(name: str, folder: Path, proved: Outcome | None, played: Outcome | None) -> Item:
    try:
        scenario = files.find(name, folder)
    except CockpitError as error:
        return Item(name=name, problem=str(error), proved=proved, played=played)
    return Item(name=name, scenario=scenario, proved=proved, played=played)


def _last(entries: tuple[Entry, ...]) -> dict[str, Outcome]:
    return {str(e.data.get("scenario")): Outcome(e.at, _passed(e)) for e in entries}


def _passed(entry: Entry) -> bool | None:
    """Return what came of it; what is neither true nor false, in a journal that anybody wrote, is unclear."""
    passed = entry.data.get("passed")
    return passed if isinstance(passed, bool) else None
