"""The process between a lab's starter and its children, so that no child outlives the starter.

Run as a script (`python -I keeper.py`, standard library only, so it starts at once). It reads one JSON
object a line on standard input, `{"name": ..., "argv": [...], "log": path}`, starts that child, and writes
one JSON object a line: `{"started": name, "pid": n}`, `{"refused": name, "error": text}` or `{"exited":
name, "status": n}`.

When standard input ends, because the starter closed it or is gone, however it went, or on TERM, every child
gets TERM and, after GRACE seconds, KILL. It sits in a session of its own: a ctrl-C on the terminal reaches
the starter alone. Each child's standard input is a pipe that ends if the keeper is killed.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

GRACE = 2.5
"""Seconds between TERM and KILL."""

_writing = threading.Lock()


def _say(event: dict[str, Any]) -> None:
    # A starter that is gone is noticed by the end of standard input.
    with _writing, contextlib.suppress(OSError):
        os.write(1, json.dumps(event).encode() + b"\n")


def _start(order: dict[str, Any]) -> "subprocess.Popen[bytes] | None":
    name = order["name"]
    try:
        with open(order["log"], "ab") as log:  # noqa: PTH123
            child = subprocess.Popen(order["argv"], stdin=subprocess.PIPE, stdout=log, stderr=log)
    except OSError as error:
        _say({"refused": name, "error": error.strerror or str(error)})
        return None
    _say({"started": name, "pid": child.pid})
    threading.Thread(target=lambda: _say({"exited": name, "status": child.wait()}), daemon=True).start()
    return child


def _stop(children: "list[subprocess.Popen[bytes]]") -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def main() -> None:
    """Start what standard input orders, until it ends; then stop all of it."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    children: list[subprocess.Popen[bytes]] = []
    try:
        for line in sys.stdin:
            if child := _start(json.loads(line)):
                children.append(child)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _stop(children)


if __name__ == "__main__":
    main()
