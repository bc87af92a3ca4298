"""Lines of styled text, before any widget: what every part of the screen is made of.

A line is a tuple of spans, a span is a text and the name of its meaning (a component class of `LineView`).
Foreign text becomes a span through `span`, which cleans it; `LineView` cleans whatever it draws once more.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size

from cockpit.text import clean

KINDS = (
    "plain", "dim", "strong", "title", "crit", "warn", "info", "ok", "alarm", "passed", "synthetic",
    "code", "link", "key", "accent", "emphasis", "strike", "found", "rule", "threshold", "mark",
    "series0", "series1", "series2", "series3", "series4", "series5",
)  # fmt: skip
"""The meanings a span can have; how each looks is said in app.tcss alone."""


class Span(NamedTuple):
    """Text without newlines, and its meaning (one of KINDS)."""

    text: str
    kind: str = "plain"


Line = tuple[Span, ...]
EMPTY: Line = ()


def span(text: str, kind: str = "plain") -> Span:
    """Return a span of `text`, cleaned and on one line."""
    return Span(clean(text).replace("\n", " ").replace("\t", "    "), kind)


def line(*parts: str | Span) -> Line:
    """Return a line of `parts`; a bare string is plain text, cleaned."""
    return tuple(p if isinstance(p, Span) else span(p) for p in parts)


def width_of(row: Iterable[Span]) -> int:
    """Return the width of `row` in terminal cells."""
    return sum(cell_len(s.text) for s in row)


def fit(text: str, width: int, *, right: bool = False, ellipsis: str = "…") -> str:
    """Return `text`, cleaned, in exactly `width` cells: padded, or cut with an ellipsis."""
    shown = clean(text).replace("\n", " ").replace("\t", " ")
    if width <= 0:
        return ""
    size = cell_len(shown)
    if size > width:
        tail = ellipsis if width > cell_len(ellipsis) else ""
        return set_cell_size(set_cell_size(shown, width - cell_len(tail)).rstrip(" ") + tail, width)
    pad = " " * (width - size)
    return pad + shown if right else shown + pad


def clip(row: Line, width: int, *, ellipsis: str = "…") -> Line:
    """Return `row` in at most `width` cells, the cut marked with an ellipsis."""
    if width_of(row) <= width:
        return row
    out: list[Span] = []
    left = width - cell_len(ellipsis)
    for part in row:
        size = cell_len(part.text)
        if size > left:
            return (*out, Span(set_cell_size(part.text, max(0, left)).rstrip(" ") + ellipsis, part.kind))
        out.append(part)
        left -= size
    return tuple(out)


def spread(left: Line, right: Line, width: int, *, ellipsis: str = "…") -> Line:
    """Return `left` and `right` at both ends of `width` cells; `left` is cut first."""
    room = width - width_of(right)
    if room <= 0:
        return clip(right, width, ellipsis=ellipsis)
    start = clip(left, max(0, room - 1), ellipsis=ellipsis)
    gap = room - width_of(start)
    return (*start, Span(" " * gap), *right)


def wrap(spans: Sequence[Span], width: int, *, indent: int = 0) -> list[Line]:
    """Wrap `spans` at spaces into lines of at most `width` cells; a longer word is broken.

    Lines after the first begin with `indent` spaces.
    """
    width = max(1, width)
    margin = [Span(" " * indent)] if indent < width else []
    rows: list[Line] = []
    row: list[Span] = []
    used = 0
    for word in _words(spans):
        for piece in _pieces(word, width - width_of(margin)):
            bare = cell_len("".join(s.text for s in piece).rstrip(" "))
            if used + bare > width and used:
                rows.append(_trimmed(row))
                row, used = [*margin], width_of(margin)
            row += piece
            used += width_of(piece)
    if row or not rows:
        rows.append(_trimmed(row))
    return rows


def wrap_all(rows: Iterable[Line], width: int) -> tuple[Line, ...]:
    """Wrap each of `rows`; what follows is indented by two cells more than the row is."""
    out: list[Line] = []
    for row in rows:
        text = "".join(s.text for s in row)
        out += wrap(row, width, indent=len(text) - len(text.lstrip(" ")) + 2) if row else [EMPTY]
    return tuple(out)


def _words(spans: Sequence[Span]) -> Iterable[list[Span]]:
    """Yield what stands between spaces, in as many spans as it has kinds, with the spaces behind it."""
    word: list[Span] = []
    for text, kind in spans:
        for part in _PART.findall(text):
            word.append(Span(part, kind))
            if part.endswith(" "):
                yield word
                word = []
    if word:
        yield word


_PART = re.compile(r" +|[^ ]+ *")


def _pieces(word: list[Span], width: int) -> Iterable[list[Span]]:
    """Break a word that is wider than `width`."""
    if cell_len("".join(s.text for s in word).rstrip(" ")) <= width:
        yield word
        return
    for text, kind in word:
        yield from ([Span(piece, kind)] for piece in chop_cells(text, max(1, width)))


def _trimmed(row: list[Span]) -> Line:
    """Join neighbours of one kind and drop the space at the end."""
    out: list[Span] = []
    for part in row:
        if out and out[-1].kind == part.kind:
            out[-1] = Span(out[-1].text + part.text, part.kind)
        else:
            out.append(part)
    if out:
        out[-1] = Span(out[-1].text.rstrip(" "), out[-1].kind)
    return tuple(out)
