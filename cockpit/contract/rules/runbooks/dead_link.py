"""Link of a runbook to what is not there.

A link, an image or a reference of a runbook, or of the index (README.md) beside runbooks, leads to a file of
the repository that is not there, or to a heading that its file does not have. Whoever follows it at night
lands nowhere. Several links to the same missing thing are reported once, at the first.

Looked at are relative links. Pages elsewhere, templates, and what a site generator may yet make (pages
without an extension, `.html`) are not judged, and neither are files outside the folders that are checked.

**Remedy.** Link what is there, or take the link out.
"""

import os
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath
from urllib.parse import unquote

from cockpit.contract.links import NO_HEADING, Link, anchors, gone_with
from cockpit.contract.model import Key, Place, Problem, Severity
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.rule import rule
from cockpit.runbooks.links import EXTENSIONS, INDEXES, Target, stem, target

_TEMPLATED = re.compile(r"\{\{|\{%|\$\{|<|\\|\{\w+\}|\$\w")
_SITE_PAGES = frozenset({"", ".html", ".htm"})


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each file and each heading that is missing, at the first link to it."""
    looked = _Looking(repository)
    for entry in repository.runbooks:
        looked.through(entry)
    folders = {_folder(entry) for entry in repository.runbooks}
    own = {id(entry) for entry in repository.runbooks}
    for entry in repository.markdown:
        index = stem(PurePosixPath(entry.runbook.path).name) in INDEXES
        if index and id(entry) not in own and _folder(entry) in folders:
            looked.through(entry)
    yield from looked.problems()


def _folder(entry: RunbookEntry) -> tuple[str, str]:
    return str(entry.runbook.folder), str(PurePosixPath(entry.runbook.path).parent)


class _Looking:
    """Follows links, and keeps the places of those that lead nowhere, by what is missing."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._entries = {entry.runbook.path: entry for entry in reversed(repository.markdown)}
        self._missing: dict[tuple[str, str], list[tuple[Place, RunbookEntry, str]]] = {}

    def through(self, entry: RunbookEntry) -> None:
        """Follow the links of a file."""
        for link in entry.links:
            url = unquote(link.url, errors="replace")
            aim = target(link.url)
            if aim is None or aim.url or _TEMPLATED.search(url):
                continue
            if (missing := self._dead(entry, aim, link)) is not None:
                place = entry.at(link.line - 1)
                self._missing.setdefault(missing, []).append((place, entry, url))

    def _dead(self, entry: RunbookEntry, aim: Target, link: Link) -> tuple[str, str] | None:
        """Return the path, and the anchor in it, that a link misses."""
        ref = self._repository.library.follow(entry.runbook, link.url)
        if ref is None:
            return _missing_file(entry, aim)
        if not ref.anchor or NO_HEADING.fullmatch(ref.anchor):
            return None
        # A path may stand below several roots; the file's own is what its own anchors mean.
        page = entry if ref.path == entry.runbook.path else self._entries.get(ref.path)
        offered = anchors(page.runbook) if page else None
        return None if offered is None or ref.anchor in offered else (ref.path, ref.anchor)

    def problems(self) -> Iterator[Problem]:
        """Yield a problem for each missing thing."""
        for (path, anchor), links in self._missing.items():
            place, entry, url = links[0]
            more = f"; {len(links) - 1} more lead there" if len(links) > 1 else ""
            what, keys = self._words(path, anchor)
            yield Problem(
                at=place,
                message=f"the link to {url} leads to {what}",
                remedy=f"link what is there, or take the link out{more}",
                rests_on=frozenset([*keys, ("runbook", entry.runbook.path), ("folder",)]),
            )

    def _words(self, path: str, anchor: str) -> tuple[str, list[Key]]:
        keys: list[Key] = [("runbook", path)]
        if not anchor:
            near = get_close_matches(path, list(self._entries), n=1, cutoff=0.8)
            return "no file" + (f", did you mean {near[0]}?" if near else ""), keys
        page = self._entries[path]
        titles = [each.anchor for each in page.runbook.sections]
        near = get_close_matches(anchor, titles, n=1)
        keys.append(("anchor", path, anchor))
        sections = self._repository.settings.sections
        keys += [("section", path, kind.value) for kind in gone_with(page.runbook, anchor, sections)]
        return f"no heading of {page.file.path}" + (f", did you mean #{near[0]}?" if near else ""), keys


def _missing_file(entry: RunbookEntry, aim: Target) -> tuple[str, str] | None:
    suffix = PurePosixPath(aim.segments[-1]).suffix.lower() if aim.segments else ""
    if suffix in _SITE_PAGES or (aim.absolute and suffix not in EXTENSIONS):
        return None
    root = entry.runbook.folder
    if aim.absolute:
        # Where a site or a repository begins is known only where its first folder is here.
        bases = [PurePosixPath()] if (root / aim.segments[0]).is_dir() else []
    else:
        own = PurePosixPath(entry.runbook.path)
        # Some generators serve a page as a folder, and its links begin there.
        bases = [own.parent, own.with_suffix("")]
    paths = [_joined(base, aim.segments) for base in bases]
    if not paths or None in paths or any(os.path.lexists(root / path) for path in paths if path):
        return None
    return str(paths[0]), ""


def _joined(base: PurePosixPath, segments: tuple[str, ...]) -> str | None:
    """Return a path below the root, or None for one that leads out of it."""
    path = os.path.normpath(base.joinpath(*segments))
    return None if path.startswith(("..", "/")) else path
