"""What a plot's axes span and how they are labelled."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from cockpit.text import one_line
from cockpit.units import format_value

LIMIT = 1e300
"""Values are drawn as if they were at most this large, so that differences stay finite."""

_TINY = 1e-300
_GUTTER = 10


class Axis(Struct, frozen=True):
    """A value axis from `low` to `high` (`low < high`), with ticks at round values."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Return where `value` stands between `low` (0.0) and `high` (1.0), held within both."""
        span = self.high - self.low
        return min(1.0, max(0.0, (min(LIMIT, max(-LIMIT, value)) - self.low) / span))


def value_axis(values: Iterable[float], thresholds: Sequence[float], intervals: int) -> Axis:
    """Return the axis for `values`, with `intervals` steps between ticks, or one more if that wastes less.

    Zero belongs to it where it is near (no farther than the values are spread, or all are equal), a
    threshold where it is within three times the values.
    """
    low, high = _extent(values)
    limits = [t for t in thresholds if math.isfinite(t) and abs(t) <= LIMIT]
    if low == high == 0:
        nearest = min(limits, key=abs, default=1.0)
        low, high = min(0.0, nearest), max(0.0, nearest)
    near = [t for t in limits if _near(t, low, high)]
    low, high = min([low, *near]), max([high, *near])
    if 0 < low <= high / 2 or low == high > 0:
        low = 0.0
    if low / 2 <= high < 0 or low == high < 0:
        high = 0.0
    return _rounded(low, high, max(1, intervals))


def _near(limit: float, low: float, high: float) -> bool:
    """Return whether `limit` is within the values, at most three times them, or at least a third."""
    if low <= limit <= high:
        return True
    edge = high if limit > high else low
    return limit * edge > 0 and max(abs(limit), abs(edge)) <= 3 * min(abs(limit), abs(edge))


def _extent(values: Iterable[float]) -> tuple[float, float]:
    held = [0.0 if abs(v) < _TINY else min(LIMIT, max(-LIMIT, v)) for v in values if math.isfinite(v)]
    return (min(held), max(held)) if held else (0.0, 0.0)


def _rounded(low: float, high: float, intervals: int) -> Axis:
    # Two floats that are nearly equal leave no room for ticks between them.
    room = max(abs(low), abs(high), _TINY) * 1e-9
    if high - low < room:
        low, high = low - room, high + room
    return min((_stepped(low, high, n) for n in (intervals, intervals + 1)), key=lambda a: a.high - a.low)


def _stepped(low: float, high: float, intervals: int) -> Axis:
    step = _round_step((high - low) / intervals)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return Axis(first * step, last * step, tuple(i * step for i in range(first, last + 1)))


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next((m * power for m in (1, 2, 2.5, 5) if m * power >= least * (1 - 1e-9)), 10 * power)


def value_label(value: float, unit: str | None, *, ascii: bool = False) -> str:
    """Return an axis label of at most ten characters that are one column wide each."""
    text = one_line(format_value(value, unit), 200)
    if ascii:
        text = text.replace("µ", "u").encode("ascii", "replace").decode()
    narrow = (c for c in text if unicodedata.east_asian_width(c) not in "WF" and not unicodedata.combining(c))
    return "".join(narrow)[:_GUTTER].rstrip()


def time_label(timestamp: float, span: float) -> str:
    """Return a moment (Unix seconds) in UTC: with seconds on a span under 10 min, with the day over 24 h."""
    form = "%H:%M:%S" if span < 600 else "%H:%M" if span <= 86_400 else "%m-%d %H:%M"
    try:
        return datetime.fromtimestamp(timestamp, UTC).strftime(form)
    except (OverflowError, ValueError, OSError):
        return "?"
