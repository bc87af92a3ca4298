"""Whether two expressions surely have the same results, or the one all of the other's."""

import re

import promql_parser as promql

from cockpit.expression import comparisons, parsed

_SETS = re.compile(r"\b(?:and|or|unless)\b")


def is_same(one: str, other: str) -> bool:
    """Say whether two expressions are the same, or compare the same with two bounds in one direction."""
    if " ".join(one.split()) == " ".join(other.split()):
        return True
    tree, others = parsed(one), parsed(other)
    if tree is None or others is None:
        return False
    if str(tree) == str(others):
        return True
    if not isinstance(tree, promql.BinaryExpr) or not isinstance(others, promql.BinaryExpr):
        return False
    mine, theirs = comparisons(one), comparisons(other)
    if len(mine) != 1 or len(theirs) != 1 or _SETS.search(one) or _SETS.search(other):
        return False
    (a,), (b,) = mine, theirs
    return a.left == b.left and a.op.rstrip("=") == b.op.rstrip("=") in {"<", ">"}
