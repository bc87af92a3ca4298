"""What the servers are asked, how often, and what is made of their answers."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.prometheus import Prometheus
from cockpit.config import Context
from cockpit.contract.live.ask import Asked, ask
from cockpit.contract.live.model import Delivery, Lost, Origin
from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from cockpit.session import Session
from tests.contract.healthy import NOW, Team

WENT = NOW - 86_400
METRICS = """\
alertmanager_notifications_total{integration="slack"} 7
alertmanager_notifications_failed_total{integration="slack"} 5
"""


def vector(*series: tuple[dict[str, str], float]) -> dict[str, Any]:
    result = [{"metric": labels, "value": [NOW, str(value)]} for labels, value in series]
    return {"resultType": "vector", "result": result}


class Fake:
    """A Prometheus and an Alertmanager; a test changes what they have, or how they answer a path."""

    def __init__(self, *metrics: str) -> None:
        self.metrics = set(metrics)
        self.lost: set[str] = set()
        self.labels = {"shop", "job"}
        self.earlier: set[str] = set()
        self.scrapes_alertmanager = True
        self.others: dict[str, Callable[[], httpx.Response]] = {}
        self.asked: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode()) if request.content else {}
        query = form.get("query", [request.url.params.get("query", "")])[0]
        path = request.url.path
        self.asked.append((path, query))
        if path in self.others:
            return self.others[path]()
        if request.url.host == "am":
            return self._alertmanager(path)
        data = self._query(query) if query else self._told(path)
        return httpx.Response(200, text=json.dumps({"status": "success", "data": data}))

    def _alertmanager(self, path: str) -> httpx.Response:
        if path == "/metrics":
            return httpx.Response(200, text=METRICS)
        return httpx.Response(200, text="{}" if path.endswith("status") else "[]")

    def _told(self, path: str) -> Any:
        return {
            "/api/v1/rules": {"groups": [{"name": "shop", "rules": [{"type": "alerting", "name": "A"}]}]},
            "/api/v1/targets": {"activeTargets": []},
            "/api/v1/label/__name__/values": sorted(self.metrics | self.lost),
            "/api/v1/labels": sorted(self.labels | self.earlier),
            "/api/v1/metadata": {},
        }[path]

    def _query(self, query: str) -> Any:
        if query == "time()":
            return {"resultType": "scalar", "result": [NOW, str(NOW)]}
        if query.startswith("sum by (integration)"):
            return vector(({"integration": "slack"}, 4.0)) if self.scrapes_alertmanager else vector()
        names = set(re.findall(r"\w+", " ".join(re.findall(r'__name__=~?"([^"]*)"', query))))
        if "by (__name__, synthetic)" in query:
            values = [[NOW - 90_000, "1"], [NOW - 86_500, "1"]]
            series = [{"metric": {"__name__": name}, "values": values} for name in names & self.lost]
            return {"resultType": "matrix", "result": series}
        if "timestamp(" in query:
            return vector(({"job": "shop", "instance": "a:1"}, WENT))
        if "changes(" in query:
            return vector(({"what": "rises"}, 60.0), ({"what": "least"}, 3.0))
        if "label_replace" in query:
            pairs = re.findall(r'__name__=~"([^"]*)", (\w+)!=""', query)
            have = [(n, label) for names, label in pairs for n in names.split("|") if label in self.labels]
            return vector(*(({"__name__": n, "asked": label}, 1.0) for n, label in have if n in self.metrics))
        return vector(*(({"__name__": name}, 1.0) for name in names & self.metrics))

    async def ask(self, team: Team) -> Asked:
        context = Context(name="prod", prometheus=("http://prom",), alertmanager=("http://am",))
        transport = httpx.MockTransport(self)
        peers = Alertmanager.all_of(context, transport)
        async with Session(context, Prometheus.of(context, transport), peers) as session:
            return await ask(read([team.folder], Settings(), now=NOW), session)


@pytest.fixture
def fake() -> Fake:
    return Fake("shop_errors_total", "shop_requests_total", "up")


async def test_what_is_there(team: Team, fake: Fake) -> None:
    asked = await fake.ask(team)
    live = asked.live

    assert (asked.failed, asked.not_offered) == ((), ())
    assert (live.at, live.context, live.prometheus, live.alertmanager) == (NOW, "prod", "prom", "am")
    assert live.present == {"shop_errors_total", "shop_requests_total", "up"} == live.metrics
    assert live.labels["shop_errors_total"] == {"shop"}
    assert (live.lost, live.declared) == ({}, frozenset())


async def test_a_metric_that_went(team: Team, fake: Fake) -> None:
    fake.metrics.remove("shop_requests_total")
    fake.lost.add("shop_requests_total")
    live = (await fake.ask(team)).live

    assert live.lost == {
        "shop_requests_total": Lost(
            since=WENT,
            origins=(Origin("shop", "a:1"),),
            marks=frozenset([""]),
            longest_gap=3500.0,
            rises_every=5.0,
        )
    }


async def test_a_label_that_no_series_has_now_may_have_been_there_within_the_week(team: Team) -> None:
    fake = Fake("shop_errors_total", "shop_requests_total", "up")
    fake.labels.clear()
    fake.earlier.add("shop")
    live = (await fake.ask(team)).live

    assert live.labels["shop_errors_total"] == {"shop"}
    assert sum(path == "/api/v1/labels" for path, _ in fake.asked) == 2


async def test_many_metrics_take_few_questions(team: Team) -> None:
    names = [f"metric_{number}" for number in range(500)]
    panels = [{"targets": [{"expr": f'sum by (shop) ({name}{{job="a"}})'}]} for name in names]
    team.write("dashboards/large.json", json.dumps({"title": "Large", "panels": panels}, indent=1))
    fake = Fake("shop_errors_total", "shop_requests_total", "up", *names)
    fake.metrics |= {f"other_{number}" for number in range(9500)}
    asked = await fake.ask(team)
    live = asked.live

    assert (asked.failed, asked.not_offered) == ((), ())
    assert live.present >= set(names)
    assert len(fake.asked) < 25


async def test_one_answer_that_fails_leaves_the_others(team: Team, fake: Fake) -> None:
    fake.others["/api/v1/targets"] = lambda: httpx.Response(500, text="no")
    asked = await fake.ask(team)

    (sentence,) = asked.failed
    assert sentence.startswith("targets: prom")
    assert asked.live.present
    assert asked.live.groups.groups


async def test_what_a_server_does_not_offer_is_no_failure(team: Team, fake: Fake) -> None:
    fake.others["/api/v1/targets"] = lambda: httpx.Response(404, text="404 page not found")
    asked = await fake.ask(team)

    (sentence,) = asked.not_offered
    assert sentence.startswith("targets: prom")
    assert asked.failed == ()


async def test_part_of_an_answer_makes_nothing_missing(team: Team, fake: Fake) -> None:
    part = {"status": "success", "data": [], "warnings": ["a store is away"]}
    fake.others["/api/v1/label/__name__/values"] = lambda: httpx.Response(200, text=json.dumps(part))
    asked = await fake.ask(team)

    assert asked.failed == ("metrics: prom answers in part: a store is away",)
    assert asked.live.metrics == frozenset()


async def test_a_server_without_rules_is_said(team: Team, fake: Fake) -> None:
    none = {"status": "success", "data": {"groups": []}}
    fake.others["/api/v1/rules"] = lambda: httpx.Response(200, text=json.dumps(none))
    failed = (await fake.ask(team)).failed

    (sentence,) = failed
    assert "has none at all" in sentence


async def test_silences_and_whom_they_hold_back(team: Team, fake: Fake) -> None:
    held = {"fingerprint": "f", "labels": {"alertname": "Theirs"}, "status": {"silencedBy": ["s1"]}}
    known = [
        {"id": "s1", "status": {"state": "active"}, "createdBy": "alice"},
        {"id": "s2", "status": {"state": "expired"}},
    ]
    fake.others["/api/v2/alerts"] = lambda: httpx.Response(200, text=json.dumps([held]))
    fake.others["/api/v2/silences"] = lambda: httpx.Response(200, text=json.dumps(known))
    live = (await fake.ask(team)).live

    assert [(each.silence.id, each.alerts) for each in live.silences] == [("s1", 1)]
    assert live.strangers


async def test_notifications_as_prometheus_counts_them(team: Team, fake: Fake) -> None:
    live = (await fake.ask(team)).live

    assert live.deliveries == (
        Delivery(server="am", integration="slack", sent=4.0, failed=4.0, window=3600.0),
    )


async def test_an_alertmanager_that_is_not_scraped_counts_itself(team: Team, fake: Fake) -> None:
    fake.scrapes_alertmanager = False
    live = (await fake.ask(team)).live

    assert live.deliveries == (Delivery(server="am", integration="slack", sent=7.0, failed=5.0),)
