"""Files within a file: what a ConfigMap or a Secret of Kubernetes holds, with the lines of its file. Pure."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from msgspec import Struct

from cockpit.yaml_lines import Map, Text

_HOLDERS = frozenset({"ConfigMap", "Secret"})
_SUFFIXES = frozenset({".yml", ".yaml", ".rules", ".json"})


class Held(Struct, frozen=True):
    """A file within another: its name, the line of its key, and its text.

    The text begins with as many empty lines as there are above it, so that its lines are those of the file;
    where they cannot be, `problem` says why.
    """

    name: str
    line: int
    text: str = ""
    problem: str = ""

    @property
    def is_json(self) -> bool:
        """Say whether it is called JSON."""
        return self.name.endswith(".json")


def objects(node: Map) -> tuple[Map, ...]:
    """Return the objects of a document: it, or the items of a List."""
    return node.maps("items") if node.text("kind").endswith("List") else (node,)


def held(text: str, node: Map) -> Iterator[Held]:
    """Yield the files that an object of the file `text` holds which may be YAML or JSON."""
    kind = node.text("kind")
    if kind not in _HOLDERS or "apiVersion" not in node:
        return
    lines = text.split("\n")
    for part in ("data", "stringData"):
        for key, value in node.map(part).items():
            if PurePosixPath(key).suffix not in _SUFFIXES or not isinstance(value, Text) or not value:
                continue
            line = node.map(part).key(key)
            at = line.line if line is not None else value.line
            if kind == "Secret" and part == "data":
                yield Held(key, at, problem="is base64 in a Secret")
            elif _is_literal(value, lines):
                yield Held(key, at, "\n" * value.line + value)
            else:
                yield Held(key, at, problem="is no block of lines (`|`)")


def _is_literal(value: Text, lines: list[str]) -> bool:
    """Say whether a text stands below its key line by line, as it is."""
    own = value.rstrip("\n").split("\n")
    below = lines[value.line : value.line + len(own)]
    return [each.strip() for each in own] == [each.strip() for each in below]
