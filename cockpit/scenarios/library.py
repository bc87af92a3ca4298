"""The scenarios of a folder, with what each proves and when it was last proven and played."""

import hashlib
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cockpit.errors import CockpitError
from cockpit.files import read_regular
from cockpit.journal.journal import Entry, Journal
from cockpit.scenarios import files
from cockpit.scenarios.model import Fires, Scenario
from cockpit.text import one_line
from cockpit.yaml_file import MAX_BYTES

PROVED, PLAYED = "scenario.proved", "scenario.played"
"""The kinds of journal entries that tell of it."""


class Outcome(Struct, frozen=True):
    """When something was last done (Unix seconds), and what came of it; None: it could not be told.

    `context` is where it was played; `outdated` that scenario or rules are no longer those it was done with.
    """

    at: float
    passed: bool | None
    context: str = ""
    outdated: bool = False


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


def library(folder: Path, journal: Journal, context: str | None = None) -> tuple[Item, ...]:
    """Return the scenarios under `folder`, by name. One that cannot be read is there with its problem.

    With `context` only what was played there counts as played.
    """
    played = [e for e in journal.entries(PLAYED) if context in (None, e.data.get("context"))]
    proved = {_name(entry): entry for entry in journal.entries(PROVED)}
    rules = _rules(folder)
    last = {_name(entry): _outcome(entry) for entry in played}
    return tuple(
        _item(name, folder, _proved(proved.get(name), folder, name, rules), last.get(name))
        for name in files.names(folder)
    )


def note_proof(journal: Journal, folder: Path, name: str, *, passed: bool, own_rules: bool = True) -> None:
    """Journal the proof of a scenario under `folder`, with its `own_rules` there or with others.

    Raises CockpitError where that cannot be written.
    """
    of = _digest(folder, name, _rules(folder)) if own_rules else None
    journal.append(PROVED, scenario=name, passed=passed, of=of)


def _item(name: str, folder: Path, proved: Outcome | None, played: Outcome | None) -> Item:
    try:
        scenario = files.find(name, folder)
    except CockpitError as error:
        return Item(name=name, problem=str(error), proved=proved, played=played)
    return Item(name=name, scenario=scenario, proved=proved, played=played)


def _name(entry: Entry) -> str:
    return str(entry.data.get("scenario"))


def _proved(entry: Entry | None, folder: Path, name: str, rules: bytes) -> Outcome | None:
    if entry is None:
        return None
    return replace(_outcome(entry), outdated=entry.data.get("of") != _digest(folder, name, rules))


def _outcome(entry: Entry) -> Outcome:
    """Return what came of it; what is neither true nor false, in a journal that anybody wrote, is unclear."""
    passed = entry.data.get("passed")
    context = one_line(str(entry.data.get("context") or ""), 100)
    return Outcome(entry.at, passed if isinstance(passed, bool) else None, context)


def _rules(folder: Path) -> bytes:
    """Return all the rule files under `folder`, one behind the other."""
    paths = sorted(p for p in (folder / "rules").glob("*.y*ml") if not p.stem.endswith("_test"))
    return b"\n".join(_bytes(path) for path in paths)


def _digest(folder: Path, name: str, rules: bytes) -> str:
    """Return what changes with the scenario's file and with the rules."""
    return hashlib.sha256(_bytes(files.path_of(name, folder)) + b"\n" + rules).hexdigest()[:16]


def _bytes(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_BYTES)
    except OSError:
        return b""
