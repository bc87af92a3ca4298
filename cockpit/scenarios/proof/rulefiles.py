"""Rule files as a proof needs them: found by what is in them, their rules, and the few of them that matter.

Format: Prometheus, docs/configuration (recording_rules, alerting_rules). Whether a file is right is for
promtool to say; here every scalar stays the text that it is in the file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

from cockpit import expression
from cockpit.errors import UsageError
from cockpit.files import FileError, read_text
from cockpit.scenarios.proof.document import scalar
from cockpit.text import one_line
from cockpit.units import parse_duration
from cockpit.yaml_lines import Map, Value, YamlTrouble, documents

MAX_BYTES = 10_000_000
"""A rule file is not read beyond this size."""

DEFAULT_INTERVAL = 60.0
"""Seconds between evaluations where no group says so (Prometheus, global.evaluation_interval)."""

_SUFFIXES = frozenset({".yml", ".yaml", ".rules"})
_HAS_GROUPS = re.compile(r"""\bgroups["']?\s*:""")
_OF_ALERTS = frozenset({"", "ALERTS", "ALERTS_FOR_STATE"})


class Rule(Struct, frozen=True, kw_only=True):
    """A rule: the `name` of its alert or of what it records, and its place: the file, and a group in it.

    `for` and the group's `interval` are in seconds; `node` is the rule as its file has it, with its lines.
    """

    name: str
    is_alert: bool
    expr: str
    held_for: float = 0.0
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    group: str = ""
    interval: float = DEFAULT_INTERVAL
    path: Path
    place: tuple[int, int] = (0, 0)
    node: Map | None = None


class RuleFile(Struct, frozen=True):
    """A rule file: its path, its text and its groups; `unread` where these cannot be read."""

    path: Path
    text: str
    groups: Sequence[Map]
    unread: bool = False


class Rules:
    """The rules of some files."""

    def __init__(self, files: Sequence[RuleFile]) -> None:
        self.files = tuple(files)
        self.all = tuple(rule for file in files for rule in _rules(file))

    @classmethod
    def read(cls, paths: Sequence[Path]) -> "Rules":
        """Read the rule files of `paths`, files or folders. Raises UsageError where there are none."""
        found: dict[Path, Path] = {}
        for path in (path for given in paths for path in _files(given)):
            found.setdefault(path.resolve(), path)
        files = [file for path in found.values() if (file := _read(path, named=path in paths)) is not None]
        if not files:
            where = ", ".join(one_line(str(path), 200) for path in paths) or "nowhere"
            raise UsageError(
                f"no rule file in {where}", remedy="name a rule file, or a folder of them, with --rules"
            )
        return cls(files)

    def alerts(self, name: str) -> tuple[Rule, ...]:
        """Return the alerting rules called `name`."""
        return tuple(rule for rule in self.all if rule.is_alert and rule.name == name)

    def likely(self, name: str, labels: Mapping[str, str]) -> Rule:
        """Return the rule called `name`, of several one whose own labels do not speak against `labels`."""
        rules = self.alerts(name)
        return next((rule for rule in rules if _may_have(rule, labels)), rules[0])

    def recording(self, name: str) -> tuple[Rule, ...]:
        """Return the rules that record the metric `name`."""
        return tuple(rule for rule in self.all if not rule.is_alert and rule.name == name)

    def near(self, name: str) -> list[str]:
        """Return the names of alerts that are written almost like `name`, the nearest first."""
        return get_close_matches(name, sorted({r.name for r in self.all if r.is_alert}), n=3, cutoff=0.6)

    def always_firing(self, rule: Rule) -> bool:
        """Say whether an alert looks at no series, as a Watchdog does."""
        try:
            return not expression.selectors(rule.expr)
        except UsageError:
            return False

    def needed(self, alerts: Iterable[str]) -> tuple[Rule, ...]:
        """Return the rules of `alerts` and all that these rest on; every rule where that cannot be told."""
        known, all_of_it = self._below(alerts)
        return known if all_of_it else self.all

    def step(self, alert: str) -> float | None:
        """Return the longest interval, in seconds, of the groups that `alert` rests on; None without a rule.

        What is evaluated more often than its slowest part would fire sooner than it really does.
        """
        return max((rule.interval for rule in self._below([alert])[0]), default=None)

    def metrics(self, alert: str) -> set[str] | None:
        """Return the metrics that `alert` rests on, recorded ones too; None where not all are known."""
        rules, all_of_it = self._below([alert])
        names = {selector.name for rule in rules for selector in _selectors(rule) or ()}
        return names if all_of_it else None

    def order(self, alerts: Iterable[str]) -> tuple[str, ...]:
        """Return the groups that `alerts` rest on, those that read before those that record.

        Groups have no order in Prometheus, and at worst what one records is read an interval later.
        """
        needed = self.needed(alerts)
        recorded: dict[str, set[str]] = {}
        for rule in needed:
            if not rule.is_alert:
                recorded.setdefault(rule.name, set()).add(rule.group)
        below: dict[str, set[str]] = {}
        for rule in needed:
            reads = (recorded.get(selector.name, set()) for selector in _selectors(rule) or ())
            below.setdefault(rule.group, set()).update(*reads)
        ordered: dict[str, None] = {}

        def visit(group: str, above: frozenset[str]) -> None:
            if group not in ordered and group not in above:
                for each in sorted(below[group]):
                    visit(each, above | {group})
                ordered[group] = None

        for group in below:
            visit(group, frozenset())
        return tuple(reversed(ordered))

    def _below(self, alerts: Iterable[str]) -> tuple[tuple[Rule, ...], bool]:
        """Return the rules that `alerts` are known to rest on, and whether these are all."""
        left = [rule for name in alerts for rule in self.alerts(name)]
        found: dict[tuple[Path, tuple[int, int]], Rule] = {}
        all_of_it = True
        while left:
            rule = left.pop()
            if (rule.path, rule.place) in found:
                continue
            found[rule.path, rule.place] = rule
            selectors = _selectors(rule)
            if selectors is None or any(s.name in _OF_ALERTS for s in selectors):
                all_of_it = False
            left += [record for s in selectors or () for record in self.recording(s.name)]
        return tuple(found.values()), all_of_it

    def losing(self, alert: str, label: str) -> tuple[str, ...]:
        """Return the names of the rules below `alert` whose expressions do not keep `label`."""
        return tuple(dict.fromkeys(rule.name for rule in self.needed([alert]) if _gives_up(rule, label)))

    def reduced(self, rules: Iterable[Rule]) -> tuple[str, ...]:
        """Return rule files with nothing but `rules`, in the order and the groups they stand in.

        Annotations are left out: they decide nothing.
        """
        places: dict[Path, set[tuple[int, int]]] = {}
        for rule in rules:
            places.setdefault(rule.path, set()).add(rule.place)
        return tuple(_reduced(file, places[file.path]) for file in self.files if file.path in places)


