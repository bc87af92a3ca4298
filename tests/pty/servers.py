"""A Prometheus and an Alertmanager on loopback that answer whatever they are told to, lies included."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cockpit.alerts.fingerprint import fingerprint

Fault = Callable[[BaseHTTPRequestHandler], bool]
"""Given the request, answers it wrongly and returns true, or returns false for the true answer."""


def stamp(age: float = 0.0) -> str:
    """Return the time `age` seconds ago as the servers write it."""
    return datetime.fromtimestamp(time.time() - age, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class World:
    """What both servers know. `alerts` are dicts with labels, annotations, and optionally state and query."""

    def __init__(self, alerts: list[dict[str, Any]] | None = None) -> None:
        self.alerts = alerts or []
        self.series: list[dict[str, str]] = [{"code": "rate_limited"}, {"code": "timeout"}]
        self.receiver = "slack"
        self.warnings: list[str] = []
        self.refusal = "parse error"
        self.by = "somebody"
        self.watchdog = True
        self.asked: list[str] = []

    def all_alerts(self) -> list[dict[str, Any]]:
        dog = {"labels": {"alertname": "Watchdog", "severity": "none"}, "annotations": {}}
        return [*self.alerts, *([dog] if self.watchdog else [])]

    def prometheus(self, path: str, params: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(path)
        data: Any
        if path.endswith("/rules"):
            data = {"groups": [self._group()]}
        elif path.endswith("/config"):
            data = {"yaml": "global: {}\n"}
        elif path.endswith("/targets"):
            data = {"activeTargets": [self._target()]}
        elif path.endswith("/alertmanagers"):
            data = {"activeAlertmanagers": [{"url": f"http://{self.by}/api/v2/alerts"}]}
        elif path.endswith("/buildinfo"):
            data = {"version": "2.42.0"}
        elif path.endswith(("/query", "/query_range")):
            if "refuse" in params.get("query", ""):
                return 422, {"status": "error", "errorType": "execution", "error": self.refusal}
            data = self._result(params)
        else:
            return 404, {"status": "error", "errorType": "not_found", "error": "no such page"}
        return 200, {"status": "success", "data": data, "warnings": self.warnings}

    def _target(self) -> dict[str, Any]:
        labels = {"job": self.by, "instance": self.by}
        return {
            "labels": labels, "discoveredLabels": labels, "scrapePool": self.by, "scrapeUrl": self.by,
            "lastError": self.by, "lastScrape": stamp(), "lastScrapeDuration": 0.1, "health": "down",
            "scrapeInterval": "15s", "scrapeTimeout": "10s",
        }  # fmt: skip

    def _group(self) -> dict[str, Any]:
        rules = []
        for alert in self.all_alerts():
            instance = {"state": "firing", "activeAt": stamp(300), "value": "2.1e-02", **alert}
            rules.append(
                {
                    "type": "alerting",
                    "name": alert["labels"]["alertname"],
                    "query": alert.get("query", "vector(1) > 0"),
                    "duration": 0,
                    "labels": {},
                    "annotations": {},
                    "health": "ok",
                    "lastError": "",
                    "lastEvaluation": stamp(),
                    **alert.get("rule", {}),
                    "alerts": [
                        {k: instance[k] for k in ("labels", "annotations", "state", "activeAt", "value")}
                    ],
                }
            )
        return {"name": "group", "file": "rules.yml", "interval": 15, "rules": rules}

    def _result(self, params: dict[str, str]) -> Any:
        series = [] if params["query"].startswith("ALERTS") else self.series
        if "start" not in params:
            now = time.time()
            return {
                "resultType": "vector",
                "result": [{"metric": labels, "value": [now, "0.021"]} for labels in series],
            }
        start, end, step = (float(params[key]) for key in ("start", "end", "step"))
        times = [start + i * step for i in range(int((end - start) / step) + 1)]
        values = [[t, f"0.0{i % 7}"] for i, t in enumerate(times)]
        return {"resultType": "matrix", "result": [{"metric": labels, "values": values} for labels in series]}

    def _silence(self, name: str) -> dict[str, Any]:
        matchers = [{"name": self.by, "value": self.by, "isRegex": False, "isEqual": True}]
        return {
            "id": name, "status": {"state": "active"}, "createdBy": self.by, "comment": self.by,
            "startsAt": stamp(600), "endsAt": stamp(-600), "updatedAt": stamp(600), "matchers": matchers,
        }  # fmt: skip

    def alertmanager(self, path: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path.endswith("/status"):
            name = json.dumps(self.receiver)
            hook = f"[{{name: {name}, webhook_configs: [{{url: 'http://hook.example'}}]}}]"
            original = f"route: {{receiver: {name}}}\nreceivers: {hook}\n"
            version = {"versionInfo": {"version": "0.25.0"}, "cluster": {"status": "ready", "peers": []}}
            return 200, {**version, "config": {"original": original}, "uptime": stamp(900)}
        if path.endswith("/silences"):
            return 200, [self._silence(a["silenced"]) for a in self.alerts if "silenced" in a]
        if path.endswith("/alerts/groups"):
            rows = self.alertmanager("/api/v2/alerts")[1]
            return 200, [
                {"labels": {"alertname": self.by}, "receiver": {"name": self.receiver}, "alerts": rows}
            ]
        if not path.endswith("/alerts"):
            return 404, []
        rows = []
        for alert in self.all_alerts():
            if alert.get("state", "firing") == "firing":
                rows.append(
                    {
                        "labels": alert["labels"],
                        "annotations": alert["annotations"],
                        "fingerprint": fingerprint(alert["labels"]),
                        "startsAt": stamp(300),
                        "endsAt": stamp(-240),
                        "updatedAt": stamp(),
                        "receivers": [{"name": self.receiver}],
                        "status": {
                            "state": "suppressed" if "silenced" in alert else "active",
                            "silencedBy": [alert["silenced"]] if "silenced" in alert else [],
                            "inhibitedBy": [],
                        },
                        "generatorURL": alert.get("generator", "http://prom.example/graph"),
                    }
                )
        return 200, rows


class Server(ThreadingHTTPServer):
    """One of the two, on a port that stays its own over stop and start."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, answer: Callable[[str, dict[str, str]], tuple[int, Any]], port: int = 0) -> None:
        self.answer = answer
        self.fault: Fault | None = None
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no matter of a test's output."""

    def stop(self) -> None:
        """Close the port and every connection."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        for each in list(self.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def again(self) -> "Server":
        """Return a server of the same answers on the same port, after `stop`."""
        return Server(self.answer, self.server_port)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        if self.server.fault is not None and self.server.fault(self):
            return
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        form = self.rfile.read(length).decode() if length else ""
        params = dict(parse_qsl(split.query)) | dict(parse_qsl(form))
        status, body = self.server.answer(split.path, params)
        send(self, status, json.dumps(body).encode())

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""


def send(
    request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    """Answer with `body`; `headers` win over the usual ones."""
    request.send_response(status)
    usual = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    for name, value in {**usual, **(headers or {})}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


class Pair:
    """Both servers of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.prometheus = Server(world.prometheus)
        self.alertmanager = Server(lambda path, _: world.alertmanager(path))

    @property
    def flags(self) -> list[str]:
        """The command line flags that name both."""
        return ["--prometheus", self.prometheus.url, "--alertmanager", self.alertmanager.url]

    def stop(self) -> None:
        """Stop both."""
        self.prometheus.stop()
        self.alertmanager.stop()


@contextmanager
def serving(world: World) -> Iterator[Pair]:
    """Run both servers of `world` until the block ends."""
    pair = Pair(world)
    try:
        yield pair
    finally:
        pair.stop()
