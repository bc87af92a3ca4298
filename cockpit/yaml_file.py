"""YAML files that people write, read safely into a pydantic model: errors name file, line and key."""

from collections.abc import Collection, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarbool import ScalarBoolean

from cockpit.errors import UsageError
from cockpit.files import FileError, read_text
from cockpit.text import one_line

MAX_BYTES = 2**20
"""A file is not read beyond this size."""

_MAX_VALUES = 500_000
_MAX_DEPTH = 20
_DEEP = "nested too deeply"
_WORDS = {
    "extra_forbidden": "unknown key",
    "too_short": "it is empty",
    "finite_number": "a number is needed that is finite",
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than_equal": "it must be at most {le:g}",
    "literal_error": "it must be {expected}",
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


class Readable(Protocol):
    """A pydantic model with a name."""

    @property
    def name(self) -> str:
        """What it is called, as its file is."""

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """Return one of it. Raises ValidationError."""


M = TypeVar("M", bound=Readable)


class YamlFiles(Generic[M]):
    """Files of one kind, each a `model` whose name is the file's, in the folder `below` a context's folder.

    `kind` is what errors call one. `tags` are those of the model's unions, which pydantic reports as keys.
    """

    def __init__(self, kind: str, below: str, model: type[M], tags: Collection[str]) -> None:
        self.kind, self._below, self._model, self._tags = kind, below, model, frozenset(tags)

    def names(self, folder: Path) -> tuple[str, ...]:
        """Return the names of what there is under `folder` (the context's `scenarios`), sorted."""
        return tuple(sorted(path.stem for path in (folder / self._below).glob("*.yaml")))

    def path_of(self, name: str, folder: Path) -> Path:
        """Return the file of the one called `name` under `folder`."""
        return folder / self._below / f"{name}.yaml"

    def find(self, name: str, folder: Path) -> M:
        """Return the one called `name` under `folder`. Raises UsageError that lists what there is."""
        known = self.names(folder)
        if name not in known:
            where, there = folder / self._below, ", ".join(known) or "none"
            raise UsageError(
                f"no {self.kind} {one_line(name, 100)!r} in {where}", remedy=f"there are: {there}"
            )
        return self.read(self.path_of(name, folder))

    def read(self, path: Path) -> M:
        """Read one file. Raises FileError for one that cannot be used."""
        found = self.parse(read_text(self.kind, path, MAX_BYTES), str(path))
        if found.name != path.stem:
            raise FileError(self.kind, path, f"{found.name!r} is not the file's name", key="name")
        return found

    def parse(self, text: str, where: str) -> M:
        """Return what `text` describes; `where` names it in errors (FileError)."""
        data = self._load(text, where)
        if not isinstance(data, dict):
            raise FileError(self.kind, where, "it is empty" if data is None else "not a mapping of keys")
        try:
            return self._model.model_validate(_plain(data, count()))
        except ValidationError as error:
            keys, problem = _first(error, self._tags)
            raise self._refused(data, where, keys, problem) from error
        except _TooMuch as error:
            raise FileError(self.kind, where, str(error)) from error

    def refused(self, path: Path, keys: Sequence[int | str], problem: str) -> FileError:
        """Return the error that says what is wrong under `keys`, with the line as the file has it now."""
        try:
            data = self._load(read_text(self.kind, path, MAX_BYTES), str(path))
        except FileError:
            data = None
        return self._refused(data, path, keys, problem)

    def _refused(self, data: Any, where: Path | str, keys: Sequence[int | str], problem: str) -> FileError:
        line = None
        if data is not None:
            keys = _in_file(data, keys)
            line = _line(data, keys) if keys else None
        return FileError(self.kind, where, problem, line=line, key=".".join(map(str, keys)))

    def _load(self, text: str, where: str) -> Any:
        yaml = YAML(pure=True)
        yaml.Composer = _Shallow
        try:
            return yaml.load(text)
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            problem = str(error.problem or error)
            if problem.startswith("but ") and error.context:
                problem = f"{error.context}, {problem}"
            raise FileError(self.kind, where, problem, line=line) from error
        except ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise FileError(self.kind, where, "a character that YAML does not allow", line=line) from error
        except _TooMuch as error:
            raise FileError(self.kind, where, str(error)) from error
        except (YAMLError, ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
            # Python adds, of a number with too many digits, how a program could allow it.
            problem = str(error).partition("; ")[0]
            raise FileError(self.kind, where, f"not YAML that can be read: {problem}") from error


class _TooMuch(Exception):
    """A small file that stands for more than one ever holds."""


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


def _first(error: ValidationError, tags: Collection[str]) -> tuple[list[int | str], str]:
    """Return the keys of the first problem, without the tags that pydantic puts in after an index, and it."""
    errors = error.errors(include_url=False)
    # A key that is misspelt tells more than that the right one is missing.
    first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
    loc, ctx = first["loc"], first.get("ctx", {})
    keys = [key for i, key in enumerate(loc) if not (key in tags and isinstance(loc[i - 1], int))]
    if keys[-1:] == ["[key]"]:
        keys.pop()
    words = _WORDS.get(first["type"])
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
