"""The conditions of an Alertmanager configuration, each with its place. Pure."""

from collections.abc import Iterator

from msgspec import Struct

from cockpit.alerts.routing import Matcher, matchers
from cockpit.contract.model import Place
from cockpit.contract.repository import AlertmanagerEntry
from cockpit.errors import UsageError
from cockpit.yaml_lines import Map, Seq, Text

_DEEPEST = 50


class Condition(Struct, frozen=True):
    """A condition of a route, or of an inhibition rule: its place there, and what it asks.

    Conditions of the same `group` stand beside each other: in the routes below one, or on the same side of
    inhibition rules.
    """

    at: Place
    matcher: Matcher
    group: tuple[str | int, ...]


class Inhibition(Struct, frozen=True):
    """An inhibition rule: its number, the conditions of its two sides, its `equal`, and their places."""

    number: int
    source: tuple[Condition, ...]
    target: tuple[Condition, ...]
    equal: tuple[str, ...]
    at: Place
    at_source: Place
    at_target: Place
    at_equal: Place


def of_routes(entry: AlertmanagerEntry) -> tuple[Condition, ...]:
    """Return the conditions of all routes; those that cannot be read are left out."""
    return tuple(_of_route(entry, entry.node.map("route"), ("route",)))


def _of_route(entry: AlertmanagerEntry, node: Map, keys: tuple[str | int, ...]) -> Iterator[Condition]:
    yield from _conditions(entry, node, keys, "")
    below = node.get("routes")
    if isinstance(below, Seq) and len(keys) < _DEEPEST:
        for number, child in enumerate(below):
            if isinstance(child, Map):
                yield from _of_route(entry, child, (*keys, "routes", number))


def inhibitions(entry: AlertmanagerEntry) -> tuple[Inhibition, ...]:
    """Return the inhibition rules whose conditions can all be read."""
    rules = entry.node.get("inhibit_rules")
    if not isinstance(rules, Seq):
        return ()
    found = ((number, node) for number, node in enumerate(rules) if isinstance(node, Map))
    return tuple(_inhibition(entry, number, node) for number, node in found)


def _inhibition(entry: AlertmanagerEntry, number: int, node: Map) -> Inhibition:
    keys: tuple[str | int, ...] = ("inhibit_rules", number)
    equal = node.get("equal")

    def place(*names: str) -> Place:
        own = next((name for name in names if name in node), None)
        return entry.at(*keys, own) if own else entry.at(*keys)

    return Inhibition(
        number=number,
        source=tuple(_conditions(entry, node, keys, "source_")),
        target=tuple(_conditions(entry, node, keys, "target_")),
        equal=tuple(str(each) for each in equal) if isinstance(equal, Seq) else (),
        at=entry.at(*keys),
        at_source=place("source_matchers", "source_match", "source_match_re"),
        at_target=place("target_matchers", "target_match", "target_match_re"),
        at_equal=place("equal"),
    )


def _conditions(
    entry: AlertmanagerEntry, node: Map, keys: tuple[str | int, ...], side: str
) -> Iterator[Condition]:
    group = (*keys[:-1], side)
    for old, op in ((f"{side}match", "="), (f"{side}match_re", "=~")):
        for name, value in node.texts(old).items():
            yield Condition(entry.at(*keys, old, name), Matcher(name, op, value), group)
    written = node.get(f"{side}matchers")
    texts = enumerate(written) if isinstance(written, Seq) else [(0, written)]
    for number, text in texts:
        if isinstance(text, Text):
            try:
                found = matchers(text)
            except UsageError:
                continue
            place = entry.at(*keys, f"{side}matchers", number)
            yield from (Condition(place, each, group) for each in found)
