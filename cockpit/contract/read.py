"""The files of a team, read into a Repository: told apart by what is in them, none left out in silence."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.alerts import routing
from cockpit.contract import dashboards, markdown, shell
from cockpit.contract.kinds import Kind, is_template, kind_of, sniffed
from cockpit.contract.model import NotRead
from cockpit.contract.repository import (
    AlertmanagerEntry,
    BadFile,
    Dashboard,
    DrillEntry,
    File,
    Node,
    Origin,
    Query,
    Repository,
    RuleEntry,
    ScenarioEntry,
)
from cockpit.contract.settings import Settings
from cockpit.contract.walk import Found, walk
from cockpit.drills.files import DRILLS
from cockpit.errors import UsageError
from cockpit.expression import parsed
from cockpit.files import FileError, open_regular, read_regular
from cockpit.runbooks.files import decode
from cockpit.scenarios.files import SCENARIOS
from cockpit.scenarios.proof.rulefiles import RuleFile, Rules, groups_of
from cockpit.units import parse_duration
from cockpit.yaml_lines import Map, YamlTrouble, documents

if TYPE_CHECKING:
    from cockpit.runbooks.files import Entry

MAX_BYTES = 10_000_000
"""A file is not read beyond this size."""

_MARKDOWN = frozenset({".md", ".markdown"})
_YAML = frozenset({".yml", ".yaml", ".rules"})
_HEAD = 8192
_NO_BASH = "commands of runbooks: there is no bash that could parse them"


def read(
    paths: Sequence[Path],
    settings: Settings,
    *,
    runbook_folders: Sequence[Path] = (),
    now: float | None = None,
) -> Repository:
    """Read `paths`, files or folders. Every Markdown file of `runbook_folders` is taken for a runbook.

    `now`, in Unix seconds, is by default the clock's. Raises UsageError for a path that is not there; what is
    wrong with a file is a finding.
    """
    files, left = walk(paths, settings.exclude)
    reading = _Reading()
    reading.not_read += left
    for found in files:
        reading.add(found)
    return reading.repository(settings, runbook_folders, time.time() if now is None else now)


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.files: list[File] = []
        self.rule_files: dict[Path, tuple[File, RuleFile]] = {}
        self.alertmanagers: list[AlertmanagerEntry] = []
        self.scenarios: list[ScenarioEntry] = []
        self.drills: list[DrillEntry] = []
        self.dashboards: list[Dashboard] = []
        self.queries: list[Query] = []
        self.documents: list[tuple[Entry, File]] = []
        self.bad: list[BadFile] = []
        self.not_read: list[NotRead] = []
        self.rules_unknown = False
        self.scrape_interval: float | None = None

    def add(self, found: Found) -> None:
        """Read one file."""
        suffix = found.path.suffix.lower()
        if suffix not in _MARKDOWN | _YAML | {".json"} and not _seems_ours(found.path):
            return
        try:
            data = read_regular(found.path, MAX_BYTES)
        except OSError as error:
            file = File(found.shown, "")
            self.bad.append(BadFile(file.at(1), "file", error.strerror or str(error)))
            return
        if suffix in _MARKDOWN:
            self._markdown(found, data)
        elif not data.strip():
            self.not_read.append(NotRead(found.shown, "empty"))
        else:
            self._structured(found, data, named=suffix in _YAML)

    def _markdown(self, found: Found, data: bytes) -> None:
        if (problem := markdown.problem(data)) is not None:
            self.bad.append(BadFile(File(found.shown, "").at(1), "runbook", problem))
            return
        file = File(found.shown, markdown.text_of(data))
        self.documents.append((markdown.entry(found, file.text), file))

    def _structured(self, found: Found, data: bytes, *, named: bool) -> None:
        text, file = decode(data).removeprefix("\ufeff"), File(found.shown, "")
        if b"\0" in data[:_HEAD] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            if named:
                self.bad.append(BadFile(file.at(1), "YAML file", "not text"))
            return
        file = File(found.shown, text)
        if found.path.suffix.lower() == ".json" and not sniffed_json(text):
            self._dashboard(file)
            return
        try:
            held = documents(text)
        except YamlTrouble as trouble:
            self._trouble(file, trouble, named=named)
            return
        for each in held:
            if isinstance(each, Map):
                self._document(found, file, each)

    def _trouble(self, file: File, trouble: YamlTrouble, *, named: bool) -> None:
        kind, line = sniffed(file.text), trouble.line or 1
        if not named:
            return
        if is_template(file.text):
            self.rules_unknown |= kind is Kind.RULES
            self.not_read.append(NotRead(file.path, "a template, which YAML is made of only later", line))
        elif kind is not Kind.OTHER:
            self.bad.append(BadFile(file.at(line), kind, trouble.problem))
            self.files.append(file)
        else:
            self.not_read.append(NotRead(file.path, f"no YAML: {trouble.problem}", line))

    def _document(self, found: Found, file: File, node: Map) -> None:
        kind = kind_of(node)
        if kind is Kind.OTHER:
            return
        if file not in self.files[-1:]:
            self.files.append(file)
        if kind is Kind.RULES:
            before = self.rule_files.get(found.path)
            groups = (*(before[1].groups if before else ()), *groups_of([node]))
            self.rule_files[found.path] = file, RuleFile(found.path, file.text, groups)
        elif kind is Kind.ALERTMANAGER:
            self.alertmanagers.append(AlertmanagerEntry(file, node, self._routing(file, node)))
        elif kind is Kind.PROMETHEUS:
            self._prometheus(node)
        else:
            self._exercise(kind, file, node)

    def _routing(self, file: File, node: Map) -> routing.Routing | None:
        try:
            return routing.parse(file.text)
        except UsageError as error:
            place = Node(file, node).at("route")
            self.bad.append(BadFile(place, Kind.ALERTMANAGER, error.message, invalid=True))
            return None

    def _prometheus(self, node: Map) -> None:
        try:
            interval = parse_duration(node.map("global").text("scrape_interval") or "1m")
        except UsageError:
            return
        self.scrape_interval = min(interval, self.scrape_interval or interval)

    def _exercise(self, kind: Kind, file: File, node: Map) -> None:
        try:
            if kind is Kind.SCENARIO:
                self.scenarios.append(ScenarioEntry(file, node, SCENARIOS.parse(file.text, file.path)))
            else:
                self.drills.append(DrillEntry(file, node, DRILLS.parse(file.text, file.path)))
        except FileError as error:
            reason = ": ".join(filter(None, (error.key, error.problem)))
            self.bad.append(BadFile(file.at(error.line or 1), kind, reason, invalid=True))

    def _dashboard(self, file: File) -> None:
        try:
            found = dashboards.read(file)
        except ValueError as error:
            self.not_read.append(NotRead(file.path, f"no JSON: {error}"))
            return
        if found is not None:
            self.files.append(file)
            self.dashboards.append(found[0])
            self.queries += found[1]

    def repository(self, settings: Settings, runbook_folders: Sequence[Path], now: float) -> Repository:
        """Return all of it."""
        rules = [each for pair in self.rule_files.values() for each in _entries(*pair)]
        runbooks = markdown.read(self.documents, rules, settings, runbook_folders)
        return Repository(
            settings=settings,
            now=now,
            rules=rules,
            rule_files=[file for _, file in self.rule_files.values()],
            alertmanagers=self.alertmanagers,
            runbooks=runbooks.runbooks,
            markdown=runbooks.markdown,
            library=runbooks.library,
            queries=[*map(_query, rules), *runbooks.queries, *self.queries],
            scenarios=self.scenarios,
            drills=self.drills,
            dashboards=self.dashboards,
            bad_files=self.bad,
            not_read=self.not_read,
            not_checked=[_NO_BASH]
            if any(each.runbook.commands for each in runbooks.runbooks) and shell.bash() is None
            else (),
            rules_unknown=self.rules_unknown,
            files=[*self.files, *(file for _, file in self.documents)],
            scrape_interval=self.scrape_interval,
        )


def _entries(file: File, rule_file: RuleFile) -> list[RuleEntry]:
    return [RuleEntry(file, rule.node, rule) for rule in Rules([rule_file]).all if rule.node is not None]


def _query(entry: RuleEntry) -> Query:
    expr, key = entry.node.get("expr"), entry.node.key("expr")
    first = key.line if key else entry.node.line
    text = entry.rule.expr
    return Query(
        expr=text,
        bound=text if parsed(text) is not None else None,
        file=entry.file,
        lines=(first, max(first, expr.end if expr is not None else first)),
        span=(entry.node.line, entry.node.end),
        origin=Origin("rule", entry.name),
        rule=entry,
    )


def _seems_ours(path: Path) -> bool:
    """Say whether a file without a telling suffix begins as a rule file or a configuration does."""
    try:
        with open_regular(path) as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    if b"\0" in head:
        return False
    return re.search(rb"^(?:groups|route|signals|phases):[ \t]*(?:#.*)?$", head, re.MULTILINE) is not None


def sniffed_json(text: str) -> bool:
    """Say whether JSON has groups of rules rather than panels."""
    return '"groups"' in text and '"panels"' not in text