def _files(given: Path) -> Iterator[Path]:
    if not given.is_dir():
        yield given
        return
    for path in sorted(given.rglob("*")):
        # What is mounted into a container stands in a hidden folder too.
        hidden = any(part.startswith(".") for part in path.relative_to(given).parts)
        if path.suffix in _SUFFIXES and not hidden and not path.is_dir():
            yield path


def _read(path: Path, *, named: bool) -> RuleFile | None:
    """Return the rule file at `path`, or None for another kind of file, which may not be `named`."""
    text = read_text("rule file", path, MAX_BYTES)
    found: list[Value] = []
    if _HAS_GROUPS.search(text):
        try:
            found = documents(text)
        except YamlTrouble:
            return RuleFile(path, text, [], unread=True)
    if not any(
        isinstance(each, Map) and ("groups" in each or "groups" in each.map("spec")) for each in found
    ):
        if named:
            raise FileError("rule file", path, "it has no `groups`")
        return None
    return RuleFile(path, text, groups_of(found))


def groups_of(found: Iterable[Value]) -> tuple[Map, ...]:
    """Return the groups of rules in the documents of a file: its own, or a PrometheusRule's (its `spec`)."""
    return tuple(
        group
        for each in found
        if isinstance(each, Map)
        for group in each.maps("groups") or each.map("spec").maps("groups")
    )


def _rules(file: RuleFile) -> Iterator[Rule]:
    for number, group in enumerate(file.groups):
        for index, rule in enumerate(group.maps("rules")):
            alert = rule.text("alert")
            yield Rule(
                name=alert or rule.text("record"),
                is_alert=bool(alert),
                expr=rule.text("expr"),
                held_for=_duration(rule.text("for")),
                labels={**group.texts("labels"), **rule.texts("labels")},
                annotations=rule.texts("annotations"),
                group=group.text("name"),
                interval=_duration(group.text("interval")) or DEFAULT_INTERVAL,
                path=file.path,
                place=(number, index),
                node=rule,
            )


def _may_have(rule: Rule, labels: Mapping[str, str]) -> bool:
    fixed = {name: value for name, value in rule.labels.items() if "{{" not in value}
    return all(labels.get(name, value) == value for name, value in fixed.items())


def _duration(text: str) -> float:
    try:
        return parse_duration(text) if text else 0.0
    except UsageError:
        return 0.0


def _selectors(rule: Rule) -> tuple[expression.Selector, ...] | None:
    try:
        return expression.selectors(rule.expr)
    except UsageError:
        return None


def _gives_up(rule: Rule, label: str) -> bool:
    try:
        return bool(expression.gives_up(rule.expr, label))
    except UsageError:
        return False


def _reduced(file: RuleFile, places: set[tuple[int, int]]) -> str:
    lines = ["groups:"]
    for number, group in enumerate(file.groups):
        rules = [rule for index, rule in enumerate(group.maps("rules")) if (number, index) in places]
        if not rules:
            continue
        lines.append(f"  - name: {scalar(group.text('name'))}")
        # Numbers, such as `limit`, must not become strings.
        others = {key: value for key, value in group.items() if key not in {"name", "rules", "labels"}}
        lines += [f"    {key}: {value}" for key, value in others.items() if isinstance(value, str) and value]
        lines += _entry("    ", "labels", group.get("labels"))
        lines.append("    rules:")
        for rule in rules:
            entries = [line for key, value in rule.items() for line in _entry("        ", key, value)]
            lines += [f"      - {entries[0].lstrip()}", *entries[1:]]
    return "\n".join(lines) + "\n"


def _entry(indent: str, key: str, value: object) -> Iterator[str]:
    if key == "annotations" or not value:
        return
    if isinstance(value, dict):
        yield f"{indent}{key}:"
        yield from (f"{indent}  {scalar(str(name))}: {scalar(str(text))}" for name, text in value.items())
    else:
        yield f"{indent}{key}: {scalar(str(value))}"
