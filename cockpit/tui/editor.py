"""The user's own editor: which command opens a file at a line."""

import os
import shlex
from pathlib import Path

from cockpit.errors import UsageError

PLUS = frozenset(
    ("vi", "vim", "nvim", "view", "gvim", "nano", "pico", "emacs", "emacsclient", "micro", "less", "kak")
)  # fmt: skip
"""Editors that take `+LINE FILE`."""
GOTO = frozenset(("code", "code-insiders", "codium", "vscodium", "cursor"))
"""Editors that take `-g FILE:LINE`."""
COLON = frozenset(("hx", "helix", "subl", "zed", "zeditor"))
"""Editors that take `FILE:LINE`."""


def command(path: Path, line: int) -> tuple[str, ...]:
    """Return the words that open `path` at `line`, 0 for no line, in $VISUAL or else $EDITOR.

    Raises UsageError where neither can be used, and for a file that is not there.
    """
    if not path.is_file():
        raise UsageError(f"{path} is not there any more", remedy="r checks again")
    name = next((name for name in ("VISUAL", "EDITOR") if os.environ.get(name, "").strip()), None)
    if name is None:
        raise UsageError("no editor is set", remedy="set EDITOR, such as EDITOR=vim, and start again")
    try:
        words = shlex.split(os.environ[name])
    except ValueError as error:
        raise UsageError(f"{name} cannot be read: {error}") from error
    if not words:
        raise UsageError(f"{name} names no program", remedy=f"set it, such as {name}=vim, and start again")
    return (*words, *_place(Path(words[0]).name, str(path.absolute()), line))


def _place(program: str, path: str, line: int) -> tuple[str, ...]:
    """Return how `program` is told where to go; one that is not known is told the file."""
    if not line:
        return (path,)
    if program in PLUS:
        return (f"+{line}", path)
    if program in GOTO:
        return ("-g", f"{path}:{line}")
    return (f"{path}:{line}",) if program in COLON else (path,)
