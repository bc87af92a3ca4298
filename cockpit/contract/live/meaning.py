"""Whether two expressions are the same: one as a file has it, one as Prometheus prints it. Pure.

Semantics: Prometheus, promql/parser/printer.go. White space, comments, quotes, the units of durations,
needless parentheses, empty groupings and the place of `by` do not count.
"""

from typing import Any

import promql_parser as promql

from cockpit.expression import parsed

_GROUPED = (promql.VectorMatchCardinality.ManyToOne, promql.VectorMatchCardinality.OneToMany)


def same(one: str, other: str) -> bool:
    """Say whether two expressions are the same; where one is not understood, they are taken to be."""
    if one.split() == other.split():
        return True
    trees = parsed(one), parsed(other)
    return trees[0] is None or trees[1] is None or _form(trees[0]) == _form(trees[1])


def _form(node: promql.Expr) -> Any:
    """Return what a tree says, as values that compare."""
    match node:
        case promql.ParenExpr():
            return _form(node.expr)
        case promql.NumberLiteral():
            return "number", repr(float(node.val))
        case promql.StringLiteral():
            return "text", node.val
        case promql.UnaryExpr():
            return _negative(_form(node.expr))
        case promql.VectorSelector():
            return _selector(node)
        case promql.MatrixSelector():
            return "range", _selector(node.vector_selector), node.range
        case promql.SubqueryExpr():
            return "subquery", _form(node.expr), node.range, node.step, _offset(node)
        case promql.Call():
            return node.func.name, tuple(map(_form, node.args))
        case promql.AggregateExpr():
            param = None if node.param is None else _form(node.param)
            return str(node.op), param, _form(node.expr), _grouping(node.modifier)
        case promql.BinaryExpr():
            return str(node.op), _form(node.lhs), _form(node.rhs), _matching(node.modifier)
    return str(node)


def _negative(form: Any) -> Any:
    """Return the form of a negative expression; Prometheus prints a negative number as one."""
    if form[0] == "number":
        return "number", repr(-float(form[1]))
    return "minus", form


def _selector(node: promql.VectorSelector) -> Any:
    own = {(matcher.name, str(matcher.op), matcher.value) for matcher in node.matchers.matchers}
    if node.name:
        own.add(("__name__", str(promql.MatchOp.Equal), node.name))
    either = [
        frozenset((m.name, str(m.op), m.value) for m in matchers) for matchers in node.matchers.or_matchers
    ]
    return "series", frozenset(own), tuple(either), _offset(node)


def _offset(node: promql.VectorSelector | promql.SubqueryExpr) -> Any:
    at = node.at
    return node.offset or None, None if at is None else (str(at.type), str(at.at))


def _grouping(modifier: promql.AggModifier | None) -> Any:
    if modifier is None:
        return None
    is_by = modifier.type == promql.AggModifierType.By
    return None if is_by and not modifier.labels else (is_by, frozenset(modifier.labels))


def _matching(modifier: promql.BinModifier | None) -> Any:
    if modifier is None:
        return None
    matching, fill = modifier.matching, modifier.fill_values
    is_on = matching is not None and matching.type == promql.LabelModifierType.Include
    labels = frozenset(matching.labels if matching is not None else ())
    taken = frozenset(modifier.group_labels or ())
    is_grouped = str(modifier.card) if modifier.card in _GROUPED else ""
    form = is_on, labels, is_grouped, taken, modifier.return_bool, fill.lhs, fill.rhs
    has_none = fill.lhs is None and fill.rhs is None and not any(form[:5])
    return None if has_none else form
