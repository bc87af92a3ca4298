"""What came of a scenario, expectation by expectation: a fold over what Prometheus recorded. Pure.

The evidence is the series ALERTS, which Prometheus writes at every evaluation of a rule
(docs/configuration/alerting_rules). What rests on a gap, in pushes or evaluations, is inconclusive.
Times are Unix seconds; a verdict's durations are seconds of the scenario's time, `speed` times real time.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from cockpit.alerts.history import spans
from cockpit.alerts.model import Span
from cockpit.clients.sink import Notification
from cockpit.clients.wire import WireSeries
from cockpit.scenarios.model import Expectation, Fires, Quiet, Scenario
from cockpit.scenarios.own import alert_of, is_about, is_own
from cockpit.scenarios.run.standing import spoken


class Outcome(StrEnum):
    """What is known of an expectation."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


class Hole(Struct, frozen=True):
    """A time in which something was not there: a push, or Prometheus. `end` is None while it lasts."""

    start: float
    end: float | None
    reason: str

    def meets(self, start: float, end: float) -> bool:
        """Say whether any of it lies between two times."""
        return self.start < end and (self.end is None or self.end > start)


class Told(Struct, frozen=True):
    """The first message about an alert: of which kind, to which receiver, how long after it fired."""

    kind: str
    receiver: str
    after_seconds: float
    runbook: str | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """What came of one expectation; durations are in seconds of the scenario's time.

    `fired_after` counts from the start, `resolved_after` from the recovery.
    """

    alert: str
    kind: str
    outcome: Outcome
    sentence: str
    labels: dict[str, str] = {}
    fires_within: float | None = None
    resolves_within: float | None = None
    fired_after: float | None = None
    resolved_after: float | None = None
    notified: Told | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """What a run left behind. `series` are those of ALERTS that fired, read every `step` seconds.

    `unread` says why they could not be read, if so. `active_before` holds the labels of instances that were
    pending or firing before anything rose; `marked` the alerts that carry the scenario's mark if they are
    its doing. `started_at` is None when nothing ever rose.
    """

    opened_at: float
    started_at: float | None
    recovering_at: float | None
    ended_at: float
    speed: float = 1.0
    step: float = 15.0
    series: tuple[WireSeries, ...] = ()
    unread: str | None = None
    active_before: tuple[dict[str, str], ...] = ()
    marked: frozenset[str] = frozenset()
    holes: tuple[Hole, ...] = ()
    notifications: tuple[Notification, ...] = field(default=())
    interrupted: bool = False

    def lasted(self, start: float, end: float) -> float:
        """Return the scenario's seconds between two times."""
        return round((end - start) * self.speed, 1)

    def hole(self, start: float, end: float) -> Hole | None:
        """Return the first hole between two times."""
        return next((hole for hole in self.holes if hole.meets(start, end)), None)


def verdicts(scenario: Scenario, evidence: Evidence) -> tuple[Verdict, ...]:
    """Return the verdict on each expectation of `scenario`, which is as played, at the lab's speed."""
    return tuple(_judged(expected, scenario, evidence) for expected in scenario.expect)


def passed(found: Iterable[Verdict]) -> bool | None:
    """Return whether all of it holds; None when nothing failed and something is inconclusive."""
    outcomes = {verdict.outcome for verdict in found}
    if Outcome.FAILED in outcomes:
        return False
    return None if Outcome.INCONCLUSIVE in outcomes or not outcomes else True


def _judged(expected: Expectation, scenario: Scenario, evidence: Evidence) -> Verdict:
    name = alert_of(expected)
    found: dict[str, Any] = {"alert": name, "labels": dict(expected.labels)}
    if isinstance(expected, Fires):
        found |= {
            "kind": "fires",
            "fires_within": expected.fires_within * evidence.speed,
            "resolves_within": expected.resolves_within and expected.resolves_within * evidence.speed,
        }
    else:
        found["kind"] = "quiet"
    if reason := _unjudgeable(expected, scenario, evidence):
        return Verdict(outcome=Outcome.INCONCLUSIVE, sentence=reason, **found)
    mine = (s for s in evidence.series if is_own(expected, scenario.name, s.labels, evidence.marked))
    fired = _spans(tuple(mine), evidence)
    if fired and fired[0].start + evidence.step < (evidence.started_at or 0.0):
        words = "it fired before its series began to rise"
        return Verdict(outcome=Outcome.INCONCLUSIVE, sentence=words, **found)
    if isinstance(expected, Quiet):
        return _quiet(found, fired, evidence)
    return _fires(found, expected, fired, scenario, evidence)


def _unjudgeable(expected: Expectation, scenario: Scenario, evidence: Evidence) -> str | None:
    if evidence.started_at is None:
        return "its series never began to rise"
    if evidence.unread is not None:
        return evidence.unread
    before = evidence.active_before
    if any(is_own(expected, scenario.name, labels, evidence.marked) for labels in before):
        return "it was pending or firing before its series began to rise"
    return None


def _spans(series: Sequence[WireSeries], evidence: Evidence) -> tuple[Span, ...]:
    """Return when any of `series` fired.

    What is read every step may have begun, and ended, up to a step before the times that are given.
    """
    found = spans(series, evidence.step, math.inf)
    return tuple(span for span in found if span.end > evidence.opened_at)


