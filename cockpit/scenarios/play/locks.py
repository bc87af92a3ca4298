"""Lock files: held by a process for as long as it lives, with a note in them for others to read."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cockpit.errors import CockpitError
from cockpit.text import one_line

_MAX_BYTES = 2**16
_TRIES = 5
_PAUSE = 0.005
_REMEDY = "free some space there, or name another folder in COCKPIT_STATE_DIR"


def path(folder: Path, name: str) -> Path:
    """Return the lock file in `folder` of what is called `name`, whatever characters that has."""
    return folder / (hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32] + ".lock")


@contextmanager
def hold(path: Path, note: bytes) -> Iterator[bool]:
    """Hold the lock `path` with `note` in it, or yield False where another holder has it.

    Raises CockpitError where it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _take(path)
        if descriptor is not None:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, note, 0)
    except OSError as error:
        where = one_line(str(path), 300)
        raise CockpitError(f"lock {where}: {error.strerror or error}", remedy=_REMEDY) from error
    if descriptor is None:
        yield False
        return
    try:
        yield True
    finally:
        # While it is held, so that nobody can have taken the file that goes.
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def held(folder: Path) -> Iterator[bytes]:
    """Yield the note of every lock in `folder` that some process holds."""
    for path in sorted(folder.glob("*.lock")):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            try:
                note = os.pread(descriptor, _MAX_BYTES, 0)
            except OSError:
                # A folder or a pipe of that name is no lock.
                continue
            yield note
        finally:
            os.close(descriptor)


def _take(path: Path) -> int | None:
    """Return the locked file, or None. One that only looks at it holds it for an instant."""
    for _ in range(_TRIES):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)
        time.sleep(_PAUSE)
    return None
