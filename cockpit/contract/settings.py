"""What a team wants of a check: severities, names, ages. The defaults suit any team."""

from msgspec import Struct

from cockpit.contract.model import Severity
from cockpit.runbooks.model import SectionKind

SCRAPE_INTERVAL = 15.0
"""Seconds: the shortest interval in wide use, so that what is called too short is too short anywhere."""


class Settings(Struct, frozen=True, kw_only=True):
    """Settings of a check; durations are in seconds.

    `severities` are by rule id, None for off. A rule is asked for `scrape_interval` only where neither a
    Prometheus configuration nor a live server tells it. `metrics` are names, with `*`, of metrics that exist
    though nothing here produces them. `exclude` are patterns of paths that are not read.
    """

    fail_on: Severity = Severity.ERROR
    severities: dict[str, Severity | None] = {}
    scrape_interval: float | None = None
    review_age: float = 180 * 86_400.0
    severity_labels: tuple[str, ...] = ("severity", "priority")
    owner_labels: tuple[str, ...] = ("owner", "team", "squad", "service_owner")
    summaries: tuple[str, ...] = ("summary", "message", "title")
    descriptions: tuple[str, ...] = ("description", "message")
    runbook_annotations: tuple[str, ...] = ("runbook_url", "runbook", "runbook_link")
    runbook_paths: dict[str, str] = {}
    sections: tuple[SectionKind, ...] = tuple(SectionKind)
    metrics: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
