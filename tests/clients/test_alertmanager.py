"""One Alertmanager peer: real answers, odd ones, muting, and one request at a time."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.source import Failure, SourceError
from cockpit.config import Context
from tests.clients.conftest import RECORDED

Recorded = Callable[[str], bytes]


def peer(answer: Callable[..., Any]) -> Alertmanager:
    (client,) = Alertmanager.all_of(Context(alertmanager=("http://am",)), httpx.MockTransport(answer))
    return client


def serving(**bodies: bytes) -> Alertmanager:
    """A peer that answers /api/v2/<name> with a body, and 404 for what is not named."""

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/api/v2/").replace("/", "_")
        return httpx.Response(200, content=bodies[name]) if name in bodies else httpx.Response(404)

    return peer(answer)


async def test_the_alerts_of_a_real_alertmanager(recorded: Recorded) -> None:
    client = serving(alerts=recorded("alertmanager-alerts"), status=recorded("alertmanager-status"))
    fetched = await client.alerts()
    (alert,) = fetched.data
    assert (alert.fingerprint, alert.state, alert.receivers) == ("f47ef7419cd5b882", "active", ("slack",))
    assert alert.labels == {"alertname": "Firing", "cluster": "eu", "env": "prod", "severity": "warning"}
    assert alert.annotations == {"summary": "it fires"}
    assert alert.ends_at > alert.updated_at > alert.starts_at > 1.7e9
    assert alert.generator_url.endswith("&g0.tab=1")
    assert fetched.source == client.name == "am"


async def test_an_alert_that_a_real_alertmanager_silences(recorded: Recorded) -> None:
    client = serving(alerts=recorded("alertmanager-alerts-silenced"))
    (alert,) = (await client.alerts()).data
    (silence,) = json.loads(recorded("alertmanager-silences"))
    assert (alert.state, alert.silenced_by) == ("suppressed", (silence["id"],))


async def test_the_status_of_a_real_alertmanager(recorded: Recorded) -> None:
    status = (await serving(status=recorded("alertmanager-status")).status()).data
    assert (status.version, status.cluster, status.peers, status.mutes) == ("0.25.0", "disabled", (), False)


def status_body(version: str, config: str) -> bytes:
    return json.dumps({"versionInfo": {"version": version}, "config": {"original": config}}).encode()


ALERT = {"fingerprint": "1", "labels": {"alertname": "A"}, "status": {"state": "active"}}
MUTED = [{"alerts": [{**ALERT, "status": {"state": "suppressed", "mutedBy": ["nights"]}}]}, {"alerts": None}]


@pytest.mark.parametrize(
    ("version", "config", "expected"),
    [
        ("0.28.1", "route: {}\n  mute_time_intervals: [nights]", ("nights",)),
        ("0.28.1", "route: {receiver: x}", ()),
        ("0.27.0", "route: {}\n  mute_time_intervals: [nights]", ()),
    ],
)
async def test_muting_is_asked_for_where_there_is_any(
    version: str, config: str, expected: tuple[str, ...]
) -> None:
    client = serving(
        alerts=json.dumps([ALERT]).encode(),
        status=status_body(version, config),
        alerts_groups=json.dumps(MUTED).encode(),
    )
    (alert,) = (await client.alerts()).data
    assert alert.muted_by == expected


async def test_an_alertmanager_that_hides_its_status_still_tells_its_alerts() -> None:
    client = serving(alerts=json.dumps([ALERT]).encode())
    assert len((await client.alerts()).data) == 1
    assert client.source().failure is None


async def test_fields_that_are_missing_or_null_are_tolerated() -> None:
    odd = [ALERT, {**ALERT, "annotations": None, "receivers": None, "generatorURL": None, "new": {"a": [1]}}]
    first, second = (await serving(alerts=json.dumps(odd, indent=1).encode()).alerts()).data
    assert first.starts_at == 0
    assert (second.annotations, second.receivers, second.generator_url) == ({}, (), "")


async def test_one_alert_of_broken_text_does_not_hide_the_others() -> None:
    body = (
        b'[{"fingerprint":"1","labels":{"a":"\xff"}},{"fingerprint":"2","labels":{"a":"\\ud800\\\\ud800"}},'
    )
    body += b'{"fingerprint":"3","labels":{"a":"\\ud83d\\ude00"}}]'
    alerts = (await serving(alerts=body).alerts()).data
    assert [alert.labels["a"] for alert in alerts] == ["\ufffd", "\ufffd\\ud800", "\U0001f600"]


async def test_a_broken_element_is_a_bad_answer_and_marks_the_source() -> None:
    client = serving(alerts=b'[{"fingerprint":"1","labels":{"a":7}}]')
    with pytest.raises(SourceError):
        await client.alerts()
    assert client.source().failure in {Failure.BAD_ANSWER, Failure.WRONG_SERVICE}


async def test_one_request_is_in_flight_at_a_time() -> None:
    most = running = 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal most, running
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        status = request.url.path.endswith("status")
        return httpx.Response(200, content=status_body("0.25.0", "route:") if status else b"[]")

    client = peer(answer)
    await asyncio.gather(client.alerts(), client.alerts(), client.status())
    assert most == 1


async def test_ten_thousand_alerts_are_decoded_while_the_loop_goes_on() -> None:
    alerts = [
        {**ALERT, "fingerprint": f"{n:016x}", "labels": {"alertname": "A", "n": str(n)}}
        for n in range(10_000)
    ]
    client = serving(alerts=json.dumps(alerts).encode())
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    fetched = await client.alerts()
    beside.cancel()
    assert len(fetched.data) == 10_000
    assert fetched.data[9999].fingerprint == f"{9999:016x}"
    assert turns >= 40, "the decoder gives way between slices"
    assert fetched.data[0].labels["alertname"] is fetched.data[1].labels["alertname"]


async def test_the_groups_of_one_alert_name(recorded: Recorded) -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, content=recorded("alertmanager-groups"))

    (group,) = (await peer(answer).groups_of('Watch"dog')).data
    assert dict(asked[0].params) == {"filter": 'alertname="Watch\\"dog"'}
    assert (group.receiver, group.labels["alertname"]) == ("dead-mans-switch", "Watchdog")
    (alert,) = group.alerts
    assert (alert.fingerprint, alert.state, alert.receivers) == (
        "7a619ce775f50b83", "active", ("dead-mans-switch",),
    )  # fmt: skip
    assert alert.starts_at > 1.7e9


async def test_the_silences_of_a_real_alertmanager(recorded: Recorded) -> None:
    (silence,) = (await serving(silences=recorded("alertmanager-silences")).silences()).data
    assert (silence.id[:8], silence.state, silence.created_by) == ("33b65b86", "active", "me")
    assert silence.matchers == (("alertname", "=", "Firing"),)
    assert silence.ends_at - silence.starts_at == pytest.approx(3600, abs=1)


async def test_silences_keep_the_sign_of_each_matcher() -> None:
    pairs = [(True, False), (False, False), (True, True), (False, True)]
    matchers = [{"name": "a", "value": "v", "isEqual": e, "isRegex": r} for e, r in pairs]
    matchers.append({"name": "old", "value": "v", "isRegex": False})
    body = json.dumps([{"id": "1", "status": {"state": "expired"}, "matchers": matchers}]).encode()
    (silence,) = (await serving(silences=body).silences()).data
    assert [sign for _, sign, _ in silence.matchers] == ["=", "!=", "=~", "!~", "="]


async def test_the_counters_of_a_real_alertmanager() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=(RECORDED / "alertmanager-metrics.txt").read_bytes())

    counters = (await peer(answer).metrics()).data
    assert asked[0].url.path == "/metrics"
    assert asked[0].headers["accept"].startswith("text/plain")
    assert all(each.name.startswith("alertmanager_notification") for each in counters)
    requests = {c.labels["integration"]: c.value for c in counters if c.name.endswith("_requests_total")}
    assert requests["webhook"] > 0
    assert requests["email"] == 0


@pytest.mark.parametrize("body", [b'alertmanager_notification_x{a="', b"alertmanager_notification_x y"])
async def test_metrics_that_are_none_are_a_failure(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        await peer(lambda _: httpx.Response(200, content=body)).metrics()
    assert caught.value.failure is Failure.BAD_ANSWER
