"""An exercise that was held: the journal of a tabletop-01 with a wrong runbook first and a hint.

It is written as the engine, the operator and the facilitator do it, on a clock set by hand.
"""

from typing import Any

from cockpit.config import shipped
from cockpit.drills import events
from cockpit.drills.files import read
from cockpit.drills.state import Mode
from tests.drills.diary import Diary
from tests.tui.fakes import NOW
from tests.tui.playing import GATEWAY

ID = "20261121-171834-3f2a"
RUNBOOK = "gmail-send-high-error-rate"
WARNING, CRITICAL = "GmailSendErrorRateWarning", "GmailSendErrorRateCritical"
TABLETOP = read(shipped("scenarios") / "drills" / "tabletop-01.yaml").document()
SUMMARY = "Gmail send errors are over 1 %"
LINK = f"https://runbooks.example/{RUNBOOK}.md"
LABELS = {"alertname": WARNING, "severity": "warning", "provider": "google", "synthetic": "error-rate-warn"}
MESSAGE: dict[str, Any] = {
    "by": "sink",
    "alert": WARNING,
    "receiver": "ops-relay",
    "kind": "slack",
    "alerts": [WARNING],
    "labels": LABELS,
    "summary": SUMMARY,
    "text": f"[FIRING] warning: {WARNING} (synthetic: error-rate-warn)\n{SUMMARY}\nRunbook: {LINK}",
    "runbook": LINK,
}


class Told(Diary):
    """The journal of an exercise that begins at `began`; `after` sets the clock to so many seconds later."""

    def __init__(
        self, exercise: str = ID, mode: Mode = Mode.ALONE, *, began: float = NOW - 1416, **plan: Any
    ) -> None:
        metrics = ("action_error_total", "action_exec_total")
        planned = {"speed": 10.0, "operators": ("Sam",), "sink": True, "metrics": metrics, **plan}
        path = events.journal_of(exercise).path
        super().__init__(path, mode, drill=TABLETOP, now=began, **planned)
        self._began = began

    def after(self, seconds: float) -> "Told":
        """Set the clock."""
        self.now = self._began + seconds
        return self

    def tells(self, kind: str, /, **data: Any) -> None:
        """Append an event of now."""
        self.add(kind, later=0.0, **data)

    def begins(self, phase: int) -> None:
        """Begin `phase`, and end the one before it."""
        if phase > 1:
            self.tells(events.PHASE_ENDED, phase=phase - 1, cause="all of it is done")
        self.tells(events.PHASE_BEGUN, phase=phase)

    def sees(self, phase: int, condition: int, said: str, outcome: str = "passed", **evidence: Any) -> None:
        """Judge a condition."""
        self.tells(
            events.SEEN, phase=phase, condition=condition, outcome=outcome, said=said, evidence=evidence
        )


def until_triage(diary: Told, lag: float = 0.0) -> None:
    """Let the first two phases pass and the third begin; the people are `lag` seconds slower."""
    diary.after(2).begins(1)
    pushed = "error-rate-warn is pushed, 2 series, scraped 1s ago"
    diary.after(9).sees(1, 0, pushed, labels={"job": "relay_synth"}, series=2, scraped_at=diary.now - 1)
    diary.begins(2)
    fired = diary.after(84).now
    seen: dict[str, Any] = {"alert": WARNING, "labels": LABELS, "value": 0.0208, "active_at": fired - 60}
    diary.sees(2, 0, f"{WARNING} fired after 11m20s, its value is 0.0208", firing_since=fired, **seen)
    diary.after(93)
    told = "slack told 1m30s after it fired, with runbook and summary"
    diary.sees(2, 1, told, firing_since=fired, received_at=diary.now, **MESSAGE)
    diary.begins(3)
    diary.tells(events.WAITING, phase=3)
    diary.after(118 + lag)
    events.done(diary.journal, "opened_alert", alert=WARNING)


def triaged(diary: Told, lag: float = 0.0, wrong: str = "gmail-send-high-latency") -> None:
    """Let the operator do what the third phase asks, with another runbook first."""
    if wrong:
        events.done(diary.after(125 + lag).journal, "opened", runbook=wrong)
    events.done(diary.after(161 + lag).journal, "opened", runbook=RUNBOOK)
    query = 'sum by (code) (rate(action_error_total{provider="google"}[5m]))'
    events.done(diary.after(172 + lag).journal, "ran_query", query=query)
    events.answer(diary.after(231 + lag).journal, 3, 2, "rate_limited")
    diary.begins(4)
    diary.tells(events.WAITING, phase=4)


def held(diary: Told, lag: float = 0.0, wrong: str = "gmail-send-high-latency", hints: int = 1) -> Told:
    """Hold the exercise to its end."""
    until_triage(diary, lag)
    triaged(diary, lag, wrong)
    if hints:
        events.hint(diary.after(280 + lag).journal, 4)
    events.note(diary.journal, "The dashboard link in the message was dead.")
    decision = "Halve the senders: mail is late instead of refused."
    events.answer(diary.after(352 + lag).journal, 4, 0, decision)
    diary.begins(5)
    fired = diary.after(391 + lag).now
    critical = {**LABELS, "alertname": CRITICAL, "severity": "critical", "synthetic": "error-rate-crit"}
    diary.sees(5, 0, f"{CRITICAL} fires at 8.2 %, over 5 %", firing_since=fired, labels=critical, value=0.082)
    diary.after(397 + lag).sees(5, 1, f"{WARNING} is inhibited by {CRITICAL}", labels=LABELS)
    diary.begins(6)
    diary.after(486 + lag).sees(6, 0, f"{WARNING} resolved, slack told")
    diary.sees(6, 1, f"{CRITICAL} resolved, pagerduty and slack told")
    diary.after(492 + lag).sees(6, 2, "nothing is left on the Pushgateway")
    diary.tells(events.PHASE_ENDED, phase=6, cause="all of it holds")
    diary.tells(events.FINISHED)
    diary.tells(events.CLEANED, left=[])
    return diary


def tabletop(**plan: Any) -> Told:
    """Hold the exercise of the screenshots: 5 of 6, with action items, after two slower ones before."""
    day = 86_400.0
    held(Told("20261107-160000-81c0", began=NOW - 14 * day - 5000), lag=70, hints=1)
    held(Told("20261114-160000-5d11", began=NOW - 7 * day + 2400), lag=25, wrong="", hints=1)
    diary = held(Told(**plan))
    events.action_item(diary.after(600).journal, "Mend the dashboard link of the error-rate alerts", "kim")
    events.action_item(diary.journal, "Say in the runbook who may pause the provider at night", "sam")
    return diary


def facilitated(**plan: Any) -> Told:
    """Let an exercise wait for its operator in the third phase, a wrong runbook open."""
    planned = {"mode": Mode.FACILITATED, "facilitator": "Kim", "gateway": GATEWAY, **plan}
    diary = Told(began=NOW - 240, **planned)
    until_triage(diary)
    events.done(diary.after(125).journal, "opened", runbook="gmail-send-high-latency")
    return diary


def halfway() -> Told:
    """Let an exercise be interrupted in the third phase, after a wrong runbook and a hint."""
    diary = Told(began=NOW - 240, gateway=GATEWAY)
    until_triage(diary)
    events.done(diary.after(125).journal, "opened", runbook="gmail-send-high-latency")
    events.done(diary.after(140).journal, "opened", runbook=RUNBOOK)
    query = 'sum by (code) (rate(action_error_total{provider="google"}[5m]))'
    events.done(diary.after(160).journal, "ran_query", query=query)
    events.hint(diary.after(200).journal, 3)
    return diary
