"""The starter's side of the keeper: what it started, and what ended by itself."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cockpit.children import environment
from cockpit.errors import CockpitError
from cockpit.lab import processes
from cockpit.lab.keeper import GRACE
from cockpit.lab.servers import Child, last_words
from cockpit.text import one_line


class Keeping:
    """A running keeper and its children. `pids` is by name; `pid` is the keeper's own.

    `folder` stands in the keeper's command line, so that it can be told whose it is. That a child ends with
    status 0 counts too: none has a reason to end before it is told.
    """

    def __init__(self, children: Iterable[Child], folder: Path) -> None:
        self._children = {child.name: child for child in children}
        self.pids: dict[str, int] = {}
        self._ends: queue.Queue[str] = queue.Queue()
        self._begun: queue.Queue[None] = queue.Queue()
        self._closing = False
        script = Path(__file__).with_name("keeper.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(script), f"{folder}{os.sep}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=environment(),
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        for child in self._children.values():
            self._order(child)
        try:
            for _ in self._children:
                self._begun.get(timeout=10)
        except queue.Empty:
            self.close()
            raise CockpitError("the lab's children could not be started within 10 s") from None

    def ended(self, timeout: float | None) -> str | None:
        """Wait up to `timeout` seconds for a child to end by itself; say which, how, and its last words."""
        try:
            return self._ends.get(timeout=timeout)
        except queue.Empty:
            return None

    def words(self, name: str) -> str:
        """Return the last words of the child `name`; empty when it said nothing."""
        return last_words(self._children[name].log)

    def close(self) -> None:
        """End every child, waiting until they are gone; what does not end is killed."""
        self._closing = True
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(GRACE + 1.5)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        processes.end(self.pids.values(), timeout=0.5)
        self._reader.join(1.0)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

    def _order(self, child: Child) -> None:
        order = {"name": child.name, "argv": list(child.argv), "log": str(child.log)}
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.write(json.dumps(order).encode() + b"\n")
                self._process.stdin.flush()

    def _read(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._take(json.loads(line))
        if not self._closing:
            processes.end(self.pids.values(), timeout=1.0)
            self._ends.put("the process that keeps the lab's servers ended by itself; they are stopped")

    def _take(self, event: dict[str, Any]) -> None:
        if name := event.get("started"):
            self.pids[name] = event["pid"]
            self._begun.put(None)
        elif name := event.get("refused"):
            program = self._children[name].argv[0]
            self._ends.put(f"{name} could not be started: {one_line(program, 300)}: {event['error']}")
            self._begun.put(None)
        elif not self._closing:
            name, status = event["exited"], event["status"]
            words = self.words(name)
            how = (
                f"was killed by {signal.Signals(-status).name}"
                if status < 0
                else f"ended with status {status}"
            )
            self._ends.put(f"{name} {how}: {words}" if words else f"{name} {how}")
