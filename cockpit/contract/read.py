"""The files of a team, read into a Repository: told apart by what is in them, none left out in silence."""

import errno
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.alerts import routing
from cockpit.contract import dashboards, markdown, shell, wrapped
from cockpit.contract.kinds import Kind, is_template, kind_of, may_be_ours, misshapen, sniffed
from cockpit.contract.model import NotRead
from cockpit.contract.raw import head, is_rules_json, no_text, seems_ours
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
from cockpit.contract.walk import JSON, MARKDOWN, YAML, Found, walk
from cockpit.contract.wrapped import Held, objects
from cockpit.drills.files import DRILLS
from cockpit.errors import UsageError
from cockpit.expression import parsed
from cockpit.files import FileError, read_regular
from cockpit.runbooks.files import decode
from cockpit.scenarios.files import SCENARIOS
from cockpit.scenarios.proof.rulefiles import RuleFile, Rules, groups_of
from cockpit.text import one_line
from cockpit.units import parse_duration
from cockpit.yaml_lines import Map, YamlTrouble, documents

if TYPE_CHECKING:
    from cockpit.runbooks.files import Entry

MAX_BYTES = 10 * 2**20
"""A file is not read beyond this size."""

_CALLED = re.compile(r"rule|alert|prometheus|record|scenario|drill|dashboard|monitoring", re.IGNORECASE)
"""What an empty file may be called that was to be one of ours; the empty ones of other tools are many."""

