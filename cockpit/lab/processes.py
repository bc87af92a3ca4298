"""Processes by their id: which are alive, which belong to a lab, and ending them."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

_TICK = 0.02


def is_alive(pid: int) -> bool:
    """Return whether a process `pid` runs; one that ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return not Path("/proc/self/stat").exists()
    return state.rpartition(")")[2].split()[0] != "Z"


def command_line(pid: int) -> str:
    """Return the command line of `pid`, its words separated by spaces; empty when it is gone."""
    if Path("/proc/self/cmdline").exists():
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode("utf-8", "replace")
                .strip()
            )
        except OSError:
            return ""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()


def works_in(pid: int, folder: Path) -> bool:
    """Return whether `pid` is a process of the lab in `folder`: its command line names that folder."""
    return f"{folder}{os.sep}" in command_line(pid)


def end(pids: Iterable[int], *, timeout: float = 5.0) -> set[int]:
    """Send TERM to `pids`, after `timeout` seconds KILL, and return those that run even then."""
    left = {pid for pid in pids if is_alive(pid)}
    for number, patience in ((signal.SIGTERM, timeout), (signal.SIGKILL, 2.0)):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            left = {pid for pid in left if is_alive(pid)}
            time.sleep(_TICK if left else 0)
    return left
