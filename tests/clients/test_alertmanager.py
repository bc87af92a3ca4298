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
