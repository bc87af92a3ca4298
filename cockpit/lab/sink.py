"""The lab's notification sink: a loopback server that takes webhooks and keeps what it got.

Run as a script (`python -I sink.py`, standard library only) or `python -m cockpit.lab.sink`. It takes

    POST /slack/RECEIVER                    a Slack incoming webhook; answers `ok`
    POST /pagerduty/RECEIVER/v2/enqueue     PagerDuty Events API v2; answers 202 and the dedup key
    POST /webhook/RECEIVER                  Alertmanager's own webhook, for the dead man's switch

and appends one JSON line for each to its file: `{"received_at": Unix seconds, "kind": K, "receiver": R,
"body": what came}`, K being slack, pagerduty or webhook. `GET /notifications?since=SECONDS` returns those
received after `since` as a JSON array, oldest first. `POST /fail?status=500&count=3` makes it answer the
next three with that status; those are not kept. It ends when its standard input does.
"""

import argparse
import contextlib
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

MAX_BODY = 4 * 1024 * 1024
"""Bytes of one notification; a longer one is answered 413."""

MAX_KEPT = 20_000
"""Notifications that /notifications can return; older ones are in the file alone."""


class Sink(ThreadingHTTPServer):
    """The server and what it holds. `file` is appended to; None keeps notifications in memory alone."""

    daemon_threads = True

    def __init__(self, port: int, file: Path | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.file = file
        self.lock = threading.Lock()
        self.kept: list[dict[str, Any]] = []
        self.failures_left = 0
        self.failure_status = 500

    def keep(self, kind: str, receiver: str, body: Any) -> None:
        """Record one notification. Raises OSError when the file cannot be written."""
        with self.lock:
            entry = {"received_at": time.time(), "kind": kind, "receiver": receiver, "body": body}
            if self.file is not None:
                with self.file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(entry) + "\n")
            self.kept.append(entry)
            del self.kept[:-MAX_KEPT]

    def since(self, moment: float) -> list[dict[str, Any]]:
        """Return what was received after `moment` (Unix seconds), oldest first."""
        with self.lock:
            return [entry for entry in self.kept if entry["received_at"] > moment]

    def fail(self, status: int, count: int) -> None:
        """Answer the next `count` notifications with `status`."""
        with self.lock:
            self.failure_status, self.failures_left = status, count

    def failing(self) -> int | None:
        """Return the status to refuse this notification with, or None to take it."""
        with self.lock:
            if self.failures_left <= 0:
                return None
            self.failures_left -= 1
            return self.failure_status


class _Handler(BaseHTTPRequestHandler):
    server: Sink
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/-/ready":
            self._answer(200, b"ready\n", "text/plain")
        elif url.path == "/notifications":
            try:
                since = float(parse_qs(url.query).get("since", ["0"])[0])
            except ValueError:
                self._answer(400, b"since is a Unix time in seconds\n", "text/plain")
                return
            self._json(200, self.server.since(since))
        else:
            self._answer(404, b"not found\n", "text/plain")

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        url = urlsplit(self.path)
        if url.path == "/fail":
            self._fail(parse_qs(url.query))
            return
        kind, _, rest = url.path.lstrip("/").partition("/")
        receiver = unquote(rest.removesuffix("/v2/enqueue"))
        if kind not in {"slack", "pagerduty", "webhook"} or not receiver:
            self._answer(404, b"not found\n", "text/plain")
        elif (status := self.server.failing()) is not None:
            self._answer(status, b"failing as told\n", "text/plain")
        else:
            self._take(kind, receiver, body)

    def _take(self, kind: str, receiver: str, raw: bytes) -> None:
        try:
            body = json.loads(raw)
        except ValueError:
            self._answer(400, b"invalid_payload\n", "text/plain")
            return
        try:
            self.server.keep(kind, receiver, body)
        except OSError as error:
            self._answer(507, f"{error.strerror}\n".encode(), "text/plain")
            return
        if kind == "pagerduty":
            key = body.get("dedup_key", "") if isinstance(body, dict) else ""
            self._json(202, {"status": "success", "message": "Event processed", "dedup_key": key})
        else:
            self._answer(200, b"ok", "text/plain")

    def _fail(self, query: dict[str, list[str]]) -> None:
        try:
            status, count = int(query.get("status", ["500"])[0]), int(query.get("count", ["1"])[0])
        except ValueError:
            status = count = -1
        if not 400 <= status <= 599 or count < 0:
            self._answer(400, b"status is 400 to 599, count is not negative\n", "text/plain")
            return
        self.server.fail(status, count)
        self._answer(200, b"ok", "text/plain")

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._answer(411, b"Content-Length is needed\n", "text/plain")
        elif int(length) > MAX_BODY:
            self.close_connection = True
            self._answer(413, b"too large\n", "text/plain")
        else:
            return self.rfile.read(int(length))
        return None

    def _json(self, status: int, value: Any) -> None:
        self._answer(status, json.dumps(value).encode(), "application/json")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no access log: the file of notifications says it all."""


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(
        description="Take Slack, PagerDuty and Alertmanager webhooks on loopback."
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, default=None)
    options = parser.parse_args()
    try:
        sink = Sink(options.port, options.file)
    except OSError as error:
        parser.exit(1, f"error: port {options.port}: {error.strerror}\n")
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        while os.read(sys.stdin.fileno(), 4096):
            pass


if __name__ == "__main__":
    main()
