"""Runbook without a query.

Whoever opens it is told nothing about how to look at the system now: no query in it can be asked. Queries in
other languages, such as LogQL or SQL, count where their fence says so.

**Remedy.** Put the first questions of a triage there as queries, each in a `promql` fence.
"""

import re
from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
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
    for entry in repository.runbooks:
        runbook = entry.runbook
        if not runbook.queries and not _FENCE.search(runbook.text):
            triage = ("section", runbook.path, SectionKind.TRIAGE.value)
            yield Problem(
                at=entry.head,
                message=f"{runbook.title} has no query",
                remedy="write the first questions of its triage as `promql` fences",
                rests_on=frozenset([("runbook", runbook.path), triage]),
            )
