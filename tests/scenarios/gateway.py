"""A Pushgateway in memory, told how to fail."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import httpx

from cockpit.clients.pushgateway import Pushgateway
from cockpit.config import Context

URL = "http://gateway"
Labels = tuple[tuple[str, str], ...]


class Gateway:
    """Keeps the groups that are pushed. `fails` is asked first, with method and path, for another answer."""

    def __init__(
        self, fails: Callable[[str, str], httpx.Response | None] = lambda method, path: None
    ) -> None:
        self.fails = fails
        self.groups: dict[Labels, tuple[str, float]] = {}
        self.calls: list[tuple[str, str, str]] = []
        self.started = 1000.0
        self.stalled: asyncio.Event | None = None
        self.client = Pushgateway.of(Context(pushgateway=URL), httpx.MockTransport(self._take))

    def restart(self) -> None:
        self.groups, self.started = {}, self.started + 1

    def put(self, grouping: dict[str, str], body: str = "", *, age: float = 0.0) -> None:
        self.groups[tuple(grouping.items())] = (body, time.time() - age)

    def bodies(self) -> list[str]:
        return [body for method, _, body in self.calls if method == "PUT"]

    def methods(self) -> list[str]:
        return [method for method, _, _ in self.calls if method != "GET"]

    def values(self, name: str = "c_total") -> list[float]:
        found = (re.search(rf"^{name} (\S+)$", body, re.MULTILINE) for body in self.bodies())
        return [float(match[1]) for match in found if match]

    async def _take(self, request: httpx.Request) -> httpx.Response:
        method, path = request.method, request.url.path
        self.calls.append((method, path, request.content.decode()))
        if self.stalled is not None:
            await self.stalled.wait()
        failed = self.fails(method, path)
        if failed is not None:
            return failed
        if path == "/api/v1/status":
            start = datetime.fromtimestamp(self.started, UTC).isoformat()
            return httpx.Response(200, json={"status": "success", "data": {"start_time": start}})
        if path == "/api/v1/metrics":
            data = [self._described(dict(labels), *group) for labels, group in self.groups.items()]
            return httpx.Response(200, content=json.dumps({"status": "success", "data": data}))
        parts = [unquote(part) for part in request.url.raw_path.decode().split("/")[2:]]
        key = tuple(zip(parts[::2], parts[1::2], strict=True))
        if method == "DELETE":
            self.groups.pop(key, None)
            return httpx.Response(202)
        self.groups[key] = (request.content.decode(), time.time())
        return httpx.Response(200)

    @staticmethod
    def _described(labels: dict[str, str], body: str, pushed: float) -> dict[str, Any]:
        families: dict[str, Any] = {}
        for name, inner, value in re.findall(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$", body, re.MULTILINE):
            own = dict(re.findall(r'(\w+)="([^"]*)"', inner))
            metric = {"labels": {**labels, **own, "instance": ""}, "value": value}
            families.setdefault(name, {"type": "UNTYPED", "metrics": []})["metrics"].append(metric)
        pushes = {"type": "GAUGE", "metrics": [{"labels": labels, "value": repr(pushed)}]}
        return {"labels": labels, "last_push_successful": True, "push_time_seconds": pushes, **families}
