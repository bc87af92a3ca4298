"""What an expression asks of series: the ranges it reads over, and labels that it names outside of matchers.

Semantics: Prometheus, docs/querying/operators (aggregation, vector matching) and docs/querying/functions.
"""

from collections.abc import Iterable, Iterator

import promql_parser as promql
from msgspec import Struct

from cockpit.expression.tree import (
    ABSENCE,
    ENRICHING,
    PICKING,
    SETS,
    Selector,
    is_filling,
    is_on,
    is_scalar,
    parse,
    replaces_empty,
    selector,
    texts,
    vector_argument,
)

_FORGETTING = ABSENCE | ENRICHING
_MAKING = frozenset({"label_replace", "label_join"})


class Read(Struct, frozen=True):
    """A selector, the range it is read over (None for the newest sample), and whether in a subquery."""

    selector: Selector
    range_seconds: float | None
    is_subquery: bool


def reads(expr: str) -> tuple[Read, ...]:
    """Return how `expr` reads its selectors, each way once, in order. Raises UsageError for no PromQL."""
    return tuple(dict.fromkeys(_reads(parse(expr), is_subquery=False)))


def _reads(node: promql.Expr, *, is_subquery: bool) -> Iterator[Read]:
    match node:
        case promql.VectorSelector():
            yield Read(selector(node), None, is_subquery)
        case promql.MatrixSelector():
            yield Read(selector(node.vector_selector), node.range.total_seconds(), is_subquery)
    within = is_subquery or isinstance(node, promql.SubqueryExpr)
    for part in _parts(node):
        yield from _reads(part, is_subquery=within)


def _parts(node: promql.Expr) -> list[promql.Expr]:
    """Return the expressions that `node` is made of; a range is read as a whole."""
    match node:
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return [node.expr]
        case promql.AggregateExpr():
            return [node.expr] if node.param is None else [node.param, node.expr]
        case promql.BinaryExpr():
            return [node.lhs, node.rhs]
        case promql.Call():
            return list(node.args)
    return []


def named_labels(expr: str) -> tuple[tuple[Selector, str], ...]:
    """Return the labels that `expr` names as those of a selector's series, with the selector, each pair once.

    That is in `by`, `on`, `group_left` and `group_right`, and as the source of `label_replace` and
    `label_join`; `without` and `ignoring` ask for nothing. Left out is what does not come from a selector for
    certain: past `or`, and what an aggregation or a function between has dropped or made. Raises UsageError
    for no PromQL.
    """
    return tuple(dict.fromkeys(pair for pair in _named(parse(expr)) if not _is_own(pair[1])))


def _is_own(label: str) -> bool:
    """Say whether a label is Prometheus's own, or none at all."""
    return not label or label.startswith("__")


def _named(node: promql.Expr) -> Iterator[tuple[Selector, str]]:
    match node:
        case promql.AggregateExpr(modifier=promql.AggModifier(type=promql.AggModifierType.By) as modifier):
            made = _made(node)
            yield from _asked(node.expr, [label for label in modifier.labels if label not in made])
        case promql.Call() if node.func.name in _MAKING and (inner := vector_argument(node)) is not None:
            yield from _asked(inner, _source_labels(node))
        case promql.BinaryExpr(modifier=promql.BinModifier() as modifier):
            if modifier.matching is not None and is_on(modifier):
                yield from _asked(node.lhs, modifier.matching.labels)
                yield from _asked(node.rhs, modifier.matching.labels)
            yield from _asked(_many_and_one(node)[1], modifier.group_labels or ())
    for part in _parts(node):
        yield from _named(part)


def _source_labels(node: promql.Call) -> list[str]:
    """Return the labels that a function makes another label of."""
    if node.func.name == "label_join":
        return texts(node.args[3:])
    _label, replacement, source, regex = texts(node.args[1:])
    return [] if replaces_empty(replacement, regex) else [source]


def _asked(node: promql.Expr, labels: Iterable[str]) -> Iterator[tuple[Selector, str]]:
    return ((found, label) for label in labels for found in _sources(node, label))


def _sources(node: promql.Expr, label: str) -> Iterator[Selector]:
    """Return the selectors whose series must have `label` for a result of `node` to have it."""
    match node:
        case promql.VectorSelector():
            yield selector(node)
        case promql.MatrixSelector():
            yield selector(node.vector_selector)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            yield from _sources(node.expr, label)
        case promql.AggregateExpr() if _keeps(node, label):
            yield from _sources(node.expr, label)
        case promql.Call() if (inner := vector_argument(node)) is not None and _passes(node, label):
            yield from _sources(inner, label)
        case promql.BinaryExpr():
            for side in _sides(node, label):
                yield from _sources(side, label)


def _made(node: promql.AggregateExpr | promql.Call) -> list[str]:
    """Return the label that `node` itself gives its results."""
    if isinstance(node, promql.Call):
        return texts(node.args[1:2]) if node.func.name in _MAKING else []
    return texts([node.param]) if str(node.op) == "count_values" and node.param is not None else []


def _keeps(node: promql.AggregateExpr, label: str) -> bool:
    if str(node.op) in PICKING:
        return True
    if node.modifier is None or label in _made(node):
        return False
    is_by = bool(node.modifier.type == promql.AggModifierType.By)
    return (label in node.modifier.labels) is is_by


def _passes(node: promql.Call, label: str) -> bool:
    name = node.func.name
    is_dropped = label == "le" and name in {"histogram_quantile", "histogram_fraction"}
    return name not in _FORGETTING and not is_dropped and label not in _made(node)


def _sides(node: promql.BinaryExpr, label: str) -> tuple[promql.Expr, ...]:
    """Return the sides that must have `label` for a result of `node` to have it."""
    op, modifier, both = str(node.op), node.modifier, (node.lhs, node.rhs)
    if op in SETS:
        return () if op == "or" else (node.lhs,)
    if modifier is None or is_scalar(node.lhs) or is_scalar(node.rhs):
        return both
    if is_filling(modifier):
        return ()
    many, one = _many_and_one(node)
    if label in (modifier.group_labels or ()):
        return (one,)
    is_named = modifier.matching is not None and label in modifier.matching.labels
    if is_named is is_on(modifier):
        return both
    return () if modifier.card == promql.VectorMatchCardinality.OneToOne else (many,)


def _many_and_one(node: promql.BinaryExpr) -> tuple[promql.Expr, promql.Expr]:
    is_right = node.modifier is not None and node.modifier.card == promql.VectorMatchCardinality.OneToMany
    return (node.rhs, node.lhs) if is_right else (node.lhs, node.rhs)
