"""Line plots for a terminal, as rows of text with what each piece is, so that a front end can colour them."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median_low
from typing import Literal

from msgspec import Struct

from cockpit.triage.model import Series
from cockpit.triage.scale import Axis, time_label, value_axis, value_label

MAX_DRAWN = 12
"""Lines drawn in one plot; more would be a smear. Callers say how many are left out."""

Kind = Literal[
    "blank", "axis", "label", "threshold", "mark",
    "series0", "series1", "series2", "series3", "series4", "series5",
]  # fmt: skip
LINES: tuple[Kind, ...] = ("series0", "series1", "series2", "series3", "series4", "series5")
ASCII_LINES = "*o+x#@"

_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_Cell = tuple[str, Kind]
_BLANK: _Cell = (" ", "blank")


class Segment(Struct, frozen=True):
    """A piece of a row that is all of one kind; every character is one column wide."""

    text: str
    kind: Kind


class PlotText(Struct, frozen=True):
    """A plot: `rows` of equal width, top to bottom, and how many of the series are `drawn`."""

    rows: tuple[tuple[Segment, ...], ...]
    drawn: int

    def __str__(self) -> str:
        return "\n".join("".join(s.text for s in row).rstrip() for row in self.rows)


def line_kind(index: int) -> Kind:
    """Return the kind of the series at `index`; six kinds come round again."""
    return LINES[index % len(LINES)]


def plot_lines(
    series: Sequence[Series],
    width: int,
    height: int,
    *,
    start: float,
    end: float,
    unit: str | None,
    thresholds: Sequence[float] = (),
    marks: Sequence[float] = (),
    step: float | None = None,
    ascii: bool = False,
) -> PlotText:
    """Return `series` over `start` to `end` (Unix seconds) as `height` rows of `width` columns.

    A value axis with units stands left, three UTC times below; a threshold that is near the values is a
    dashed line with its label on the axis, `marks` (Unix seconds) are triangles on the time axis. Where
    two points are farther apart than 1.5 `step` (by default the usual distance) the line has a gap; NaN and
    infinities are gaps. Where lines meet, the earlier series is the one seen. Too small a space loses the
    axes first; without any, there are no rows.
    """
    if width <= 0 or height <= 0:
        return PlotText((), 0)
    shown = [_within(s, start, end) for s in series[:MAX_DRAWN]]
    feet = 2 if height >= 5 else 1 if height >= 2 else 0
    body = height - feet
    axis = value_axis((v for _, values in shown for v in values), thresholds, 2 if body < 9 else 4)
    gutter = _gutter(axis, thresholds, body, unit, ascii) if width >= 20 else [[]] * body
    canvas = _Canvas(width - len(gutter[0]), body, ascii)
    canvas.dash(_rows(axis, thresholds, body, canvas.down))
    apart = 1.5 * (step or _usual_step(shown))
    span = max(end - start, 1e-3)
    for index in reversed(range(len(shown))):
        for run in _runs(shown[index], apart):
            points = [((t - start) / span, axis.share(v)) for t, v in run]
            canvas.line(points, index)
    rows = [left + right for left, right in zip(gutter, canvas.rows(), strict=True)]
    rows += _feet(feet, len(gutter[0]), canvas.width, start, span, marks=marks, ascii=ascii)
    return PlotText(tuple(_segments(row) for row in rows), len(shown))


_Points = tuple[tuple[float, ...], tuple[float, ...]]


def _within(series: Series, start: float, end: float) -> _Points:
    pairs = [(t, v) for t, v in zip(series.times, series.values, strict=False) if start <= t <= end]
    return tuple(t for t, _ in pairs), tuple(v for _, v in pairs)


def _usual_step(shown: Sequence[_Points]) -> float:
    gaps = [b - a for times, _ in shown for a, b in pairwise(times) if b > a]
    return median_low(gaps) if gaps else math.inf


def _runs(points: _Points, apart: float) -> Iterator[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for t, v in zip(*points, strict=True):
        if run and (not math.isfinite(v) or t - run[-1][0] > apart):
            yield run
            run = []
        if math.isfinite(v):
            run.append((t, v))
    if run:
        yield run


class _Canvas:
    """The body of a plot, as dots: 2x4 to a cell in braille, one to a cell in ASCII."""

    def __init__(self, width: int, height: int, ascii: bool) -> None:
        self.width, self.height, self.ascii = width, height, ascii
        self.across, self.down = (1, 1) if ascii else (2, 4)
        self.bits: dict[tuple[int, int], int] = {}
        self.owner: dict[tuple[int, int], int] = {}
        self.dashes: frozenset[int] = frozenset()

    def dash(self, rows: dict[int, float]) -> None:
        """Draw a threshold along each of `rows`, behind everything."""
        self.dashes = frozenset(rows)

    def line(self, points: Sequence[tuple[float, float]], index: int) -> None:
        """Join `points`, given as shares of width and height (up), as series `index`."""
        wide, high = self.width * self.across - 1, self.height * self.down - 1
        dots = [(round(x * wide), round((1 - y) * high)) for x, y in points]
        for a, b in pairwise(dots):
            self._join(a, b, index)
        for x, y in dots:
            self._set(x, y, index, joint=False)

    def _join(self, a: tuple[int, int], b: tuple[int, int], index: int) -> None:
        (x, y), across, up = a, b[0] - a[0], b[1] - a[1]
        count = max(abs(across), abs(up), 1)
        for i in range(1, count):
            self._set(x + round(across * i / count), y + round(up * i / count), index, joint=True)

    def _set(self, x: int, y: int, index: int, *, joint: bool) -> None:
        cell = (y // self.down, x // self.across)
        if self.ascii:
            self.bits[cell] = ord("." if joint else ASCII_LINES[index % len(ASCII_LINES)])
        else:
            self.bits[cell] = self.bits.get(cell, 0x2800) | _BRAILLE[y % 4][x % 2]
        self.owner[cell] = index

    def rows(self) -> Iterator[list[_Cell]]:
        """Yield the rows, top to bottom."""
        for row in range(self.height):
            yield [self._cell(row, column) for column in range(self.width)]

    def _cell(self, row: int, column: int) -> _Cell:
        if (row, column) in self.bits:
            return chr(self.bits[row, column]), line_kind(self.owner[row, column])
        if row in self.dashes and (not self.ascii or column % 2 == 0):
            return ("-" if self.ascii else "╌"), "threshold"
        return _BLANK


def _rows(axis: Axis, values: Sequence[float], height: int, down: int) -> dict[int, float]:
    """Return the row that each of `values` stands on, for those that are on the axis, as lines are drawn."""
    inside = [v for v in values if math.isfinite(v) and axis.low <= v <= axis.high]
    return {round((1 - axis.share(v)) * (height * down - 1)) // down: v for v in inside}


def _gutter(
    axis: Axis, thresholds: Sequence[float], height: int, unit: str | None, ascii: bool
) -> list[list[_Cell]]:
    labels: dict[int, tuple[str, Kind]] = {}
    down, said = (1 if ascii else 4), set()
    for row, value in _rows(axis, axis.ticks, height, down).items():
        text = value_label(value, unit, ascii=ascii)
        if text not in said:
            labels[row] = (text, "label")
        said.add(text)
    for row, value in _rows(axis, thresholds, height, down).items():
        labels[row] = (value_label(value, unit, ascii=ascii), "threshold")
    # As wide as the word UTC, which stands below.
    wide = max(3, *(len(text) for text, _ in labels.values()))
    rows: list[list[_Cell]] = []
    for row in range(height):
        text, kind = labels.get(row, ("", "label"))
        tick: _Cell = ("|" if ascii else "┤" if text else "│", "axis")
        cells: list[_Cell] = [(c, kind if c != " " else "blank") for c in text.rjust(wide)]
        rows.append([*cells, _BLANK, tick])
    return rows


def _feet(
    count: int, gutter: int, width: int, start: float, span: float, *, marks: Sequence[float], ascii: bool
) -> list[list[_Cell]]:
    """Return the time axis (where `count` is 2) and its labels; the marks stand on the upper of them."""
    if count == 0:
        return []
    labels = [_BLANK] * (gutter + width)
    for text, at in _time_labels(start, span, width):
        labels[gutter + at : gutter + at + len(text)] = [(c, "label") for c in text]
    if gutter:
        labels[gutter - 5 : gutter - 2] = [(c, "label") for c in "UTC"]
    corner, flat, mark = ("+", "-", "^") if ascii else ("└", "─", "▲")
    line: list[_Cell] = [_BLANK] * max(0, gutter - 1) + [(corner, "axis")] * (gutter > 0)
    line += [(flat, "axis")] * width
    target = line if count == 2 else labels
    for moment in marks:
        share = (moment - start) / span
        if 0 <= share <= 1:
            at = gutter + round(share * (width - 1))
            free = [i for i in range(gutter, gutter + width) if target[i][1] != "label"]
            if free:
                target[min(free, key=lambda i: abs(i - at))] = (mark, "mark")
    return [line, labels] if count == 2 else [labels]


def _time_labels(start: float, span: float, width: int) -> list[tuple[str, int]]:
    first, middle, last = (time_label(start + span * share, span) for share in (0, 0.5, 1))
    placed = [(first, 0), (middle, (width - len(middle)) // 2), (last, width - len(last))]
    if len(first) + len(middle) + len(last) + 4 <= width:
        return placed
    if len(first) + len(last) + 1 <= width:
        return [placed[0], placed[2]]
    return [placed[2]] if len(last) <= width else []


def _segments(row: Sequence[_Cell]) -> tuple[Segment, ...]:
    return tuple(
        Segment("".join(c for c, _ in part), kind) for kind, part in groupby(row, key=lambda c: c[1])
    )
