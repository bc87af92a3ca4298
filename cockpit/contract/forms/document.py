"""A report as a JSON document."""

from typing import Any

from msgspec import to_builtins

from cockpit.contract.model import Finding, Report
from cockpit.units import rfc3339


def document(
    report: Report, *, now: float, passed: bool, baseline: bool, coverage: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the JSON form of a report. A line that is not known is null."""
    held: dict[str, Any] = {
        "generated_at": rfc3339(now),
        "passed": passed,
        "findings": [_finding(each) for each in report.findings],
        "suppressed": [{**_finding(each.finding), "reason": each.reason} for each in report.suppressed],
        "not_read": [
            {"path": each.path, "line": each.line or None, "reason": each.reason} for each in report.not_read
        ],
        "not_checked": list(report.not_checked),
        "counts": report.counts,
        "consequences": [_finding(each) for each in report.consequences],
        "baseline": {"known": report.known, "gone": report.gone} if baseline else None,
    }
    if coverage is not None:
        held["coverage"] = coverage
    return held


def _finding(finding: Finding) -> dict[str, Any]:
    return {**to_builtins(finding), "line": finding.line or None}
