"""How evidence is worded: times, labels and numbers. Pure."""

import re
import time
from collections.abc import Iterable, Mapping

from cockpit.clients.source import SourceError
from cockpit.text import one_line
from cockpit.units import format_value, short_duration

MAX_SHOWN = 300
"""Characters of one value of somebody else's in a line of evidence."""

_HALF_A_DAY = 43_200.0
_REQUEST = re.compile(r"^(?:Get|Post) \"[^\"]*\": ")
_OVER = {
    ">": ("over", "not over"),
    ">=": ("at least", "under"),
    "<": ("under", "not under"),
    "<=": ("at most", "over"),
    "==": ("equal to", "not equal to"),
    "!=": ("not", "equal to"),
}


def clock(at: float) -> str:
    """Return the time of day in UTC of a Unix time: `17:46:00Z`."""
    return time.strftime("%H:%M:%SZ", time.gmtime(at))


def when(at: float, now: float) -> str:
    """Return a Unix time as its time of day in UTC, with the date where that is more than half a day away."""
    if abs(at - now) < _HALF_A_DAY:
        return clock(at)
    return time.strftime("%Y-%m-%d %H:%MZ", time.gmtime(at))


def ago(at: float, now: float) -> str:
    """Return how long before `now` `at` was, both in Unix seconds: `4m12s ago`."""
    return f"{short_duration(max(0.0, now - at))} ago"


def labels_text(labels: Mapping[str, str], without: Iterable[str] = ("alertname", "__name__")) -> str:
    """Return labels as `a=b c=d`, cleaned."""
    left_out = set(without)
    return one_line(" ".join(f"{k}={v}" for k, v in sorted(labels.items()) if k not in left_out), MAX_SHOWN)


def number(value: float) -> str:
    """Return a value or a threshold, three digits of it."""
    return format_value(value)


def compared(value: float, op: str, bound: float, *, holds: bool) -> str:
    """Return `0.021 > 0.01`, or `0.004, not over 0.01` where that does not hold."""
    left, right = number(value), number(bound)
    if left == right and value != bound:
        left, right = f"{value:.9g}", f"{bound:.9g}"
    return f"{left} {op} {right}" if holds else f"{left}, {_OVER[op][1]} {right}"


def error_text(error: SourceError) -> str:
    """Return the words of a failure, with its remedy."""
    said = (
        error.message
        if not error.source or error.source in error.message
        else (f"{error.source}: {error.message}")
    )
    return one_line(said, MAX_SHOWN)


def scrape_error(text: str) -> str:
    """Return why a scrape failed, without the URL that Go's client puts before it."""
    return shown(_REQUEST.sub("", text))


def counted(count: int, thing: str, things: str | None = None) -> str:
    """Return `1 target` or `3 targets`."""
    return f"{count} {thing if count == 1 else things or thing + 's'}"


def shown(text: str) -> str:
    """Return somebody else's text on one line."""
    return one_line(text, MAX_SHOWN)
