"""One alert as both servers know it, and the board that holds all of them at one moment."""

from enum import StrEnum

from msgspec import Struct

from cockpit.clients.source import Failure, Source, SourceState
from cockpit.runbooks.model import RunbookRef

__all__ = ["Alert", "AlertState", "Board", "Failure", "Source", "SourceState", "Span"]


class AlertState(StrEnum):
    """What is being done about an alert. UNDELIVERED: Prometheus fires it, and no Alertmanager has it."""

    UNDELIVERED = "undelivered"
    FIRING = "firing"
    PENDING = "pending"
    INHIBITED = "inhibited"
    SILENCED = "silenced"
    MUTED = "muted"
    RESOLVED = "resolved"


class Alert(Struct, frozen=True, kw_only=True, gc=False):
    """One row of the board. Labels and annotations are raw; times are Unix seconds.

    `fingerprint` is Alertmanager's where it knows the alert, else computed by the same algorithm
    (Prometheus, model.LabelSet.Fingerprint) from the labels as they would be sent: 16 hex digits. So a row
    keeps its identity when a pending alert begins to fire.
    `since` is when it became pending or, seen by Alertmanager alone, when it began to fire.
    `fires_at` is set while pending; `seen_by` names the sources that have it.
    """

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str]
    state: AlertState
    since: float
    fires_at: float | None = None
    value: float | None = None
    expr: str | None = None
    for_seconds: float | None = None
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    muted_by: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()
    generator_url: str | None = None
    runbook: RunbookRef | None = None
    ended_at: float | None = None

    @property
    def name(self) -> str:
        """The alert's name, raw; empty where it has none."""
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> str:
        """The `severity` label, raw; empty where it has none."""
        return self.labels.get("severity", "")


class Board(Struct, frozen=True, kw_only=True):
    """Everything known at `generated_at` (Unix seconds). `alerts` leaves out the Watchdog.

    `doubts` says, in order of weight, what keeps this from being an all-clear besides the alerts themselves;
    empty doubts and nothing firing is an all-clear. `stale_after` is in seconds, for the sources' states.
    """

    generated_at: float
    alerts: tuple[Alert, ...] = ()
    watchdogs: tuple[Alert, ...] = ()
    sources: tuple[Source, ...] = ()
    doubts: tuple[str, ...] = ()
    rules: int = 0
    stale_after: float = 15.0

    @property
    def all_clear(self) -> bool:
        """Whether nothing fires and nothing is in doubt. Pending and resolved alerts do not fire."""
        quiet = {AlertState.PENDING, AlertState.RESOLVED}
        return not self.doubts and all(a.state in quiet for a in self.alerts)


class Span(Struct, frozen=True):
    """A stretch of time, in Unix seconds, in which an alert was pending or firing."""

    start: float
    end: float
    firing: bool = True
