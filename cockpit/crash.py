"""Where the details of an internal error go: a private file, without the values of variables."""

import os
import traceback
from datetime import UTC, datetime


def write_crash(error: BaseException) -> str:
    """Write the traceback of `error` to a new file in the state folder; say where, or why not."""
    try:
        from cockpit.config import state_dir

        folder = state_dir()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}.log"
        with open(path, "x", encoding="utf-8", errors="backslashreplace", opener=_private) as file:
            file.writelines(traceback.format_exception(error))
    except Exception as second:
        return f"no details: {second}"
    return f"details in {path}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
