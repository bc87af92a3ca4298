"""Which problems follow from others, so that one cause is one finding. Pure."""

from collections.abc import Sequence

from cockpit.contract import custom
from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.rule import Rule

Weighed = tuple[Rule, Problem, Severity]
"""What a rule found, and how bad it is."""


def rooted(found: Sequence[Weighed]) -> list[Weighed]:
    """Return the problems without those that follow from another rule's, or from its own of a custom.

    A cause is as bad as the worst that follows from it, which is not reported beside it.
    """
    breaking: dict[Key, list[Problem]] = {}
    rules: dict[Key, set[str]] = {}
    for rule, problem, _ in found:
        for key in problem.breaks:
            breaking.setdefault(key, []).append(problem)
            rules.setdefault(key, set()).add(rule.id)
    causes, worst = [], dict[Key, Severity]()
    for rule, problem, severity in sorted(found, key=_rank):
        if any(_is_of_another(key, rules.get(key, set()), rule) for key in problem.rests_on):
            _weigh(problem, severity, breaking, worst)
        else:
            causes.append((rule, problem, severity))
    return [(rule, each, _worse(own, each, worst)) for rule, each, own in causes]


def _is_of_another(key: Key, breaking: set[str], rule: Rule) -> bool:
    return bool(breaking if key[0] == custom.KIND else breaking - {rule.id})


def _weigh(
    problem: Problem, severity: Severity, breaking: dict[Key, list[Problem]], worst: dict[Key, Severity]
) -> None:
    """Keep how bad what rests on each key is, all the way down; the worst comes first."""
    left = [problem]
    while left:
        for key in left.pop().rests_on & breaking.keys() - worst.keys():
            worst[key] = severity
            left += breaking[key]


def _worse(own: Severity, problem: Problem, worst: dict[Key, Severity]) -> Severity:
    return min((own, *(worst.get(key, own) for key in problem.breaks)), key=lambda each: each.rank)


def _rank(found: Weighed) -> int:
    return found[2].rank
