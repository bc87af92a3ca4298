"""The screen, which is what `cockpit` without a command shows."""

import os
import sys

from cockpit.cli import flags as told
from cockpit.errors import UsageError


def show(flags: told.Flags) -> int:
    """Show the screen until the user leaves; return the exit code. Raises UsageError without a terminal."""
    require_terminal("without one use `cockpit alerts`")
    config = told.config_of(flags)
    context = told.context_of(flags, config)
    from cockpit.tui.app import run

    return run(context, config.ui, told.words(flags), say=_say)


def require_terminal(remedy: str) -> None:
    """Raise UsageError, with the `remedy`, where the screen cannot be shown."""
    # Textual reads from stdin and draws on stderr.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if not all(stream.isatty() for stream in streams) or os.environ.get("TERM") == "dumb":
        raise UsageError("the screen needs a terminal", remedy=remedy)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
