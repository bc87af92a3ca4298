"""Durations and values as people on call write and read them."""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

from cockpit.errors import UsageError

_UNITS_MS = {
    "y": 31_536_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
_LONGEST_MS = (2**63 - 1) // 1_000_000
"""What 64 bits of nanoseconds hold, 292 years: Prometheus refuses more."""

_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.A
)
_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_IEC = ((2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"))


@lru_cache(maxsize=1_024)
def parse_duration(text: str) -> float:
    """Return the seconds of a Prometheus duration such as `1h30m`, `15s` or `250ms`; `0` needs no unit.

    Raises UsageError for anything else. Syntax: Prometheus, model.ParseDuration.
    """
    stripped = text.strip()
    if stripped == "0":
        return 0.0
    match = _DURATION.fullmatch(stripped)
    if not stripped or match is None:
        raise UsageError(f"not a duration: {text[:100]!r}", remedy="write it like 15s, 5m or 1h30m")
    # Python reads no number of thousands of digits.
    counts = [float(n) for n in match.groups("0")]
    ms = sum(n * ms for n, ms in zip(counts, _UNITS_MS.values(), strict=True))
    if ms > _LONGEST_MS:
        raise UsageError(f"longer than any duration: {text[:100]!r}", remedy="write it like 15s, 5m or 1h30m")
    return ms / 1000


def prometheus_duration(seconds: float) -> str:
    """Return `seconds` as a Prometheus duration, exact to the millisecond: 90 is `1m30s`, 0.25 is `250ms`."""
    left = round(seconds * 1000)
    if left == 0:
        return "0s"
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, left = divmod(left, _UNITS_MS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def short_duration(seconds: float) -> str:
    """Return `seconds` for a person, in at most two units: `4m12s`, `2h11m`, `3d4h`, `12s`, `0.4s`."""
    if seconds < 0:
        return f"-{short_duration(-seconds)}"
    if 0 < seconds < 1:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    if whole < 86_400:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    days, hours = whole // 86_400, whole % 86_400 // 3600
    return f"{days}d{hours}h" if hours and days < 10 else f"{days}d"


def format_value(value: float, unit: str | None = None) -> str:
    """Return a sample for a person: three significant digits and its unit.

    Units: `ratio` (shown in percent), `percent`, `seconds`, `bytes`, `per_second`; any other is appended as
    it is. NaN and infinities read `NaN`, `+Inf`, `-Inf`, as Prometheus writes them.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if unit == "ratio":
        return f"{_digits(value * 100)} %"
    if unit == "percent":
        return f"{_digits(value)} %"
    if unit in {"seconds", "s"}:
        return _seconds(value)
    if unit == "bytes":
        for size, name in _IEC:
            if abs(value) >= size:
                return f"{_digits(value / size)} {name}"
        return f"{_digits(value)} B"
    number = _scaled(value)
    if unit in {"per_second", "/s", "rps", "ops"}:
        return f"{number}/s"
    return f"{number} {unit}" if unit else number


def _digits(value: float) -> str:
    if value == 0:
        return "0"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if 0.001 <= abs(value) < 1e6:
        decimals = max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return f"{value:.3g}"


def _scaled(value: float) -> str:
    for size, name in _SI:
        if abs(value) >= max(size, 10_000):
            return f"{_digits(value / size)} {name}"
    return _digits(value)


def _seconds(value: float) -> str:
    if 0 < abs(value) < 0.001:
        return f"{_digits(value * 1e6)} µs"
    if 0 < abs(value) < 0.1:
        return f"{_digits(value * 1000)} ms"
    if 120 <= abs(value) < 1e10:
        return short_duration(value)
    return f"{_digits(value)} s"


def rfc3339(timestamp: float) -> str:
    """Return a Unix timestamp in seconds as RFC 3339 in UTC, to the millisecond where it has any."""
    moment = datetime.fromtimestamp(timestamp, UTC)
    spec = "milliseconds" if moment.microsecond >= 500 else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")


def parse_time(text: str) -> float:
    """Return the Unix timestamp in seconds of an RFC 3339 time, with any number of fraction digits."""
    return datetime.fromisoformat(text).timestamp()
