"""A program in a real pty: what it writes, when, and what it takes of the machine."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

COLUMNS, LINES = 120, 40
ROOT = Path(__file__).parents[2]
COCKPIT = (sys.executable, "-m", "cockpit")
HELLO = (sys.executable, "-m", "tests.bench.hello")


def environment(state: str) -> dict[str, str]:
    """Return the environment of a measured program: a terminal with colours, no configuration of the user.

    Byte code is kept, as it is for an installed program.
    """
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COCKPIT_") and k not in dropped}
    ours = {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "COCKPIT_STATE_DIR": state,
        "XDG_CONFIG_HOME": state,
    }
    return {**kept, **ours}


class Program:
    """A running program whose terminal is ours. Times are `time.perf_counter()` seconds."""

    def __init__(self, process: "subprocess.Popen[bytes]", terminal: int, started: float) -> None:
        self.process = process
        self.started = started
        self._terminal = terminal
        self._tail = b""

    def read(self, seconds: float) -> bytes:
        """Return what it writes next, waiting at most `seconds`; empty when that is nothing."""
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, seconds))
        if not ready:
            return b""
        try:
            return os.read(self._terminal, 1 << 16)
        except OSError:
            return b""

    def wait_for(self, mark: bytes, seconds: float = 60) -> float:
        """Return the moment at which `mark` has been written. Raises TimeoutError with the last bytes."""
        end = time.perf_counter() + seconds
        seen = b""
        while (now := time.perf_counter()) < end:
            seen += self.read(end - now)
            if mark in seen:
                return time.perf_counter()
            if self.process.poll() is not None:
                break
        raise TimeoutError(f"{mark!r} was not written within {seconds:g} s; last: {seen[-300:]!r}")

    def drain(self, seconds: float) -> int:
        """Read for `seconds` and return how many bytes came."""
        end, size = time.perf_counter() + seconds, 0
        while (now := time.perf_counter()) < end:
            size += len(self.read(end - now))
        return size

    def write(self, keys: bytes) -> float:
        """Press `keys`; return when."""
        os.write(self._terminal, keys)
        return time.perf_counter()

    def memory(self) -> tuple[float, float]:
        """Return resident memory in MiB: now, and at its highest."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return tuple(int(found[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


@contextmanager
def running(command: Sequence[str], extra: Mapping[str, str] | None = None) -> Iterator[Program]:
    """Run `command` in a terminal of 120x40 cells until the block ends."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as state:
        env = {**environment(state), **(extra or {})}
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=env, cwd=ROOT, start_new_session=True
        )
        os.close(slave)
        program = Program(process, master, started)
        try:
            yield program
        finally:
            process.send_signal(signal.SIGTERM)
            end = time.monotonic() + 5
            while process.poll() is None and time.monotonic() < end:
                program.read(0.05)
            if process.poll() is None:
                process.kill()
            process.wait()
            os.close(master)
