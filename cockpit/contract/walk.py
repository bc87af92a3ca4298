"""Every file below the paths of a check, in order: regular ones, never outside, none left out in silence."""

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from pathlib import Path

from msgspec import Struct

from cockpit.contract.model import NotRead
from cockpit.errors import UsageError
from cockpit.text import clean, one_line

MOST_FILES = 200_000

MARKDOWN = frozenset({".md", ".markdown"})
YAML = frozenset({".yml", ".yaml", ".rules"})
JSON = frozenset({".json"})
"""What a file ends in that is read whatever it begins with."""

_OUTSIDE = "a link out of the folder is not followed"
_TOOLS = frozenset({"node_modules", "__pycache__", "venv"})


class Found(Struct, frozen=True):
    """A file: where it is, the path that it was found below, and the path that is shown."""

    path: Path
    root: Path
    shown: str


class Walked(Struct, frozen=True):
    """The files, each once, what is not looked at, and the folders that cannot be listed."""

    files: tuple[Found, ...]
    left: tuple[NotRead, ...]
    closed: tuple[NotRead, ...]


def walk(paths: Sequence[Path], exclude: Sequence[str] = ()) -> Walked:
    """Walk `paths`, files or folders.

    Hidden folders, and those of packages (`node_modules`, `venv`), are no part of a repository's own and are
    left out, as is what `exclude` names: patterns of shown paths, a folder standing for all below it. Raises
    UsageError for a path that is not there.
    """
    found: dict[Path, Found] = {}
    left: list[NotRead] = []
    closed: list[NotRead] = []
    excluded = _excluded(exclude)
    folders: dict[Path, Path] = {}
    for given in paths:
        if not _is_there(given):
            raise UsageError(f"there is no {one_line(str(given), 300)}", remedy="name a file or a folder")
        root = given if given.is_dir() else given.parent
        for path in _files(given, excluded, left, closed):
            name = shown(path)
            if excluded(name):
                continue
            problem = _trouble(path, root)
            if problem:
                if problem == _OUTSIDE or path.suffix.lower() in MARKDOWN | YAML | JSON:
                    left.append(NotRead(name, problem))
            elif len(found) < MOST_FILES:
                found.setdefault(_resolved(path, folders), Found(path, root, name))
            else:
                left.append(NotRead(shown(given), f"more than {MOST_FILES} files: the rest is not read"))
                break
    return Walked(tuple(found.values()), tuple(left), tuple(closed))


def shown(path: Path) -> str:
    """Return a path as it is shown: clean, on one line, relative to the current folder where it is below."""
    whole, here = str(path.absolute()), str(Path.cwd())
    own = "." if whole == here else whole.removeprefix(here.rstrip("/") + "/")
    return clean(own).replace("\n", "\u240a").replace("\t", "\u2409")


def _excluded(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return what says whether a path is excluded; that of a folder ends in a slash.

    As in .gitignore a name holds for the folder or file of that name anywhere, and for all that is below.
    """
    whole: list[str] = []
    for each in patterns:
        own = re.sub(r"^\./", "/", each).rstrip("/")
        names = [own, own.lstrip("/")] if "/" in own else [own, f"*/{own}"]
        whole.append(each)
        if each.endswith("/") or not re.search(r"[*?\[]", each):
            whole += (f"{name}/*" for name in names)
            whole += () if each.endswith("/") else names
    pattern = re.compile("|".join(map(translate, whole)) or r"(?!)")
    return lambda path: pattern.match(path) is not None


def _files(
    given: Path, excluded: Callable[[str], bool], left: list[NotRead], closed: list[NotRead]
) -> Iterator[Path]:
    if not given.is_dir():
        yield given
        return

    def failed(error: OSError) -> None:
        closed.append(NotRead(shown(Path(os.fsdecode(error.filename))), error.strerror or "cannot be read"))

    for base, folders, names in os.walk(given, onerror=failed):
        here = Path(base)
        own = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _TOOLS and not excluded(f"{shown(here / name)}/")
        )
        links = [name for name in own if _is_link(here / name)]
        left += (NotRead(shown(here / name), "a link to a folder is not followed") for name in links)
        folders[:] = (name for name in own if name not in links)
        yield from (here / name for name in sorted(names) if not name.startswith("."))


def _resolved(path: Path, folders: dict[Path, Path]) -> Path:
    """Return where a file really is; `folders` keeps the same of its folder, which has others."""
    if _is_link(path):
        return path.resolve()
    if path.parent not in folders:
        folders[path.parent] = path.parent.resolve()
    return folders[path.parent] / path.name


def _is_link(path: Path) -> bool:
    """Say whether a path is a link; nobody can tell in a folder that may be listed, but not entered."""
    try:
        return path.is_symlink()
    except OSError:
        return False


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _trouble(path: Path, root: Path) -> str:
    """Say why a file is not read; empty where it is, and where its reader will tell."""
    try:
        if _is_link(path) and not path.resolve(strict=True).is_relative_to(root.resolve()):
            return _OUTSIDE
        mode = path.stat().st_mode
    except RuntimeError:
        return "a link that leads to itself"
    except OSError:
        return "a link that leads nowhere" if _is_link(path) else ""
    return "" if stat.S_ISREG(mode) else "not a regular file"
