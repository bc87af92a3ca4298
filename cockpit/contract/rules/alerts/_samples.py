"""Whether one sample alone decides what an expression says."""

from functools import lru_cache

import promql_parser as promql

from cockpit.expression import parsed
from cockpit.expression.tree import ABSENCE
from cockpit.scenarios.proof.rulefiles import Rules

_OF_ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
_RATES = frozenset({"rate", "irate", "idelta"})
_LONG = 1800.0
_CLOCK = frozenset({"time", "timestamp"})
_DEEPEST = 10


def needs_a_for(expr: str, rules: Rules, least: float) -> bool:
    """Say whether a single sample can make `expr` have a result, `least` seconds being two scrapes.

    False where that is not certain.
    """
    tree = parsed(expr)
    if tree is None:
        return False
    look = _Look(least)
    try:
        look.at(tree, rules)
    except OverflowError:
        # A range or an offset of more than a million years.
        return False
    return not look.protected and len(look.ranges) < 2


class _Look:
    """What was seen in an expression, and in the recording rules below it."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._seen: set[str] = set()
        self.protected = False
        self.ranges: set[float] = set()

    def at(self, tree: promql.Expr, rules: Rules) -> None:
        below: list[str] = []

        def visit(node: promql.Expr) -> None:
            match node:
                case promql.Call():
                    self._call(node)
                case promql.SubqueryExpr() if node.range is not None:
                    self.protected |= node.range.total_seconds() >= self._least
                case promql.VectorSelector():
                    self.protected |= node.offset is not None or node.at is not None
                    below.append(node.name or "")

        promql.walk(tree, pre_visit=visit)
        for name in below:
            self._recorded(name, rules)

    def _call(self, node: promql.Call) -> None:
        name = node.func.name
        self.protected |= name in ABSENCE or name in _CLOCK
        for argument in node.args:
            if isinstance(argument, promql.MatrixSelector):
                seconds = argument.range.total_seconds()
                # What is up or down has a rate only where it went down and up again.
                self.protected |= (argument.vector_selector.name or "").split("_")[-1] == "up"
                self.ranges.add(seconds)
                self.protected |= seconds >= (_LONG if name in _RATES else self._least)

    def _recorded(self, name: str, rules: Rules) -> None:
        if name in _OF_ALERTS:
            self.protected = True
        if name in self._seen or self.protected:
            return
        self._seen.add(name)
        expressions = _recordings(rules).get(name, [])
        if not expressions and ":" in name:
            self.protected = True
        for expr in expressions:
            tree = parsed(expr)
            if tree is None or len(self._seen) > _DEEPEST:
                self.protected = True
            else:
                self.at(tree, rules)


@lru_cache(maxsize=2)
def _recordings(rules: Rules) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for rule in rules.all:
        if not rule.is_alert:
            found.setdefault(rule.name, []).append(rule.expr)
    return found
