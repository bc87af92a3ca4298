"""A stage for runs: a Prometheus and a gateway in memory, and what is said and seen."""

import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qs

import httpx

from cockpit.clients.prometheus import Prometheus
from cockpit.config import Context
from cockpit.journal.journal import Journal
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.run.checks import check
from cockpit.scenarios.run.run import Progress, Result, Run
from cockpit.session import Session
from tests.scenarios.gateway import URL, Gateway

STEP = 0.02
SCENARIO = Scenario.model_validate(
    {
        "name": "x",
        "title": "t",
        "duration": 0.5,
        "recover": 0.1,
        "interval": STEP,
        "signals": [{"counter": "c_total", "rate": 100, "healthy": 0}],
        "expect": [{"alert": "A", "fires_within": 0.4, "resolves_within": 0.4}, {"quiet": "B"}],
    }
)


class Server:
    """A Prometheus whose alert A fires `after` seconds from the rise until `drain` seconds after it ends."""

    def __init__(self, gateway: Gateway, *, after: float = 0.1, drain: float = 0.1) -> None:
        self.gateway, self.after, self.drain = gateway, after, drain
        self.first: float | None = None
        self.healed: float | None = None
        self.down = False
        self.health, self.late = "ok", 0.0
        self.forgetful = self.partial = False
        self.slept: list[tuple[float, float]] = []
        self.client = Prometheus.of(
            Context(prometheus=("http://prom.example",)), httpx.MockTransport(self._take)
        )

    def _fires(self, at: float) -> bool:
        return (
            self.first is not None
            and at >= self.first + self.after
            and (self.healed is None or at < self.healed + self.drain)
        )

    def _look(self) -> None:
        """Note when the counter begins to rise, and when it stands still again."""
        values = self.gateway.values()
        if self.first is None and values and values[-1] > 0:
            self.first = time.time()
        if self.healed is None and self.first and len(values) > 3 and values[-1] == values[-3]:
            self.healed = time.time()

    def _take(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            return httpx.Response(500)
        self._look()
        params = {k: v[0] for k, v in parse_qs(request.url.query.decode()).items()}
        if request.url.path.endswith("/rules"):
            return self._good({"groups": [{"name": "g", "interval": STEP, "rules": self._rules()}]})
        if request.url.path.endswith("/query"):
            there = [{"metric": {}, "value": [time.time(), "1"]}] if self.gateway.groups else []
            return self._good({"resultType": "vector", "result": there})
        if request.url.path.endswith("/query_range"):
            if self.forgetful and "push_time_seconds" in params["query"]:
                return httpx.Response(422)
            told = "ALERTS" in params["query"] and self.partial
            return self._good({"resultType": "matrix", "result": self._range(params)}, *["no store"] * told)
        return httpx.Response(404)

    def _rules(self) -> list[dict[str, Any]]:
        now = time.time()
        labels = {"alertname": "A", "synthetic": "x"}
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - self.late))
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((self.first or now) + 1))
        alert = {"labels": labels, "annotations": {}, "state": "firing", "activeAt": at, "value": "1"}
        base = {"type": "alerting", "health": self.health, "lastEvaluation": stamp, "query": "c_total > 1"}
        firing = [alert] if self._fires(now) else []
        return [{**base, "name": "A", "alerts": firing}, {**base, "name": "B", "alerts": []}]

    def _range(self, params: dict[str, str]) -> list[dict[str, Any]]:
        start, end, step = (float(params[key]) for key in ("start", "end", "step"))
        times = [start + i * step for i in range(int((end - start) / step) + 1)]
        alerts = "ALERTS" in params["query"]
        labels = {"alertname": "A", "alertstate": "firing", "synthetic": "x"} if alerts else {}
        values = [
            [at, "1" if alerts else str(self._scraped(at))] for at in times if not alerts or self._fires(at)
        ]
        return [{"metric": labels, "values": values}] if values else []

    def _scraped(self, at: float) -> float:
        """Return when the last sample at `at` was scraped: none was while Prometheus `slept`."""
        return next((start for start, end in self.slept if start < at < end), at)

    @staticmethod
    def _good(data: Any, *warnings: str) -> httpx.Response:
        return httpx.Response(200, json={"status": "success", "data": data, "warnings": warnings})


class Stage:
    """A session with both servers; `play` plays the scenario and keeps what was said and seen."""

    def __init__(self, *, prometheus: bool = True, **server: float) -> None:
        self.gateway = Gateway()
        self.server = Server(self.gateway, **server)
        self.said: list[str] = []
        self.seen: list[Progress] = []
        context = Context(name="test", pushgateway=URL, synthetic=True, poll_interval=STEP)
        client = self.server.client if prometheus else Prometheus.of(context)
        self.session = Session(context, client, (), pushgateway=self.gateway.client)

    async def play(
        self,
        scenario: Scenario = SCENARIO,
        at: Callable[[Run, Progress], None] = lambda run, p: None,
        **how: Any,
    ) -> Result:
        checked = await check(self.session, scenario)
        run = Run(self.session, scenario, checked, journal=Journal(), say=self.said.append, **how)
        async with aclosing(run.play()) as looks:
            async for progress in looks:
                self.seen.append(progress)
                at(run, progress)
        assert run.result is not None
        return run.result
