"""Servers that say what a team's files say; a test changes one thing of it."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from cockpit.clients.wire import AlertingRule, RecordingRule, RuleGroup, RuleGroups, Target
from cockpit.contract.check import check
from cockpit.contract.live import asked
from cockpit.contract.live.model import Live
from cockpit.contract.model import Finding
from cockpit.contract.read import read
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.settings import Settings
from cockpit.promql import divide_durations
from tests.contract.healthy import NOW, Team

UP = Target({"job": "shop", "instance": "shop-1:80"}, health="up")


class Servers:
    """The servers of a team, set up from its files as they are now."""

    def __init__(self, team: Team, *, speed: float = 1.0) -> None:
        self.team = team
        repository = self.repository()
        metrics = asked.metrics(repository)
        labels: dict[str, set[str]] = {}
        for label, names in asked.labels(repository).items():
            for name in names:
                labels.setdefault(name, set()).add(label)
        self.live = Live(
            at=NOW,
            context="prod",
            speed=speed,
            groups=loaded(repository, speed),
            targets=(UP,),
            metrics=metrics | {"up"},
            present=metrics,
            labels={name: frozenset(known) for name, known in labels.items()},
        )

    def repository(self) -> Repository:
        return read([self.team.folder], Settings(), now=NOW)

    def say(self, **changes: Any) -> None:
        """Let the servers say something else."""
        self.live = replace(self.live, **changes)

    def lose(self, *metrics: str) -> None:
        """Let the metrics not be there, nor have been within the week."""
        self.say(metrics=self.live.metrics.difference(metrics), present=self.live.present.difference(metrics))

    def change_rule(self, name: str, **changes: Any) -> None:
        """Let a rule be loaded otherwise."""
        self._change(lambda each: replace(each, **changes) if each.name == name else each)

    def unload(self, name: str) -> None:
        """Let no rule of the name be loaded."""
        self._change(lambda each: None if each.name == name else each)

    def _change(self, change: Any) -> None:
        groups = tuple(
            replace(
                group,
                rules=tuple(filter(None, map(change, group.rules))),
                recording=tuple(filter(None, map(change, group.recording))),
            )
            for group in self.live.groups.groups
        )
        self.say(groups=RuleGroups(groups))

    def findings(self) -> tuple[Finding, ...]:
        repository = self.repository()
        repository.live = self.live
        return check(repository).findings

    def found(self) -> list[tuple[str, str, int]]:
        """Return rule, file and line of each finding."""
        return [(each.rule, self.team.name(each), each.line) for each in self.findings()]

    def message(self) -> str:
        """Return the message of the one finding."""
        (finding,) = self.findings()
        return finding.message


def loaded(repository: Repository, speed: float) -> RuleGroups:
    """Return the rules of the files as Prometheus has loaded them."""
    groups: dict[str, list[RuleEntry]] = {}
    for each in repository.rules:
        groups.setdefault(each.rule.group, []).append(each)
    return RuleGroups(tuple(_group(name, entries, speed) for name, entries in groups.items()))


def _group(name: str, entries: Iterable[RuleEntry], speed: float) -> RuleGroup:
    alerts, records = [], []
    for rule in (each.rule for each in entries):
        query = " ".join(divide_durations(rule.expr, speed).split())
        if rule.is_alert:
            alerts.append(
                AlertingRule(
                    rule.name,
                    query,
                    rule.held_for / speed,
                    labels=rule.labels,
                    annotations=rule.annotations,
                    health="ok",
                    last_evaluation=NOW - 10,
                )
            )
        else:
            records.append(
                RecordingRule(rule.name, query, rule.labels, health="ok", last_evaluation=NOW - 10)
            )
    return RuleGroup(name, "/etc/rules.yml", 15.0, tuple(alerts), tuple(records))
