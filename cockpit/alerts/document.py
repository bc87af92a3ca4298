"""The board as `cockpit alerts -o json` prints it: structs whose fields are its keys. Pure.

Structs are encoded as they are; dicts of ten thousand alerts would take longer to build than to write.
"""

from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from cockpit.alerts.filter import Filter
from cockpit.alerts.group import worst_first
from cockpit.alerts.model import Alert, AlertState, Board
from cockpit.clients.source import Source, SourceState
from cockpit.runbooks.model import RunbookRef
from cockpit.units import rfc3339

DASHBOARDS = ("dashboard", "dashboard_url")
"""Annotations that lead to a dashboard, the first one with an http(s) URL."""


class Links(Struct, frozen=True, gc=False):
    """Where to look further; None for what is missing or no http(s) URL."""

    generator: str | None = None
    dashboard: str | None = None


class Row(Struct, frozen=True, gc=False):
    """One alert. Labels and annotations are raw, times RFC 3339, durations in seconds."""

    fingerprint: str
    name: str
    state: AlertState
    severity: str
    labels: dict[str, str]
    annotations: dict[str, str]
    since: str
    ended_at: str | None
    value: float | None
    expr: str | None
    for_seconds: float | None
    pending_left_seconds: float | None
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]
    muted_by: tuple[str, ...]
    receivers: tuple[str, ...]
    seen_by: tuple[str, ...]
    runbook: RunbookRef | None
    links: Links


class SourceRow(Struct, frozen=True):
    """One source and how it stands; `age_seconds` is since its last good answer."""

    name: str
    kind: str
    url: str
    state: SourceState
    age_seconds: float | None
    error: str | None
    warnings: tuple[str, ...]
    standby: bool


class Watchdog(Struct, frozen=True):
    """Whether the Watchdog is there, and the names of the sources that have it."""

    present: bool
    seen_by: tuple[str, ...]


class Document(Struct, frozen=True):
    """What `-o json` prints."""

    generated_at: str
    all_clear: bool
    doubts: tuple[str, ...]
    sources: tuple[SourceRow, ...]
    watchdog: Watchdog
    alerts: tuple[Row, ...]


def document(board: Board, wanted: Filter) -> Document:
    """Return the board with the alerts that are `wanted`, worst first."""
    now = board.generated_at
    when = lru_cache(maxsize=None)(rfc3339)
    seen_by = {name for alert in board.watchdogs for name in alert.seen_by}
    return Document(
        generated_at=rfc3339(now),
        all_clear=board.all_clear,
        doubts=board.doubts,
        sources=tuple(_source(source, now, board.stale_after) for source in board.sources),
        watchdog=Watchdog(bool(board.watchdogs), tuple(sorted(seen_by))),
        alerts=tuple([row(a, now, when) for a in worst_first(wanted.select(board.alerts, now), now)]),
    )


def _source(source: Source, now: float, stale_after: float) -> SourceRow:
    at = source.answered_at
    return SourceRow(
        source.name,
        source.kind,
        source.url,
        source.state(now, stale_after),
        None if at is None else round(max(0.0, now - at), 3),
        source.error,
        source.warnings,
        source.standby,
    )


def row(alert: Alert, now: float, when: Callable[[float], str] = rfc3339) -> Row:
    """Return one alert as it stands at `now` (Unix seconds); `when` puts a time into words."""
    labels, annotations = alert.labels, alert.annotations
    return Row(
        alert.fingerprint,
        labels.get("alertname", ""),
        alert.state,
        labels.get("severity", ""),
        labels,
        annotations,
        when(alert.since),
        None if alert.ended_at is None else when(alert.ended_at),
        alert.value,
        alert.expr,
        alert.for_seconds,
        None if alert.fires_at is None else round(max(0.0, alert.fires_at - now), 3),
        alert.silenced_by,
        alert.inhibited_by,
        alert.muted_by,
        alert.receivers,
        alert.seen_by,
        alert.runbook,
        Links(_web(alert.generator_url), _dashboard(annotations)),
    )


def _dashboard(annotations: dict[str, str]) -> str | None:
    for name in DASHBOARDS:
        if name in annotations and (url := _web(annotations[name])):
            return url
    return None


def _web(url: str | None) -> str | None:
    return url if url and url[:8].lower().startswith(("http://", "https://")) else None
