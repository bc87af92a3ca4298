"""The comparisons of an expression with a number, each with its left side as it was written."""

import math
import operator
import re
from collections.abc import Callable, Iterator
from enum import StrEnum

import promql_parser as promql
from msgspec import Struct

from cockpit.expression.tree import NOT_CODE, bare, parse
from cockpit.units import prometheus_duration

_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
}

_DEFAULT_STEP = re.compile(r":\s*\]")
_DEFAULT = "0ms"
_MASK = 7919
_DURATION = re.compile(r"(?:(?<![\w:.])|(?<=:)(?=\w+\s*\]))\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*(?!\w)")
_LASTING = re.compile(r"\[[^\]]*\]|\boffset\s*[-+]?\s*\w+", re.IGNORECASE)
_PRINTED = re.compile(rf'"<\d+>"|<\d+>|{_DURATION.pattern}')


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
        code = NOT_CODE.sub(self._string, expr)
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
            yield Comparison(str(bare(node.lhs)).strip(), op, right, role)
        elif left is not None and right is None:
            yield Comparison(str(bare(node.rhs)).strip(), _FLIPPED[op], left, role)


def _number(node: promql.Expr) -> float | None:
    """Return the value of arithmetic on numbers alone, or None."""
    node = bare(node)
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
