"""Runbook without a query.

Whoever opens it is told nothing about how to look at the system now: no query in it can be asked. Queries in
other languages, such as LogQL or SQL, count where their fence says so. Where nine in ten runbooks have none,
that is said once.

**Remedy.** Put the first questions of a triage there as queries, each in a `promql` fence.
"""

import re
from collections.abc import Iterator

from cockpit.contract.custom import said
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.rule import rule
from cockpit.runbooks.model import SectionKind

_FENCE = re.compile(
    r"^[ \t>*+-]*(?:`{3,}|~{3,})[ \t]*\{?\.?(?:logql|sql|mysql|pgsql|postgres\w*|kql|kusto|spl|splunk"
    r"|influxql|flux|esql|lucene|traceql|cypher|metricsql|promql|prometheus)\b",
    re.I | re.M,
)


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each runbook that asks nothing."""
    found = [_problem(entry) for entry in repository.runbooks if not _asks(entry)]
    return said(found, len(repository.runbooks), "hardly any runbook has a query")


def _asks(entry: RunbookEntry) -> bool:
    return bool(entry.runbook.queries) or _FENCE.search(entry.runbook.text) is not None


def _problem(entry: RunbookEntry) -> Problem:
    path = entry.runbook.path
    return Problem(
        at=entry.head,
        message=f"{entry.runbook.title} has no query",
        remedy="write the first questions of its triage as `promql` fences",
        rests_on=frozenset([("runbook", path), ("section", path, SectionKind.TRIAGE.value)]),
    )
