"""How each expectation of a playing scenario stands now, in a state and in words. Pure.

Times are Unix seconds; durations in words are in the scenario's time, which passes `speed` times as fast as
real time in a lab.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cockpit.alerts.join import join
from cockpit.alerts.model import Alert, AlertState
from cockpit.clients.source import Fetched
from cockpit.clients.wire import AlertingRule, Relabelling, RuleGroups
from cockpit.scenarios.model import Expectation, Fires, Scenario
from cockpit.scenarios.own import alert_of, is_about, is_own
from cockpit.text import one_line
from cockpit.units import short_duration

if TYPE_CHECKING:
    from cockpit.clients.sink import Notification
    from cockpit.scenarios.play.plays import Play

_LOUDEST = ("firing", "undelivered", "silenced", "inhibited", "muted")
_SUPPRESSED = {
    "inhibited": "firing, inhibited by another alert",
    "silenced": "firing, silenced",
    "muted": "firing, muted by a time interval",
    "undelivered": "firing, but no Alertmanager has it",
}


class Standing(Struct, frozen=True, kw_only=True):
    """How one expectation stands. Times are Unix seconds, durations real seconds.

    `kind` is fires or quiet. `state` is `unknown` (nobody could be asked), `no rule`, `inactive`, `pending`,
    `firing`, `inhibited`, `silenced`, `muted`, `undelivered` or `resolved`; of several instances the one
    furthest on counts, and `value` is its value. `within` is what the expectation grants from the start to
    firing, `resolves_within` from the recovery to the end. `notified` is the first message about it.
    """

    alert: str
    kind: str
    labels: dict[str, str] = {}
    state: str = "inactive"
    within: float | None = None
    resolves_within: float | None = None
    pending_since: float | None = None
    fires_at: float | None = None
    firing_since: float | None = None
    resolved_at: float | None = None
    for_seconds: float | None = None
    value: float | None = None
    notified: "Notification | None" = None

    @property
    def active(self) -> bool:
        """Whether it fires, whatever is done about it."""
        return self.state in _LOUDEST

    @property
    def has_fired(self) -> bool:
        """Whether it fires, or has fired since the scenario began."""
        return self.firing_since is not None

    def phrase(self, now: float, speed: float = 1.0) -> str:
        """Return the state in words: `pending, 3m20s of 10m left`."""

        def lasts(seconds: float) -> str:
            return spoken(max(0.0, seconds) * speed)

        words = {"unknown": "not known: Prometheus does not answer", "no rule": "there is no such rule"}.get(
            self.state, self.state
        )
        if self.state == "pending" and self.fires_at is not None and self.for_seconds is not None:
            words = f"pending, {lasts(self.fires_at - now)} of {lasts(self.for_seconds)} left"
        elif self.active and self.firing_since is not None:
            how = _SUPPRESSED.get(self.state, "firing")
            words = f"{how}, for {lasts(now - self.firing_since)}"
            words += f", {self.notified.kind} told" if self.notified else ""
        elif self.state == "resolved" and self.resolved_at is not None:
            words = f"resolved {lasts(now - self.resolved_at)} ago"
        if self.kind == "quiet" and self.has_fired:
            words = f"it fired; now {words}" if self.state == "unknown" else words
            return f"quiet is expected, but {words}"
        return words


class Due(Struct, frozen=True):
    """The next thing due: what, and when (Unix seconds; None: nobody can say); with `latest` also sooner."""

    what: str
    at: float | None = None
    latest: bool = False

    def phrase(self, now: float, speed: float = 1.0) -> str:
        """Return it in words: `GmailSendErrorRateWarning fires in 3m20s`, `resolves within 12m`."""
        if self.at is None:
            return self.what
        left = self.at - now
        if left <= 0:
            return f"{self.what} now" if not self.latest else f"{self.what}, which is overdue"
        return f"{self.what} {'within' if self.latest else 'in'} {spoken(left * speed)}"


def spoken(seconds: float) -> str:
    """Return whole seconds for a person, without parts that are zero: `10m`, `3m20s`, `2h`."""
    text = short_duration(round(seconds))
    return re.sub(r"(?<=[hm])00[ms]$", "", text)


def _rows_of(rules: RuleGroups, now: float) -> tuple[Alert, ...]:
    """Return the alerts of `rules` alone, for where no Alertmanager's answer is there."""
    joined = join(
        Fetched(rules, "", now),
        (),
        all_peers_answered=False,
        relabelling=Relabelling(),
        ignore_labels=(),
        watchdog="",
        undelivered_after=0.0,
        now=now,
        runbook=lambda labels, annotations: None,
    )
    return joined.alerts


