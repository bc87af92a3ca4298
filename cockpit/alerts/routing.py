"""Who an alert is for: a walk of Alertmanager's route tree, and what its receivers reach. Pure.

Semantics: Alertmanager, docs/configuration, <route> and <matcher>, and dispatch/route.go: the first child
that matches takes the alert, one that says `continue` lets its siblings take it too, and a node none of
whose children match takes it itself. Receiver, grouping and times are inherited, time intervals are not.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from cockpit.alerts.regex import compile_anchored
from cockpit.errors import UsageError
from cockpit.text import one_line
from cockpit.units import parse_duration

MAX_CONFIG = 4_000_000
"""Characters of a configuration that are parsed."""

_MOST_ROUTES = 20_000
_MATCHER = re.compile(
    r"\s*(?P<name>\"(?:[^\"\\]|\\.)*\"|[^\s=~!\"{},]+)\s*(?P<op>=~|!~|!=|=)\s*"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"|[^\",]*?)\s*(?:,|$)",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}
_CONTACTS = ("channel", "to", "room_id", "chat_id", "topic_arn", "phone_number", "user_key")


class Matcher(Struct, frozen=True):
    """One condition on a label; a label that is missing is the empty string, a pattern is anchored."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        return f'{self.name}{self.op}"{self.value}"'

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether `labels` meet it. Raises ValueError for a pattern that cannot be tried here."""
        found = labels.get(self.name, "")
        if self.op in {"=", "!="}:
            return (found == self.value) == (self.op == "=")
        return compile_anchored(self.value)(found) == (self.op == "=~")


class Route(Struct, frozen=True, kw_only=True):
    """One node with what it inherits filled in; times are in seconds. `group_by` `...` is every label."""

    receiver: str
    matchers: tuple[Matcher, ...] = ()
    goes_on: bool = False
    group_by: tuple[str, ...] = ()
    group_wait: float = 30.0
    group_interval: float = 300.0
    repeat_interval: float = 14_400.0
    muted_in: tuple[str, ...] = ()
    active_in: tuple[str, ...] = ()
    routes: tuple["Route", ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.matchers))


class Taken(Struct, frozen=True):
    """A route that takes an alert: the node, and the nodes above it from the root on."""

    route: Route
    above: tuple[Route, ...] = ()

    @property
    def path(self) -> str:
        """The conditions on the way, raw: `default` for the root alone."""
        return (
            " > ".join(str(node) or "any" for node in (*self.above[1:], self.route))
            if self.above
            else ("default")
        )


class Receiver(Struct, frozen=True):
    """A receiver: per integration its kind as Alertmanager's metrics name it, and whom it reaches."""

    name: str
    integrations: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        reached = ", ".join(
            contact if contact and kind == self.name else f"{kind} {contact}".strip()
            for kind, contact in self.integrations
        )
        return f"{self.name}: {reached}" if reached else f"{self.name}, which reaches nobody"


class Routing(Struct, frozen=True):
    """The route tree and the receivers of one Alertmanager."""

    root: Route
    receivers: Mapping[str, Receiver]

    def taken(self, labels: Mapping[str, str]) -> tuple[Taken, ...]:
        """Return the routes that take an alert with `labels`. Raises ValueError as `Matcher.matches` does."""
        return tuple(_taken(self.root, labels, ()))

    def receiver(self, name: str) -> Receiver:
        """Return the receiver `name`; one that is not there reaches nobody."""
        return self.receivers.get(name) or Receiver(name)


def _taken(node: Route, labels: Mapping[str, str], above: tuple[Route, ...]) -> Iterator[Taken]:
    if above and not all(matcher.matches(labels) for matcher in node.matchers):
        return
    found = False
    for child in node.routes:
        below = tuple(_taken(child, labels, (*above, node)))
        yield from below
        found = found or bool(below)
        if below and not child.goes_on:
            break
    if not found:
        yield Taken(node, above)


def parse(config: str) -> Routing:
    """Return the routing of a configuration in YAML, as `/api/v2/status` tells it.

    Raises UsageError for one that cannot be read. It takes its time: call it off the event loop.
    """
    return routing_of(loaded(config))


