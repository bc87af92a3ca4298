"""What Prometheus refuses in a rule file (model/rulefmt), but for expressions, templates and unknown keys."""

import re
from collections.abc import Iterator
from itertools import chain

from cockpit.contract.model import Key, Place, Problem
from cockpit.contract.repository import File, Node, Repository
from cockpit.contract.walk import shown
from cockpit.errors import UsageError
from cockpit.scenarios.proof.rulefiles import RuleFile
from cockpit.units import parse_duration
from cockpit.yaml_lines import Map, Seq, Text

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PLACEHOLDER = re.compile(r"\{\{|\{%|\$\{|\$\w|<|%\(|\[\[|@\w+@|__\w+__")
_HELD = re.compile(r"""[ \t]*["']?[\w.-]+\.\w+["']?:[ \t]*\|""")
_OF_ALERTS = ("for", "keep_firing_for", "annotations")
_FOUND = tuple[Place, str, str, list[Key]]


def mistakes(repository: Repository) -> Iterator[Problem]:
    """Yield what is wrong in the rule files, in their order."""
    for rule_file in repository.rule_files:
        file = repository.files.get(shown(rule_file.path))
        if file is None:
            continue
        for at, message, remedy, keys in chain(_groups(file, rule_file), _rules(file, rule_file)):
            yield Problem(at=at, message=message, remedy=remedy, breaks=frozenset(keys))


def _groups(file: File, rule_file: RuleFile) -> Iterator[_FOUND]:
    seen: dict[str, Map] = {}
    for group in rule_file.groups:
        node, name = Node(file, group), group.text("name")
        if not name:
            yield node.at("name"), "this group has no name", "name it", []
        elif name in seen and not _apart(file, seen[name], group):
            yield node.at("name"), f"the file has two groups called {name}", "rename one, or join them", []
        seen.setdefault(name, group)
        for key in ("interval", "query_offset"):
            yield from _duration(node, key, f"the group {name}", [])


def _apart(file: File, first: Map, second: Map) -> bool:
    """Say whether two groups stand in different documents of a file, or of files that it holds."""
    between = file.text.split("\n", second.line)[first.line - 1 : second.line - 1]
    return any(line.startswith("---") or _HELD.match(line) for line in between)


def _rules(file: File, rule_file: RuleFile) -> Iterator[_FOUND]:
    for group in rule_file.groups:
        held = group.get("rules")
        for number, each in enumerate(held if isinstance(held, Seq) else ()):
            if isinstance(each, Map):
                yield from _rule(Node(file, each))
            else:
                place = Node(file, group).at("rules", number)
                yield place, "this rule is no mapping", "write it with `alert` or `record`", [("rules",)]


def _rule(node: Node) -> Iterator[_FOUND]:
    rule = node.node
    alert, record = rule.text("alert"), rule.text("record")
    name = alert or record
    if not name:
        yield node.at(), "this rule has neither `alert` nor `record`", "name what it is", [("rules",)]
        return
    kind = "alert" if alert else "metric"
    keys: list[Key] = [(kind, name)]
    if alert and record:
        yield node.at("record"), f"the rule {name} has both `alert` and `record`", "make two of it", keys
    if not rule.text("expr"):
        # What it is, a Watchdog perhaps, nobody can know.
        unknown = [*keys, ("renamed", name)]
        yield node.at("expr"), f"the rule {name} has no `expr`", "write its expression", unknown
    if record and not alert:
        for key in _OF_ALERTS:
            if rule.get(key):
                yield node.at(key), f"the recording rule {name} cannot have `{key}`", "take it out", []
        if not _METRIC.fullmatch(record) and not _PLACEHOLDER.search(record):
            message = f"no Prometheus before 3.0 takes {record} for the name of a metric"
            yield node.at("record"), message, "use letters, digits, `_` and `:`", keys
    for key in ("for", "keep_firing_for") if alert else ():
        yield from _duration(node, key, f"the alert {name}", keys)
    yield from _texts(node, name)


def _texts(node: Node, name: str) -> Iterator[_FOUND]:
    for key in ("labels", "annotations"):
        held = node.node.get(key)
        if held is None or held == "" or (isinstance(held, Text) and _PLACEHOLDER.search(held)):
            continue
        if not isinstance(held, Map):
            yield node.at(key), f"`{key}` of {name} must be a mapping", "write names and values", []
            continue
        for own, value in held.items():
            if not isinstance(value, Text):
                yield node.at(key, own), f"the value of {own} of {name} must be text", "put it in quotes", []
            if own == "__name__":
                yield node.at(key, own), f"{name} cannot set __name__", "take it out", []
            elif not (_LABEL.fullmatch(own) or _PLACEHOLDER.search(own)):
                message = f"no Prometheus before 3.0 takes {own} for the name of a label"
                yield node.at(key, own), message, "use letters, digits and `_`", []


def _duration(node: Node, key: str, whose: str, keys: list[Key]) -> Iterator[_FOUND]:
    value = node.node.get(key)
    if value is None or value == "" or (isinstance(value, Text) and _PLACEHOLDER.search(value)):
        return
    try:
        parse_duration(value if isinstance(value, Text) else "")
    except UsageError:
        what = value if isinstance(value, Text) else "a list or mapping"
        yield node.at(key), f"`{key}` of {whose} is no duration: {what}", "write it like 5m or 1h30m", keys
