"""An alert in words, the same for the command line and the screen. All text returned here is cleaned."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from cockpit.alerts.model import Alert, AlertState
from cockpit.alerts.severity import Severity, severity
from cockpit.text import one_line
from cockpit.units import format_value, short_duration

NOTHING = "-"
MAX_LABEL = 200
"""Characters of one label's value in `where`."""

_WORDS = {Severity.CRITICAL: "CRIT", Severity.WARNING: "WARN", Severity.INFO: "INFO", Severity.NONE: NOTHING}
_ELSEWHERE = frozenset({"alertname", "severity", "service", "owner", "team"})
_STRINGS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`")
_BRACES = re.compile(
    r"\{[^{}]*\}|\[[^\[\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)"
)
_IDENTIFIER = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_PARTS = re.compile(r"[:_]+")
_COUNTING = frozenset(
    {"rate", "irate", "increase", "count", "count_over_time", "changes", "resets", "absent"}
)


def severity_word(alert: Alert) -> str:
    """Return CRIT, WARN, INFO, the alert's own word in capitals (at most 8 characters), or a dash."""
    return _WORDS.get(severity(alert)) or one_line(alert.severity, 8).upper() or NOTHING


def name_of(alert: Alert) -> str:
    """Return the alert's name, or a dash."""
    return one_line(alert.name, MAX_LABEL) or NOTHING


def where(alert: Alert, without: Collection[str] = ()) -> str:
    """Return the labels that tell where it is, `instance=mx1 provider=google`, by name.

    Left out: what has a column of its own (name, severity, service, owner), and the names in `without`.
    """
    return " ".join(
        f"{one_line(name, MAX_LABEL)}={one_line(value, MAX_LABEL)}"
        for name, value in sorted(alert.labels.items())
        if name not in _ELSEWHERE and name not in without
    )


def owner(alert: Alert) -> str:
    """Return whose alert it is: the label `owner`, `team` or `service`, or a dash."""
    labels = alert.labels
    return one_line(labels.get("owner") or labels.get("team") or labels.get("service") or "") or NOTHING


def since_text(alert: Alert, now: float) -> str:
    """Return how long it has been there at `now` (Unix seconds): `4m12s`."""
    return short_duration(max(0.0, now - alert.since))


def state_phrase(alert: Alert, now: float, names: Mapping[str, str]) -> str:
    """Return the state with what matters about it: time left, by whom inhibited, how long untold.

    `names` maps fingerprints onto alert names; `now` is in Unix seconds.
    """
    state = alert.state
    if state is AlertState.PENDING and alert.fires_at is not None:
        left = alert.fires_at - now
        return f"pending, {short_duration(left)} left" if left >= 1 else "pending, about to fire"
    if state is AlertState.UNDELIVERED:
        return f"UNDELIVERED {short_duration(max(0.0, now - alert.since - (alert.for_seconds or 0)))}"
    if state is AlertState.INHIBITED:
        return _by("inhibited", [names[f] for f in alert.inhibited_by if f in names], len(alert.inhibited_by))
    if state is AlertState.MUTED:
        return _by("muted", list(alert.muted_by), len(alert.muted_by))
    if state is AlertState.RESOLVED and alert.ended_at is not None:
        return f"resolved {short_duration(max(0.0, now - alert.ended_at))} ago"
    return state.value


def _by(word: str, known: list[str], count: int) -> str:
    if not known:
        return word
    more = f" +{count - 1}" if count > 1 else ""
    return f"{word} by {one_line(known[0], MAX_LABEL)}{more}"


def value_text(alert: Alert) -> str:
    """Return the value with the unit that its expression's names tell, or a dash where it is not known."""
    if alert.value is None:
        return NOTHING
    return format_value(alert.value, guess_unit(alert.name, alert.expr or ""))


@lru_cache(maxsize=4096)
def guess_unit(name: str, expr: str) -> str | None:
    """Return `ratio`, `seconds`, `bytes` or None (a plain number) for the value of the rule `expr` of `name`.

    Only names that say so count: `ratio` in the alert's or a metric's name; `seconds` or `bytes` in a
    metric's name, unless the expression divides or counts, where the unit does not survive.
    """
    bare = _BRACES.sub("", _STRINGS.sub('""', expr))
    metrics = _IDENTIFIER.findall(bare)
    words = {part.lower() for metric in metrics for part in _PARTS.split(metric)}
    if "ratio" in words or "ratio" in name.lower():
        return "ratio"
    quantile = "histogram_quantile" in metrics
    if "/" in bare or (not quantile and not _COUNTING.isdisjoint(metrics)):
        return None
    counted = not quantile and any(metric.endswith(("_count", "_bucket")) for metric in metrics)
    return None if counted else next((unit for unit in ("seconds", "bytes") if unit in words), None)


def summary(alert: Alert) -> str:
    """Return the alert's summary, description or message on one line; empty where it has none."""
    found = (alert.annotations.get(key) for key in ("summary", "description", "message"))
    return one_line(next(filter(None, found), ""))


def runbook_text(alert: Alert) -> str:
    """Return the path of the runbook with its anchor, or a dash."""
    ref = alert.runbook
    if ref is None:
        return NOTHING
    return one_line(f"{ref.path}#{ref.anchor}" if ref.anchor else ref.path)


def names_by_fingerprint(alerts: Collection[Alert]) -> dict[str, str]:
    """Return the map that `state_phrase` wants, from all alerts of a board."""
    return {alert.fingerprint: alert.name for alert in alerts}
