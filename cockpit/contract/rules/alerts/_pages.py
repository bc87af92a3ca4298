"""The Markdown files that a link can mean, found by the end of their paths."""

import os
import re
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.runbooks.links import EXTENSIONS, INDEXES, file_names

Parts = tuple[str, ...]
_MOST_NEAR = 50


class Pages:
    """The pages of a repository. Where a path begins is not known: its end decides."""

    def __init__(self, repository: Repository) -> None:
        self.by_path = {entry.runbook.path: entry for entry in reversed(repository.markdown)}
        self._by_name: dict[str, list[tuple[Parts, RunbookEntry]]] = {}
        self._by_folder: dict[Parts, list[RunbookEntry]] = {}
        self._ends: set[Parts] = set()
        self._asked = 0
        for entry in repository.markdown:
            parts = _parts(entry)
            self._by_name.setdefault(parts[-1], []).append((parts, entry))
            self._by_folder.setdefault(parts[:-1], []).append(entry)
        for folder in self._by_folder:
            self._ends.update(folder[at:] for at in range(len(folder)))
        self._all = "\n".join("/".join(_parts(entry)) for entry in repository.markdown)
        roots = {entry.runbook.folder for entry in repository.markdown}
        rule_folders = {Path(each.path).absolute().parent for each in repository.rule_files}
        self._bases = tuple(roots | rule_folders | {above for each in rule_folders for above in each.parents})

    def at(self, segments: Parts) -> RunbookEntry | None:
        """Return the page whose path ends with `segments`, with or without its extension, or its index."""
        if not segments:
            return None
        *folder, name = (each.casefold() for each in segments)
        candidates = [(*folder, each) for each in (name, *file_names(name))]
        candidates += [(*folder, name, f"{each}{end}") for each in sorted(INDEXES) for end in EXTENSIONS]
        for wanted in candidates:
            for parts, entry in self._by_name.get(wanted[-1], ()):
                if parts[-len(wanted) :] == wanted:
                    return entry
        return None

    def has_folder(self, segments: Parts) -> bool:
        """Say whether pages stand in a folder whose path ends with `segments`, or below it."""
        wanted = tuple(each.casefold() for each in segments)
        return wanted in self._ends or any(_within(wanted, folder) for folder in self._by_folder)

    def is_there(self, segments: Parts) -> bool:
        """Say whether a file of any kind is where a folder of pages or rules, or one above, would have it."""
        return any(os.path.lexists(base.joinpath(*segments)) for base in self._bases)

    def matches(self, pattern: str) -> bool:
        """Say whether a path ends with what a regular expression describes; its wildcards stay in a line."""
        ends = "|".join(re.escape(end) for end in EXTENSIONS)
        index = f"/(?:{'|'.join(sorted(INDEXES))})"
        return re.search(rf"(?m)(?:^|/)(?:{pattern})(?:(?:{index})?(?:{ends}))?$", self._all) is not None

    def near(self, segments: Parts) -> RunbookEntry | None:
        """Return the page that is called almost like the one that is missing; of few, for it takes time."""
        self._asked += 1
        if self._asked > _MOST_NEAR:
            return None
        wanted = "/".join(segments).casefold()
        own = tuple(each.casefold() for each in segments[:-1])
        inside = [
            entry
            for folder, entries in self._by_folder.items()
            if folder[len(folder) - len(own) :] == own
            for entry in entries
        ]
        names = {_tail(entry, len(segments)): entry for entry in inside or self.by_path.values()}
        found = get_close_matches(wanted, names, n=1, cutoff=0.85)
        return names[found[0]] if found else None

    def guesses(self, segments: Parts) -> frozenset[str]:
        """Return the paths that a missing page would have in the folders that are there."""
        own = tuple(each.casefold() for each in segments[:-1])
        return frozenset(
            str(PurePosixPath(entries[0].runbook.path).parent / segments[-1])
            for folder, entries in self._by_folder.items()
            if folder[len(folder) - len(own) :] == own
        )


def _parts(entry: RunbookEntry) -> Parts:
    path = entry.runbook.folder.absolute() / entry.runbook.path
    return tuple(part.casefold() for part in path.parts if part != "/")


def _within(wanted: Parts, folder: Parts) -> bool:
    return any(folder[at : at + len(wanted)] == wanted for at in range(len(folder) - len(wanted) + 1))


def _tail(entry: RunbookEntry, count: int) -> str:
    return "/".join(PurePosixPath(entry.runbook.path).parts[-count:]).casefold()
