"""A program in a real pseudo-terminal: its raw bytes, and the screen that an emulator makes of them."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
WITHIN = 30.0
"""Seconds after which what is waited for does not come any more."""
_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[A-Za-z]|\x1b\[\?[0-9;]*\$p")
_UNFINISHED = re.compile(rb"\x1b(\[[0-9;:<>=?$]*)?\Z")


class Terminal:
    """Runs `command` in a pty of `columns` by `rows`; a thread reads what it writes."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.raw = b""
        self.patience = WITHIN
        self.closed = False
        self._rest = b""
        self._status: int | None = None
        self._change = threading.Condition()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        surroundings = _environment(env or {})
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            # The child sets the size before the program looks at it.
            try:
                _set_size(0, columns, rows)
                os.chdir(ROOT)
                os.execvpe(command[0], list(command), surroundings)
            finally:
                os._exit(127)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                ready, _, _ = select.select([self.master], [], [], 0.2)
                data = os.read(self.master, 65_536) if ready else None
            except (OSError, ValueError):
                data = b""
            if data is None:
                if self.closed:
                    return
                continue
            with self._change:
                if not data:
                    self.closed = True
                else:
                    self.raw += data
                    self._show(data)
                self._change.notify_all()
            if not data:
                return

    def _show(self, data: bytes) -> None:
        data = self._rest + data
        cut = _UNFINISHED.search(data)
        end = cut.start() if cut else len(data)
        self._rest = data[end:]
        with suppress(Exception):
            self._stream.feed(_NOT_FOR_PYTE.sub(b"", data[:end]))

    def text(self) -> str:
        """Return the screen as lines."""
        with self._change:
            return "\n".join(self._screen.display)

    def type(self, keys: str | bytes) -> None:
        """Send keys as a terminal does."""
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self.master, data) :]

    def paste(self, text: bytes) -> None:
        """Send a bracketed paste."""
        self.type(b"\x1b[200~" + text + b"\x1b[201~")

    def wait(self, holds: Callable[[str], bool], what: str, within: float | None = None) -> str:
        """Return the screen as soon as `holds` is true of it; fail with the screen after `within` seconds."""
        deadline = time.monotonic() + (self.patience if within is None else within)
        with self._change:
            while True:
                shown = "\n".join(self._screen.display)
                if holds(shown):
                    return shown
                left = deadline - time.monotonic()
                if left <= 0 or self.closed:
                    raise AssertionError(f"not shown: {what}\n{shown}\n{self.raw[-600:]!r}")
                self._change.wait(left)

    def see(self, *texts: str, within: float | None = None) -> str:
        """Wait until the screen has all `texts`."""
        return self.wait(lambda shown: all(t in shown for t in texts), " and ".join(texts), within)

    def gone(self, text: str, within: float | None = None) -> str:
        """Wait until the screen no longer has `text`."""
        return self.wait(lambda shown: text not in shown, f"no {text}", within)

    def press(self, keys: str, *texts: str) -> str:
        """Send keys, and wait until the screen has all `texts`."""
        self.type(keys)
        return self.see(*texts)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program gets SIGWINCH."""
        with self._change:
            self._screen.resize(rows, columns)
        _set_size(self.master, columns, rows)

    def signal(self, number: int) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal: the program gets SIGHUP, and its terminal is gone."""
        self.closed = True
        self._thread.join()
        os.close(self.master)
        self.master = -1

    def exit_code(self, within: float | None = None) -> int:
        """Wait for the end and return the exit code, or minus the signal that killed it."""
        deadline = time.monotonic() + (self.patience if within is None else within)
        while self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = status
            elif time.monotonic() > deadline:
                raise AssertionError(f"still running\n{self.text()}\n{self.raw[-600:]!r}")
            else:
                time.sleep(0.01)
        if self.master >= 0:
            self._thread.join(5)
        return os.waitstatus_to_exitcode(self._status)

    def close(self) -> None:
        """Kill what still runs, and close the terminal."""
        if self._status is None:
            with suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                _, self._status = os.waitpid(self.pid, 0)
        if self.master >= 0:
            self.hang_up()


def _set_size(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("COCKPIT_", "TEXTUAL", "LC_", "PYTEST"))
        and k not in {"NO_COLOR", "LANG", "COLUMNS", "LINES"}
    }
    usual = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    return {**kept, **usual, **env}


def cockpit(*arguments: str) -> list[str]:
    """Return the command line of the real program."""
    return [sys.executable, "-m", "cockpit", *arguments]


def launched(code: str, *arguments: str) -> list[str]:
    """Return a command line that runs `code` before the program is imported."""
    return [
        sys.executable,
        "-c",
        f"{code}\nimport sys\nfrom cockpit.__main__ import main\nsys.exit(main(sys.argv[1:]))",
        *arguments,
    ]


@contextmanager
def terminal(
    command: Sequence[str], *, columns: int = 120, rows: int = 40, env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run `command` in a terminal until the block ends."""
    opened = Terminal(command, columns=columns, rows=rows, env=env)
    try:
        yield opened
    finally:
        opened.close()
