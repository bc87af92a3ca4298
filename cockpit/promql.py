"""PromQL as text: quoting what others wrote into it, and dividing its durations for a faster clock."""

import json
import re

from cockpit.text import escape_unsafe
from cockpit.units import parse_duration, prometheus_duration

_TOKEN = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)"""
    r"""|(?P<comment>\#[^\n]*)"""
    r"""|(?P<range>\[[^\]]*\])"""
    r"""|(?P<offset>\boffset\s+-?)(?P<by>[0-9][0-9a-z]*)""",
    re.IGNORECASE,
)
_DURATION = re.compile(r"\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdw]))*")


def quote(value: str) -> str:
    r"""Return `value` as a PromQL string literal, quotes included.

    What a terminal would act on is written as an escape, `\u009b`: Prometheus reads the same bytes. A lone
    surrogate cannot stand in UTF-8 and becomes U+FFFD, which matches what Prometheus stores for it.
    """
    return escape_unsafe(json.dumps(re.sub("[\ud800-\udfff]", "\ufffd", value), ensure_ascii=False))


def quote_inside(value: str) -> str:
    """Return `value` escaped to stand inside a PromQL string literal that is already there."""
    return quote(value)[1:-1]


def escape_regex(value: str) -> str:
    """Return an RE2 pattern that matches exactly `value`; quote it afterwards like any string."""
    return re.sub(r"[\\.+*?()|\[\]{}^$]", lambda m: "\\" + m.group(), value)


def divide_durations(expr: str, speed: float) -> str:
    """Return `expr` with every range, subquery and offset divided by `speed`, at least a millisecond each.

    Strings and comments stay as they are, and so do plain numbers: a threshold in seconds is no duration.
    """
    if speed == 1:
        return expr

    def faster(match: re.Match[str]) -> str:
        return prometheus_duration(max(0.001, parse_duration(match.group()) / speed))

    def token(match: re.Match[str]) -> str:
        if match["range"]:
            return _DURATION.sub(faster, match["range"])
        if match["offset"]:
            return match["offset"] + _DURATION.sub(faster, match["by"])
        return match.group()

    return _TOKEN.sub(token, expr)
