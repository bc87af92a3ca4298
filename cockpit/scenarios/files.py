"""Scenario files: finding them, and reading one with errors that name file, line and key."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from cockpit.errors import UsageError
from cockpit.files import FileError, first_problem, read_text
from cockpit.scenarios.model import Scenario
from cockpit.text import one_line

MAX_BYTES = 1_000_000
"""A scenario file is not read beyond this size."""

_FOLDER = "synthetic"


def names(folder: Path) -> tuple[str, ...]:
    """Return the names of the scenarios under `folder` (the context's `scenarios`), sorted."""
    return tuple(sorted(path.stem for path in (folder / _FOLDER).glob("*.yaml")))


def find(name: str, folder: Path) -> Scenario:
    """Return the scenario `name` under `folder`. Raises UsageError that lists what there is."""
    known = names(folder)
    if name not in known:
        where, there = folder / _FOLDER, ", ".join(known) or "none"
        raise UsageError(f"no scenario {one_line(name, 100)!r} in {where}", remedy=f"there are: {there}")
    return read(folder / _FOLDER / f"{name}.yaml")


def read(path: Path) -> Scenario:
    """Read one scenario file. Raises FileError for one that cannot be used."""
    scenario = parse(read_text("scenario", path, MAX_BYTES), str(path))
    if scenario.name != path.stem:
        raise FileError("scenario", path, f"{scenario.name!r} is not the file's name", key="name")
    return scenario


def parse(text: str, where: str) -> Scenario:
    """Return the scenario that `text` describes; `where` names it in errors (FileError)."""
    try:
        data: Any = YAML(pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FileError("scenario", where, str(error.problem or error), line=line) from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise FileError("scenario", where, str(error)) from error
    if not isinstance(data, dict):
        raise FileError("scenario", where, "not a mapping of keys")
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        loc, problem = first_problem(error)
        keys = _in_file(loc)
        line = _line(data, keys) if keys else None
        key = ".".join(str(part) for part in keys)
        raise FileError("scenario", where, problem, line=line, key=key) from error


def _in_file(loc: Sequence[int | str]) -> list[int | str]:
    """Return pydantic's location without the tags of union members, which follow an index in it alone."""
    tags = {"counter", "gauge", "histogram", "fires", "quiet"}
    pairs = zip((None, *loc), loc, strict=False)
    return [part for before, part in pairs if not (part in tags and isinstance(before, int))]


def _line(data: Any, keys: Sequence[int | str]) -> int:
    """Return the line, counted from 1, of the innermost of `keys` that is in the file."""
    line = 0
    for key in keys:
        try:
            line = data.lc.item(key)[0] if isinstance(key, int) else data.lc.key(key)[0]
            data = data[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return int(line) + 1
