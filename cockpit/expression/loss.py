"""What an expression lacks its result for, and where it gives a label up.

Semantics: Prometheus, docs/querying/operators (aggregation, vector matching) and docs/querying/functions.
"""

from collections.abc import Collection, Iterator

import promql_parser as promql

from cockpit.expression.tree import ABSENCE, PICKING, SETS, Selector, parse, selector, selectors_in

_FORGETTING = ABSENCE | {"scalar"}


def absences(expr: str) -> tuple[Selector, ...]:
    """Return the selectors inside `absent` and `absent_over_time`, each once: `expr` wants no series of them.

    Raises UsageError for no PromQL.
    """
    found: dict[Selector, None] = {}

    def visit(node: promql.Expr) -> None:
        if isinstance(node, promql.Call) and node.func.name in ABSENCE:
            found.update(dict.fromkeys(selectors_in(node)))

    promql.walk(parse(expr), pre_visit=visit)
    return tuple(found)


def starves(expr: str, missing: Collection[Selector]) -> bool:
    """Say whether `expr` has no result for lack of the series of `missing` alone, whatever their values were.

    One side of `or` is enough, `unless` needs its left side, `absent` and `scalar` need nothing. Raises
    UsageError for no PromQL.
    """
    return bool(missing) and _starves(parse(expr), frozenset(missing))


def _starves(node: promql.Expr, missing: frozenset[Selector]) -> bool:
    match node:
        case promql.VectorSelector():
            return selector(node) in missing
        case promql.MatrixSelector():
            return _starves(node.vector_selector, missing)
        case promql.Call():
            return node.func.name not in _FORGETTING and any(_starves(a, missing) for a in node.args)
        case promql.BinaryExpr():
            left = _starves(node.lhs, missing)
            if str(node.op) == "unless":
                return left
            right = _starves(node.rhs, missing)
            return left and right if str(node.op) == "or" else left or right
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr() | promql.AggregateExpr():
            return _starves(node.expr, missing)
    return False


def gives_up(expr: str, label: str) -> tuple[Selector, ...]:
    """Return the selectors of `expr` whose series are merged whatever their `label` is.

    That is what an aggregation, a vector matching or `absent` does that does not keep the label. Raises
    UsageError for no PromQL.
    """
    return tuple(dict.fromkeys(_given_up(parse(expr), label, given_up=False)))


def _given_up(node: promql.Expr, label: str, *, given_up: bool) -> Iterator[Selector]:
    match node:
        case promql.VectorSelector():
            if given_up:
                yield selector(node)
        case promql.MatrixSelector():
            yield from _given_up(node.vector_selector, label, given_up=given_up)
        case promql.AggregateExpr():
            yield from _given_up(node.expr, label, given_up=given_up or _aggregates_away(node, label))
        case promql.Call():
            gone = given_up or node.func.name in _FORGETTING
            for argument in node.args:
                yield from _given_up(argument, label, given_up=gone)
        case promql.BinaryExpr():
            gone = given_up or _matched_away(node, label)
            yield from _given_up(node.lhs, label, given_up=gone)
            if str(node.op) not in {"and", "unless"}:
                yield from _given_up(node.rhs, label, given_up=gone)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            yield from _given_up(node.expr, label, given_up=given_up)


def _aggregates_away(node: promql.AggregateExpr, label: str) -> bool:
    if node.modifier is None:
        return str(node.op) not in PICKING
    if str(node.op) in PICKING:
        return False
    named = label in node.modifier.labels
    return named if node.modifier.type == promql.AggModifierType.Without else not named


def _matched_away(node: promql.BinaryExpr, label: str) -> bool:
    modifier = node.modifier
    if modifier is None or modifier.matching is None or str(node.op) in SETS:
        return False
    if modifier.card != promql.VectorMatchCardinality.OneToOne:
        return False
    named = label in modifier.matching.labels
    return not named if modifier.matching.type == promql.LabelModifierType.Include else named
