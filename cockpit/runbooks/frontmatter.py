"""The block of YAML (`---`) or TOML (`+++`) at the head of a Markdown file, read without trusting it."""

import re
import tomllib
from typing import Any

from msgspec import Struct

from cockpit.text import one_line
from cockpit.yaml_lines import YamlTrouble, documents

MAX_CHARACTERS = 65_536
_FENCE = re.compile(r"(---|\+\+\+)[ \t]*\n")


class FrontMatter(Struct, frozen=True):
    """What stands before the Markdown: `lines` is how many lines it takes, fences included.

    `data` is empty and `problem` says why (one clean line) where it cannot be used.
    """

    data: dict[str, Any] = {}
    lines: int = 0
    problem: str | None = None

    def words(self, *keys: str) -> tuple[str, ...]:
        """Return the first of `keys` that holds text or a list of texts, as clean one-line texts."""
        for key in keys:
            value = self.data.get(key)
            values = value if isinstance(value, list) else [value]
            found = tuple(text for text in (_scalar(v) for v in values) if text)
            if found:
                return found
        return ()

    def word(self, *keys: str) -> str | None:
        """Return the first of `keys` that holds a text, number or date."""
        return next(iter(self.words(*keys)), None)

    def table(self, key: str) -> dict[str, str]:
        """Return the mapping at `key`, of clean texts to clean texts; empty where there is none."""
        value = self.data.get(key)
        if not isinstance(value, dict):
            return {}
        pairs = ((_scalar(k), _scalar(v)) for k, v in value.items())
        return {k: v for k, v in pairs if k and v}


def _scalar(value: object) -> str | None:
    if value is None or isinstance(value, dict | list | bool):
        return None
    try:
        return one_line(str(value), 500)
    except ValueError:
        return None


def read_front_matter(text: str) -> FrontMatter:
    """Return the front matter of `text` (lines end in LF); without one, an empty FrontMatter. Never raises.

    More than 64 kB and deep nesting are refused: people write neither here.
    """
    opening = _FENCE.match(text)
    if opening is None:
        return FrontMatter()
    mark = re.escape(opening[1])
    closing = re.compile(
        rf"^(?:{mark}|\.\.\.)[ \t]*$" if opening[1] == "---" else rf"^{mark}[ \t]*$", re.MULTILINE
    )
    end = closing.search(text, opening.end(), opening.end() + MAX_CHARACTERS)
    if end is None:
        longer = closing.search(text, opening.end()) if len(text) > MAX_CHARACTERS else None
        if longer is None:
            return FrontMatter()
        return FrontMatter(
            lines=text.count("\n", 0, longer.start()) + 1, problem="front matter is over 64 kB"
        )
    body = text[opening.end() : end.start()]
    lines = text.count("\n", 0, end.start()) + 1
    if opening[1] == "---" and not re.search(r"^\s*[^\s#].*?:(\s|$)", body, re.MULTILINE) and body.strip():
        return FrontMatter()
    try:
        data = tomllib.loads(body) if opening[1] == "+++" else next(iter(documents(body, twice=True)), None)
    except (YamlTrouble, ValueError, RecursionError) as error:
        return FrontMatter(lines=lines, problem=f"front matter ignored: {_reason(error)}")
    if not isinstance(data, dict):
        empty = data is None
        return FrontMatter(lines=lines, problem=None if empty else "front matter ignored: it is no mapping")
    return FrontMatter({str(k): v for k, v in data.items()}, lines)


def _reason(error: Exception) -> str:
    line = getattr(error, "line", None)
    return one_line(str(error) or type(error).__name__, 200) + (f" (line {line + 1})" if line else "")
