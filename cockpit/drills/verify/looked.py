"""What one look at all servers found, and what of it is the exercise's own doing. Pure; text is raw.

Where a server gave no answer its failure stands instead. Times are Unix seconds.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from cockpit.clients.pushgateway import Group
from cockpit.clients.sink import Notification
from cockpit.clients.source import Failure, Fetched, SourceError
from cockpit.clients.wire import AlertingRule, Counter, QueryResult, RuleAlert, RuleGroups, WireAlert
from cockpit.drills.state import Exercise, Seen
from cockpit.drills.verify.counts import Count
from cockpit.drills.verify.settings import Settings
from cockpit.errors import CockpitError
from cockpit.scenarios.run.mixing import MARK

SAME_MOMENT = 1.0
"""Seconds by which the clocks of two servers may differ."""

NOT_ASKED = SourceError(Failure.WRONG_SERVICE, "it was not asked")


class Peer(Struct, frozen=True, kw_only=True):
    """One Alertmanager: its alerts, its configuration, and its own counters where they are needed."""

    name: str
    alerts: tuple[WireAlert, ...] | CockpitError = NOT_ASKED
    settings: Settings | CockpitError = NOT_ASKED
    counters: tuple[Counter, ...] | CockpitError = NOT_ASKED


class Look(Struct, frozen=True, kw_only=True):
    """One look, at `at`. `starts` tells when the series of each scenario began to rise.

    `external` are labels that Prometheus adds on sending, `marked` the alerts that carry a scenario's mark
    where it causes them. `told` is None where there is no sink; then `counts` are the Alertmanagers' counters
    over the looks. By scenario `scraped` is when Prometheus last had its group, by alert `fired` the labels
    of what has fired lately (in the phase for what stays quiet, else in the exercise), by expression
    `values`. `links` are the annotations that lead to a runbook.
    """

    at: float
    speed: float = 1.0
    starts: Mapping[str, float | None] = {}
    rules: Fetched[RuleGroups] | CockpitError = NOT_ASKED
    external: dict[str, str] = {}
    marked: frozenset[str] = frozenset()
    peers: tuple[Peer, ...] = ()
    groups: tuple[Group, ...] | CockpitError = NOT_ASKED
    told: tuple[Notification, ...] | CockpitError | None = None
    counts: tuple[Count, ...] = ()
    scraped: dict[str, float | CockpitError | None] = {}
    fired: dict[str, tuple[dict[str, str], ...] | CockpitError] = {}
    values: dict[str, Fetched[QueryResult] | CockpitError] = {}
    links: tuple[str, ...] = ("runbook_url", "runbook")

    def rule(self, name: str) -> AlertingRule | None:
        """Return the rule of the alert `name`, None where none is loaded or nobody could be asked."""
        if isinstance(self.rules, CockpitError):
            return None
        named = (rule for group in self.rules.data.groups for rule in group.rules if rule.name == name)
        return next(named, None)

    def started(self, labels: Mapping[str, str]) -> float | None:
        """Return when the scenario that an alert is of began to rise; the first for one without a mark."""
        if mark := labels.get(MARK):
            return self.starts.get(mark)
        return min((start for start in self.starts.values() if start is not None), default=None)

    @property
    def silent(self) -> str:
        """Why not all Alertmanagers told their alerts; empty where all did."""
        failed = [str(peer.alerts) for peer in self.peers if isinstance(peer.alerts, CockpitError)]
        return "; ".join(failed) if self.peers else "no Alertmanager is configured"


class Instance(Struct, frozen=True):
    """One alert of the exercise in Prometheus; `labels` are as they are sent."""

    labels: dict[str, str]
    alert: RuleAlert
    rule: AlertingRule

    @property
    def firing(self) -> bool:
        """Whether it fires; else it is pending."""
        return self.alert.state == "firing"

    @property
    def firing_since(self) -> float:
        """When it began to fire, or will."""
        return self.alert.active_at + self.rule.duration


def began(exercise: Exercise) -> float:
    """Return when the exercise began."""
    return exercise.begun_at if exercise.begun_at is not None else exercise.planned_at


def is_own(labels: Mapping[str, str], active_at: float, look: Look, exercise: Exercise) -> bool:
    """Say whether an alert is the doing of a scenario that the exercise plays.

    It became active since the exercise began, with such a scenario's mark; or without any, where its rule
    gives the mark up.
    """
    if active_at < began(exercise) - SAME_MOMENT:
        return False
    return _mark_fits(labels, look, exercise)


def _mark_fits(labels: Mapping[str, str], look: Look, exercise: Exercise) -> bool:
    mark = labels.get(MARK, "")
    return mark in exercise.drill.scenarios if mark else labels.get("alertname", "") not in look.marked


def instances(
    name: str, look: Look, exercise: Exercise, labels: Mapping[str, str] | None = None
) -> tuple[Instance, ...]:
    """Return the exercise's own alerts of that name in Prometheus, with at least `labels`, oldest first."""
    if isinstance(look.rules, CockpitError):
        return ()
    found = (
        Instance({**look.external, **alert.labels}, alert, rule)
        for group in look.rules.data.groups
        for rule in group.rules
        if rule.name == name
        for alert in rule.alerts
        if is_own(alert.labels, alert.active_at, look, exercise)
    )
    wanted = (labels or {}).items()
    return tuple(sorted((each for each in found if wanted <= each.labels.items()), key=_age))


