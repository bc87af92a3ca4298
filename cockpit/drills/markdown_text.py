"""Text that others wrote as a part of Markdown: whatever it is, it stays text and changes no structure.

Rules: CommonMark 0.31 (backslash escapes, code spans, fenced code blocks); GitHub's tables.
"""

import re
from collections.abc import Iterable, Sequence

from cockpit.text import clean, one_line

NOTHING = "-"
"""What stands for a text that is empty."""

MAX_FENCED = 10_000
"""Characters of a block that are shown."""

_MARKS = re.compile(r"[\\`*\[\]<#|~&$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_AT_START = re.compile(r"^(\d*)([-+=.):>])")
_TICKS = re.compile("`+")


def prose(text: str, limit: int = 2000) -> str:
    """Return `text` as one line of words that stands anywhere in a paragraph, heading, list or table."""
    return _AT_START.sub(r"\1\\\2", _escaped(text, limit)) or NOTHING


def code(text: str, limit: int = 2000) -> str:
    """Return `text` as a code span on one line. It does not fit into a table."""
    plain = one_line(text, limit) or NOTHING
    ticks = "`" * (_longest(plain) + 1)
    pad = " " if "`" in (plain[0], plain[-1]) else ""
    return f"{ticks}{pad}{plain}{pad}{ticks}"


def fenced(text: str, language: str = "text", indent: str = "") -> str:
    """Return `text`, of any number of lines, as a fenced block that it cannot end."""
    body = clean(text.replace("\r\n", "\n"), MAX_FENCED).rstrip("\n")
    fence = "`" * max(3, _longest(body) + 1)
    return "\n".join(f"{indent}{line}" for line in (f"{fence}{language}", *body.split("\n"), fence))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of raw texts."""
    lines = [head, ["---"] * len(head), *([_escaped(cell) or NOTHING for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str, limit: int = 2000) -> str:
    return _MARKS.sub(r"\\\g<0>", one_line(text, limit))


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
