"""Checks that come at once, or when the test lets them: no process is started."""

import asyncio
from pathlib import Path

import pytest

from cockpit.config import Context
from cockpit.contract import apart
from cockpit.contract.apart import Checked
from cockpit.contract.covered import Covered
from cockpit.contract.model import Finding, NotRead, Report, Severity, Suppressed

COUNTS = {"rules": 25, "alerts": 16, "runbooks": 14, "scenarios": 16, "drills": 8, "queries": 149}


def finding(
    rule: str, severity: str, path: str, line: int, message: str, remedy: str = "Mend it."
) -> Finding:
    """Return a finding."""
    return Finding(
        rule=rule, severity=Severity(severity), path=path, line=line, message=message, remedy=remedy
    )


PAYMENTS = """\
groups:
  - name: payments
    rules:
      # \x1b]0;owned\x07

      - alert: PaymentsDown
        expr: sum by (region) (up{job="payments"}) == 0
        for: 2m
        labels: {severity: critical, owner: payments}
        annotations:
          summary: No instance takes payments in {{ $labels.region }}
"""
FINDINGS = (
    finding(
        "drills/undrilled",
        "warning",
        "scenarios/rules/relay-security.yml",
        41,
        "TenantMismatchSpike is in no drill",
        "let a drill make it fire, or state the reason why not in a comment",
    ),
    finding(
        "runbooks/review-overdue",
        "info",
        "runbooks/gmail-send-high-latency.md",
        5,
        "the review of 2026-03-01 is 265 days ago, over 180",
        "read it through, mend it, and set a new date",
    ),
    finding(
        "alerts/no-runbook",
        "error",
        "scenarios/rules/payments.yml",
        6,
        "PaymentsDown has no runbook",
        "link one with a `runbook_url` annotation, or name the alert in a runbook's `alerts:`",
    ),
    finding(
        "queries/unknown-metric",
        "error",
        "runbooks/gmail-send-high-error-rate.md",
        48,
        "no rule, scenario or exporter that is known produces action_errors_total; did you mean "
        "action_error_total?",
        "ask for the metric by the name that it has",
    ),
    finding(
        "scenarios/unproven",
        "warning",
        "scenarios/rules/relay-security.yml",
        62,
        "no scenario makes PolicyDenialSpike fire",
        "write a scenario that expects it, or state the reason why not in a comment",
    ),
)
COVERED = (
    Covered(
        alert="GmailSendErrorRateCritical",
        severity="critical",
        runbook="gmail-send-high-error-rate.md",
        scenarios=("error-rate-crit",),
    ),
    Covered(
        alert="GmailSendErrorRateWarning",
        severity="warning",
        runbook="gmail-send-high-error-rate.md",
        scenarios=("error-rate-warn",),
        drills=("tabletop-01",),
    ),
    Covered(
        alert="GmailSendLatencyWarning",
        runbook="gmail-send-high-latency.md",
        scenarios=("latency-warn",),
        failing=("latency-warn",),
        drills=("tabletop-02",),
    ),
    Covered(alert="PaymentsDown"),
    Covered(
        alert="PushgatewayDown",
        runbook="metrics-missing.md",
        scenarios=("metrics-missing",),
        reasons={"drills/undrilled": "the lab has one gateway, which the drill itself needs"},
    ),
    Covered(alert="Watchdog", runbook="watchdog-missing.md", always=True),
)
SOME = Checked(
    report=Report(
        findings=FINDINGS,
        counts=COUNTS,
        not_read=(NotRead("runbooks/old.md", "is no UTF-8 text", 3),),
        not_checked=("the routes are not asked for: amtool is not installed",),
        suppressed=(
            Suppressed(
                finding("drills/undrilled", "warning", "scenarios/rules/relay.yml", 12, "It is in no drill."),
                "the lab has one gateway, which the drill itself needs",
            ),
        ),
    ),
    covered=COVERED,
    seconds=2.44,
)
AGREED = Checked(
    report=Report(counts=COUNTS),
    covered=(Covered(alert="Watchdog", runbook="watchdog-missing.md", always=True),),
    seconds=2.44,
)


def write_payments(folder: Path) -> Path:
    """Write the rule file of the finding about PaymentsDown below `folder`, with an attack in a comment."""
    file = folder / "scenarios/rules/payments.yml"
    file.parent.mkdir(parents=True)
    file.write_text(PAYMENTS)
    return file


class Checks:
    """Stands in for the process, `real`. Each gives `result` (or raises it) once `free` is set."""

    def __init__(self) -> None:
        self.real = apart.check_apart
        self.result: Checked | Exception | None = None
        self.begun = 0
        self.ended = 0
        self.free = asyncio.Event()
        self.free.set()

    async def __call__(self, context: Context, flags: object) -> Checked:
        """Check."""
        self.begun += 1
        try:
            await self.free.wait()
            if self.result is None:
                await asyncio.Event().wait()
        finally:
            self.ended += 1
        if isinstance(self.result, Exception):
            raise self.result
        assert self.result is not None
        return self.result


@pytest.fixture(autouse=True)
def checks(monkeypatch: pytest.MonkeyPatch) -> Checks:
    """Put checks that never come in the place of real ones; a test says what comes."""
    held = Checks()
    monkeypatch.setattr("cockpit.contract.apart.check_apart", held)
    return held
