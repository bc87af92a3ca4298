"""The metrics that queries read. Pure."""

from functools import lru_cache

from cockpit import expression
from cockpit.contract.repository import Query
from cockpit.errors import UsageError
from cockpit.expression import Selector

_KEPT = 20_000


def metrics_of(query: Query) -> tuple[str, ...]:
    """Return the metrics that a query reads by names that stand in it as they are, each once."""
    names = (name_in(each) for each in selectors_of(query.bound or ""))
    return tuple(dict.fromkeys(name for name in names if name and name in query.expr))


def name_in(selector: Selector) -> str:
    """Return the name of the one metric that `selector` selects, or an empty text."""
    named = (value for label, op, value in selector.matchers if label == "__name__" and op == "=")
    return selector.name or next(named, "")


@lru_cache(maxsize=_KEPT)
def selectors_of(expr: str) -> tuple[Selector, ...]:
    """Return the selectors of an expression, none where it is no PromQL."""
    try:
        return expression.selectors(expr)
    except UsageError:
        return ()


def is_unread(query: Query) -> bool:
    """Say whether a query is too long, or nests too deeply, to be told right from wrong."""
    return query.bound is None and bool(query.expr.strip()) and not expression.complaint(query.expr)