def standings(
    play: "Play",
    scenario: Scenario,
    *,
    now: float,
    rules: RuleGroups | None = None,
    alerts: Iterable[Alert] | None = None,
    notifications: Iterable["Notification"] = (),
    before: Sequence[Standing] = (),
    marked: Collection[str] = (),
) -> tuple[Standing, ...]:
    """Return how each expectation of `scenario`, as played (at its speed), stands at `now`.

    `alerts` are a board's, which say what the Alertmanagers do about them; without them those of `rules` are
    taken. Without either nothing is known. `before` is the last result: what has fired and does no more is
    resolved. Alerts of the names in `marked` count only with the scenario's own mark, and what was pending or
    firing when the group was opened is not its doing.
    """
    if alerts is None and rules is not None:
        alerts = _rows_of(rules, now)
    since, ended = play.opened_at, AlertState.RESOLVED
    recent = None if alerts is None else [a for a in alerts if a.since >= since and a.state is not ended]
    loaded, told = _loaded(rules), tuple(notifications)
    found = []
    for index, expected in enumerate(scenario.expect):
        earlier = before[index] if len(before) == len(scenario.expect) else None
        rule = loaded.get(alert_of(expected)) if loaded is not None else None
        one = _expected(expected, rule, earlier)
        if recent is None:
            one = replace(one, state="unknown")
        elif loaded is not None and rule is None:
            one = replace(one, state="no rule")
        else:
            rows = [a for a in recent if is_own(expected, play.scenario, a.labels, marked)]
            one = _with_state(one, rows, now)
        found.append(_with_news(one, expected, play, told))
    return tuple(found)


def _loaded(rules: RuleGroups | None) -> dict[str, AlertingRule] | None:
    if rules is None:
        return None
    return {rule.name: rule for group in rules.groups for rule in group.rules}


def _expected(expected: Expectation, rule: AlertingRule | None, before: Standing | None) -> Standing:
    """Return what is known of an expectation but its state: what it grants, what came about before."""
    fires = expected if isinstance(expected, Fires) else None
    base = Standing(
        alert=alert_of(expected), kind="fires" if fires else "quiet", labels=dict(expected.labels)
    )
    if fires:
        base = replace(base, within=fires.fires_within, resolves_within=fires.resolves_within)
    if before:
        base = replace(
            base,
            for_seconds=before.for_seconds,
            firing_since=before.firing_since,
            resolved_at=before.resolved_at,
            notified=before.notified,
        )
    return replace(base, for_seconds=rule.duration) if rule else base


def _with_state(base: Standing, rows: Sequence[Alert], now: float) -> Standing:
    firing = [row for row in rows if row.state in _LOUDEST]
    if not firing and base.firing_since is not None:
        ended = now if base.resolved_at is None else base.resolved_at
        return replace(base, state="resolved", resolved_at=ended)
    if not rows:
        return base
    worst = min(firing, key=_loudness) if firing else min(rows, key=lambda row: row.since)
    base = replace(
        base,
        state=str(worst.state),
        pending_since=worst.since,
        fires_at=worst.fires_at,
        for_seconds=base.for_seconds if worst.for_seconds is None else worst.for_seconds,
        value=worst.value,
    )
    if not firing:
        return base
    since = min(row.since + (row.for_seconds or 0.0) for row in firing)
    known = base.firing_since if base.resolved_at is None else None
    return replace(base, firing_since=since if known is None else known, resolved_at=None)


def _loudness(alert: Alert) -> tuple[int, float]:
    return _LOUDEST.index(str(alert.state)), alert.since


def _with_news(
    standing: Standing, expected: Expectation, play: "Play", told: Sequence["Notification"]
) -> Standing:
    if standing.notified is not None:
        return standing
    for message in told:
        firing = message.status == "firing" and message.received_at >= play.opened_at
        if firing and is_about(message, expected, play.scenario):
            return replace(standing, notified=message)
    return standing


def next_due(standing: Sequence[Standing], play: "Play", now: float) -> Due:
    """Return the next thing due while `play` goes on, as its expectations stand."""
    if play.started_at is None or now < play.started_at:
        if play.t(now) < 0:
            return Due("the series begin to rise", now - play.t(now))
        return Due("the series begin to rise, once Prometheus has scraped their baseline")
    fires = [each for each in standing if each.kind == "fires"]
    if play.recovering_at is not None:
        return _due_in_recovery(fires, play)
    waiting = [each for each in fires if not each.has_fired and each.state != "no rule"]
    pending = [each for each in waiting if each.fires_at is not None]
    if pending:
        first = min(pending, key=lambda each: each.fires_at or 0.0)
        return Due(f"{one_line(first.alert, 80)} fires", first.fires_at)
    if any(each.state == "unknown" for each in waiting):
        return Due("what follows is not known")
    if waiting:
        first = min(waiting, key=lambda each: each.within or 0.0)
        return Due(f"{one_line(first.alert, 80)} fires", play.started_at + (first.within or 0.0), latest=True)
    if play.duration is None:
        return Due(
            "nothing: it ends with the lab" if play.player == "lab" else "recovery, when it is stopped"
        )
    return Due("recovery", play.started_at + play.duration)


def _due_in_recovery(fires: Sequence[Standing], play: "Play") -> Due:
    assert play.recovering_at is not None
    waiting = [each for each in fires if each.active and each.resolves_within is not None]
    if waiting:
        first = min(waiting, key=lambda each: each.resolves_within or 0.0)
        limit = play.recovering_at + (first.resolves_within or 0.0)
        return Due(f"{one_line(first.alert, 80)} resolves", limit, latest=True)
    return Due("its series are deleted", play.recovering_at + play.recover)
