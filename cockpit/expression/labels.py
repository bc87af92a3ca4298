"""Which labels the results of an expression can have.

Semantics: Prometheus, docs/querying/operators and docs/querying/functions; promql/engine.go (resultMetric,
generateGroupingLabels) and promql/functions.go (createLabelsForAbsentFunction, evalLabelReplace).
"""

import re
from collections.abc import Callable, Collection, Mapping

import promql_parser as promql
from msgspec import Struct

from cockpit.expression.tree import (
    ABSENCE,
    ENRICHING,
    PICKING,
    bare,
    is_filling,
    is_literal,
    is_on,
    is_scalar,
    parse,
    replaces_empty,
    texts,
    vector_argument,
)

_NAME = "__name__"
_EMPTY = frozenset({"", "^$"})
_LITERAL = re.compile(r"[\w -]+")
# Each alternative begins with a character that has to be there; what follows can only ask for more.
_NON_EMPTY = re.compile(r"[\w.](?![*?{])[^()\[\]{}\\|]*(?:\|[\w.](?![*?{])[^()\[\]{}\\|]*)*")


class Labels(Struct, frozen=True):
    """The labels that series can have: `names`, and any others too where `is_open`; never those in `lacking`.

    `values` are those of which the one possible value is known; `surely` are those that every series has, and
    not empty; both are among `names`. Nothing is said of names that begin with `__`: they are Prometheus's.
    """

    names: frozenset[str] = frozenset()
    is_open: bool = True
    lacking: frozenset[str] = frozenset()
    values: Mapping[str, str] = {}
    surely: frozenset[str] = frozenset()

    def can_have(self, label: str) -> bool:
        """Say whether a series can have `label`."""
        if label.startswith("__"):
            return True
        return label not in self.lacking and (self.is_open or label in self.names)


ANY = Labels()
_NONE = Labels(is_open=False)


def labels(expr: str, of_metric: Callable[[str], Labels] = lambda name: ANY) -> Labels:
    """Return the labels that results of `expr` can have, without `__name__`.

    `of_metric` says those of the series of a metric of that name. Raises UsageError for no PromQL.
    """
    return _of(parse(expr), of_metric)


def _of(node: promql.Expr, of_metric: Callable[[str], Labels]) -> Labels:
    match node:
        case promql.VectorSelector():
            return _selected(node, of_metric)
        case promql.MatrixSelector():
            return _selected(node.vector_selector, of_metric)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return _of(node.expr, of_metric)
        case promql.AggregateExpr():
            return _aggregated(node, _of(node.expr, of_metric))
        case promql.Call():
            inner = vector_argument(node)
            return _NONE if inner is None else _called(node, inner, _of(inner, of_metric))
        case promql.BinaryExpr() if is_scalar(node.lhs):
            return _of(node.rhs, of_metric)
        case promql.BinaryExpr() if is_scalar(node.rhs):
            return _of(node.lhs, of_metric)
        case promql.BinaryExpr():
            return _combined(node, _of(node.lhs, of_metric), _of(node.rhs, of_metric))
    return _NONE


def _selected(node: promql.VectorSelector, of_metric: Callable[[str], Labels]) -> Labels:
    matchers = node.matchers.matchers
    if node.matchers.or_matchers:
        return ANY
    named = (m.value for m in matchers if m.name == _NAME and m.op == promql.MatchOp.Equal)
    name = node.name or next(named, "")
    found = of_metric(name) if name else ANY
    for matcher in matchers:
        found = _matched(found, matcher)
    return found


def _matched(of: Labels, matcher: promql.Matcher) -> Labels:
    label, value = matcher.name, matcher.value
    match matcher.op:
        case promql.MatchOp.Equal if not is_literal(value):
            return _with(of, label, surely=False)
        case promql.MatchOp.Equal:
            return _with(of, label, value, surely=True) if value else _without(of, {label})
        case promql.MatchOp.Re if _LITERAL.fullmatch(value):
            return _with(of, label, value, surely=True)
        case promql.MatchOp.Re:
            there = _NON_EMPTY.fullmatch(value) is not None
        case promql.MatchOp.NotEqual:
            there = not value
        case _:
            there = value in _EMPTY
    return _with(of, label, of.values.get(label), surely=True) if there else of


def _aggregated(node: promql.AggregateExpr, inner: Labels) -> Labels:
    op, modifier = str(node.op), node.modifier
    if op in PICKING:
        return inner
    named = set(modifier.labels) if modifier is not None else set()
    added = texts([node.param]) if op == "count_values" and node.param is not None else []
    for label in added:
        inner = _with(inner, label, surely=True)
    if modifier is not None and modifier.type == promql.AggModifierType.Without:
        return _without(inner, named)
    return _only(inner, named.union(added))


