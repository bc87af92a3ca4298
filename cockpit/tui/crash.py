"""Where the details of an internal error go: a file, without the values of variables."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

from cockpit.config import state_dir


def write_crash(error: BaseException) -> Path | None:
    """Write the traceback of `error`, without locals, and return the file; None if it cannot be written."""
    folder = state_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.log"
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="replace")
    except OSError:
        return None
    return path
