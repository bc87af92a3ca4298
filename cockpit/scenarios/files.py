"""Scenario files: finding them, and reading one with errors that name file, line and key."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from cockpit.errors import UsageError
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
    """Read one scenario file. Raises UsageError with file, line and key for one that cannot be used."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"scenario {path}: larger than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"scenario {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"scenario {path}: not UTF-8 text") from error
    scenario = parse(text, str(path))
    if scenario.name != path.stem:
        raise UsageError(f"scenario {path}: name: {scenario.name!r} is not the file's name")
    return scenario


def parse(text: str, where: str) -> Scenario:
    """Return the scenario that `text` describes; `where` names it in errors (UsageError)."""
    try:
        data: Any = YAML(pure=True).load(text)
    except MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"scenario {where}{line}: {one_line(str(error.problem or error), 300)}") from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise UsageError(f"scenario {where}: {one_line(str(error), 300)}") from error
    if not isinstance(data, dict):
        raise UsageError(f"scenario {where}: not a mapping of keys")
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise UsageError(f"scenario {where}{_problem(error, data)}") from error


def _problem(error: ValidationError, data: Any) -> str:
    problem = error.errors()[0]
    # The tag of a union's member follows its index in pydantic's location, but not in the file.
    tags = {"counter", "gauge", "histogram", "fires", "quiet"}
    pairs = zip((None, *problem["loc"]), problem["loc"], strict=False)
    keys = [part for before, part in pairs if not (part in tags and isinstance(before, int))]
    message = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
    said = one_line(message.removeprefix("Value error, "), 300)
    if not keys:
        return f": {said}"
    key = one_line(".".join(str(part) for part in keys), 200)
    return f", line {_line(data, keys)}: {key}: {said}"


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
