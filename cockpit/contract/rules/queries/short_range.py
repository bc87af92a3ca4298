"""Range shorter than two scrapes.

`rate` and its like compare samples, and need two. Over a range that holds one they have no result, or one
only now and then: the alert flaps or never fires, the plot has holes.

The interval between scrapes is the shortest one of a Prometheus configuration among the files, or what the
settings say (`scrape_interval`); without either it is taken to be 15 s.

**Remedy.** Make the range at least four scrapes long, so that it survives one that fails. In a dashboard,
`[$__rate_interval]` does.
"""

import re
from collections.abc import Iterator

import promql_parser as promql

from cockpit import expression
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Query, Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.queries._dialect import is_metricsql
from cockpit.contract.rules.queries._words import where
from cockpit.contract.vocabulary import vocabulary
from cockpit.errors import UsageError
from cockpit.units import parse_duration, prometheus_duration

_OF_TWO = frozenset(
    {"rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear", "changes", "resets"}
)
_RANGE = re.compile(r"\[\s*([0-9][0-9a-z]*)\s*[\]:]")
_LEAST, _GOOD = 2, 4


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each query with such a range, once for each function and range."""
    least = _LEAST * repository.scrape_interval
    found = [
        (query, function, seconds)
        for query in repository.queries
        for function, seconds in dict.fromkeys(_ranges(query, repository))
        if seconds < least
    ]
    if found and not is_metricsql(repository):
        for query, function, seconds in found:
            yield _problem(repository, query, function, seconds)


def _ranges(query: Query, repository: Repository) -> Iterator[tuple[str, float]]:
    """Yield the functions that compare samples of scraped series, and the seconds that they look at."""
    if query.bound is None or "[" not in query.bound or (tree := expression.parsed(query.bound)) is None:
        return
    found: list[tuple[str, float]] = []

    def visit(node: promql.Expr) -> None:
        if isinstance(node, promql.Call) and node.func.name in _OF_TWO:
            for each in node.args:
                if isinstance(each, promql.MatrixSelector):
                    its = each.vector_selector.name or ""
                    if not vocabulary(repository).is_recorded(its):
                        found.append((node.func.name, each.range.total_seconds()))

    promql.walk(tree, pre_visit=visit)
    yield from (each for each in found if _written(query.expr, each[1]))


def _written(expr: str, seconds: float) -> str:
    """Return a range as it is written; nothing where a variable stands for it."""
    return next((text for text in _RANGE.findall(expr) if _seconds(text) == seconds), "")


def _seconds(text: str) -> float | None:
    try:
        return parse_duration(text)
    except UsageError:
        return None


def _problem(repository: Repository, query: Query, function: str, seconds: float) -> Problem:
    every = repository.scrape_interval
    return Problem(
        at=query.at(_written(query.expr, seconds)),
        message=f"{where(query)}: {function} over {prometheus_duration(seconds)} is shorter than two scrapes,"
        f" one every {prometheus_duration(every)}",
        remedy=f"make the range {prometheus_duration(_GOOD * every)} or longer",
    )
