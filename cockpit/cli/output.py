"""What commands print: plain tables and JSON. Both are safe on a terminal whatever the data says."""

import json
import os
import re
import shutil
import sys
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
    from rich.cells import cell_len

    return cell_len(text)


def shorten(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, ending in an ellipsis where something is cut."""
    if display_width(text) <= width:
        return text
    if width < 1:
        return ""
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"


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


def colours() -> bool:
    """Say whether stdout is a terminal that takes colours, and nobody asked for none."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and sys.stdout.isatty()


def to_json(value: Any, *, pretty: bool = False) -> str:
    """Return `value` as JSON text that is safe to show: exact when decoded, no control character inside.

    NaN and infinities, which JSON lacks, are null.
    """
    return json_safe(_encoded(value, pretty=pretty).decode())


def _encoded(value: Any, *, pretty: bool) -> bytes:
    encoded = msgspec.json.encode(value)
    return msgspec.json.format(encoded, indent=2) if pretty else encoded


def write_json(value: Any, *, pretty: bool = False) -> None:
    """Write `to_json(value)` and a newline to stdout."""
    encoded = _encoded(value, pretty=pretty)
    stream = sys.stdout
    # The encoder escapes C0 itself: plain ASCII without DEL has nothing left to escape.
    safe = encoded.isascii() and b"\x7f" not in encoded
    if safe and hasattr(stream, "buffer") and "\n".encode(stream.encoding or "utf-8") == b"\n":
        stream.flush()
        stream.buffer.write(encoded)
        stream.buffer.write(b"\n")
        stream.flush()
    else:
        write(_in(stream.encoding or "utf-8", json_safe(encoded.decode())))


def _in(encoding: str, text: str) -> str:
    """Return JSON `text` with what `encoding` lacks as JSON's escapes: Python's own would break it."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return re.sub("[^\0-\x7f]", lambda m: json.dumps(m.group())[1:-1], text)
    return text


def write(text: str) -> None:
    """Write `text` and a newline to stdout, whatever its encoding can hold."""
    stream = sys.stdout
    encoding = stream.encoding or "utf-8"
    stream.write((text + "\n").encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def narrate(text: str) -> None:
    """Write one cleaned line to stderr."""
    sys.stderr.write(one_line(text).encode("utf-8", "backslashreplace").decode() + "\n")
