"""An alert's expression taken to pieces, down to the series pushed, and which piece is empty first. Pure.

A selector of a recording rule's metric is taken to pieces further, by that rule's expression.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import promql_parser as promql
from msgspec import Struct

from cockpit import expression
from cockpit.errors import UsageError
from cockpit.scenarios.proof.reading import Answer
from cockpit.scenarios.proof.rulefiles import Rules

MOST = 60
"""Pieces that are asked for, of one expression; there are fewer in what people write."""

_SETS = frozenset({"and", "or", "unless"})
_COMPARES = frozenset({">", "<", ">=", "<=", "==", "!="})
_ABSENT = frozenset({"absent", "absent_over_time"})


class Piece(Struct, frozen=True, kw_only=True):
    """A part of an expression: `text` for a person, `expr` as it is asked.

    `kind` is selector, compare, and, or, unless, absent, match (arithmetic on two vectors) or other;
    `comparison` is there where a number is compared with.
    """

    text: str
    expr: str
    kind: str = "other"
    parts: tuple["Piece", ...] = ()
    comparison: expression.Comparison | None = None
    selector: expression.Selector | None = None

    def all(self) -> Iterator["Piece"]:
        """Yield this piece and all below it."""
        yield self
        for part in self.parts:
            yield from part.all()


def pieces(expr: str, rules: Rules) -> Piece | None:
    """Return `expr` in pieces, or None where it cannot be parsed."""
    tree = expression.parsed(expr)
    return None if tree is None else _piece(tree, rules, ())


def _piece(node: promql.Expr, rules: Rules, above: tuple[str, ...]) -> Piece | None:
    match node:
        case promql.VectorSelector():
            return _selector(node, str(node), rules, above)
        case promql.MatrixSelector():
            return _selector(node.vector_selector, f"last_over_time({node})", rules, above)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return _piece(node.expr, rules, above)
        case promql.AggregateExpr():
            return _whole(node, "other", [node.expr], rules, above)
        case promql.Call():
            kind = "absent" if node.func.name in _ABSENT else "other"
            return _whole(node, kind, node.args, rules, above)
        case promql.BinaryExpr():
            op = str(node.op)
            kind = op if op in _SETS else "compare" if op in _COMPARES else "match"
            return _whole(node, kind, [node.lhs, node.rhs], rules, above)
    return None


def _whole(
    node: promql.Expr, kind: str, parts: Sequence[promql.Expr], rules: Rules, above: tuple[str, ...]
) -> Piece:
    below = tuple(piece for part in parts if (piece := _piece(part, rules, above)) is not None)
    compared = _comparison(str(node)) if kind == "compare" else None
    return Piece(text=_text(node), expr=str(node), kind=kind, parts=below, comparison=compared)


def _text(node: promql.Expr) -> str:
    # The parser writes `metric{}` for a bare name.
    return re.sub(r"(?<=[\w:])\{\}", "", str(node))


def _comparison(text: str) -> expression.Comparison | None:
    try:
        return next(iter(expression.comparisons(text)), None)
    except UsageError:
        return None


def _selector(node: promql.VectorSelector, expr: str, rules: Rules, above: tuple[str, ...]) -> Piece:
    name = node.name or ""
    below: tuple[Piece, ...] = ()
    recording = rules.recording(name)
    if recording and name not in above:
        tree = expression.parsed(recording[0].expr)
        piece = None if tree is None else _piece(tree, rules, (*above, name))
        below = () if piece is None else (piece,)
    selector = next(iter(expression.selectors(str(node))))
    return Piece(text=_text(node), expr=expr, kind="selector", parts=below, selector=selector)


def culprit(piece: Piece, values: Mapping[str, Sequence[Answer]]) -> Piece:
    """Return the part of `piece`, which is empty, that is empty although what it rests on is not.

    `values` holds the answers to each piece's `expr` at several moments.
    """
    if piece.kind == "absent":
        return piece
    empty = [part for part in piece.parts if is_empty(part, values)]
    if piece.kind == "unless":
        empty = [part for part in empty if part is piece.parts[0]]
    if piece.kind == "or":
        # The side that is meant is the one of which more is there.
        empty.sort(key=lambda part: sum(not is_empty(each, values) for each in part.all()), reverse=True)
    return culprit(empty[0], values) if empty else piece


def is_empty(piece: Piece, values: Mapping[str, Sequence[Answer]]) -> bool:
    """Say whether a piece had no value at any moment."""
    return not any(values.get(piece.expr, ()))
