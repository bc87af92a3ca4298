"""YAML as text with lines: every scalar the text that it is in the file, and where each thing stands.

For files that others wrote for other programs: what a scalar's type is, and which keys there may be, is for
those to say. Read from libyaml's events, so that no nesting can use up the stack.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from cockpit.text import one_line

MAX_DEPTH = 60
"""Levels; no file that a person or a generator writes nests deeper."""

MAX_VALUES = 2_000_000
"""Values of a file, those of aliases counted wherever they are used."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE = "<<"


class Text(str):
    """A scalar as it is written; null is empty. `line` and `end`, its first and last line, count from 1."""

    __slots__ = ("end", "line")
    line: int
    end: int


class Map(dict[str, "Value"]):
    """A mapping from its first line to its last; its keys know theirs."""

    __slots__ = ("end", "line", "size")
    line: int
    end: int
    size: int

    def key(self, name: str) -> Text | None:
        """Return the key called `name` as it stands in the file, with its line."""
        return next((key for key in self if key == name and isinstance(key, Text)), None)

    def text(self, name: str) -> str:
        """Return the scalar at `name`; empty where there is none."""
        value = self.get(name)
        return str(value) if isinstance(value, Text) else ""

    def map(self, name: str) -> "Map":
        """Return the mapping at `name`; an empty one where there is none."""
        value = self.get(name)
        return value if isinstance(value, Map) else Map()

    def texts(self, name: str) -> dict[str, str]:
        """Return the scalars of the mapping at `name`, by their keys."""
        return {str(key): str(value) for key, value in self.map(name).items() if isinstance(value, Text)}

    def maps(self, name: str) -> "tuple[Map, ...]":
        """Return the mappings of the list at `name`; none where there is no list."""
        value = self.get(name)
        return tuple(each for each in value if isinstance(each, Map)) if isinstance(value, Seq) else ()


class Seq(list["Value"]):
    """A list from its first line to its last."""

    __slots__ = ("end", "line", "size")
    line: int
    end: int
    size: int


Value: TypeAlias = Text | Map | Seq


class YamlTrouble(Exception):
    """Why a text is no YAML that can be used: one clean line, and the line of the file, from 1."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        self.problem, self.line = one_line(problem, 300), line
        super().__init__(self.problem)


def documents(text: str, *, twice: bool = False) -> list[Value]:
    """Return the documents of `text`, empty ones left out. Raises YamlTrouble.

    Refused are what YAML refuses, keys that stand twice in a mapping, nesting deeper than MAX_DEPTH, and
    aliases that make more than MAX_VALUES values of it. With `twice` a key may, and the first counts.
    """
    try:
        loader = yaml.CSafeLoader(text)
        try:
            return list(_Reader(loader, twice=twice).documents())
        finally:
            loader.dispose()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlTrouble(_problem(error, text), mark.line + 1 if mark else None) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlTrouble("a character that YAML does not allow", line) from error
    except (YAMLError, UnicodeError, ValueError) as error:
        raise YamlTrouble(f"no YAML that can be read: {error}") from error


def _problem(error: MarkedYAMLError, text: str) -> str:
    problem, mark = str(error.problem or error), error.problem_mark
    context = f"{error.context}, " if error.context and problem.startswith(("but ", "did ")) else ""
    if mark and "cannot start any token" in problem:
        at = text.split("\n", mark.line + 1)[mark.line : mark.line + 1]
        if at and at[0][mark.column : mark.column + 1] == "\t":
            return "a tab indents it: YAML takes spaces"
    return context + problem


class _Reader:
    """Builds values from events, with a stack of its own."""

    def __init__(self, loader: Any, *, twice: bool) -> None:
        self._loader, self._twice = loader, twice
        self._anchors: dict[str, Value] = {}
        self._open: list[tuple[Map | Seq, list[Value], str | None]] = []

    def documents(self) -> Iterator[Value]:
        loader = self._loader
        while True:
            event = loader.get_event()
            if isinstance(event, yaml.StreamEndEvent):
                return
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                found = self._document()
                if not (isinstance(found, Text) and not found):
                    yield found

    def _document(self) -> Value:
        while True:
            event = self._loader.get_event()
            if isinstance(event, yaml.ScalarEvent):
                done: Value | None = self._scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                done = self._alias(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                done = None
                self._begin(event)
            else:
                done = self._end(event)
            if done is not None:
                if not self._open:
                    return done
                self._open[-1][1].append(done)

    def _scalar(self, event: Any) -> Text:
        null = event.implicit[0] and event.value in _NULLS
        text = Text("" if null else event.value)
        text.line, text.end = event.start_mark.line + 1, _last(event)
        if event.anchor:
            self._anchors[event.anchor] = text
        return text

    def _alias(self, event: Any) -> Value:
        line = event.start_mark.line + 1
        if any(event.anchor == anchor for _, _, anchor in self._open):
            raise YamlTrouble(f"the alias *{event.anchor} holds itself", line)
        if event.anchor not in self._anchors:
            raise YamlTrouble(f"there is no anchor for the alias *{event.anchor}", line)
        return self._anchors[event.anchor]

    def _begin(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if len(self._open) >= MAX_DEPTH:
            raise YamlTrouble("nested too deeply", line)
        value = Map() if isinstance(event, yaml.MappingStartEvent) else Seq()
        value.line = line
        self._open.append((value, [], event.anchor))

    def _end(self, event: Any) -> Value:
        value, held, anchor = self._open.pop()
        value.size, value.end = 1, value.line
        for each in held:
            value.size += 1 if isinstance(each, Text) else each.size
            value.end = max(value.end, each.end)
        if value.size > MAX_VALUES:
            raise YamlTrouble(
                f"more than {MAX_VALUES} values, aliases counted wherever they are used", value.line
            )
        if isinstance(value, Seq):
            value.extend(held)
        else:
            self._fill(value, held)
        if anchor:
            self._anchors[anchor] = value
        return value

    def _fill(self, value: Map, held: list[Value]) -> None:
        merged: list[Value] = []
        for key, item in zip(held[::2], held[1::2], strict=True):
            if not isinstance(key, Text):
                raise YamlTrouble("a key that is no text", key.line)
            if key == _MERGE:
                merged.extend(item if isinstance(item, Seq) else [item])
            elif key in value:
                if self._twice:
                    continue
                raise YamlTrouble(f"the key {one_line(key, 100)!r} stands twice in a mapping", key.line)
            else:
                value[key] = item
        for each in merged:
            if isinstance(each, Map):
                for name, inherited in each.items():
                    value.setdefault(name, inherited)


def _last(event: Any) -> int:
    """Return the last line of a scalar; a block's mark stands after its newline."""
    mark = event.end_mark
    ended = mark.column == 0 and mark.line > event.start_mark.line
    return int(mark.line) + (0 if ended else 1)
