"""What an Alertmanager's configuration says of an alert's way beyond its route. Pure.

Semantics: Alertmanager, docs/configuration, <inhibit_rule>: labels that both sides lack count as equal.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from cockpit.alerts.routing import Matcher, Routing, loaded, matchers, routing_of
from cockpit.errors import UsageError


class Inhibition(Struct, frozen=True):
    """A rule by which alerts that match `source` inhibit those that match `target` and agree in `equal`."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]

    def concerns(self, source: Mapping[str, str], target: Mapping[str, str]) -> bool:
        """Say whether one alert could inhibit the other by it, whatever `equal` says."""
        try:
            return all(each.matches(source) for each in self.source) and all(
                each.matches(target) for each in self.target
            )
        except ValueError:
            return False

    def unequal(self, source: Mapping[str, str], target: Mapping[str, str]) -> tuple[str, ...]:
        """Return the labels of `equal` in which the two differ."""
        return tuple(name for name in self.equal if source.get(name, "") != target.get(name, ""))

    def blind(self, source: Mapping[str, str], target: Mapping[str, str]) -> tuple[str, ...]:
        """Return the labels of `equal` that both lack."""
        return tuple(name for name in self.equal if not source.get(name) and not target.get(name))


class Settings(Struct, frozen=True):
    """The routes, the inhibition rules, and by receiver the integrations that are not told of an end."""

    routing: Routing
    inhibitions: tuple[Inhibition, ...] = ()
    unresolved: dict[str, tuple[str, ...]] = {}

    def kinds(self, receiver: str) -> tuple[str, ...]:
        """Return the integrations of the receiver of that name, each once; none where there is no such."""
        found = self.routing.receivers.get(receiver)
        return tuple(dict.fromkeys(kind for kind, _ in found.integrations)) if found else ()

    def takers(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Return the receivers that an alert with `labels` is routed to, each once."""
        try:
            taken = self.routing.taken(labels)
        except ValueError:
            return ()
        return tuple(dict.fromkeys(each.route.receiver for each in taken))


@lru_cache(maxsize=8)
def settings(config: str) -> Settings:
    """Return what a configuration in YAML says, as `/api/v2/status` tells it.

    Raises UsageError for one that cannot be read. It takes its time: call it off the event loop.
    """
    read = loaded(config)
    return Settings(
        routing_of(read),
        tuple(map(_inhibition, _mappings(read.get("inhibit_rules")))),
        {str(each.get("name")): tuple(_unresolved(each)) for each in _mappings(read.get("receivers"))},
    )


def _inhibition(node: Mapping[str, Any]) -> Inhibition:
    equal = node.get("equal")
    return Inhibition(
        tuple(_side(node, "source")),
        tuple(_side(node, "target")),
        tuple(map(str, equal)) if isinstance(equal, list) else (),
    )


def _side(node: Mapping[str, Any], side: str) -> Iterator[Matcher]:
    for key, op in ((f"{side}_match", "="), (f"{side}_match_re", "=~")):
        old = node.get(key)
        for name, value in old.items() if isinstance(old, dict) else ():
            yield Matcher(str(name), op, str(value))
    texts = node.get(f"{side}_matchers")
    for text in texts if isinstance(texts, list) else ():
        try:
            yield from matchers(str(text))
        except UsageError:
            # What cannot be read here matches nothing here.
            yield Matcher("alertname", "=", "\0")


def _unresolved(receiver: Mapping[str, Any]) -> Iterator[str]:
    for key, configs in receiver.items():
        for config in _mappings(configs) if str(key).endswith("_configs") else ():
            if str(config.get("send_resolved")).lower() == "false":
                yield str(key).removesuffix("_configs")


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())
