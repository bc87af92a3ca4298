"""What a check looks at: everything that was read from the files of a team, each with its lines. Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.alerts.routing import Routing
from cockpit.contract.links import Link
from cockpit.contract.model import NotRead, Place
from cockpit.contract.settings import SCRAPE_INTERVAL, Settings
from cockpit.drills.model import Drill
from cockpit.runbooks.library import Library
from cockpit.runbooks.model import Runbook, RunbookRef
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.proof.prove import Proof
from cockpit.scenarios.proof.rulefiles import Rule, RuleFile, Rules
from cockpit.yaml_lines import Map, Seq, Value

if TYPE_CHECKING:
    from cockpit.contract.live.model import Live
    from cockpit.drills.coverage import Covered


class File(Struct, frozen=True):
    """A file that was read: its path as it is shown, and its text."""

    path: str
    text: str

    def at(self, line: int, span: tuple[int, int] | None = None) -> Place:
        """Return the place of a line; without a span it belongs to the whole file."""
        return Place(self.path, line, span or (1, len(_lines(self.text))))

    def line(self, number: int) -> str:
        """Return a line of the text; empty where there is none."""
        return next(iter(_lines(self.text)[number - 1 : number]), "")

    def line_of(self, word: str, first: int, last: int) -> int:
        """Return the first line from `first` to `last` that has `word`, whole; `first` where none has."""
        pattern = re.compile(rf"(?<![\w:]){re.escape(word)}(?![\w:])")
        lines = _lines(self.text)[first - 1 : last]
        return next((first + at for at, line in enumerate(lines) if pattern.search(line)), first)


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    """Return the lines of a file; what is found in it is found file by file, and thousands of times."""
    return text.split("\n")


class Node(Struct, frozen=True):
    """A mapping of a YAML file."""

    file: File
    node: Map

    def at(self, *keys: str | int) -> Place:
        """Return the place of the innermost of `keys` that is there.

        It belongs to the innermost list item on the way, or to all of the mapping.
        """
        return self.file.at(_line_at(self.node, keys), _span_at(self.node, keys))


class RuleEntry(Node, frozen=True):
    """An alerting or recording rule as it stands in its file."""

    rule: Rule

    @property
    def name(self) -> str:
        """The alert's name, or the recorded metric's."""
        return self.rule.name


class RunbookEntry(Struct, frozen=True):
    """A runbook, the alerts that lead to it, and its links."""

    file: File
    runbook: Runbook
    alerts: tuple[RuleEntry, ...] = ()
    links: tuple[Link, ...] = ()

    def at(self, line: int, span: tuple[int, int] | None = None) -> Place:
        """Return the place of a line, from 0 as in a Runbook; without a span it belongs to its section."""
        inside = [each for each in self.runbook.sections if each.start <= line < each.end]
        section = max(inside, key=lambda each: each.start, default=None)
        own = (section.start + 1, section.end) if section else (1, line + 1)
        return self.file.at(line + 1, span or own)

    @property
    def head(self) -> Place:
        """The line of its title, which belongs to the whole file."""
        first = next((each for each in self.runbook.sections if each.title), None)
        return self.file.at(first.start + 1 if first else 1)


class Origin(Struct, frozen=True):
    """Where a query comes from: `rule`, `runbook` or `dashboard`, and its name there."""

    kind: str
    name: str


class Query(Struct, frozen=True, kw_only=True):
    """An expression that a rule, a runbook or a dashboard asks.

    `expr` is as written; `bound` has something for its placeholders, so that it parses, and is None where it
    does not. `lines` are the first and last of the expression in its `file`. `alerts` are those that it is
    bound to: the alerts that lead to a runbook; none for a rule.
    """

    expr: str
    bound: str | None
    file: File
    lines: tuple[int, int]
    span: tuple[int, int]
    origin: Origin
    alerts: tuple[RuleEntry, ...] = ()
    rule: RuleEntry | None = None

    def at(self, word: str = "") -> Place:
        """Return the place of the first line of the expression that has `word`."""
        line = self.file.line_of(word, *self.lines) if word else self.lines[0]
        return self.file.at(line, self.span)


class ScenarioEntry(Node, frozen=True):
    """A scenario file."""

    scenario: Scenario


class DrillEntry(Node, frozen=True):
    """A drill file."""

    drill: Drill


class AlertmanagerEntry(Node, frozen=True):
    """An Alertmanager configuration; `routing` is None where its routes cannot be read."""

    routing: Routing | None


class Dashboard(Struct, frozen=True):
    """A Grafana dashboard: its title; its queries are among those of the repository."""

    file: File
    title: str


class BadFile(Struct, frozen=True):
    """A file of some kind that could not be read; `invalid` where it was, and is not as its kind must be.

    A runbook's has its `path` below the folder that it was found in.
    """

    place: Place
    kind: str
    reason: str
    invalid: bool = False
    path: str = ""


class Repository:
    """All that was read. What it holds does not change; what follows from it is computed once.

    `now` is when it was read, in Unix seconds; `not_checked` says what cannot be checked here at all.
    `rules_unknown` says that there are rules which could not be read: templates. What is missing among the
    others may be there. `proofs` are by the path of the scenario.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        now: float,
        rules: Sequence[RuleEntry] = (),
        rule_files: Sequence[RuleFile] = (),
        alertmanagers: Sequence[AlertmanagerEntry] = (),
        runbooks: Sequence[RunbookEntry] = (),
        markdown: Sequence[RunbookEntry] = (),
        library: Library,
        queries: Sequence[Query] = (),
        scenarios: Sequence[ScenarioEntry] = (),
        drills: Sequence[DrillEntry] = (),
        dashboards: Sequence[Dashboard] = (),
        bad_files: Sequence[BadFile] = (),
        not_read: Sequence[NotRead] = (),
        not_checked: Sequence[str] = (),
        rules_unknown: bool = False,
        files: Sequence[File] = (),
        scrape_interval: float | None = None,
        proofs: Mapping[str, Proof] | None = None,
        covered: "Sequence[Covered]" = (),
        live: "Live | None" = None,
    ) -> None:
        self.settings = settings
        self.now = now
        self.rules = tuple(rules)
        self.rule_files = tuple(rule_files)
        self.alertmanagers = tuple(alertmanagers)
        self.runbooks = tuple(runbooks)
        self.markdown = tuple(markdown)
        self.library = library
        self.queries = tuple(queries)
        self.scenarios = tuple(scenarios)
        self.drills = tuple(drills)
        self.dashboards = tuple(dashboards)
        self.bad_files = tuple(bad_files)
        self.not_read = tuple(not_read)
        self.not_checked = tuple(not_checked)
        self.rules_unknown = rules_unknown
        self.files = {file.path: file for file in files}
        self.scrape_interval = settings.scrape_interval or scrape_interval or SCRAPE_INTERVAL
        self.proofs = dict(proofs or {})
        self.covered = {each.alert: each for each in covered}
        self.live = live

    @cached_property
    def graph(self) -> Rules:
        """The rules as a graph: which rest on which."""
        return Rules(self.rule_files)

    @cached_property
    def alerts(self) -> tuple[RuleEntry, ...]:
        """The alerting rules."""
        return tuple(each for each in self.rules if each.rule.is_alert)

    @cached_property
    def real_alerts(self) -> tuple[RuleEntry, ...]:
        """The alerting rules without those that look at no series, as a Watchdog does, and fire always."""
        return tuple(each for each in self.alerts if not self.graph.always_firing(each.rule))

    @cached_property
    def alert_names(self) -> frozenset[str]:
        """The names of all alerts."""
        return frozenset(each.name for each in self.alerts)

    def runbook_of(self, alert: RuleEntry) -> RunbookRef | None:
        """Return the runbook that an alert leads to, or None."""
        rule = alert.rule
        return self.library.resolve({**rule.labels, "alertname": rule.name}, rule.annotations)


def _line_at(node: Value, keys: Sequence[str | int]) -> int:
    line = node.line
    for key in keys:
        if isinstance(key, int) and isinstance(node, Seq) and key < len(node):
            node = node[key]
            line = node.line
        elif isinstance(key, str) and isinstance(node, Map) and (own := node.key(key)) is not None:
            line, node = own.line, node[own]
        else:
            break
    return line


def _span_at(node: Value, keys: Sequence[str | int]) -> tuple[int, int]:
    found: Value = node
    for key in keys:
        if isinstance(key, int) and isinstance(node, Seq) and key < len(node):
            node = found = node[key]
        elif isinstance(key, str) and isinstance(node, Map) and key in node:
            node = node[key]
        else:
            break
    return found.line, found.end
