"""The append-only journal: a line of JSON for every event, written whole and to the disk before it counts.

Any number of processes write to one file: a line is a single write at its end (`O_APPEND`), made under a
lock that is held for that write alone. A line that a crash cut short is skipped by readers.
"""

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Struct

from cockpit import config
from cockpit.errors import CockpitError
from cockpit.files import open_regular
from cockpit.text import one_line

MAX_READ = 8 * 2**20
"""Bytes at the end of a journal that are read at most: some ten thousand entries, in a moment."""

LATEST = 1e11
"""The latest time that counts as one, in Unix seconds: what lies beyond is no entry of ours."""

_REMEDY = "free some space there, or name another folder in COCKPIT_STATE_DIR"


class Entry(Struct, frozen=True):
    """One event: when (Unix seconds), what kind (`group.opened`), and the data of that kind."""

    at: Annotated[float, msgspec.Meta(ge=0, le=LATEST)]
    kind: str
    data: dict[str, Any]


_DECODER = msgspec.json.Decoder(Entry)


class Journal:
    """The journal at `path`, by default `journal.jsonl` in the state folder. `now` tells Unix seconds."""

    def __init__(self, path: Path | None = None, *, now: Callable[[], float] = time.time) -> None:
        self.path = path or config.state_dir() / "journal.jsonl"
        self._now = now

    def append(self, kind: str, /, **data: Any) -> Entry:
        """Write an entry and return it once it is on the disk.

        Values are what JSON has, and structs. Raises CockpitError when it cannot be written, then nothing
        may be done that relies on it.
        """
        entry = Entry(self._now(), kind, msgspec.to_builtins(data))
        try:
            self._write(_encoded(entry) + b"\n")
        except OSError as error:
            where = one_line(str(self.path), 300)
            raise CockpitError(f"journal {where}: {error.strerror or error}", remedy=_REMEDY) from error
        return entry

    def entries(self, *kinds: str) -> tuple[Entry, ...]:
        """Return the entries of `kinds` (without any: all), oldest first, from the last MAX_READ bytes.

        Lines that are no entry are skipped; no journal has no entries. Raises CockpitError for one that is
        there and cannot be read.
        """
        try:
            data = self._tail()
        except FileNotFoundError:
            return ()
        except OSError as error:
            where = one_line(str(self.path), 300)
            remedy = "mend it, or name another folder in COCKPIT_STATE_DIR"
            raise CockpitError(f"journal {where}: {error.strerror or error}", remedy=remedy) from error
        # Looking for the name in the bytes first spares decoding what is not asked for.
        wanted = tuple(json.dumps(kind).encode() for kind in kinds)
        lines = (line for line in data.split(b"\n") if not wanted or any(kind in line for kind in wanted))
        entries = (_decoded(line) for line in lines)
        return tuple(entry for entry in entries if entry and (not kinds or entry.kind in kinds))

    def _write(self, line: bytes) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "not a regular file")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            end = os.fstat(descriptor).st_size
            # Behind a line that was cut short a new one begins, or both would be lost.
            if end and os.pread(descriptor, 1, end - 1) != b"\n":
                line = b"\n" + line
            if os.write(descriptor, line) != len(line):
                os.ftruncate(descriptor, end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _tail(self) -> bytes:
        with open_regular(self.path) as file:
            start = max(0, os.fstat(file.fileno()).st_size - MAX_READ)
            file.seek(start)
            data = file.read(MAX_READ)
        return data.partition(b"\n")[2] if start else data


def _encoded(entry: Entry) -> bytes:
    try:
        return msgspec.json.encode(entry)
    except UnicodeEncodeError:
        # A lone surrogate is no Unicode text; it comes back as a question mark.
        text = json.dumps(msgspec.to_builtins(entry), ensure_ascii=False)
        return text.encode("utf-8", "replace")


def _decoded(line: bytes) -> Entry | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
