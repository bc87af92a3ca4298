"""Writing a file whole or not at all, and never over another one unasked."""

import os
from pathlib import Path

from cockpit import files
from cockpit.errors import UsageError
from cockpit.text import one_line


def check_writable(path: Path, *, force: bool) -> None:
    """Raise UsageError where `write_whole` would: before the work is done whose outcome it writes."""
    if path.is_dir():
        raise _unusable(path, "is a folder")
    if not path.parent.is_dir():
        raise _unusable(path, "there is no such folder")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _unusable(path, "the folder cannot be written to")
    if not force and os.path.lexists(path):
        raise _taken(path)


def write_whole(path: Path, data: bytes, *, force: bool) -> None:
    """Write `data` to `path` so that it is there whole or not at all; an existing file only with `force`.

    Raises UsageError, one line with the system's reason, where that cannot be.
    """
    try:
        files.write_whole(path, data, replace=force)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _taken(path: Path) -> UsageError:
    return UsageError(f"{one_line(str(path), 500)}: there is such a file", remedy="replace it with --force")


def _unusable(path: Path, reason: str) -> UsageError:
    return UsageError(f"{one_line(str(path), 500)}: {one_line(reason, 200)}")