def _quiet(found: Mapping[str, Any], fired: Sequence[Span], evidence: Evidence) -> Verdict:
    start = evidence.started_at or evidence.opened_at
    if fired:
        at = fired[0].start
        after = evidence.lasted(start, at)
        if hole := evidence.hole(evidence.opened_at, at):
            words = f"fired {spoken(after)} after the start, but {hole.reason} before"
            return Verdict(outcome=Outcome.INCONCLUSIVE, sentence=words, fired_after=after, **found)
        words = f"fired after {spoken(after)}, and is to stay quiet"
        return Verdict(outcome=Outcome.FAILED, sentence=words, fired_after=after, **found)
    if hole := evidence.hole(evidence.opened_at, evidence.ended_at):
        return Verdict(outcome=Outcome.INCONCLUSIVE, sentence=f"quiet, but {hole.reason}", **found)
    lasted = spoken(evidence.lasted(start, evidence.ended_at))
    return Verdict(outcome=Outcome.PASSED, sentence=f"quiet for {lasted}", **found)


def _fires(
    found: Mapping[str, Any],
    expected: Fires,
    fired: Sequence[Span],
    scenario: Scenario,
    evidence: Evidence,
) -> Verdict:
    start = evidence.started_at or 0.0
    limit = start + expected.fires_within
    most = spoken(expected.fires_within * evidence.speed)
    if not fired:
        outcome, words = _never_fired(limit, most, evidence)
        return Verdict(outcome=outcome, sentence=words, **found)
    at = fired[0].start
    after = evidence.lasted(start, at)
    told = _told(expected, scenario, at, evidence)
    fire = f"fired after {spoken(after)} of at most {most}"
    notified = f"notified {told.kind} {spoken(told.after_seconds)} later" if told else ""
    outcome = Outcome.PASSED
    hole = evidence.hole(evidence.opened_at, at)
    if at - evidence.step > limit:
        outcome = Outcome.INCONCLUSIVE if hole else Outcome.FAILED
        fire = f"fired after {spoken(after)}, later than the {most} granted"
    elif hole and any(signal.gone for signal in scenario.signals):
        # What fires because series are gone can have fired because they were lost.
        outcome = Outcome.INCONCLUSIVE
    else:
        hole = None
    fire += f", but {hole.reason}" if hole else ""
    ended, resolved_after, resolved = _resolved(expected, fired, evidence)
    return Verdict(
        outcome=_worst(outcome, ended),
        sentence=", ".join(filter(None, (fire, notified, resolved))),
        fired_after=after,
        resolved_after=resolved_after,
        notified=told,
        **found,
    )


def _never_fired(limit: float, most: str, evidence: Evidence) -> tuple[Outcome, str]:
    unhealthy_until = evidence.recovering_at or evidence.ended_at
    if hole := evidence.hole(evidence.opened_at, min(limit, evidence.ended_at)):
        return Outcome.INCONCLUSIVE, f"did not fire within {most}, but {hole.reason}"
    if unhealthy_until < limit:
        lasted = spoken(evidence.lasted(evidence.started_at or unhealthy_until, unhealthy_until))
        why = "it was interrupted" if evidence.interrupted else "its series were unhealthy"
        after = f"{why} after {lasted}" if evidence.interrupted else f"{why} for {lasted} only"
        return Outcome.INCONCLUSIVE, f"did not fire, but {after}, and it has {most}"
    return Outcome.FAILED, f"did not fire within {most}"


def _resolved(
    expected: Fires, fired: Sequence[Span], evidence: Evidence
) -> tuple[Outcome, float | None, str]:
    """Return the outcome, after how long it resolved if it did, and what to say of it."""
    if evidence.recovering_at is None:
        if expected.resolves_within is None:
            return Outcome.PASSED, None, ""
        return Outcome.INCONCLUSIVE, None, "its end was not awaited"
    end, now = fired[-1].end, evidence.ended_at
    still = end > now + evidence.step / 100
    after = None if still else max(0.0, evidence.lasted(evidence.recovering_at, end))
    if expected.resolves_within is None:
        return Outcome.PASSED, after, "" if after is None else f"resolved {spoken(after)} after recovery"
    limit = evidence.recovering_at + expected.resolves_within
    most = spoken(expected.resolves_within * evidence.speed)
    hole = evidence.hole(fired[0].start, min(end, now))
    if after is not None:
        early = end + 2 * evidence.step < evidence.recovering_at
        before = spoken(evidence.lasted(end, evidence.recovering_at))
        words = f"resolved {spoken(after)} after recovery"
        words = f"stopped firing {before} before the recovery" if early else words
        if hole is not None:
            return Outcome.INCONCLUSIVE, after, f"{words}, but {hole.reason}"
        if early:
            return Outcome.FAILED, None, words
        if end - evidence.step > limit:
            return Outcome.FAILED, after, f"{words}, later than the {most} granted"
        return Outcome.PASSED, after, words
    lasted = spoken(evidence.lasted(evidence.recovering_at, now))
    if hole is not None:
        return Outcome.INCONCLUSIVE, None, f"still firing {lasted} after recovery, but {hole.reason}"
    if now < limit:
        return Outcome.INCONCLUSIVE, None, f"still firing {lasted} after recovery, and it has {most}"
    return Outcome.FAILED, None, f"still firing {lasted} after recovery, of at most {most}"


def _told(expected: Fires, scenario: Scenario, at: float, evidence: Evidence) -> Told | None:
    for message in evidence.notifications:
        if message.status != "firing" or not is_about(message, expected, scenario.name):
            continue
        if message.received_at >= evidence.opened_at:
            later = max(0.0, evidence.lasted(at, message.received_at))
            return Told(message.kind, message.receiver, later, message.runbook)
    return None


def _worst(*outcomes: Outcome) -> Outcome:
    order = (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.PASSED)
    return min(outcomes, key=order.index)
