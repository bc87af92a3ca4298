"""What nearly all things of a kind lack: the custom of a team, which is said once. Pure."""

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from cockpit.contract.model import Key, Place, Problem
from cockpit.contract.rule import Rule

KIND = "custom"
"""The kind of the key that the one problem breaks, and all that it stands for rest on."""

_LEAST = 4


def is_custom(lacking: int, count: int) -> bool:
    """Say whether hardly any of `count` things has what `lacking` of them lack: nine in ten, of four."""
    return count >= _LEAST and 10 * lacking >= 9 * count


def said(problems: Sequence[Problem], count: int, message: str) -> Iterator[Problem]:
    """Yield the problems of some of `count` things; where they are nearly all, as consequences of one.

    It stands where the first does. Its message says of none how many they are, so that a baseline knows it
    again when one more has what they lack.
    """
    if not problems or not is_custom(len(problems), count):
        yield from problems
        return
    first, key = problems[0], Key((KIND, message))
    remedy = f"{len(problems)} of {count} lack it: {first.remedy}"
    yield Problem(at=first.at, message=message, remedy=remedy, breaks=frozenset([key]))
    yield from (replace(each, rests_on=each.rests_on | {key}) for each in problems)


def settled(
    found: Sequence[tuple[Rule, Problem]], accepted: Callable[[Rule, Problem], bool]
) -> list[tuple[Rule, Problem]]:
    """Return what was found, with what is accepted taken out of the customs.

    An exception with a reason of its own is none of the custom, which stands at the first thing without one,
    and is gone where there is none.
    """
    own: list[tuple[Rule, Problem]] = []
    first: dict[Key, Place] = {}
    for rule, problem in found:
        keys = _customs(problem.rests_on)
        if keys and accepted(rule, problem):
            own.append((rule, replace(problem, rests_on=problem.rests_on - keys)))
            continue
        for key in keys:
            first.setdefault(key, problem.at)
        own.append((rule, problem))
    left: list[tuple[Rule, Problem]] = []
    for rule, problem in own:
        customs = _customs(problem.breaks)
        if not customs:
            left.append((rule, problem))
        left += [(rule, replace(problem, at=first[key])) for key in customs if key in first]
    return left


def _customs(keys: frozenset[Key]) -> frozenset[Key]:
    return frozenset(key for key in keys if key[0] == KIND)