_OF_SERVERS = frozenset({Kind.RULES, Kind.ALERTMANAGER, Kind.PROMETHEUS})
_SMALL = 65_536
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
    walked = walk(paths, settings.exclude)
    reading = _Reading()
    reading.not_read += walked.left
    reading.bad += (BadFile(File(each.path, "").at(1), "folder", each.reason) for each in walked.closed)
    for found in walked.files:
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
        self.unread: list[tuple[Entry, NotRead]] = []
        self.bad: list[BadFile] = []
        self.not_read: list[NotRead] = []
        self.rules_unknown = False
        self.scrape_interval: float | None = None

    def add(self, found: Found) -> None:
        """Read one file."""
        suffix = found.path.suffix.lower()
        if suffix not in MARKDOWN | YAML | JSON and not seems_ours(found.path):
            return
        try:
            data = read_regular(found.path, MAX_BYTES)
        except OSError as error:
            self._failed(found, error)
            return
        if suffix in MARKDOWN:
            self._markdown(found, data)
        elif data.strip():
            self._structured(found, data)
        elif _CALLED.search(found.path.relative_to(found.root).as_posix()):
            self.not_read.append(NotRead(found.shown, markdown.EMPTY))

    def _failed(self, found: Found, error: OSError) -> None:
        """Keep why a file cannot be opened. One that is only too large shows what it is in its first part."""
        suffix, reason = found.path.suffix.lower(), error.strerror or str(error)
        file, kind = File(found.shown, ""), Kind.OTHER
        if suffix in MARKDOWN:
            self.unread.append((markdown.entry(found), NotRead(found.shown, reason)))
            return
        if suffix in YAML:
            kind = sniffed(head(found.path).decode("utf-8", "replace"))
        if kind is Kind.OTHER and error.errno == errno.EFBIG:
            self.not_read.append(NotRead(found.shown, reason))
        else:
            self.bad.append(BadFile(file.at(1), kind, reason))

    def _markdown(self, found: Found, data: bytes) -> None:
        if (problem := markdown.problem(data)) is not None:
            self.unread.append((markdown.entry(found), NotRead(found.shown, problem)))
            return
        file = File(found.shown, markdown.text_of(data))
        self.documents.append((markdown.entry(found, file.text), file))

    def _structured(self, found: Found, data: bytes) -> None:
        file = File(found.shown, decode(data).removeprefix("\ufeff"))
        if (trouble := no_text(data)) is not None:
            self._trouble(found, file, trouble)
        elif found.path.suffix.lower() in JSON and not is_rules_json(file.text):
            self._dashboard(file)
        elif len(data) < _SMALL or may_be_ours(file.text):
            self._yaml(found, file)

    def _yaml(self, found: Found, file: File) -> None:
        try:
            held = documents(file.text)
        except YamlTrouble as trouble:
            self._trouble(found, file, trouble)
            return
        for each in held:
            for node in objects(each) if isinstance(each, Map) else ():
                self._document(found, file, node)
                for inner in wrapped.held(file.text, node):
                    self._held(found, file, inner)

    def _held(self, found: Found, file: File, inner: Held) -> None:
        """Read a file within a ConfigMap: what the cockpit reads itself, scenarios and drills, is none."""
        if inner.problem:
            self.not_read.append(NotRead(file.path, f"{inner.name} {inner.problem}", inner.line))
        elif inner.is_json and not is_rules_json(inner.text):
            self._dashboard(File(file.path, inner.text), file)
        elif may_be_ours(inner.text):
            try:
                nodes = [each for each in documents(inner.text) if isinstance(each, Map)]
            except YamlTrouble as trouble:
                self._trouble(found, file, trouble, inner.text)
                return
            for node in nodes:
                if kind_of(node) in _OF_SERVERS:
                    self._document(found, file, node)

    def _trouble(self, found: Found, file: File, trouble: YamlTrouble, text: str = "") -> None:
        text, line, suffix = text or file.text, trouble.line or 1, found.path.suffix.lower()
        kind = sniffed(text)
        if suffix and suffix not in YAML | JSON:
            # A program that has YAML in it.
            return
        if is_template(text):
            self.rules_unknown |= kind is Kind.RULES
            self.not_read.append(NotRead(file.path, "a template: it is YAML only once rendered", line))
        elif kind is not Kind.OTHER and suffix:
            self.bad.append(BadFile(file.at(line), kind, trouble.problem))
            self.files.append(file)
        else:
            self.not_read.append(NotRead(file.path, f"no YAML: {trouble.problem}", line))

    def _document(self, found: Found, file: File, node: Map) -> None:
        kind = kind_of(node)
        shape = misshapen(node) if "groups" in node or "groups" in node.map("spec") else None
        if shape and (kind is Kind.RULES or sniffed(file.text) is Kind.RULES):
            line, reason = shape
            self.bad.append(BadFile(file.at(line), Kind.RULES, reason, invalid=True))
            self.files.append(file)
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
            return routing.routing_of(node)
        except UsageError as error:
            place = Node(file, node).at("route")
            self.bad.append(BadFile(place, Kind.ALERTMANAGER, error.message, invalid=True))
            return None

    def _prometheus(self, node: Map) -> None:
        """Keep the shortest interval of all jobs: what is too short for it is too short anywhere."""
        usual = node.map("global").text("scrape_interval") or "1m"
        jobs = [job.text("scrape_interval") or usual for job in node.maps("scrape_configs")]
        for text in jobs or [usual]:
            try:
                interval = parse_duration(text)
            except UsageError:
                continue
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

    def _dashboard(self, file: File, whole: File | None = None) -> None:
        try:
            found = dashboards.read(file)
        except ValueError as error:
            self.not_read.append(NotRead(file.path, one_line(f"no JSON: {error}", 200)))
            return
        if found is not None:
            self.files.append(whole or file)
            self.dashboards += found[0]
            self.queries += found[1]

    def repository(self, settings: Settings, runbook_folders: Sequence[Path], now: float) -> Repository:
        """Return all of it."""
        rules = [each for pair in self.rule_files.values() for each in _entries(*pair)]
        unread = dict(self.unread)
        runbooks = markdown.read(self.documents, list(unread), rules, settings, runbook_folders)
        lost = {each: unread.pop(each) for each in runbooks.unread}
        self.bad += [_lost(entry, each) for entry, each in lost.items()]
        self.not_read += (each for each in unread.values() if each.reason != markdown.EMPTY)
        return Repository(
            settings=settings,
            now=now,
            rules=rules,
            rule_files=[file for _, file in self.rule_files.values()],
            alertmanagers=self.alertmanagers,
            runbooks=runbooks.runbooks,
            markdown=runbooks.markdown,
            library=runbooks.library,
            queries=[*(_query(each) for each in rules if each.rule.expr), *runbooks.queries, *self.queries],
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
    rules = Rules([rule_file]).all
    return [RuleEntry(file, rule.node, rule) for rule in rules if rule.node is not None and rule.name]


def _lost(entry: "Entry", each: NotRead) -> BadFile:
    return BadFile(File(each.path, "").at(1), "runbook", each.reason, path=entry.path)


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
