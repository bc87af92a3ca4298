"""The syntax tree of a PromQL expression, and the selectors in it."""

import re
from collections.abc import Iterable
from functools import lru_cache

import promql_parser as promql
from msgspec import Struct

from cockpit.errors import UsageError
from cockpit.promql import quote
from cockpit.text import one_line

PICKING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
SETS = frozenset({"and", "or", "unless"})
ABSENCE = frozenset({"absent", "absent_over_time"})
ENRICHING = frozenset({"info", "histogram_quantiles"})
"""Functions that add labels which their series do not tell."""

LONGEST = 20_000
"""Characters of an expression that is looked at."""

_OPS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}

_DEEPEST = 100
_MOST_OPERATORS = 200
_KEPT = 4_096
_LONG = re.compile(r"\d{7}(?:ms|[smhdwy])")
_OPERATOR = re.compile(r"[-+*/%^]|[<>=!]+|\b(?:and|or|unless|atan2|offset|by|without)\b|\[", re.IGNORECASE)
NOT_CODE = re.compile(r"""\"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\#[^\n]*""")
_OF_EMPTY = frozenset({"", ".*", "(.*)", "^$"})
_TEMPLATE = re.compile(r"\{\{(?:[^{}]++|\}(?!\})|\{(?!\{))*+\}\}")
_FILLED = re.compile(r"\$|\{\{|\[\[")
_TEXT = "\ufffc"
_LOG_STAGE = re.compile(rf"\||\}}\s*![=~]\s*{_TEXT}|\bbytes_(?:rate|over_time)\s*\(")
_QUOTE = re.compile(r"[\"'`]")
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


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
    tree = _tree(expr)
    return None if isinstance(tree, str) else tree


def complaint(expr: str) -> str:
    """Return what the parser says of `expr`, if it is wrong and not too long or deep to be read."""
    tree = _tree(expr)
    return tree if isinstance(tree, str) else ""


@lru_cache(maxsize=_KEPT)
def _tree(expr: str) -> promql.Expr | str | None:
    if len(expr) > LONGEST or _depth(expr) > _DEEPEST:
        return None
    try:
        tree = promql.parse(NOT_CODE.sub(_cooked, expr))
        if _LONG.search(expr):
            promql.walk(tree, pre_visit=_touch)
    except ValueError as error:
        return str(error)
    except OverflowError:
        return "duration out of range"
    except RecursionError:
        return None
    return tree


def _touch(node: promql.Expr) -> None:
    """Raise OverflowError where `node` has a duration of more days than Python can hold."""
    for name in ("range", "step", "offset"):
        getattr(node, name, None)


def _cooked(match: re.Match[str]) -> str:
    """Return a raw string as an ordinary one: the parser looks for escapes in both."""
    text = match.group()
    return quote(text[1:-1]) if text.startswith("`") else text


def _depth(expr: str) -> int:
    """Return how deep `expr` nests, or too deep where it has more operators than a parser takes in time."""
    deepest = level = 0
    code = NOT_CODE.sub("0", expr)
    if len(_OPERATOR.findall(code)) > _MOST_OPERATORS:
        return _DEEPEST + 1
    for sign in re.finditer(r"[(\[{]|[)\]}]", code):
        level += 1 if sign.group() in "([{" else -1
        deepest = max(deepest, level)
    return deepest


def bare(node: promql.Expr) -> promql.Expr:
    """Return what stands in the parentheses."""
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


def is_scalar(node: promql.Expr) -> bool:
    """Say whether `node` is one number, without series."""
    match node:
        case promql.NumberLiteral():
            return True
        case promql.Call():
            return bool(node.func.return_type == promql.ValueType.Scalar)
        case promql.ParenExpr() | promql.UnaryExpr():
            return is_scalar(node.expr)
        case promql.BinaryExpr():
            return is_scalar(node.lhs) and is_scalar(node.rhs)
    return False


def is_on(modifier: promql.BinModifier) -> bool:
    """Say whether vectors match on the labels named alone, not on all the others."""
    return modifier.matching is not None and modifier.matching.type == promql.LabelModifierType.Include


def is_filling(modifier: promql.BinModifier) -> bool:
    """Say whether a series without a match has a result too."""
    return modifier.fill_values.lhs is not None or modifier.fill_values.rhs is not None


def vector_argument(node: promql.Call) -> promql.Expr | None:
    """Return the argument of whose series a function makes its own, or None: it makes them of nothing."""
    if node.func.return_type != promql.ValueType.Vector:
        return None
    of_series = (promql.ValueType.Vector, promql.ValueType.Matrix)
    return next((a for a, its in zip(node.args, node.func.arg_types, strict=False) if its in of_series), None)


def is_literal(text: str) -> bool:
    """Say whether `text` stands for itself: no `$1` and no template is in it."""
    return _FILLED.search(text) is None


def replaces_empty(replacement: str, regex: str) -> bool:
    """Say whether `label_replace` gives its label `replacement` where the source is empty, or not there."""
    return is_literal(replacement) and regex in _OF_EMPTY


def texts(arguments: Iterable[promql.Expr]) -> list[str]:
    """Return the values of arguments that are strings."""
    return [node.val for node in map(bare, arguments) if isinstance(node, promql.StringLiteral)]


def is_log_query(expr: str) -> bool:
    """Say whether `expr` is LogQL: it pipes, compares a stream with a text, or counts bytes.

    PromQL does none of it. Loki's rules come in the same files; what could be both is taken for PromQL.
    """
    code = NOT_CODE.sub(
        lambda match: " " if match.group().startswith("#") else _TEXT, _TEMPLATE.sub("0", expr[:LONGEST])
    )
    return _LOG_STAGE.search(code) is not None and _QUOTE.search(code) is None


def selectors(expr: str) -> tuple[Selector, ...]:
    """Return every selector of `expr`, each once, in order. Raises UsageError for no PromQL."""
    return selectors_in(parse(expr))


def selectors_in(tree: promql.Expr) -> tuple[Selector, ...]:
    """Return every selector of a tree, each once, in order."""
    found: dict[Selector, None] = {}

    def visit(node: promql.Expr) -> None:
        if isinstance(node, promql.VectorSelector):
            found[selector(node)] = None

    promql.walk(tree, pre_visit=visit)
    return tuple(found)


def selector(node: promql.VectorSelector) -> Selector:
    """Return the selector that a node of a tree is."""
    matchers = ((m.name, _OPS[str(m.op).removeprefix("MatchOp.")], m.value) for m in node.matchers.matchers)
    return Selector(node.name or "", tuple(matchers))
