"""Every file below the paths of a check, in order: regular ones, never outside, none left out in silence."""

import os
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from msgspec import Struct

from cockpit.contract.model import NotRead
from cockpit.errors import UsageError
from cockpit.text import clean, one_line

MOST_FILES = 200_000

_TOOLS = frozenset({"node_modules", "__pycache__", "venv"})


class Found(Struct, frozen=True):
    """A file: where it is, the path that it was found below, and the path that is shown."""

    path: Path
    root: Path
    shown: str


def walk(paths: Sequence[Path], exclude: Sequence[str] = ()) -> tuple[list[Found], list[NotRead]]:
    """Return the files of `paths`, files or folders, each once, and those that are not looked at.

    Hidden folders, and those of packages (`node_modules`, `venv`), are no part of a repository's own and are
    left out, as is what `exclude` names (patterns of shown paths). Raises UsageError for a path that is not
    there.
    """
    found: dict[Path, Found] = {}
    left: list[NotRead] = []
    folders: dict[Path, Path] = {}
    for given in paths:
        if not given.exists():
            raise UsageError(f"there is no {one_line(str(given), 300)}", remedy="name a file or a folder")
        root = given if given.is_dir() else given.parent
        for path in _files(given, left):
            name = shown(path)
            if any(fnmatch(name, pattern) for pattern in exclude):
                continue
            problem = _trouble(path, root)
            if problem:
                left.append(NotRead(name, problem))
            elif len(found) < MOST_FILES:
                found.setdefault(_resolved(path, folders), Found(path, root, name))
            else:
                left.append(NotRead(shown(given), f"more than {MOST_FILES} files: the rest is not read"))
                break
    return list(found.values()), left


def shown(path: Path) -> str:
    """Return a path as it is shown: clean, on one line, relative to the current folder where it is below."""
    whole, here = str(path.absolute()), str(Path.cwd())
    own = "." if whole == here else whole.removeprefix(here.rstrip("/") + "/")
    return clean(own).replace("\n", "\u240a").replace("\t", "\u2409")


def _files(given: Path, left: list[NotRead]) -> Iterator[Path]:
    if not given.is_dir():
        yield given
        return

    def failed(error: OSError) -> None:
        left.append(NotRead(shown(Path(os.fsdecode(error.filename))), error.strerror or "cannot be read"))

    for base, folders, names in os.walk(given, onerror=failed):
        here = Path(base)
        for name in folders:
            if (here / name).is_symlink() and not name.startswith("."):
                left.append(NotRead(shown(here / name), "a link to a folder is not followed"))
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _TOOLS and not (here / name).is_symlink()
        )
        yield from (here / name for name in sorted(names) if not name.startswith("."))


def _resolved(path: Path, folders: dict[Path, Path]) -> Path:
    """Return where a file really is; `folders` keeps the same of its folder, which has others."""
    if path.is_symlink():
        return path.resolve()
    if path.parent not in folders:
        folders[path.parent] = path.parent.resolve()
    return folders[path.parent] / path.name


def _trouble(path: Path, root: Path) -> str:
    """Say why a file is not read; empty where it is."""
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(root.resolve()):
            return "a link out of the folder is not followed"
        mode = path.stat().st_mode
    except RuntimeError:
        return "a link that leads to itself"
    except OSError as error:
        return "a link that leads nowhere" if path.is_symlink() else error.strerror or "cannot be read"
    return "" if stat.S_ISREG(mode) else "not a regular file"
