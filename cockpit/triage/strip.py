"""One-line pictures for a terminal: a sparkline, and a strip of when an alert was pending or firing."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from cockpit.alerts.model import Span

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.-=+*%#"
_STRIP = ("▁", "▃", "▇")
_ASCII_STRIP = ("_", "-", "#")


def sparkline(values: Sequence[float | None], width: int, *, ascii: bool = False) -> str:
    """Return `values` as at most `width` bars; None, NaN and infinities are spaces.

    More values than `width` share a bar, which shows the highest of them: a peak is never lost. The lowest
    bar is zero where zero is near, else the lowest value; values that differ by less than a hundredth stand
    at half height.
    """
    if width <= 0 or not values:
        return ""
    bars = _ASCII_BARS if ascii else _BARS
    cells = [_highest(part) for part in _split(values, width)]
    known = [c for c in cells if c is not None]
    if not known:
        return " " * len(cells)
    low, high = min(known), max(known)
    if low == high or high / 2 - low / 2 < max(abs(low), abs(high)) / 200:
        bar = bars[0] if high == 0 else bars[3]
        return "".join(" " if c is None else bar for c in cells)
    if 0 < low <= high / 2:
        low = 0.0
    return "".join(" " if c is None else bars[_height(c, low, high, len(bars))] for c in cells)


def _height(value: float, low: float, high: float, count: int) -> int:
    # Halves keep the difference of two huge values finite.
    share = (value / 2 - low / 2) / (high / 2 - low / 2) if high / 2 > low / 2 else 0.0
    return min(count - 1, int(share * count))


def _split(values: Sequence[float | None], width: int) -> list[Sequence[float | None]]:
    count = min(width, len(values))
    edges = [len(values) * i // count for i in range(count + 1)]
    return [values[a:b] for a, b in pairwise(edges)]


def _highest(part: Sequence[float | None]) -> float | None:
    return max((v for v in part if v is not None and math.isfinite(v)), default=None)


def firing_strip(spans: Iterable[Span], start: float, end: float, width: int, *, ascii: bool = False) -> str:
    """Return `width` cells over `start` to `end` (Unix seconds): high where it fired, lower where pending.

    A cell in which it fired at all shows firing, however short: nothing is lost by rounding.
    """
    if width <= 0:
        return ""
    marks = _ASCII_STRIP if ascii else _STRIP
    cells = [0] * width
    length = max(end - start, 1e-9) / width
    for span in spans:
        if span.end < start or span.start > end or span.end < span.start:
            continue
        first = min(width - 1, max(0, math.floor((span.start - start) / length)))
        last = min(width - 1, max(first, math.ceil((min(span.end, end) - start) / length) - 1))
        for i in range(first, last + 1):
            cells[i] = max(cells[i], 2 if span.firing else 1)
    return "".join(marks[c] for c in cells)
