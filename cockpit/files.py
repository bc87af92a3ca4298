"""Files read and written so that none can harm: regular ones, of a sane size, whole, without waiting."""

import errno
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cockpit.errors import UsageError
from cockpit.text import one_line

if TYPE_CHECKING:
    from pydantic import ValidationError


class FileError(UsageError):
    """A file that cannot be used: what `kind` of file it is, its path, and the problem.

    `line` counts from 1; it and `key` are there where they are known.
    """

    def __init__(
        self, kind: str, path: Path | str, problem: str, *, line: int | None = None, key: str = ""
    ) -> None:
        self.problem, self.line, self.key = one_line(problem, 500), line, one_line(key, 200)
        where = f"{kind} {one_line(str(path), 500)}" + (f", line {line}" if line else "")
        super().__init__(": ".join(filter(None, (where, self.key, self.problem))))


def first_problem(error: "ValidationError") -> tuple[tuple[int | str, ...], str]:
    """Return the keys that lead to the first thing pydantic found wrong, and what is wrong with it."""
    problem = error.errors(include_input=False, include_url=False)[0]
    if problem["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        return problem["loc"], "unknown key"
    if problem["type"] == "tuple_type":
        return problem["loc"], 'a list is needed, such as ["one", "two"]'
    return problem["loc"], one_line(problem["msg"].removeprefix("Value error, "), 300)


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file to read. Raises OSError, also for anything else that is there.

    A FIFO that nobody writes to, or a device without end, would keep the program for ever.
    """
    return open(path, "rb", opener=_open_regular)


def read_regular(path: Path, limit: int) -> bytes:
    """Return what a regular file of at most `limit` bytes holds. Raises OSError for any other."""
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size <= limit and len(data := file.read(limit + 1)) <= limit:
            return data
    size = f"{limit // 2**20} MiB" if limit >= 2**20 else f"{limit} bytes"
    raise OSError(errno.EFBIG, f"larger than {size}")


def read_text(kind: str, path: Path, limit: int) -> str:
    """Return the UTF-8 text of a file of at most `limit` bytes.

    Raises FileError; `kind` is for it.
    """
    try:
        return read_regular(path, limit).decode("utf-8")
    except OSError as error:
        raise FileError(kind, path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise FileError(kind, path, "not UTF-8 text") from error


def write_whole(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write `data` to `path` so that it is there whole or not at all.

    Raises OSError; without `replace`, FileExistsError where there is such a file.
    """
    beside = path.parent / f".{path.name[:100]}.{secrets.token_hex(4)}.part"
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            # A link, unlike a rename, fails where another file came first.
            path.hardlink_to(beside)
    finally:
        beside.unlink(missing_ok=True)


def _open_regular(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "not a regular file")
