"""Markdown files: which of them are runbooks, and the queries that these ask."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from cockpit.contract.links import links
from cockpit.contract.repository import File, Origin, Query, RuleEntry, RunbookEntry
from cockpit.contract.settings import Settings
from cockpit.contract.walk import Found
from cockpit.runbooks.bind import neutral
from cockpit.runbooks.files import Entry, decode
from cockpit.runbooks.frontmatter import read_front_matter
from cockpit.runbooks.library import Library
from cockpit.runbooks.links import INDEXES, stem
from cockpit.runbooks.markdown import MAX_CHARACTERS, MAX_LINES, normalise
from cockpit.runbooks.model import Runbook, SectionKind
from cockpit.runbooks.parse import alert_names, parse
from cockpit.runbooks.sections import section_kind
from cockpit.text import one_line

EMPTY = "empty"
_CALLED = re.compile(r"(?<![a-z])(?:run|play)[ _-]?books?(?![a-z])|(?<![a-z])alerts?(?![a-z])", re.IGNORECASE)
_METRIC = re.compile(r"\w*_(?:total|bucket)|\w+:\w*_\w*(?::\w+)*|\w+(?::\w+){2,}")
_WORD = re.compile(r"[\w:]+")
_OF_USE = frozenset({SectionKind.TRIAGE, SectionKind.MITIGATION})


class Runbooks(Struct, frozen=True):
    """The runbooks among the Markdown files, all of these, their index, and the runbooks' queries.

    `unread` are those of the files that cannot be read which are runbooks too.
    """

    runbooks: tuple[RunbookEntry, ...]
    markdown: tuple[RunbookEntry, ...]
    library: Library
    queries: tuple[Query, ...]
    unread: tuple[Entry, ...]


def problem(data: bytes) -> str | None:
    """Return why Markdown cannot be read, or None."""
    if not data.strip():
        return EMPTY
    if len(data) > MAX_CHARACTERS:
        return f"{len(data) / 1e6:.1f} MB is too large for a runbook (2 MB at most)"
    if data.count(b"\n") > MAX_LINES:
        return f"more than {MAX_LINES} lines is too long for a runbook"
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "not text"
    return None


def text_of(data: bytes) -> str:
    """Return Markdown as text with its lines; what is not UTF-8 is replaced."""
    return decode(data).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def entry(found: Found, text: str = "") -> Entry:
    """Return what the index of runbooks holds of a file, without its text of one that cannot be read."""
    path = one_line(found.path.relative_to(found.root).as_posix())
    return Entry(path, found.root, found.path, alert_names(read_front_matter(normalise(text))))


def read(
    documents: Sequence[tuple[Entry, File]],
    unread: Sequence[Entry],
    rules: Iterable[RuleEntry],
    settings: Settings,
    folders: Sequence[Path],
) -> Runbooks:
    """Tell runbooks from other Markdown; an alert may lead to one that is `unread`, too.

    One is whatever an alert leads to, whatever names alerts in its front matter, has the sections of a
    runbook, fewer of them where its path says that it is one, or stands in `folders`; indexes (README.md)
    only where an alert leads to them.
    """
    entries = [*(entry for entry, _ in documents), *unread]
    roots = tuple(dict.fromkeys(entry.folder for entry in entries))
    library = Library(roots, entries, (), settings.runbook_annotations, settings.runbook_paths)
    led: dict[str, list[RuleEntry]] = {}
    for rule in rules:
        if rule.rule.is_alert:
            ref = library.resolve({**rule.rule.labels, "alertname": rule.name}, rule.rule.annotations)
            if ref is not None:
                led.setdefault(ref.path, []).append(rule)
    parsed = [(each, _entry(each, file, led.get(each.path, ()))) for each, file in documents]
    own = [folder.resolve() for folder in folders]
    runbooks = tuple(
        runbook
        for each, runbook in parsed
        if runbook.alerts
        or (
            stem(each.file.name) not in INDEXES
            and (any(each.file.resolve().is_relative_to(f) for f in own) or _is_runbook(runbook.runbook))
        )
    )
    queries = tuple(query for each in runbooks for query in _queries(each))
    lost = tuple(
        each
        for each in unread
        if each.path in led
        or _CALLED.search(each.path)
        or any(each.file.resolve().is_relative_to(f) for f in own)
    )
    return Runbooks(runbooks, tuple(runbook for _, runbook in parsed), library, queries, lost)


def _entry(found: Entry, file: File, alerts: Sequence[RuleEntry]) -> RunbookEntry:
    runbook = parse(file.text, path=found.path, folder=found.folder)
    return RunbookEntry(file, runbook, tuple(alerts), links(runbook.text))


def _is_runbook(runbook: Runbook) -> bool:
    called = bool(_CALLED.search(runbook.path) or _CALLED.search(runbook.title))
    # Release notes have bug fixes and supported versions: of other pages only whole titles count.
    titled = (
        section_kind(each.title, each.level if called else 1) for each in runbook.sections if each.level > 1
    )
    kinds = {kind for kind in titled if kind is not None}
    shaped = len(kinds) > 1 and kinds & _OF_USE if called else len(kinds) > 2 and kinds >= _OF_USE
    return bool(runbook.alerts or (shaped and (runbook.queries or runbook.commands)))


def _queries(entry: RunbookEntry) -> Iterable[Query]:
    lines = entry.file.text.split("\n")
    for query in entry.runbook.queries:
        if _is_word(query.expr, lines[query.line : query.line + 1]):
            continue
        first = query.line + 1
        fenced = lines[query.line].lstrip().startswith(("```", "~~~")) if query.line < len(lines) else False
        begin = first + fenced
        yield Query(
            expr=query.expr,
            bound=neutral(query.expr),
            file=entry.file,
            lines=(begin, begin + query.expr.strip().count("\n")),
            span=(first, begin + query.expr.count("\n") + fenced),
            origin=Origin("runbook", entry.runbook.title),
            alerts=entry.alerts,
        )


def _is_word(expr: str, line: Sequence[str]) -> bool:
    """Say whether a query is a word of a sentence that need not be a metric: an option, a variable."""
    inline = any(f"`{expr}`" in each for each in line)
    return inline and bool(_WORD.fullmatch(expr)) and not _METRIC.fullmatch(expr)
