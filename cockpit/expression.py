"""What a PromQL expression asks for: its comparisons, its selectors, and where it gives a label up. Pure.

Semantics: Prometheus, docs/querying/operators (aggregation, vector matching) and docs/querying/functions.
"""

import math
import operator
import re
from collections.abc import Callable, Collection, Iterator
from enum import StrEnum

import promql_parser as promql
from msgspec import Struct

from cockpit.errors import UsageError
from cockpit.promql import quote
from cockpit.text import one_line
from cockpit.units import prometheus_duration

_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_SETS = frozenset({"and", "or", "unless"})
_PICKING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_FORGETTING = frozenset({"absent", "absent_over_time", "scalar"})
_OPS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
}
_ABSENCE = frozenset({"absent", "absent_over_time"})

_DEEPEST = 100
_MOST_OPERATORS = 200
_LONGEST = 20_000
_OPERATOR = re.compile(r"[-+*/%^]|[<>=!]+|\b(?:and|or|unless|atan2|offset|by|without)\b|\[", re.IGNORECASE)
_NOT_CODE = re.compile(r"""\"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\#[^\n]*""")
_DEFAULT_STEP = re.compile(r":\s*\]")
_DEFAULT = "0ms"
_MASK = 7919
_DURATION = re.compile(r"(?:(?<![\w:.])|(?<=:)(?=\w+\s*\]))\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*(?!\w)")
_LASTING = re.compile(r"\[[^\]]*\]|\boffset\s*[-+]?\s*\w+", re.IGNORECASE)
_PRINTED = re.compile(rf'"<\d+>"|<\d+>|{_DURATION.pattern}')
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class Role(StrEnum):
    """What a comparison is to its expression: NEEDED for a result, one of several (EITHER), or UNWANTED."""

    NEEDED = "needed"
    EITHER = "either"
    UNWANTED = "unwanted"


class Comparison(Struct, frozen=True):
    """`left op bound`, left being an expression and `op` one of > < >= <= == !=."""

    left: str
    op: str
    bound: float
    role: Role = Role.NEEDED

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
        inside = ", ".join(f"{_named(label)}{op}{quote(value)}" for label, op, value in self.matchers)
        return f"{self.name}{{{inside}}}" if inside or not self.name else self.name


def _named(label: str) -> str:
    """Return a label's name as it stands in a selector: one that is no identifier is quoted."""
    return label if _NAME.fullmatch(label) else quote(label)


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
        return promql.parse(_NOT_CODE.sub(_cooked, expr))
    except (ValueError, RecursionError):
        return None


def _cooked(match: re.Match[str]) -> str:
    """Return a raw string as an ordinary one: the parser looks for escapes in both."""
    text = match.group()
    return quote(text[1:-1]) if text.startswith("`") else text


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

    Those on the two sides of `and`, `or`, `unless` and arithmetic are all there, each with its role. Raises
    UsageError for no PromQL.
    """
    parse(expr)
    masked = _Masked(expr)
    return tuple(
        Comparison(masked.unmasked(each.left), each.op, each.bound, each.role)
        for each in _comparisons(parse(masked.text))
    )


class _Masked:
    """An expression whose strings and durations have names that the parser prints as they are.

    It prints strings without their escapes, durations without milliseconds, and default steps without colon.
    A duration that stands for a number, as in `> 1h`, stays as it is.
    """

    def __init__(self, expr: str) -> None:
        self._kept: dict[str, str] = {}
        code = _NOT_CODE.sub(self._string, expr)
        code = _DEFAULT_STEP.sub(f":{_DEFAULT}]", code)
        self.text = _LASTING.sub(lambda match: _DURATION.sub(self._duration, match.group()), code)

    def _string(self, match: re.Match[str]) -> str:
        if match.group().startswith("#"):
            return " "
        name = f'"<{len(self._kept)}>"'
        self._kept[name] = match.group()
        return name

    def _duration(self, match: re.Match[str]) -> str:
        seconds = _MASK + len(self._kept)
        self._kept[prometheus_duration(seconds)] = "" if match.group() == _DEFAULT else match.group()
        return f"{seconds}s"

    def unmasked(self, printed: str) -> str:
        """Return what the parser printed of it with its own strings and durations."""
        bare = printed.replace("{}", "")
        return _PRINTED.sub(self._own, bare)

    def _own(self, match: re.Match[str]) -> str:
        # A quoted label name is printed without its quotes.
        text = match.group()
        return self._kept.get(f'"{text}"' if text.startswith("<") else text, text)


def _comparisons(node: promql.Expr, role: Role = Role.NEEDED) -> Iterator[Comparison]:
    if isinstance(node, promql.ParenExpr):
        yield from _comparisons(node.expr, role)
    elif isinstance(node, promql.BinaryExpr):
        op, left, right = str(node.op), _number(node.lhs), _number(node.rhs)
        if op not in _FLIPPED:
            # A result of `and`, `or`, `unless` or arithmetic is there when its sides' are.
            below = Role.EITHER if op == "or" and role is Role.NEEDED else role
            yield from _comparisons(node.lhs, below)
            yield from _comparisons(node.rhs, Role.UNWANTED if op == "unless" else below)
        elif node.modifier is not None and node.modifier.return_bool:
            # With `bool` it makes 0 or 1, and decides nothing.
            return
        elif right is not None and left is None:
            yield Comparison(str(_bare(node.lhs)).strip(), op, right, role)
        elif left is not None and right is None:
            yield Comparison(str(_bare(node.rhs)).strip(), _FLIPPED[op], left, role)


def _number(node: promql.Expr) -> float | None:
    """Return the value of arithmetic on numbers alone, or None."""
    node = _bare(node)
    if isinstance(node, promql.NumberLiteral):
        return float(node.val)
    if isinstance(node, promql.UnaryExpr):
        inside = _number(node.expr)
        return None if inside is None else -inside
    if isinstance(node, promql.BinaryExpr) and str(node.op) in _ARITHMETIC:
        left, right = _number(node.lhs), _number(node.rhs)
        if left is not None and right is not None:
            try:
                return float(_ARITHMETIC[str(node.op)](left, right))
            except (ArithmeticError, ValueError, TypeError):
                return None
    return None


def _bare(node: promql.Expr) -> promql.Expr:
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


def selectors(expr: str) -> tuple[Selector, ...]:
    """Return every selector of `expr`, each once, in order. Raises UsageError for no PromQL."""
    return _selectors(parse(expr))


def _selectors(tree: promql.Expr) -> tuple[Selector, ...]:
    found: dict[Selector, None] = {}

    def visit(node: promql.Expr) -> None:
        if isinstance(node, promql.VectorSelector):
            found[_selector(node)] = None

    promql.walk(tree, pre_visit=visit)
    return tuple(found)


def _selector(node: promql.VectorSelector) -> Selector:
    matchers = ((m.name, _OPS[str(m.op).removeprefix("MatchOp.")], m.value) for m in node.matchers.matchers)
    return Selector(node.name or "", tuple(matchers))


def absences(expr: str) -> tuple[Selector, ...]:
    """Return the selectors inside `absent` and `absent_over_time`, each once: `expr` wants no series of them.

    Raises UsageError for no PromQL.
    """
    found: dict[Selector, None] = {}

    def visit(node: promql.Expr) -> None:
        if isinstance(node, promql.Call) and node.func.name in _ABSENCE:
            found.update(dict.fromkeys(_selectors(node)))

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
            return _selector(node) in missing
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