def loaded(config: str) -> Mapping[str, Any]:
    """Return a configuration in YAML with its scalars as text; empty for no mapping. Raises UsageError."""
    from cockpit.yaml_lines import YamlTrouble, documents

    if len(config) > MAX_CONFIG:
        raise UsageError(f"the configuration has {len(config)} characters")
    try:
        found = next(iter(documents(config)), None)
    except YamlTrouble as trouble:
        raise UsageError(f"the configuration cannot be read: {trouble.problem}") from trouble
    return found if isinstance(found, dict) else {}


def routing_of(config: object) -> Routing:
    """Return the routing of a configuration whose scalars are text. Raises UsageError for none."""
    if not isinstance(config, dict) or not isinstance(config.get("route"), dict):
        raise UsageError("the configuration has no route")
    root = _route(config["route"], Route(receiver=""), count())
    return Routing(root, {each.name: each for each in map(_receiver, _dicts(config.get("receivers")))})


def _route(node: Mapping[str, Any], parent: Route, numbers: Iterator[int]) -> Route:
    # Aliases can make a short text a tree without end.
    if next(numbers) > _MOST_ROUTES:
        raise UsageError(f"the configuration has more than {_MOST_ROUTES} routes")

    def inherited(key: str, own: float) -> float:
        text = _text(node.get(key))
        return parse_duration(text) if text else own

    by = node.get("group_by")
    own = Route(
        receiver=_text(node.get("receiver")) or parent.receiver,
        matchers=tuple(_matchers(node)),
        goes_on=_text(node.get("continue")).lower() == "true",
        group_by=_texts(by) if by else parent.group_by,
        group_wait=inherited("group_wait", parent.group_wait),
        group_interval=inherited("group_interval", parent.group_interval),
        repeat_interval=inherited("repeat_interval", parent.repeat_interval),
        muted_in=_texts(node.get("mute_time_intervals")),
        active_in=_texts(node.get("active_time_intervals")),
    )
    below = tuple(_route(child, own, numbers) for child in _dicts(node.get("routes")))
    return replace(own, routes=below)


def _matchers(node: Mapping[str, Any]) -> Iterator[Matcher]:
    for key, op in (("match", "="), ("match_re", "=~")):
        old = node.get(key)
        for name, value in old.items() if isinstance(old, dict) else ():
            yield Matcher(_text(name), op, _text(value))
    for text in _texts(node.get("matchers")):
        yield from matchers(text)


def matchers(text: str) -> tuple[Matcher, ...]:
    """Return the conditions in `text`: one, or several between commas, with or without braces.

    Raises UsageError for what is none.
    """
    inside = text.strip()
    if inside.startswith("{") and inside.endswith("}"):
        inside = inside[1:-1]
    found, at = [], 0
    while at < len(inside):
        match = _MATCHER.match(inside, at)
        if match is None:
            raise UsageError(f"no matcher that can be read: {one_line(text, 200)}")
        found.append(Matcher(_unquoted(match["name"]), match["op"], _unquoted(match["value"])))
        at = match.end()
    return tuple(found)


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), text[1:-1], flags=re.DOTALL)


def _receiver(node: Mapping[str, Any]) -> Receiver:
    integrations = []
    for key, configs in node.items():
        for config in _dicts(configs) if str(key).endswith("_configs") else ():
            kind = str(key).removesuffix("_configs")
            names = ("url",) if kind == "webhook" else _CONTACTS
            contact = next(filter(None, (_text(config.get(name)) for name in names)), "")
            integrations.append((kind, _shown(contact)))
    return Receiver(_text(node.get("name")), tuple(integrations))


def _shown(contact: str) -> str:
    """Return a contact without what may be a secret: of a URL the host alone."""
    if contact.startswith(("http://", "https://")):
        contact = re.sub(r"^https?://(?:[^/@]*@)?([^/?#]*).*", r"\1", contact, flags=re.DOTALL)
    return "" if contact == "<secret>" else contact


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(_text, value)) if isinstance(value, list) else ()


def _dicts(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
