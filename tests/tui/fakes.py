"""A Session on servers that answer from memory: the real clients, feed and triage over a mock transport."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.prometheus import Prometheus
from cockpit.config import Context, shipped
from cockpit.session import Session
from cockpit.units import rfc3339

import time
NOW = float(int(time.time()))
"""2026-11-21T17:42:10Z: the clock of these tests stands still."""


def alert(
    name: str,
    state: str = "firing",
    *,
    age: float = 252,
    value: str = "2e-02",
    annotations: dict[str, str] | None = None,
    **labels: str,
) -> dict[str, Any]:
    """Return an alert as a rule of Prometheus has it."""
    return {
        "labels": {"alertname": name, "severity": "warning", **labels},
        "annotations": {"summary": f"{name} is wrong", **(annotations or {})},
        "state": state,
        "activeAt": rfc3339(NOW - age),
        "value": value,
    }


class Servers:
    """A Prometheus and an Alertmanager. Set `rules`, `extra` and `down`; `asked` keeps the paths and queries."""

    def __init__(self, alerts: Iterable[dict[str, Any]] = ()) -> None:
        self.alerts = list(alerts)
        self.down: dict[str, int | str] = {}
        self.suppressed: dict[str, dict[str, list[str]]] = {}
        self.values: dict[str, list[dict[str, Any]]] = {}
        self.watchdog = True
        self.undelivered: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of either server."""
        which = "am" if request.url.host == "am.example" else "prom"
        self.asked.append(request.url.path)
        trouble = self.down.get(which)
        if trouble == "refused":
            raise httpx.ConnectError("[Errno 111] Connection refused")
        if isinstance(trouble, int):
            return httpx.Response(trouble, text="no")
        if which == "am":
            return httpx.Response(200, json=self._alertmanager(request.url.path))
        params = dict(request.url.params)
        params |= {k: v[0] for k, v in parse_qs(request.content.decode()).items()}
        return self._prometheus(request.url.path, params)

    def _all(self) -> list[dict[str, Any]]:
        dog = alert("Watchdog", severity="none", service="monitoring", value="1e+00", age=86_400)
        return [*self.alerts, *([dog] if self.watchdog else [])]

    def _prometheus(self, path: str, params: dict[str, str]) -> httpx.Response:
        if path.endswith("/rules"):
            rules = [
                {
                    "type": "alerting",
                    "name": a["labels"]["alertname"],
                    "query": 'gmail_send:error_ratio:rate5m{provider="google"} > 0.01',
                    "duration": 600 if a["state"] == "pending" else 0,
                    "labels": {},
                    "annotations": {},
                    "health": "ok",
                    "lastEvaluation": rfc3339(NOW),
                    "state": a["state"],
                    "alerts": [a],
                }
                for a in self._all()
            ]
            data: Any = {"groups": [{"name": "relay", "file": "relay.yml", "interval": 15, "rules": rules}]}
        elif path.endswith("/config"):
            data = {"yaml": "global: {}\n"}
        elif path.endswith("/query_range"):
            data = {"resultType": "matrix", "result": self._series(params)}
        elif path.endswith("/query"):
            found = self._series({**params, "start": str(NOW), "end": str(NOW), "step": "1"})
            data = {
                "resultType": "vector",
                "result": [{"metric": s["metric"], "value": s["values"][-1]} for s in found],
            }
        else:
            return httpx.Response(404, text="no such page")
        return httpx.Response(200, json={"status": "success", "data": data})

    def _series(self, params: dict[str, str]) -> list[dict[str, Any]]:
        query = params["query"]
        if query.startswith("ALERTS") or "nothing" in query:
            return []
        if "broken" in query:
            return []
        start, end, step = float(params["start"]), float(params["end"]), float(params["step"])
        count = int((end - start) / step) + 1
        times = [start + i * step for i in range(count)]
        codes = {"rate_limited": 0.046, "invalid_grant": 0.009} if "code" in query else {"": 0.021}
        return [
            {
                "metric": {"code": code} if code else {},
                "values": [[t, str(value if t > NOW - 600 else value / 10)] for t in times],
            }
            for code, value in codes.items()
        ]

    def _alertmanager(self, path: str) -> Any:
        if path.endswith("/status"):
            return {"versionInfo": {"version": "0.25.0"}, "cluster": {"status": "ready", "peers": []}}
        out = []
        for at, a in enumerate(self._all()):
            name = a["labels"]["alertname"]
            if a["state"] != "firing" or name in self.undelivered:
                continue
            quiet = self.suppressed.get(name, {})
            out.append(
                {
                    "annotations": a["annotations"],
                    "endsAt": rfc3339(NOW + 240),
                    "fingerprint": f"{at:016x}",
                    "receivers": [{"name": "slack"}],
                    "startsAt": a["activeAt"],
                    "status": {
                        "inhibitedBy": quiet.get("inhibitedBy", []),
                        "silencedBy": quiet.get("silencedBy", []),
                        "state": "suppressed" if quiet else "active",
                    },
                    "updatedAt": rfc3339(NOW),
                    "generatorURL": "http://prom.example/graph?g0.expr=up",
                    "labels": a["labels"],
                }
            )
        return out


def session(servers: Servers, runbooks: Path | None = None, **settings: Any) -> Session:
    """Return a Session whose servers are `servers`, with a clock that stands still."""
    context = Context(
        name="prod",
        prometheus=("http://prom.example",),
        alertmanager=("http://am.example",),
        runbooks=(runbooks or shipped("runbooks"),),
        **{"poll_interval": 3600, "undelivered_after": 60, **settings},
    )
    transport = httpx.MockTransport(servers)
    return Session(
        context,
        Prometheus.of(context, transport),
        Alertmanager.all_of(context, transport),
        now=lambda: NOW,
    )


def decode(text: str) -> Any:
    """Return decoded JSON."""
    return json.loads(text)
