"""Watching what a playing scenario causes: its expectations' standings meanwhile, the evidence at the end."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from cockpit.alerts.history import step_for
from cockpit.alerts.join import join
from cockpit.alerts.model import Alert
from cockpit.clients.sink import Notification, Sink
from cockpit.clients.source import Fetched, SourceError, or_error
from cockpit.clients.wire import Relabelling, RuleGroups, WireAlert, WireSeries
from cockpit.promql import escape_regex, quote
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.own import alert_of
from cockpit.scenarios.play.grouping import JOB
from cockpit.scenarios.run.checks import Checked, active_of
from cockpit.scenarios.run.standing import Standing, spoken, standings
from cockpit.scenarios.run.verdict import Evidence, Hole
from cockpit.session import Session
from cockpit.text import one_line

if TYPE_CHECKING:
    from cockpit.scenarios.play.plays import Play


_LATE_INTERVALS = 4
_LATE = 2.0
"""A rule counts as not evaluated after so many of its intervals, and these seconds, without an evaluation."""

_UNSCRAPED = 2.0
"""Seconds that pass at least before a lack of what is pushed counts."""

_READ_AGAIN = 3


class Watch:
    """Asks Prometheus, the Alertmanagers and a lab's sink about one scenario; fails with none of them.

    `standing` is how its expectations stood when last looked at, `trouble` what could not be asked then,
    `step` the seconds between two evaluations of its rules.
    """

    def __init__(self, session: Session, scenario: Scenario, checked: Checked) -> None:
        self.session = session
        self.scenario = scenario
        self.checked = checked
        self.standing: tuple[Standing, ...] = ()
        self.trouble: tuple[str, ...] = ()
        self.holes: tuple[Hole, ...] = ()
        self.notifications: tuple[Notification, ...] = ()
        self._sink = Sink.of(session.context) if session.context.sink else None
        self._relabelling = Relabelling()
        self._answered_at: float | None = None
        self._active_before = checked.active_before
        self.step = step_for(0.0, session.context.speed)

    async def close(self) -> None:
        """Close what was opened here."""
        if self._sink is not None:
            await self._sink.close()

    async def look(self, play: "Play") -> None:
        """Ask everybody once, at the same time."""
        prometheus = self.session.prometheus
        if not prometheus.configured:
            self.standing = standings(play, self.scenario, now=self.session.now())
            return
        rules, relabelling, told, peers = await asyncio.gather(
            or_error(prometheus.alerting_rules),
            or_error(prometheus.external_labels),
            or_error(self._told, play.opened_at),
            asyncio.gather(*(or_error(peer.alerts) for peer in self.session.alertmanagers)),
        )
        if not isinstance(relabelling, SourceError):
            self._relabelling = relabelling.data
        if not isinstance(told, SourceError):
            self.notifications = told
        now = self.session.now()
        self._judge(rules, play, now)
        answers = [peer for peer in peers if not isinstance(peer, SourceError)]
        errors = [str(each) for each in (rules, told, *peers) if isinstance(each, SourceError)]
        blind = [hole.reason for hole in self.holes if hole.end is None]
        self.trouble = tuple(dict.fromkeys((*errors, *(() if errors else blind))))
        self.standing = standings(
            play,
            self.scenario,
            now=now,
            rules=None if isinstance(rules, SourceError) else rules.data,
            alerts=None if isinstance(rules, SourceError) else self._joined(rules, answers, now),
            notifications=self.notifications,
            before=self.standing,
            marked=self.checked.marked,
        )

    async def _told(self, since: float) -> tuple[Notification, ...]:
        return await self._sink.notifications(since) if self._sink is not None else ()

    def _joined(
        self, rules: Fetched[RuleGroups], peers: Sequence[Fetched[tuple[WireAlert, ...]]], now: float
    ) -> tuple[Alert, ...]:
        context = self.session.context
        return join(
            rules,
            peers,
            all_peers_answered=len(peers) == len(self.session.alertmanagers) > 0,
            relabelling=self._relabelling,
            ignore_labels=context.ignore_labels,
            watchdog="",
            undelivered_after=context.undelivered_after,
            now=now,
            runbook=lambda labels, annotations: None,
        ).alerts

    def _judge(self, rules: Fetched[RuleGroups] | SourceError, play: "Play", now: float) -> None:
        """Note when Prometheus is blind: when it does not answer, or does not evaluate an expected rule."""
        if isinstance(rules, SourceError):
            since = self._answered_at or play.opened_at
            self._hole(Hole(since, None, f"Prometheus did not answer ({one_line(rules.message, 200)})"))
            return
        self._answered_at = now
        if play.started_at is None:
            active = active_of(self.scenario, rules.data, self.checked.marked)
            self._active_before += tuple(each for each in active if each not in self._active_before)
        if hole := self._unevaluated(rules.data, now):
            self._hole(hole)
        else:
            self.holes = tuple(Hole(h.start, now, h.reason) if h.end is None else h for h in self.holes)

    def _hole(self, hole: Hole) -> None:
        if all(each.end is not None for each in self.holes):
            self.holes = (*self.holes, hole)

    def _unevaluated(self, rules: RuleGroups, now: float) -> Hole | None:
        """Return the hole that an expected rule is in, which began after its last evaluation."""
        names = set(expected_names(self.scenario))
        for group in rules.groups:
            for rule in group.rules:
                if rule.name not in names:
                    continue
                self.step = min(self.step, group.interval or self.step)
                if rule.health == "err":
                    said = one_line(rule.last_error, 200)
                    reason = f"the rule {one_line(rule.name, 100)} could not be evaluated ({said})"
                    return Hole(rule.last_evaluation, None, reason)
                if now - rule.last_evaluation > _LATE_INTERVALS * group.interval + _LATE:
                    reason = f"the rule {one_line(rule.name, 100)} was not evaluated"
                    return Hole(rule.last_evaluation, None, reason)
        return None

    async def evidence(
        self,
        play: "Play",
        *,
        ended_at: float,
        holes: Iterable[Hole] = (),
        interrupted: bool = False,
        read: bool = True,
    ) -> Evidence:
        """Return what Prometheus recorded of the run until `ended_at`; `holes` are those in the pushes.

        Without `read` nobody is asked any more.
        """
        series: tuple[WireSeries, ...] = ()
        unread: str | None = "it was stopped before it could be judged"
        told: tuple[Notification, ...] | SourceError = self.notifications
        if read:
            series, unread = await self._fired(play.opened_at, ended_at)
            told = await or_error(self._told, play.opened_at)
            holes = (*holes, *await self._unscraped(play, ended_at))
        return Evidence(
            opened_at=play.opened_at,
            started_at=play.started_at,
            recovering_at=play.recovering_at,
            ended_at=ended_at,
            speed=play.speed,
            step=self.step,
            series=series,
            unread=unread,
            active_before=self._active_before,
            marked=self.checked.marked,
            holes=(*holes, *self.holes),
            notifications=self.notifications if isinstance(told, SourceError) else told,
            interrupted=interrupted,
        )

    async def _unscraped(self, play: "Play", end: float) -> tuple[Hole, ...]:
        """Return when Prometheus had nothing of what was pushed, by the push time that every group has."""
        name = self.scenario.name
        # The times of the samples themselves: a query finds the last one for minutes after it.
        expr = f"max(timestamp(push_time_seconds{{job={quote(JOB)},synthetic={quote(name)}}}))"
        answer = await or_error(self.session.prometheus.query_range, expr, play.opened_at, end, self.step)
        if play.started_at is None:
            return ()
        if isinstance(answer, SourceError):
            reason = f"whether Prometheus had what was pushed could not be read ({answer.message})"
            return (Hole(play.opened_at, None, reason),)
        times = sorted({at for one in answer.data.series for at in one.values})
        return unscraped(times, play, end=end, step=self.step)

    async def _fired(self, start: float, end: float) -> tuple[tuple[WireSeries, ...], str | None]:
        """Return the series of what fired, and why they could not be read."""
        names = "|".join(escape_regex(name) for name in expected_names(self.scenario))
        mark = f"|{escape_regex(self.scenario.name)}"
        expr = f'ALERTS{{alertstate="firing",alertname=~{quote(names)},synthetic=~{quote(mark)}}}'
        self.step = max(self.step, step_for(end - start, self.session.context.speed * 1000))
        error: SourceError | None = None
        for attempt in range(_READ_AGAIN):
            try:
                found = await self.session.prometheus.query_range(expr, start, end, self.step)
            except SourceError as failure:
                error = failure
                if not self.session.prometheus.configured:
                    break
                await asyncio.sleep(min(attempt, 1))
            else:
                if found.warnings:
                    said = one_line(found.warnings[0], 200)
                    self.holes += (Hole(start, None, f"Prometheus told a part of what fired only ({said})"),)
                return found.data.series, None
        return (), f"what fired could not be read: {error.message if error else 'no answer'}"


def unscraped(times: Sequence[float], play: "Play", *, end: float, step: float) -> tuple[Hole, ...]:
    """Return the holes between `times` (Unix seconds, rising), at which what is pushed was scraped.

    They were read every `step` seconds. From the first push to the start there is time for it to come.
    """
    if not times:
        reason = "Prometheus has nothing of what was pushed: it must scrape the gateway, with honor_labels"
        return (Hole(play.opened_at, None, reason),)
    start = play.started_at or play.opened_at
    usual = median([after - before for before, after in pairwise(times)] or [0.0])
    most = max(_UNSCRAPED, _LATE_INTERVALS * max(step, play.interval, usual))
    found = []
    for before, after in pairwise((start, *(time for time in times if time > start), end)):
        if after - before > most:
            lasts = spoken((after - before) * play.speed)
            found.append(Hole(before, after, f"Prometheus had nothing of what was pushed for {lasts}"))
    return tuple(found)


def expected_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the alerts that `scenario` expects to fire or to stay quiet, each once."""
    return tuple(dict.fromkeys(map(alert_of, scenario.expect)))
