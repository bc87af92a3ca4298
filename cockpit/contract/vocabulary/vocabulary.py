"""The metrics of a repository: what in it produces them, and the labels that their series can have. Pure.

A metric is produced by a recording rule, by a scenario's signals, or by the servers themselves. What
exporters and a team's own programs produce stands in no file: such a metric is judged only where the
scenarios produce what the rules read, and are taken to be all there is.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache

from cockpit import expression
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.vocabulary.asked import is_unread, metrics_of, name_in, selectors_of
from cockpit.contract.vocabulary.series import (
    ADDED_OUTSIDE,
    ADDED_TO_TARGETS,
    ALWAYS,
    either,
    pushed,
    relabelled,
)
from cockpit.errors import UsageError
from cockpit.expression import ANY, Labels

_ALL_BUT = 10


@lru_cache(maxsize=1)
def vocabulary(repository: Repository) -> "Vocabulary":
    """Return the vocabulary of `repository`."""
    return Vocabulary(repository)


class Vocabulary:
    """What produces which metric, and what the queries read of it."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._patterns = (*ALWAYS, *repository.settings.metrics)
        self._recorded: dict[str, list[RuleEntry]] = {}
        for rule in repository.rules:
            if not rule.rule.is_alert:
                self._recorded.setdefault(rule.name, []).append(rule)
        self._pushed = pushed(repository)
        self._labels: dict[str, Labels] = {}
        self._of_rules: dict[str, Labels] = {}

    def is_produced(self, metric: str) -> bool:
        """Say whether something here or a server has `metric`, or the settings say that it exists."""
        known = metric in self._recorded or metric in self._pushed or metric in self._live
        return known or any(fnmatchcase(metric, pattern) for pattern in self._patterns)

    def is_unknown(self, metric: str, kind: str) -> bool:
        """Say whether `metric`, read by queries of a `kind` (see Origin), exists nowhere for certain."""
        if self.is_produced(metric):
            return False
        if ":" in metric and self._repository.rules_unknown:
            return False
        return self._is_complete(kind) or (":" in metric and self._is_unrecorded(metric))

    def near(self, metric: str) -> str | None:
        """Return the name of a produced metric that is written almost like `metric`, or None."""
        names = [*self._recorded, *self._pushed, *self._live]
        return next(iter(get_close_matches(metric, names, n=1, cutoff=0.75)), None)

    def renamed(self, metric: str) -> RuleEntry | None:
        """Return the one rule that records `metric` under another name, for which no query asks, or None.

        Its name is almost the same, or it is of the same family and made of what the name says.
        """
        near = get_close_matches(metric, self._unasked, n=1, cutoff=0.75)
        level, *_ = parts = metric.split(":")
        what = parts[-2] if len(parts) > 1 else metric
        found = near or [
            name
            for name in self._unasked
            if name.partition(":")[0] == level and any(what in read for read in self._reads(name))
        ]
        return self._recorded[found[0]][0] if len(found) == 1 else None

    def is_recorded(self, metric: str) -> bool:
        """Say whether a rule records `metric`."""
        return metric in self._recorded

    def recording(self, metric: str) -> Sequence[RuleEntry]:
        """Return the rules that record `metric`."""
        return self._recorded.get(metric, ())

    def labels(self, metric: str) -> Labels:
        """Return the labels that series of `metric` can have where they are asked for."""
        if metric in self._recorded and metric not in self._labels:
            self._resolve(metric)
        return self._labels[metric] if metric in self._labels else self._unrecorded(metric)

    def of_rule(self, rule: RuleEntry) -> Labels:
        """Return the labels that the results of a rule's expression can have, without those that it adds."""
        expr = rule.rule.expr
        if expr not in self._of_rules:
            try:
                self._of_rules[expr] = expression.labels(expr, self.labels)
            except UsageError:
                self._of_rules[expr] = ANY
        return self._of_rules[expr]

    def alerts_on(self, metric: str) -> frozenset[str]:
        """Return the names of the alerts that rest on `metric`, recorded ones between them."""
        found: set[str] = set()
        seen, left = {metric}, [metric]
        while left:
            for rule in self._readers.get(left.pop(), ()):
                if rule.rule.is_alert:
                    found.add(rule.name)
                elif rule.name not in seen:
                    seen.add(rule.name)
                    left.append(rule.name)
        return frozenset(found)

    def recorded_on(self, metric: str) -> frozenset[str]:
        """Return the recorded metrics that rest on `metric`, with itself."""
        seen, left = {metric}, [metric]
        while left:
            new = {rule.name for rule in self._readers.get(left.pop(), ()) if not rule.rule.is_alert} - seen
            seen |= new
            left += new
        return frozenset(seen)

    @cached_property
    def _unasked(self) -> list[str]:
        """The recorded metrics for which no query asks."""
        asked = frozenset[str]().union(*self._read.values())
        return [name for name in self._recorded if name not in asked]

    def _reads(self, recorded: str) -> Iterator[str]:
        """Yield the metrics that the rules of a recorded metric read."""
        for rule in self._recorded[recorded]:
            yield from filter(None, map(name_in, selectors_of(rule.rule.expr)))

    @cached_property
    def unjudged(self) -> tuple[int, int]:
        """How many metrics may exist though nothing here produces them, and how many queries read them."""
        metrics: set[str] = set()
        queries = 0
        for query in self._repository.queries:
            kind = query.origin.kind
            found = {m for m in metrics_of(query) if not self.is_produced(m) and not self.is_unknown(m, kind)}
            metrics |= found
            queries += bool(found)
        return len(metrics), queries

    @cached_property
    def _readers(self) -> dict[str, list[RuleEntry]]:
        readers: dict[str, list[RuleEntry]] = {}
        for query in self._repository.queries:
            if query.rule is not None:
                for metric in metrics_of(query):
                    readers.setdefault(metric, []).append(query.rule)
        return readers

    @cached_property
    def _live(self) -> frozenset[str]:
        """The metrics that live servers have had of late, and those that their rules record."""
        live = self._repository.live
        if live is None:
            return frozenset()
        return live.metrics.union(r.name for group in live.groups.groups for r in group.recording)

    @cached_property
    def _read(self) -> dict[str, frozenset[str]]:
        """The metrics that queries read, by the kind of their origin."""
        read: dict[str, set[str]] = {}
        for query in self._repository.queries:
            read.setdefault(query.origin.kind, set()).update(metrics_of(query))
        return {kind: frozenset(names) for kind, names in read.items()}

    @cached_property
    def _complete(self) -> frozenset[str]:
        """The kinds of queries of whose metrics nine in ten are produced, or all but one that is misspelt."""
        found = frozenset(kind for kind, names in self._read.items() if self._is_covered(names))
        return found if "rule" in found else frozenset()

    def _is_complete(self, kind: str) -> bool:
        return kind in self._complete

    def _is_covered(self, names: Iterable[str]) -> bool:
        missing = [name for name in names if not self.is_produced(name)]
        pushed = sum(name in self._pushed for name in names)
        if len(missing) * _ALL_BUT <= pushed + len(missing):
            return bool(self._pushed)
        return len(missing) == 1 and bool(get_close_matches(missing[0], self._pushed, n=1, cutoff=0.75))

    def _is_unrecorded(self, metric: str) -> bool:
        """Say whether `metric`, named as recorded ones are, is one of a family that is recorded here."""
        stem, level = metric.rpartition(":")[0], metric.partition(":")[0]
        family = self._families.get(level, ())
        if any(name.rpartition(":")[0] == stem for name in family):
            return True
        return bool(family) and (
            self._records_all or bool(get_close_matches(metric, family, n=1, cutoff=0.85))
        )

    @cached_property
    def _families(self) -> dict[str, list[str]]:
        """The names that rules record, by their first level."""
        families: dict[str, list[str]] = {}
        for name in self._recorded:
            if ":" in name:
                families.setdefault(name.partition(":")[0], []).append(name)
        return families

    @cached_property
    def _records_all(self) -> bool:
        """Whether of the recorded metrics that queries read nine in ten are recorded here."""
        # What a template records is not known.
        if any("template" in each.reason for each in self._repository.not_read):
            return False
        names = {name for names in self._read.values() for name in names if ":" in name}
        missing = sum(not self.is_produced(name) for name in names)
        return missing * _ALL_BUT <= len(names)

    def _unrecorded(self, metric: str) -> Labels:
        if "rule" not in self._complete or metric not in self._pushed:
            return ANY
        return Labels(self._pushed[metric] | ADDED_TO_TARGETS, is_open=False)

    def _resolve(self, metric: str) -> None:
        """Work out the labels of a recorded metric, of what it rests on first; on a cycle they are open."""
        begun: set[str] = set()
        left = [metric]
        while left:
            name = left[-1]
            if name in self._labels:
                left.pop()
            elif name in begun:
                self._labels[name] = self._recorded_labels(name, begun)
                left.pop()
            else:
                begun.add(name)
                left += [each for each in self._rests_on(name) if each not in begun]

    def _rests_on(self, metric: str) -> Iterator[str]:
        for rule in self._recorded[metric]:
            yield from (s.name for s in selectors_of(rule.rule.expr) if s.name in self._recorded)

    def _recorded_labels(self, metric: str, begun: set[str]) -> Labels:
        def of_metric(name: str) -> Labels:
            on_a_cycle = name in begun and name not in self._labels
            return ANY if on_a_cycle else self.labels(name)

        found: Labels | None = None
        for rule in self._recorded[metric]:
            try:
                own = relabelled(expression.labels(rule.rule.expr, of_metric), rule.rule.labels)
            except UsageError:
                own = ANY
            found = own if found is None else either(found, own)
        if metric in self._pushed:
            found = either(found or ANY, self._unrecorded(metric))
        found = found or ANY
        return found if found.is_open else Labels(found.names | ADDED_OUTSIDE, is_open=False)


def not_checked(repository: Repository) -> Iterator[str]:
    """Yield what is to be said of queries that are not read, and of metrics that may exist or not."""
    unread = sum(is_unread(query) for query in repository.queries)
    if unread:
        several = "queries are" if unread > 1 else "query is"
        yield f"{unread} {several} too long, or nested too deeply, to be read"
    metrics, queries = vocabulary(repository).unjudged
    if metrics and repository.live is None:
        several, asking = ("s" if metrics > 1 else ""), ("queries" if queries > 1 else "query")
        counted = f"{metrics} metric{several} in {queries} {asking}"
        yield f"{counted} may exist or not, nothing here produces them: ask a server with --live"