def _age(instance: Instance) -> float:
    return instance.firing_since


def firing(
    name: str, look: Look, exercise: Exercise, labels: Mapping[str, str] | None = None
) -> tuple[Instance, ...]:
    """Return those of `instances` that fire."""
    return tuple(each for each in instances(name, look, exercise, labels) if each.firing)


def held(name: str, look: Look, exercise: Exercise) -> tuple[tuple[Peer, WireAlert], ...]:
    """Return the exercise's own alerts of that name in the Alertmanagers that told theirs."""
    return tuple(
        (peer, alert)
        for peer in look.peers
        for alert in (() if isinstance(peer.alerts, CockpitError) else peer.alerts)
        if alert.labels.get("alertname") == name and is_own(alert.labels, alert.starts_at, look, exercise)
    )


def history(name: str, look: Look, exercise: Exercise) -> tuple[dict[str, str], ...]:
    """Return the labels of the exercise's own alerts of that name that fired lately, as Prometheus wrote."""
    found = look.fired.get(name, ())
    if isinstance(found, CockpitError):
        return ()
    return tuple(labels for labels in found if _mark_fits(labels, look, exercise))


def evidence_of(name: str, exercise: Exercise) -> Iterator[dict[str, object]]:
    """Yield what earlier conditions recorded of that alert's firing where the exercise runs, oldest first."""
    moved_at = exercise.moved_at
    yield from (
        seen.evidence
        for seen in _recorded(name, exercise)
        if moved_at is None or (seen.at is not None and seen.at >= moved_at)
    )


def fired_elsewhere(name: str, exercise: Exercise) -> bool:
    """Say whether that alert fired in a lab in which the exercise runs no more."""
    return exercise.moved_at is not None and any(True for _ in _recorded(name, exercise))


def _recorded(name: str, exercise: Exercise) -> Iterator[Seen]:
    for phase in exercise.phases:
        for seen in phase.conditions:
            if seen.evidence.get("alert") == name and "firing_since" in seen.evidence:
                yield seen


def firing_since(name: str, look: Look, exercise: Exercise) -> float | None:
    """Return when the exercise's first alert of that name began to fire, None for one that never did."""
    times = [each.firing_since for each in firing(name, look, exercise)]
    recorded = (each["firing_since"] for each in evidence_of(name, exercise))
    times += [float(at) for at in recorded if isinstance(at, int | float)]
    return min(times, default=None)


def messages(name: str, look: Look, exercise: Exercise) -> tuple[Notification, ...]:
    """Return what the sink got about the exercise's own alerts of that name, oldest first."""
    if look.told is None or isinstance(look.told, CockpitError):
        return ()
    mine = exercise.drill.scenarios
    return tuple(
        each
        for each in look.told
        if name in each.alerts
        and each.received_at >= began(exercise)
        and (not each.labels.get(MARK) or each.labels[MARK] in mine)
    )


def channels(receiver: str, look: Look) -> tuple[str, ...]:
    """Return the integrations of the Alertmanagers' receiver of that name; else it is a kind by itself."""
    for peer in look.peers:
        if not isinstance(peer.settings, CockpitError) and (kinds := peer.settings.kinds(receiver)):
            return kinds
    return (receiver,)
