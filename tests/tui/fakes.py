"""A Session on servers that answer from memory: the real clients, feed and triage over a mock transport."""

import asyncio
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from cockpit.alerts.fingerprint import fingerprint
from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.sink import Sink
from cockpit.config import Context, shipped
from cockpit.session import Session
from cockpit.units import rfc3339

NOW = 1_795_282_930.0
"""2026-11-21T17:42:10Z: the clock of these tests stands still."""


def alert(
    name: str,
    state: str = "firing",
    *,
    age: float = 252,
    value: str = "2e-02",
    expr: str = "up == 0",
    annotations: dict[str, str] | None = None,
    **labels: Any,
) -> dict[str, Any]:
    """Return an alert as a rule of Prometheus has it."""
    return {
        "labels": {"alertname": name, "severity": "warning", **labels},
        "annotations": {"summary": f"{name} is wrong", **(annotations or {})},
        "state": state,
        "activeAt": rfc3339(NOW - age),
        "value": value,
        "expr": expr,
    }


class Servers:
    """A Prometheus, an Alertmanager, a sink; `asked` keeps the paths.

    `down` takes a status, "refused" or "stalls".
    """

    def __init__(self, alerts: Iterable[dict[str, Any]] = ()) -> None:
        self.alerts = list(alerts)
        self.down: dict[str, int | str] = {}
        self.suppressed: dict[str, dict[str, list[str]]] = {}
        self.values: dict[str, dict[str, float]] = {}
        self.watchdog = True
        self.undelivered: set[str] = set()
        self.notifications: list[dict[str, Any]] = []
        self.asked: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of any of them."""
        which = {"am.example": "am", "sink.example": "sink"}.get(request.url.host, "prom")
        self.asked.append(request.url.path)
        trouble = self.down.get(which)
        if trouble == "refused":
            raise httpx.ConnectError("refused") from ConnectionRefusedError(111, "Connection refused")
        if trouble == "stalls":
            await asyncio.Event().wait()
        if isinstance(trouble, int):
            return httpx.Response(trouble, text="no")
        if which == "sink":
            return httpx.Response(200, json=self.notifications)
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
                    "query": a["expr"],
                    "duration": 600 if a["state"] != "firing" or "synthetic" in a["labels"] else 0,
                    "labels": {},
                    "annotations": {},
                    "health": "ok",
                    "lastEvaluation": rfc3339(NOW),
                    "state": a["state"],
                    "alerts": [] if a["state"] == "inactive" else [a],
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
        if query.startswith("ALERTS"):
            return self._history(params)
        found = next((value for part, value in self.values.items() if part in query), {"": 0.021})
        start, end, step = float(params["start"]), float(params["end"]), float(params["step"])
        times = [start + i * step for i in range(int((end - start) / step) + 1)]
        return [
            {
                "metric": dict([name.split("=")]) if name else {},
                "values": [[t, str(round(value * _rise(t), 5))] for t in times],
            }
            for name, value in found.items()
        ]

    def _history(self, params: dict[str, str]) -> list[dict[str, Any]]:
        """Return an alert that fired for half an hour fifteen hours ago, and fires again."""
        start, end, step = float(params["start"]), float(params["end"]), float(params["step"])
        times = [start + i * step for i in range(int((end - start) / step) + 1)]
        on = [t for t in times if NOW - 54_000 < t < NOW - 52_200 or t > NOW - 252]
        return [{"metric": {"alertstate": "firing"}, "values": [[t, "1"] for t in on]}] if on else []

    def _alertmanager(self, path: str) -> Any:
        if path.endswith("/status"):
            return {"versionInfo": {"version": "0.25.0"}, "cluster": {"status": "ready", "peers": []}}
        out = []
        for a in self._all():
            name = a["labels"]["alertname"]
            if a["state"] != "firing" or name in self.undelivered:
                continue
            quiet = self.suppressed.get(name, {})
            out.append(
                {
                    "annotations": a["annotations"],
                    "endsAt": rfc3339(NOW + 240),
                    "fingerprint": fingerprint(a["labels"]),
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
        **{
            "scenarios": shipped("scenarios"),
            "poll_interval": 3600,
            "undelivered_after": 60,
            **settings,
        },
    )
    transport = httpx.MockTransport(servers)
    return Session(
        context,
        Prometheus.of(context, transport),
        Alertmanager.all_of(context, transport),
        sink=Sink.of(context, transport) if context.sink else None,
        now=lambda: NOW,
    )


def _rise(t: float) -> float:
    """Return the shape of every curve: low, then up within five minutes, ten minutes ago."""
    return min(1.0, max(0.08, (t - NOW + 900) / 300)) * (1 + 0.04 * math.sin(t / 97))


def gmail_incident() -> Servers:
    """Return the board of the screenshots: an error rate that went from warning to critical, and company."""
    relay = {"owner": "relay-oncall", "service": "gmail-send", "provider": "google", "action": "gmail.send"}
    critical: dict[str, Any] = {"severity": "critical"}
    ratio = "gmail_send:error_ratio:rate5m"
    runbook = "https://runbooks.example/gmail-send-high-error-rate.md"

    def over(share: int) -> dict[str, str]:
        return {"summary": f"Gmail send errors are over {share} %", "runbook_url": runbook}

    def relay_alert(name: str, state: str, age: float, value: str, expr: str, **more: Any) -> dict[str, Any]:
        labels = relay | more.pop("labels", {})
        return alert(name, state, age=age, value=value, expr=expr, **more, **labels)

    p95 = "gmail_send:latency_seconds:p95_5m > 0.5"
    servers = Servers(
        [
            relay_alert(
                "GmailSendErrorRateCritical",
                "firing",
                552,
                "6.1e-02",
                f"{ratio} > 0.05",
                labels=critical,
                annotations=over(5),
            ),
            relay_alert(
                "GmailSendErrorRateWarning", "firing", 880, "6.1e-02", f"{ratio} > 0.01", annotations=over(1)
            ),
            relay_alert("GmailSendLatencyWarning", "pending", 400, "7.1e-01", p95),
            alert("PaymentsDown", age=125, value="0e+00", region="eu", owner="payments", **critical),
            alert(
                "CertExpiresSoon", age=259_200, value="1.2e+01", severity="info", host="mx1", owner="infra"
            ),
        ]
    )
    full = "disk_used_ratio > 0.9"
    servers.alerts += [
        alert("DiskFillingUp", age=7900 + i, value="9.1e-01", expr=full, instance=f"db{i}", owner="infra")
        for i in range(12)
    ]
    servers.undelivered = {"PaymentsDown"}
    servers.suppressed = {
        "GmailSendErrorRateWarning": {"inhibitedBy": [fingerprint(servers.alerts[0]["labels"])]},
        "CertExpiresSoon": {"silencedBy": ["5d4c3b2a-0000-4000-8000-000000000001"]},
    }
    servers.values = {
        "by (code": {"code=rate_limited": 0.046, "code=timeout": 0.006, "code=invalid_grant": 0.009},
        "error_ratio": {"": 0.061},
        "latency": {"": 0.41},
        "action_exec_total": {"": 50.2},
        "oauth": {},
    }
    return servers


def played_incident() -> Servers:
    """Return the board of a scenario that has made its alert fire, and what the sink got."""
    ratio = "gmail_send:error_ratio:rate5m"
    labels = {"owner": "relay-oncall", "service": "gmail-send", "provider": "google", "action": "gmail.send"}
    fired = alert(
        "GmailSendErrorRateWarning",
        age=660,
        value="2.1e-02",
        expr=f"{ratio} > 0.01",
        annotations={
            "summary": "Gmail send errors are over 1 %",
            "runbook_url": "https://runbooks.example/gmail-send-high-error-rate.md",
        },
        synthetic="error-rate-warn",
        **labels,
    )
    quiet = alert("GmailSendErrorRateCritical", "inactive", expr=f"{ratio} > 0.05")
    slow = alert("GmailSendLatencyWarning", "inactive", expr="gmail_send:latency_seconds:p95_5m > 0.5")
    servers = Servers([fired, quiet, slow])
    servers.values = {"error_ratio": {"synthetic=error-rate-warn": 0.021}}
    title = "[FIRING] warning: GmailSendErrorRateWarning (synthetic: error-rate-warn)"
    body = {"attachments": [{"color": "danger", "title": title, "text": "Gmail send errors are over 1 %"}]}
    servers.notifications = [
        {"received_at": NOW - 27, "kind": "slack", "receiver": "ops-relay", "body": body}
    ]
    return servers
