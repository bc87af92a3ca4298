"""How bad an alert says it is: many spellings, four ranks."""

from enum import IntEnum
from functools import lru_cache

from cockpit.alerts.model import Alert


class Severity(IntEnum):
    """The rank of a severity; lower is worse. OTHER is a word nobody here knows, NONE is no word."""

    CRITICAL = 0
    WARNING = 1
    INFO = 2
    OTHER = 3
    NONE = 4


_CRITICAL = frozenset(
    {
        "crit",
        "page",
        "pager",
        "fatal",
        "emergency",
        "emerg",
        "disaster",
        "high",
        "error",
        "p0",
        "p1",
        "s0",
        "s1",
        "sev0",
        "sev1",
        "sev-0",
        "sev-1",
    }
)
_WARNING = frozenset(
    {
        "major",
        "minor",
        "medium",
        "moderate",
        "ticket",
        "p2",
        "p3",
        "s2",
        "s3",
        "sev2",
        "sev3",
        "sev-2",
        "sev-3",
    }
)
_INFO = frozenset({"low", "notice", "debug", "p4", "p5", "s4", "s5", "sev4", "sev5"})


@lru_cache(maxsize=1024)
def severity_of(value: str) -> Severity:
    """Return the rank of a `severity` label; where spellings differ in strictness, the worse one is taken."""
    word = value.strip().lower()
    if word.startswith("critical") or word in _CRITICAL:
        return Severity.CRITICAL
    if word.startswith("warn") or word in _WARNING:
        return Severity.WARNING
    if word.startswith("info") or word in _INFO:
        return Severity.INFO
    return Severity.NONE if word in {"", "none"} else Severity.OTHER


def severity(alert: Alert) -> Severity:
    """Return the rank of the alert's severity."""
    return severity_of(alert.severity)
