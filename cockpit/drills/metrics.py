"""The metrics that bear on a drill's alerts: a query that selects one of them is a useful one."""

from collections.abc import Iterator

from cockpit.alerts.why.expand import beneath, metric
from cockpit.clients.wire import RecordingRule, RuleGroups
from cockpit.drills.model import Drill, Opened
from cockpit.expression import parsed, selectors
from cockpit.runbooks.bind import neutral
from cockpit.runbooks.library import Library


def metrics(drill: Drill, rules: RuleGroups, library: Library) -> tuple[str, ...]:
    """Return the metrics of the alerts of `drill`, through recording rules, and of their runbooks' queries.

    Runbooks are read: call it off the event loop.
    """
    found: dict[str, None] = {}
    for expr in (*_alerting(drill, rules), *_asked(drill, rules, library)):
        found.update((name, None) for each in selectors(expr) if (name := metric(each)))
    return tuple(found)


def _alerting(drill: Drill, rules: RuleGroups) -> Iterator[str]:
    """Yield the expressions of the drill's alerts, and those of the recording rules below them."""
    recorded: dict[str, list[RecordingRule]] = {}
    for group in rules.groups:
        for recording in group.recording:
            if parsed(recording.query) is not None:
                recorded.setdefault(recording.name, []).append(recording)
    for group in rules.groups:
        for rule in group.rules:
            if rule.name in drill.alerts and parsed(rule.query) is not None:
                yield rule.query
                yield from (below.query for below in beneath(rule.query, recorded))


def _asked(drill: Drill, rules: RuleGroups, library: Library) -> Iterator[str]:
    """Yield the queries of the runbooks that the drill's alerts link, and of those it wants opened."""
    annotations = {rule.name: rule.annotations for group in rules.groups for rule in group.rules}
    refs = (library.resolve({"alertname": name}, annotations.get(name, {})) for name in drill.alerts)
    opened = (task.opened for phase in drill.phases for task in phase.operator if isinstance(task, Opened))
    for path in dict.fromkeys((*(ref.path for ref in refs if ref), *opened)):
        runbook = library.get(path)
        yield from filter(None, (neutral(query.expr) for query in (runbook.queries if runbook else ())))
