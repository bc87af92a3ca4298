"""Index of the runbooks that is not true.

The index beside runbooks (`README.md`) has a table with a column `Alert` and a column `Runbook`, perhaps one
`Owner`, and it does not agree with the rules and the runbooks: a row names an alert that is not there, links
another runbook than the alert leads to, or names another owner than the runbook; or an alert whose runbook
stands in this folder has no row.

A table none of whose rows names an alert of the rules is taken for something else.

**Remedy.** Mend the row, or add the one that is missing.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath

from markdown_it.token import Token
from msgspec import Struct

from cockpit.contract.model import Key, Place, Problem, Severity
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.rule import rule
from cockpit.runbooks.links import INDEXES, stem
from cockpit.runbooks.markdown import plain, read, start

_ALERTS = frozenset({"alert", "alerts", "alertname", "alert name"})
_RUNBOOKS = frozenset({"runbook", "runbooks", "playbook"})
_OWNERS = frozenset({"owner", "owners", "team", "owning team"})
_NAME = re.compile(r"[A-Za-z_][\w:-]*")


class Cell(Struct, frozen=True):
    """A cell of a table: its text, and its first link."""

    text: str
    url: str = ""


class Row(Struct, frozen=True):
    """A row of a table, by the words over its columns, and its line, from 0."""

    line: int
    cells: dict[str, Cell]

    def under(self, words: frozenset[str]) -> Cell:
        """Return the cell below one of `words`; an empty one where there is no such column."""
        return next((cell for head, cell in self.cells.items() if head in words), Cell(""))

    @property
    def alerts(self) -> list[str]:
        """The alerts that the row is about."""
        parts = re.split(r"[,;/\s]+", self.under(_ALERTS).text)
        return [part for part in parts if _NAME.fullmatch(part)]


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield what the rows of each index say that is not so, and the alerts that have none."""
    leads: dict[str, set[str]] = {}
    for alert in repository.alerts:
        ref = repository.runbook_of(alert)
        leads.setdefault(alert.name, set()).update([ref.path] if ref else [])
    for entry in repository.markdown:
        if stem(PurePosixPath(entry.runbook.path).name) not in INDEXES:
            continue
        for head, rows in _tables(entry):
            if any(name in leads for row in rows for name in row.alerts):
                missing = yield from _unknown(repository, entry, rows)
                for row in rows:
                    yield from _row(repository, entry, row, leads)
                yield from _without_row(entry, head, missing, leads)


def _unknown(
    repository: Repository, entry: RunbookEntry, rows: list[Row]
) -> Generator[Problem, None, set[str]]:
    """Yield the alerts of the rows that are not there; return those of the rules that no row means."""
    known = repository.alert_names
    missing = set(known.difference(*(row.alerts for row in rows)))
    strange = [(row, name) for row in rows for name in row.alerts if name not in known]
    for row, name in strange:
        near = get_close_matches(name, sorted(missing), n=1)
        missing.difference_update(near)
        if not repository.rules_unknown:
            yield Problem(
                at=_at(entry, row.line),
                message=f"there is no alert {name}" + (f", did you mean {near[0]}?" if near else ""),
                remedy="name the alert as its rule does, or delete the row",
                rests_on=frozenset([("rules",), ("alert-name", name), ("named-alert", name)]),
            )
    return missing


def _without_row(
    entry: RunbookEntry, head: int, missing: set[str], leads: dict[str, set[str]]
) -> Iterator[Problem]:
    """Yield those alerts of `missing` whose runbook stands beside the index."""
    folder = PurePosixPath(entry.runbook.path).parent
    for name in sorted(missing):
        beside = [path for path in leads[name] if PurePosixPath(path).parent == folder]
        if beside and entry.runbook.path not in beside:
            yield Problem(
                at=_at(entry, head),
                message=f"{name} has no row in the index of its runbook",
                remedy=f"add a row with {name} and {PurePosixPath(beside[0]).name}",
                rests_on=frozenset([("rules",), ("runbook", beside[0]), *_named(name)]),
            )


def _row(
    repository: Repository, entry: RunbookEntry, row: Row, leads: dict[str, set[str]]
) -> Iterator[Problem]:
    """Yield what a row says of its runbook that is not so."""
    linked = repository.library.follow(entry.runbook, row.under(_RUNBOOKS).url or "?")
    if linked is None or linked.path == entry.runbook.path:
        return
    for name in row.alerts:
        if (paths := leads.get(name)) and linked.path not in paths:
            own = sorted(paths)
            yield Problem(
                at=_at(entry, row.line),
                message=f"the index links {linked.path} for {name}, which leads to {own[0]}",
                remedy="link the runbook that the alert leads to",
                rests_on=frozenset([*_named(name), *(("runbook", path) for path in (*own, linked.path))]),
            )
    owner = row.under(_OWNERS).text
    page = next((each for each in repository.runbooks if each.runbook.path == linked.path), None)
    if owner and page and page.runbook.owner and _bare(owner) != _bare(page.runbook.owner):
        yield Problem(
            at=_at(entry, row.line),
            message=f"the index names {owner} as the owner, the runbook {page.runbook.owner}",
            remedy="name the same owner in both",
            rests_on=frozenset([("runbook", linked.path)]),
        )


def _named(alert: str) -> list[Key]:
    """Return the keys of an alert that may be called otherwise."""
    return [(kind, alert) for kind in ("renamed", "documented", "drilled")]


def _at(entry: RunbookEntry, line: int) -> Place:
    return entry.at(line, (line + 1, line + 1))


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _tables(entry: RunbookEntry) -> Iterator[tuple[int, list[Row]]]:
    """Yield the tables of alerts and runbooks: the line of the head, and the rows."""
    if "|" not in entry.runbook.text:
        return
    rows: list[tuple[int, list[Cell]]] = []
    for token in read(entry.runbook.text).tokens:
        if token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append((start(token), []))
        elif token.type == "inline" and rows:
            rows[-1][1].append(_cell(token.children or ()))
        elif token.type == "table_close":
            heads = [cell.text.casefold() for cell in rows[0][1]]
            if _ALERTS.intersection(heads) and _RUNBOOKS.intersection(heads):
                held = [Row(line, dict(zip(heads, cells, strict=False))) for line, cells in rows[1:]]
                yield rows[0][0], held
            rows = []


def _cell(children: Sequence[Token]) -> Cell:
    urls = (str(child.attrGet("href") or "") for child in children if child.type == "link_open")
    return Cell(" ".join(plain(children).split()), next(urls, ""))
