"""Scenario files: finding them, and reading one with errors that name file, line and key."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarbool import ScalarBoolean

from cockpit.errors import UsageError
from cockpit.files import FileError, read_text
from cockpit.scenarios.fields import LABEL_NAME, METRIC_NAME, SCENARIO_NAME
from cockpit.scenarios.model import Scenario
from cockpit.text import one_line

MAX_BYTES = 2**20
"""A scenario file is not read beyond this size."""

_MAX_VALUES = 500_000
_MAX_DEPTH = 20
_DEEP = "nested too deeply"
_TAGS = {"counter", "gauge", "histogram", "fires", "quiet"}
_NAMED = "a letter or _ first, then letters, digits and _"
_PATTERNS = {
    LABEL_NAME: f"a label's name has {_NAMED}",
    METRIC_NAME: f"a metric's name has {_NAMED} or :",
    SCENARIO_NAME: "a scenario's name has small letters, digits and -, at most 63",
}
_WORDS = {
    "extra_forbidden": "unknown key",
    "too_short": "it is empty",
    "finite_number": "a number is needed that is finite",
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than_equal": "it must be at most {le:g}",
    "string_too_short": "it is empty",
    "string_too_long": "it is longer than {max_length} characters",
    "too_long": "it has more than {max_length} entries",
    "missing": "it is needed",
    "string_type": "a text is needed: put it in quotes",
    "dict_type": "a mapping of keys is needed",
    "model_type": "a mapping of keys is needed",
    "tuple_type": "a list is needed",
    "float_type": "a number is needed",
}

_FOLDER = "synthetic"


def names(folder: Path) -> tuple[str, ...]:
    """Return the names of the scenarios under `folder` (the context's `scenarios`), sorted."""
    return tuple(sorted(path.stem for path in (folder / _FOLDER).glob("*.yaml")))


def path_of(name: str, folder: Path) -> Path:
    """Return the file of the scenario `name` under `folder`."""
    return folder / _FOLDER / f"{name}.yaml"


def find(name: str, folder: Path) -> Scenario:
    """Return the scenario `name` under `folder`. Raises UsageError that lists what there is."""
    known = names(folder)
    if name not in known:
        where, there = folder / _FOLDER, ", ".join(known) or "none"
        raise UsageError(f"no scenario {one_line(name, 100)!r} in {where}", remedy=f"there are: {there}")
    return read(path_of(name, folder))


def read(path: Path) -> Scenario:
    """Read one scenario file. Raises FileError for one that cannot be used."""
    scenario = parse(read_text("scenario", path, MAX_BYTES), str(path))
    if scenario.name != path.stem:
        raise FileError("scenario", path, f"{scenario.name!r} is not the file's name", key="name")
    return scenario


def parse(text: str, where: str) -> Scenario:
    """Return the scenario that `text` describes; `where` names it in errors (FileError)."""
    data = _load(text, where)
    if not isinstance(data, dict):
        problem = "it is empty" if data is None else "not a mapping of keys"
        raise FileError("scenario", where, problem)
    try:
        return Scenario.model_validate(_plain(data, count()))
    except ValidationError as error:
        keys, problem = _first(error)
        keys = _in_file(data, keys)
        line = _line(data, keys) if keys else None
        key = ".".join(str(part) for part in keys)
        raise FileError("scenario", where, problem, line=line, key=key) from error
    except _TooMuch as error:
        raise FileError("scenario", where, str(error)) from error


def _load(text: str, where: str) -> Any:
    yaml = YAML(pure=True)
    yaml.Composer = _Shallow
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem = str(error.problem or error)
        if problem.startswith("but ") and error.context:
            problem = f"{error.context}, {problem}"
        raise FileError("scenario", where, problem, line=line) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileError("scenario", where, "a character that YAML does not allow", line=line) from error
    except _TooMuch as error:
        raise FileError("scenario", where, str(error)) from error
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        # Python adds, of a number with too many digits, how a program could allow it.
        problem = str(error).partition("; ")[0]
        raise FileError("scenario", where, f"not YAML that can be read: {problem}") from error


class _TooMuch(Exception):
    """A small file that stands for more than a scenario ever holds."""


class _Shallow(Composer):
    """A reader that stops early: ruamel.yaml takes longer with each level, and ends at the stack's limit."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose one node, as the class above does."""
        if self.depth >= _MAX_DEPTH:
            raise _TooMuch(_DEEP)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _plain(node: Any, seen: Iterator[int], depth: int = 0) -> Any:
    """Return `node` as plain values. An alias counts each time it is used: a few lines can be gigabytes."""
    if next(seen) >= _MAX_VALUES:
        raise _TooMuch(f"more than {_MAX_VALUES} values, aliases counted wherever they are used")
    if depth > _MAX_DEPTH:
        raise _TooMuch(_DEEP)
    if isinstance(node, dict):
        return {key: _plain(value, seen, depth + 1) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value, seen, depth + 1) for value in node]
    # An anchor makes the reader return classes of its own.
    if isinstance(node, ScalarBoolean):
        return bool(node)
    kind = next((kind for kind in (str, int, float) if isinstance(node, kind)), None)
    return kind(node) if kind and not isinstance(node, bool) else node


def _first(error: ValidationError) -> tuple[list[int | str], str]:
    """Return the keys of the first problem, without the tags that pydantic puts in after an index, and it."""
    errors = error.errors(include_url=False)
    # A key that is misspelt tells more than that the right one is missing.
    first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
    loc, ctx = first["loc"], first.get("ctx", {})
    keys = [key for i, key in enumerate(loc) if not (key in _TAGS and isinstance(loc[i - 1], int))]
    if keys[-1:] == ["[key]"]:
        keys.pop()
    words = _PATTERNS.get(ctx.get("pattern", "")) or _WORDS.get(first["type"])
    problem = words.format(**ctx) if words else one_line(first["msg"].removeprefix("Value error, "), 300)
    return [*keys, *ctx.get("keys", ())], problem


def _in_file(data: Any, loc: Sequence[int | str]) -> list[int | str]:
    """Return those of `loc` that are keys of the file, and a last one that is missing there.

    A short form leaves some out: `rate: 5` stands for `rate: {steps: [{at: 0, value: 5}]}`.
    """
    keys: list[int | str] = []
    for index, part in enumerate(loc):
        held = data if isinstance(data, dict) else dict(enumerate(data)) if isinstance(data, list) else {}
        if part in held:
            data = held[part]
        elif not isinstance(data, dict) or index + 1 < len(loc):
            continue
        keys.append(part)
    return keys


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