def _called(node: promql.Call, argument: promql.Expr, inner: Labels) -> Labels:
    match node.func.name:
        case name if name in ABSENCE:
            return _absent(bare(argument))
        case name if name in ENRICHING:
            return ANY
        case "label_replace":
            return _replaced(inner, *texts(node.args[1:]))
        case "label_join":
            label, separator, *sources = texts(node.args[1:])
            there = (separator != "" and len(sources) > 1) or not inner.surely.isdisjoint(sources)
            return _with(inner, label, surely=there)
        case "histogram_quantile":
            return _without(inner, {"le"})
        case "histogram_fraction":
            # Of buckets it drops `le`, of a native histogram it keeps every label.
            return _either(inner, _without(inner, {"le"}))
    return inner


def _absent(argument: promql.Expr) -> Labels:
    """Return the labels that `absent` makes of its selector; it makes none of anything else."""
    selector = argument.vector_selector if isinstance(argument, promql.MatrixSelector) else argument
    if not isinstance(selector, promql.VectorSelector):
        return _NONE
    if selector.matchers.or_matchers:
        return ANY
    values: dict[str, str] = {}
    equals: set[str] = set()
    for matcher in selector.matchers.matchers:
        label = matcher.name
        if matcher.op == promql.MatchOp.Equal and label not in equals:
            equals.add(label)
            values[label] = matcher.value
        else:
            values.pop(label, None)
    values = {label: value for label, value in values.items() if value and label != _NAME}
    known = {label: value for label, value in values.items() if is_literal(value)}
    return Labels(frozenset(values), is_open=False, values=known, surely=frozenset(known))


def _replaced(inner: Labels, label: str, replacement: str, source: str, regex: str) -> Labels:
    is_known = is_literal(replacement)
    replaced = _with(inner, label, replacement if is_known else None, surely=is_known)
    if not replacement:
        replaced = _without(inner, {label})
    if replaces_empty(replacement, regex) and not (source and inner.can_have(source)):
        return replaced
    return _either(inner, replaced)


def _combined(node: promql.BinaryExpr, left: Labels, right: Labels) -> Labels:
    op, modifier = str(node.op), node.modifier
    if op == "or":
        return _either(left, right)
    if op in {"and", "unless"}:
        return left
    if modifier is None:
        return _same(left, right)
    if is_filling(modifier):
        return ANY
    if modifier.card == promql.VectorMatchCardinality.OneToMany:
        left, right = right, left
    same = _same(left, right)
    named = set(modifier.matching.labels) if modifier.matching is not None else set()
    if modifier.card == promql.VectorMatchCardinality.OneToOne:
        return _only(same, named) if is_on(modifier) else _without(same, named)
    many = _taking(left, named, same) if is_on(modifier) else _taking(same, named, left)
    return _taking(many, modifier.group_labels or (), right)


def _without(of: Labels, gone: Collection[str]) -> Labels:
    gone = frozenset(gone) - {_NAME}
    return Labels(
        names=of.names - gone,
        is_open=of.is_open,
        lacking=of.lacking | gone if of.is_open else frozenset(),
        values={label: value for label, value in of.values.items() if label not in gone},
        surely=of.surely - gone,
    )


def _only(of: Labels, kept: Collection[str]) -> Labels:
    return Labels(
        names=frozenset(label for label in kept if label != _NAME and of.can_have(label)),
        is_open=False,
        values={label: value for label, value in of.values.items() if label in kept},
        surely=of.surely.intersection(kept),
    )


def _with(of: Labels, label: str, value: str | None = None, *, surely: bool) -> Labels:
    """Return the labels where `label` can be, with that value where one is given."""
    if label == _NAME:
        return of
    bare_of_it = _without(of, {label})
    return Labels(
        names=of.names | {label},
        is_open=of.is_open,
        lacking=of.lacking - {label},
        values=bare_of_it.values if value is None else {**bare_of_it.values, label: value},
        surely=of.surely | {label} if surely else bare_of_it.surely,
    )


def _taking(of: Labels, taken: Collection[str], other: Labels) -> Labels:
    """Return the labels `of` one side, but those in `taken` as the `other` side has them."""
    for label in taken:
        if other.can_have(label):
            of = _with(of, label, other.values.get(label), surely=label in other.surely)
        else:
            of = _without(of, {label})
    return of


def _either(one: Labels, other: Labels) -> Labels:
    """Return the labels of series of which each is from the one side or the other."""
    lacking = one.lacking | other.lacking
    return Labels(
        names=one.names | other.names,
        is_open=one.is_open or other.is_open,
        lacking=frozenset(n for n in lacking if not one.can_have(n) and not other.can_have(n)),
        values={n: value for n, value in one.values.items() if other.values.get(n) == value},
        surely=one.surely & other.surely,
    )


def _same(mine: Labels, other: Labels) -> Labels:
    """Return the labels of series that match in all of them.

    Sides that can never match stand as `mine`: what has no result has no wrong label.
    """
    names = frozenset(
        n for n in mine.names | other.names if mine.can_have(n) and (other.can_have(n) or n in mine.surely)
    )
    is_open = mine.is_open and other.is_open
    return Labels(
        names=names,
        is_open=is_open,
        lacking=(mine.lacking | other.lacking) - mine.surely if is_open else frozenset(),
        values={n: value for n, value in {**other.values, **mine.values}.items() if n in names},
        surely=(mine.surely | other.surely) & names,
    )
