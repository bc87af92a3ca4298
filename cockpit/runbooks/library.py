"""The runbooks of a context: which files there are, and which of them an alert leads to.

Only regular files found below the runbook folders are ever read: a link chooses among them, it opens nothing.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from cockpit.runbooks.files import Entry, read_text, scan
from cockpit.runbooks.links import INDEXES, Target, file_names, stem, target
from cockpit.runbooks.model import Runbook, RunbookRef
from cockpit.text import one_line

_MOST_CACHED = 50_000


class Library:
    """The index of the runbook folders. Build it with `read`; what it holds does not change.

    `problems` names, one clean line each, the files and folders that could not be used, and why.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        entries: Sequence[Entry],
        problems: Sequence[str],
        annotations: Sequence[str],
        paths: Mapping[str, str],
    ) -> None:
        self._problems = list(problems)
        self._annotations = tuple(annotations)
        self._folders = tuple(folders)
        self._prefixes = sorted(paths.items(), key=lambda item: -len(item[0]))
        self._entries: dict[str, Entry] = {}
        for entry in entries:
            if entry.path in self._entries:
                self._problems.append(
                    f"{entry.path}: stands in several runbook folders; the first one is used"
                )
            else:
                self._entries[entry.path] = entry
        self._by_path = {path.casefold(): entry for path, entry in reversed(self._entries.items())}
        self._by_name: dict[str, list[Entry]] = {}
        self._by_stem: dict[str, Entry] = {}
        self._by_letters: dict[str, Entry] = {}
        self._by_alert: dict[str, Entry] = {}
        self._index()
        self._resolved: dict[tuple[str, ...], RunbookRef | None] = {}
        self._parsed: dict[str, tuple[tuple[int, int], Runbook]] = {}

    @classmethod
    def read(
        cls,
        folders: Sequence[Path],
        *,
        annotations: Sequence[str] = ("runbook_url", "runbook"),
        paths: Mapping[str, str] | None = None,
    ) -> "Library":
        """Look through `folders` for `*.md` and `*.markdown`, reading only their front matter. Never raises.

        `annotations` are the alert annotations that may link a runbook, the first one first; `paths` maps
        the start of a URL onto a path: below a runbook folder, or naming the folder itself as its first part.
        """
        entries, problems = scan(folders)
        return cls(folders, entries, problems, annotations, paths or {})

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be used, and why; grows when a file turns out unreadable later."""
        return tuple(self._problems)

    def names(self) -> tuple[str, ...]:
        """Return the paths of all runbooks below their folders, with `/`, cleaned, sorted."""
        return tuple(sorted(self._entries))

    def all(self) -> tuple[Runbook, ...]:
        """Return every runbook that can be read, in the order of `names`."""
        return tuple(r for r in map(self.get, self.names()) if r is not None)

    def get(self, path_or_stem: str) -> Runbook | None:
        """Return a runbook by its path below its folder, with or without extension, or by its file's stem.

        Letter case matters only to prefer an exact match. A file changed since is read anew; one that cannot
        be read any more is a problem and None.
        """
        entry = self._find(path_or_stem)
        if entry is None:
            return None
        text, stamp, problem = read_text(entry, known=self._parsed.get(entry.path, ((0, 0), None))[0])
        if problem is not None:
            note = f"{entry.path}: {problem}"
            if note not in self._problems:
                self._problems.append(note)
            return None
        if text is None:
            return self._parsed[entry.path][1]
        # Parsing is imported for those who open a runbook: a list of alerts does without.
        from cockpit.runbooks.parse import parse

        runbook = parse(text, path=entry.path, folder=entry.folder)
        self._parsed[entry.path] = (stamp, runbook)
        return runbook

    def resolve(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> RunbookRef | None:
        """Return the runbook that an alert leads to, or None; the README, under Runbooks, has the order."""
        texts = tuple(annotations.get(name, "") for name in self._annotations)
        key = (labels.get("alertname", ""), *texts)
        if key not in self._resolved:
            if len(self._resolved) >= _MOST_CACHED:
                self._resolved.clear()
            self._resolved[key] = self._resolve(key[0], [t for t in texts if t])
        return self._resolved[key]

    def follow(self, runbook: Runbook, link: str) -> RunbookRef | None:
        """Return what a relative or in-page link of a runbook leads to inside the library, or None."""
        aim = target(link)
        if aim is None or aim.url:
            return None
        if not aim.segments:
            return RunbookRef(runbook.path, aim.anchor)
        base = () if aim.absolute else PurePosixPath(runbook.path).parts[:-1]
        parts: list[str] = []
        for part in (*base, *aim.segments):
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            else:
                parts.append(part)
        entry = self._below(tuple(parts)) if parts else None
        return RunbookRef(entry.path, aim.anchor) if entry else None

    def _index(self) -> None:
        for entry in self._entries.values():
            name = PurePosixPath(entry.path).name
            self._by_name.setdefault(name.casefold(), []).append(entry)
            if stem(name) not in INDEXES:
                self._by_stem.setdefault(stem(name), entry)
                self._by_letters.setdefault(_letters(stem(name)), entry)
            for alert in entry.alerts:
                self._by_alert.setdefault(alert, entry)

    def _find(self, wanted: str) -> Entry | None:
        if wanted in self._entries:
            return self._entries[wanted]
        folded = wanted.casefold().removeprefix("./")
        for name in (folded, *file_names(folded)):
            if name in self._by_path:
                return self._by_path[name]
        if stem(folded) in self._by_stem:
            return self._by_stem[stem(folded)]
        return next((e for name in file_names(folded) for e in self._by_name.get(name, ())), None)

    def linked(self, text: str) -> RunbookRef | None:
        """Return the runbook that one annotation leads to, whichever alert has it, or None."""
        return self._linked([text])

    def maps(self, url: str) -> bool:
        """Say whether `paths` maps a URL onto a folder that has runbooks."""
        places = (
            "/".join((*start, "")).casefold()
            for prefix, local in self._prefixes
            if prefix and url.startswith(prefix)
            for start in self._local(local)
        )
        return any(path.startswith(place) for place in places for path in self._by_path)

    def _resolve(self, alert: str, texts: list[str]) -> RunbookRef | None:
        if ref := self._linked(texts):
            return ref
        named = self._by_alert.get(alert) or self._by_stem.get(alert.casefold())
        named = named or (self._by_letters.get(_letters(alert)) if _letters(alert) else None)
        return RunbookRef(named.path) if named and alert else None

    def _linked(self, texts: Sequence[str]) -> RunbookRef | None:
        targets = [aim for aim in map(target, texts) if aim is not None]
        for text in texts:
            if ref := self._mapped(text):
                return ref
        for aim in targets:
            if not aim.url and not aim.climbs and aim.segments and (entry := self._as_path(aim)):
                return RunbookRef(entry.path, aim.anchor)
        for aim in targets:
            if (aim.url or not (aim.climbs or aim.absolute)) and (entry := self._last_segment(aim)):
                return RunbookRef(entry.path, aim.anchor)
        return None

    def _mapped(self, text: str) -> RunbookRef | None:
        for prefix, local in self._prefixes:
            if not text.startswith(prefix) or not prefix:
                continue
            aim = target("./" + text[len(prefix) :].lstrip("/"))
            if aim is None or aim.climbs:
                continue
            for start in self._local(local):
                if entry := self._below((*start, *aim.segments)):
                    return RunbookRef(entry.path, aim.anchor)
        return None

    def _local(self, local: str) -> list[tuple[str, ...]]:
        """Return the places below the runbook folders that the right side of a mapping may mean."""
        path = PurePosixPath(local)
        parts = tuple(p for p in path.parts if p not in {"/", "."})
        starts = [] if path.is_absolute() else [parts]
        for folder in self._folders:
            own = tuple(p for p in folder.absolute().as_posix().split("/") if p)
            for shared in range(min(len(own), len(parts)), 0, -1):
                if own[-shared:] == parts[:shared] and (not path.is_absolute() or shared == len(own)):
                    starts.append(parts[shared:])
                    break
        return starts

    def _as_path(self, aim: Target) -> Entry | None:
        if not aim.absolute:
            return self._below(aim.segments)
        for folder in self._folders:
            own = tuple(p for p in folder.absolute().as_posix().split("/") if p)
            if aim.segments[: len(own)] == own and (entry := self._below(aim.segments[len(own) :])):
                return entry
        return None

    def _below(self, parts: tuple[str, ...]) -> Entry | None:
        joined = "/".join(one_line(p) for p in parts).casefold()
        names = [joined, *file_names(joined)] if joined else []
        names += [f"{joined}/{i}.md".lstrip("/") for i in ("readme", "_index", "index")]
        return next((self._by_path[name] for name in names if name in self._by_path), None)

    def _last_segment(self, aim: Target) -> Entry | None:
        """Return the file with the name of the last segment; of several, the one whose folders agree best."""
        if not aim.segments:
            return None
        folders = [one_line(s).casefold() for s in aim.segments[:-1]]
        best: tuple[int, Entry] | None = None
        for name in file_names(one_line(aim.segments[-1])):
            for entry in self._by_name.get(name, ()):
                shared = _shared(folders, entry.path.casefold().split("/")[:-1])
                if shared == 0 and stem(name) in INDEXES:
                    continue
                if best is None or shared > best[0]:
                    best = (shared, entry)
        return best[1] if best else None


def _shared(left: list[str], right: list[str]) -> int:
    count = 0
    for a, b in zip(reversed(left), reversed(right), strict=False):
        if a != b:
            break
        count += 1
    return count


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
