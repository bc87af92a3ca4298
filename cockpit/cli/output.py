"""What commands print: plain tables and JSON. Both are safe on a terminal whatever the data says."""

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from cockpit.text import json_safe, one_line

GAP = "  "
MIN_WIDTH = 6


def display_width(text: str) -> int:
    """Return how many terminal cells `text` takes: wide East Asian characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def shorten(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, ending in an ellipsis where something is cut."""
    if display_width(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += _cells(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = (), width: int | None = None
) -> str:
    """Return rows under their head in aligned columns, one line each, cells cleaned.

    Columns named in `right` are right-aligned. With `width` (cells) the widest columns are cut, with an
    ellipsis, until a line fits; without it nothing is cut.
    """
    cells = [list(head), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(display_width(row[i]) for row in cells) for i in range(len(head))]
    if width is not None:
        _fit(
            widths, [max(MIN_WIDTH, display_width(name)) for name in head], width - len(GAP) * (len(head) - 1)
        )
    to_right = set(right)
    return "\n".join(
        GAP.join(
            _padded(shorten(cell, size), size, right=name in to_right)
            for cell, size, name in zip(row, widths, head, strict=True)
        ).rstrip()
        for row in cells
    )


def _fit(widths: list[int], least: list[int], room: int) -> None:
    while sum(widths) > room:
        spare = [size - low for size, low in zip(widths, least, strict=True)]
        if max(spare) <= 0:
            return
        widest = max((i for i, free in enumerate(spare) if free > 0), key=lambda i: widths[i])
        others = [size for i, size in enumerate(widths) if i != widest and spare[i] > 0]
        target = max([least[widest], *(size for size in others if size < widths[widest])])
        excess = sum(widths) - room
        widths[widest] -= min(excess, max(1, widths[widest] - target))


def _padded(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - display_width(text))
    return blank + text if right else text + blank


def terminal_width() -> int | None:
    """Return the width to fit a table into: the terminal's, or None where stdout is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def to_json(value: Any, *, pretty: bool = False) -> str:
    """Return `value` as JSON text that is safe to show: exact when decoded, no control character inside.

    NaN and infinities, which JSON lacks, are null.
    """
    encoded = msgspec.json.encode(value)
    if pretty:
        encoded = msgspec.json.format(encoded, indent=2)
    return json_safe(encoded.decode())


def write(text: str) -> None:
    """Write `text` and a newline to stdout, whatever its encoding can hold."""
    stream = sys.stdout
    encoding = stream.encoding or "utf-8"
    stream.write((text + "\n").encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def narrate(text: str) -> None:
    """Write one cleaned line to stderr."""
    sys.stderr.write(one_line(text).encode("utf-8", "backslashreplace").decode() + "\n")
