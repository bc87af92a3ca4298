"""What a PromQL expression asks for: its comparisons, its selectors, and where it gives a label up. Pure.

Semantics: Prometheus, docs/querying/operators (aggregation, vector matching) and docs/querying/functions.
"""

import re
from collections.abc import Iterator

import promql_parser as promql
from msgspec import Struct

from cockpit.errors import UsageError
from cockpit.promql import quote
from cockpit.text import one_line

_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_SETS = frozenset({"and", "or", "unless"})
_PICKING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_FORGETTING = frozenset({"absent", "absent_over_time", "scalar"})
_OPS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}

_DEEPEST = 100
_MOST_OPERATORS = 200
_LONGEST = 20_000
_OPERATOR = re.compile(r"[-+*/%^]|[<>=!]+|\b(?:and|or|unless|atan2|offset|by|without)\b|\[", re.IGNORECASE)
_NOT_CODE = re.compile(r"""\"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\#[^\n]*""")


class Comparison(Struct, frozen=True):
    """`left op bound`, left being an expression and `op` one of > < >= <= == !=."""

    left: str
    op: str
    bound: float

    def holds(self, value: float) -> bool:
        """Say whether `value` is beyond the bound."""
        return {
            ">": value > self.bound,
            "<": value < self.bound,
            ">=": value >= self.bound,
            "<=": value <= self.bound,
            "==": value == self.bound,
            "!=": value != self.bound,
        }[self.op]


class Selector(Struct, frozen=True):
    """A selector of series: the metric's name, empty where none is given, and (label, operator, value)."""

    name: str
    matchers: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        inside = ", ".join(f"{label}{op}{quote(value)}" for label, op, value in self.matchers)
        return f"{self.name}{{{inside}}}" if inside or not self.name else self.name


def parse(expr: str) -> promql.Expr:
    """Return the tree of `expr`. Raises UsageError for one that is no PromQL."""
    tree = parsed(expr)
    if tree is None:
        raise UsageError(f"no PromQL that can be read: {one_line(expr, 200)}")
    return tree


def parsed(expr: str) -> promql.Expr | None:
    """Return the syntax tree of `expr`, or None: no PromQL, or too long or deep for a person's query."""
    if len(expr) > _LONGEST or _depth(expr) > _DEEPEST:
        return None
    try:
        return promql.parse(expr)
    except (ValueError, RecursionError):
        return None


def _depth(expr: str) -> int:
    """Return how deep `expr` nests, or too deep where it has more operators than a parser takes in time."""
    deepest = level = 0
    code = _NOT_CODE.sub("0", expr)
    if len(_OPERATOR.findall(code)) > _MOST_OPERATORS:
        return _DEEPEST + 1
    for sign in re.finditer(r"[(\[{]|[)\]}]", code):
        level += 1 if sign.group() in "([{" else -1
        deepest = max(deepest, level)
    return deepest


def comparisons(expr: str) -> tuple[Comparison, ...]:
    """Return the comparisons with a number that decide whether `expr` has a result, from left to right.

    Those on the two sides of `and`, `or` and `unless` are all there. Raises UsageError for no PromQL.
    """
    return tuple(_comparisons(parse(expr)))


def _comparisons(node: promql.Expr) -> Iterator[Comparison]:
    if isinstance(node, promql.ParenExpr):
        yield from _comparisons(node.expr)
    elif isinstance(node, promql.BinaryExpr):
        op, left, right = str(node.op), _bare(node.lhs), _bare(node.rhs)
        if op in _SETS:
            yield from _comparisons(node.lhs)
            yield from _comparisons(node.rhs)
        elif op in _FLIPPED and isinstance(right, promql.NumberLiteral):
            yield Comparison(str(left).strip(), op, float(right.val))
        elif op in _FLIPPED and isinstance(left, promql.NumberLiteral):
            yield Comparison(str(right).strip(), _FLIPPED[op], float(left.val))


def _bare(node: promql.Expr) -> promql.Expr:
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


def selectors(expr: str) -> tuple[Selector, ...]:
    """Return every selector of `expr`, each once, in order. Raises UsageError for no PromQL."""
    found: dict[Selector, None] = {}

    def visit(node: promql.Expr) -> None:
        if isinstance(node, promql.VectorSelector):
            found[_selector(node)] = None

    promql.walk(parse(expr), pre_visit=visit)
    return tuple(found)


def _selector(node: promql.VectorSelector) -> Selector:
    matchers = ((m.name, _OPS[str(m.op).removeprefix("MatchOp.")], m.value) for m in node.matchers.matchers)
    return Selector(node.name or "", tuple(matchers))


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
                yield _selector(node)
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
        return str(node.op) not in _PICKING
    if str(node.op) in _PICKING:
        return False
    named = label in node.modifier.labels
    return named if node.modifier.type == promql.AggModifierType.Without else not named


def _matched_away(node: promql.BinaryExpr, label: str) -> bool:
    modifier = node.modifier
    if modifier is None or modifier.matching is None or str(node.op) in _SETS:
        return False
    if modifier.card != promql.VectorMatchCardinality.OneToOne:
        return False
    named = label in modifier.matching.labels
    return not named if modifier.matching.type == promql.LabelModifierType.Include else named
