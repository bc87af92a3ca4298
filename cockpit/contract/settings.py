"""What a team wants of a check: severities, names, ages. The defaults suit any team."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from cockpit.config_fields import Seconds
from cockpit.contract.model import Severity
from cockpit.runbooks.model import SectionKind

SCRAPE_INTERVAL = 15.0
"""Seconds: the shortest interval in wide use, so that what is called too short is too short anywhere."""

Level = Literal["error", "warning", "info", "off"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of a check; durations are in seconds.

    `severity` is by rule id, or by category as in `alerts/*`. Without a `scrape_interval` it is that of a
    Prometheus configuration among the files, or else SCRAPE_INTERVAL. `metrics` are names, with `*`, of
    metrics that exist though nothing here produces them. `exclude` are paths and patterns that are not read,
    as in .gitignore.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    fail_on: Severity = Severity.ERROR
    severity: dict[str, Level] = field(default_factory=dict)
    scrape_interval: Seconds | None = None
    review_age: Seconds = 180 * 86_400.0
    severity_labels: tuple[str, ...] = ("severity", "priority")
    owner_labels: tuple[str, ...] = ("owner", "team", "squad", "service_owner")
    summaries: tuple[str, ...] = ("summary", "message", "title")
    descriptions: tuple[str, ...] = ("description", "message")
    runbook_annotations: tuple[str, ...] = ("runbook_url", "runbook", "runbook_link")
    runbook_paths: dict[str, str] = field(default_factory=dict)
    sections: tuple[SectionKind, ...] = tuple(SectionKind)
    metrics: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def level(self, rule: str) -> Level | None:
        """Return the severity that a rule is to have, by its id or else by its category."""
        return self.severity.get(rule) or self.severity.get(f"{rule.partition('/')[0]}/*")
