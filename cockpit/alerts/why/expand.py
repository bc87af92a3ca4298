"""From an alert's expression down to the series that are scraped, through recording rules. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

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
    carried = tuple((name, "=", value) for name, value in labels.items())
    return tuple(dict.fromkeys(_leaves(expr, recorded, carried, 0)))[:MAX_LEAVES]


def _leaves(expr: str, recorded: Recorded, carried: Matchers, depth: int) -> Iterator[Leaf]:
    unwanted = set(absences(expr))
    lost = {name: set(gives_up(expr, name)) for name, _, _ in carried}
    for selector in selectors(expr):
        kept = tuple(each for each in carried if selector not in lost[each[0]])
        rules = recorded.get(metric(selector), ()) if depth < DEEPEST else ()
        for rule in rules:
            own = {name for name, _, _ in selector.matchers}
            below = (*(e for e in kept if e[0] not in own), *selector.matchers)
            asked = tuple(e for e in below if e[0] not in rule.labels and e[0] != "__name__")
            yield from _leaves(rule.query, recorded, asked, depth + 1)
        if not rules:
            yield Leaf(selector, kept, selector in unwanted)


def starved(expr: str, recorded: Recorded, missing: Collection[Selector], depth: int = 0) -> bool:
    """Say whether `expr` has no result because the scraped series of `missing` are not there."""
    gone = set()
    for selector in selectors(expr):
        rules = recorded.get(metric(selector), ()) if depth < DEEPEST else ()
        if rules:
            if all(starved(rule.query, recorded, missing, depth + 1) for rule in rules):
                gone.add(selector)
        elif selector in missing:
            gone.add(selector)
    return starves(expr, gone)


def beneath(expr: str, recorded: Recorded, depth: int = 0) -> Iterator[RecordingRule]:
    """Yield the recording rules that `expr` stands on."""
    for selector in selectors(expr) if depth < DEEPEST else ():
        for rule in recorded.get(metric(selector), ()):
            yield rule
            yield from beneath(rule.query, recorded, depth + 1)


def metric(selector: Selector) -> str:
    """Return the metric's name, given before the braces or as `__name__`; empty where there is none."""
    named = (value for name, op, value in selector.matchers if name == "__name__" and op == "=")
    return selector.name or next(named, "")


def narrowed(selector: Selector, carried: Matchers) -> Selector:
    """Return the selector with what is asked of its series besides; its own matchers come first."""
    own = {name for name, op, _ in selector.matchers if op == "="}
    return Selector(selector.name, (*selector.matchers, *(e for e in carried if e[0] not in own)))
