"""What a look asks for, by a Prometheus that is made up."""

import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.prometheus import Prometheus
from cockpit.config import Context, shipped
from cockpit.drills.state import Outcome
from cockpit.drills.verify import judge, look, silenced_lately
from cockpit.drills.verify.seen import passed
from cockpit.session import Session
from tests.drills.exercising import exercise
from tests.drills.test_planning import WARNING, loaded


def _session(fired: dict[str, str]) -> Session:
    """Return a session on a Prometheus with the shipped rules, in which an alert of `fired` is over."""

    def answer(request: httpx.Request) -> httpx.Response:
        data: dict[str, Any] = {"resultType": "vector", "result": []}
        if request.url.path.endswith("/api/v1/rules"):
            group = {"name": "g", "file": "f", "interval": 15, "rules": loaded()}
            data = {"groups": [group]}
        elif "ALERTS" in request.url.params.get("query", ""):
            data["result"] = [{"metric": fired, "value": [time.time(), "3"]}]
        return httpx.Response(200, json={"status": "success", "data": data})

    context = Context(name="test", prometheus=("http://prom.example",))
    return Session(context, Prometheus.of(context, httpx.MockTransport(answer)), ())


@pytest.mark.parametrize(
    ("mark", "quiet", "resolved"),
    [
        ({}, Outcome.AWAITED, "has not fired"),
        ({"synthetic": "error-rate-warn"}, Outcome.FAILED, "no Alertmanager is configured"),
    ],
)
async def test_an_alert_of_real_series_that_is_over_is_no_doing_of_the_exercise(
    mark: dict[str, str], quiet: Outcome, resolved: str
) -> None:
    conditions = ({"quiet": WARNING}, {"resolved": WARNING})
    found = exercise(
        *conditions,
        begun_at=time.time() - 60,
        first="error-rate-warn",
        second="error-rate-crit",
        scenarios=str(shipped("scenarios")),
    )
    assert found.phase is not None
    async with _session({"alertname": WARNING, "alertstate": "firing", **mark}) as session:
        seen = await look(session, found, {})
    stays, is_over = (judge(each, found.phase, seen, found) for each in found.phase.phase.verify)
    assert stays.outcome is quiet
    assert resolved in is_over.said


@pytest.mark.parametrize(
    ("made", "lately"), [("2026-11-21T09:59:00Z", False), ("2026-11-21T10:01:00Z", True)]
)
async def test_a_silence_counts_as_made_in_the_exercise_by_when_it_began(made: str, lately: bool) -> None:
    silence = {
        "id": "s1",
        "status": {"state": "active"},
        "updatedAt": made,
        "createdBy": "sam",
        "comment": "",
        "startsAt": made,
        "endsAt": "2026-11-21T12:00:00Z",
        "matchers": [{"name": "alertname", "value": "A", "isRegex": False, "isEqual": True}],
    }
    context = Context(name="test", alertmanager=("http://am.example",))
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=[silence]))
    session = Session(context, Prometheus.of(context), Alertmanager.all_of(context, transport))
    begun = datetime(2026, 11, 21, 10, tzinfo=UTC).timestamp()
    found = exercise({"silenced": "A"}, begun_at=begun)
    async with session:
        assert await silenced_lately(session, passed("", silences=["s1"]), found) is lately
        assert not await silenced_lately(session, passed("", silences=["s2"]), found)
