"""The runbook files below the runbook folders: found, and read, without ever leaving the folders."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from cockpit.files import open_regular
from cockpit.runbooks.frontmatter import MAX_CHARACTERS as FRONT_MATTER
from cockpit.runbooks.frontmatter import FrontMatter, read_front_matter
from cockpit.runbooks.links import EXTENSIONS
from cockpit.runbooks.markdown import MAX_CHARACTERS, MAX_LINES, normalise
from cockpit.runbooks.parse import alert_names
from cockpit.text import one_line

_MOST_FILES = 20_000


class Entry(Struct, frozen=True):
    """A runbook file: its clean path below `folder`, with `/`, and the alerts that its front matter names."""

    path: str
    folder: Path
    file: Path
    alerts: tuple[str, ...] = ()


def scan(folders: Sequence[Path]) -> tuple[list[Entry], list[str]]:
    """Return the runbook files of `folders`, in order, and what could not be used. Never raises.

    Hidden folders are skipped and symbolic links to folders not followed; one to a file counts only inside
    its folder.
    """
    entries: list[Entry] = []
    problems: list[str] = []
    for folder in dict.fromkeys(folders):
        shown = one_line(str(folder), 300)
        try:
            if not folder.is_dir():
                problems.append(f"{shown}: {'not a folder' if folder.exists() else 'no such folder'}")
                continue
        except OSError as error:
            problems.append(f"{shown}: {error.strerror}")
            continue
        for path, file in sorted(_markdown_files(folder, problems)):
            if len(entries) >= _MOST_FILES:
                problems.append(f"{shown}: more than {_MOST_FILES} runbooks; the rest is left out")
                break
            front = _front_matter(folder, file, path, problems)
            if front is not None:
                entries.append(Entry(path, folder, file, alert_names(front)))
    return entries, problems


def _markdown_files(folder: Path, problems: list[str]) -> Iterator[tuple[str, Path]]:
    def failed(error: OSError) -> None:
        name = one_line(str(error.filename), 300)
        problems.append(f"{name}: {one_line(error.strerror or 'cannot be read')}")

    for base, folders, names in os.walk(folder, onerror=failed):
        linked = [f for f in folders if (Path(base) / f).is_symlink()]
        problems.extend(
            f"{_below(folder, Path(base) / name)}: a link to a folder is not followed"
            for name in linked
            if not name.startswith(".")
        )
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in linked)
        for name in names:
            if name.casefold().endswith(EXTENSIONS) and not name.startswith("."):
                yield _below(folder, Path(base) / name), Path(base) / name


def _below(folder: Path, file: Path) -> str:
    return one_line(file.relative_to(folder).as_posix())


def _front_matter(folder: Path, file: Path, path: str, problems: list[str]) -> FrontMatter | None:
    head, _, problem = _open(folder, file, FRONT_MATTER * 4)
    if problem is not None:
        problems.append(f"{path}: {problem}")
        return None
    front = read_front_matter(normalise(decode(head)))
    if front.problem is not None:
        problems.append(f"{path}: {front.problem}")
    return front


def decode(data: bytes) -> str:
    """Return bytes as text: UTF-16 by its byte order mark, else UTF-8 with U+FFFD for what is broken."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")


def read_text(entry: Entry, *, known: tuple[int, int]) -> tuple[str | None, tuple[int, int], str | None]:
    """Return a file's text, its stamp (size, modification time in ns), and the problem that forbids its use.

    The text is None where the stamp is `known`: the file has not changed.
    """
    try:
        status = entry.file.stat()
        if (status.st_size, status.st_mtime_ns) == known:
            return None, known, None
    except (OSError, ValueError):
        pass
    data, stamp, problem = _open(entry.folder, entry.file, MAX_CHARACTERS + 1)
    return decode(data), stamp, problem


def _open(folder: Path, file: Path, limit: int) -> tuple[bytes, tuple[int, int], str | None]:
    nothing = (b"", (0, 0))
    try:
        if not file.resolve(strict=True).is_relative_to(folder.resolve()):
            return *nothing, "a link out of the runbook folder is not followed"
        with open_regular(file) as opened:
            status = os.fstat(opened.fileno())
            if status.st_size > MAX_CHARACTERS:
                return *nothing, f"{status.st_size / 1e6:.1f} MB is too large for a runbook (2 MB at most)"
            data = opened.read(limit)
    except (OSError, RuntimeError, ValueError) as error:
        return *nothing, one_line(getattr(error, "strerror", None) or str(error), 200)
    sample = data[:8192]
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and sample.count(0) > max(3, len(sample) // 100):
        return *nothing, "not text"
    if data.count(b"\n") > MAX_LINES:
        return *nothing, f"more than {MAX_LINES} lines is too long for a runbook"
    return data, (status.st_size, status.st_mtime_ns), None
