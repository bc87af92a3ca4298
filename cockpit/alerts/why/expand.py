"""From an alert's expression down to the series that are scraped, through recording rules. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from cockpit.alerts.routing import Matcher
from cockpit.clients.wire import RecordingRule
from cockpit.expression import Selector, absences, gives_up, selectors, starves

Recorded = Mapping[str, Sequence[RecordingRule]]
Matchers = tuple[tuple[str, str, str], ...]

DEEPEST = 5
"""Recording rules that stand on each other; what is deeper counts as scraped."""

MAX_LEAVES = 12
"""Selectors that are looked at."""


class Leaf(Struct, frozen=True):
    """A selector of scraped series, and what the alert's labels ask of them besides."""

    selector: Selector
    carried: Matchers = ()
    wanted_absent: bool = False


def leaves(expr: str, recorded: Recorded, labels: Mapping[str, str]) -> tuple[Leaf, ...]:
    """Return the selectors that `expr` comes down to, each once, at most MAX_LEAVES.

    `labels` are those of the alert that its series must have had: they go down with every selector that keeps
    them. Raises UsageError for no PromQL.
    """
    carried = equalling(labels)
    found: dict[Leaf, None] = {}
    for leaf in _leaves(expr, recorded, carried, 0):
        found[leaf] = None
        if len(found) >= MAX_LEAVES:
            break
    return tuple(found)


def _leaves(expr: str, recorded: Recorded, carried: Matchers, depth: int) -> Iterator[Leaf]:
    unwanted = set(absences(expr))
    for selector, kept in _carrying(expr, carried):
        rules = _makers(selector, kept, recorded, depth)
        for rule, asked in rules:
            yield from _leaves(rule.query, recorded, asked, depth + 1)
        if not rules:
            yield Leaf(selector, kept, selector in unwanted)


def _carrying(expr: str, carried: Matchers) -> Iterator[tuple[Selector, Matchers]]:
    """Yield each selector with what of `carried` its series keep up to the result."""
    lost = {name: set(gives_up(expr, name)) for name, _, _ in carried}
    for selector in selectors(expr):
        yield selector, tuple(each for each in carried if selector not in lost[each[0]])


def _makers(
    selector: Selector, kept: Matchers, recorded: Recorded, depth: int
) -> list[tuple[RecordingRule, Matchers]]:
    """Return the recording rules that can make series of `selector`, and what is asked of what they read.

    Many rules make series of one name, told apart by their labels: those that contradict are left out.
    """
    found = []
    for rule in recorded.get(metric(selector), ()) if depth < DEEPEST else ():
        own = {name for name, _, _ in selector.matchers}
        asked = (*(each for each in kept if each[0] not in own), *selector.matchers)
        if all(_agrees(rule.labels, each) for each in asked):
            rest = tuple(e for e in asked if e[0] not in rule.labels and e[0] != "__name__")
            found.append((rule, rest))
    return found


def _agrees(labels: Mapping[str, str], asked: tuple[str, str, str]) -> bool:
    try:
        return asked[0] not in labels or Matcher(*asked).matches(labels)
    except ValueError:
        return True


def starved(
    expr: str, recorded: Recorded, missing: Collection[Selector], carried: Matchers = (), depth: int = 0
) -> bool:
    """Say whether `expr` has no result because the scraped series of `missing` are not there."""
    gone = set()
    for selector, kept in _carrying(expr, carried):
        rules = _makers(selector, kept, recorded, depth)
        if rules:
            if all(starved(rule.query, recorded, missing, asked, depth + 1) for rule, asked in rules):
                gone.add(selector)
        elif selector in missing:
            gone.add(selector)
    return starves(expr, gone)


def beneath(expr: str, recorded: Recorded, carried: Matchers = (), depth: int = 0) -> Iterator[RecordingRule]:
    """Yield the recording rules that `expr` stands on."""
    for selector, kept in _carrying(expr, carried):
        for rule, asked in _makers(selector, kept, recorded, depth):
            yield rule
            yield from beneath(rule.query, recorded, asked, depth + 1)


def equalling(labels: Mapping[str, str]) -> Matchers:
    """Return what asks for exactly these labels."""
    return tuple((name, "=", value) for name, value in labels.items())


def metric(selector: Selector) -> str:
    """Return the metric's name, given before the braces or as `__name__`; empty where there is none."""
    named = (value for name, op, value in selector.matchers if name == "__name__" and op == "=")
    return selector.name or next(named, "")


def narrowed(selector: Selector, carried: Matchers) -> Selector:
    """Return the selector with what is asked of its series besides; its own matchers come first."""
    own = {name for name, op, _ in selector.matchers if op == "="}
    return Selector(selector.name, (*selector.matchers, *(e for e in carried if e[0] not in own)))
