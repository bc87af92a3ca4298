"""What a lab's sink kept, read: Slack, PagerDuty and webhook bodies as Alertmanager sends them."""

from typing import Any

import httpx
import pytest

from cockpit.clients.sink import Notification, Sink
from cockpit.clients.source import SourceError
from cockpit.config import Context
from cockpit.errors import UsageError

RUNBOOK = "https://runbooks.example/gmail-send-high-error-rate.md"
LINES = f"Gmail send errors are over 1 %\n2% of the calls fail.\nRunbook: {RUNBOOK}\n"
SLACK = {
    "channel": "#ops-relay",
    "username": "Alertmanager",
    "attachments": [
        {
            "title": "[FIRING] warning: GmailSendErrorRateWarning (synthetic: error-rate-warn)",
            "title_link": RUNBOOK,
            "text": LINES,
            "color": "danger",
        }
    ],
}
PAGERDUTY = {
    "routing_key": "relay",
    "event_action": "trigger",
    "payload": {
        "summary": "GmailSendErrorRateCritical: Gmail send errors are over 5 %",
        "severity": "critical",
        "class": "GmailSendErrorRateCritical",
        "component": "gmail-send",
        "custom_details": {"runbook": RUNBOOK, "synthetic": "error-rate-crit"},
    },
    "links": [{"href": RUNBOOK, "text": "Runbook"}],
}
WEBHOOK = {
    "status": "resolved",
    "alerts": [{"labels": {"alertname": "Watchdog"}}, {"labels": {"alertname": "Watchdog"}}],
    "commonLabels": {"alertname": "Watchdog", "severity": "none"},
    "commonAnnotations": {"summary": "Alerting works", "runbook_url": RUNBOOK},
}


def entry(kind: str, body: Any) -> dict[str, Any]:
    return {"received_at": 5.0, "kind": kind, "receiver": "r", "body": body}


async def read(answer: httpx.Response, since: float = 0.0) -> tuple[Notification, ...]:
    asked: list[httpx.URL] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return answer

    sink = Sink.of(Context(sink="http://127.0.0.1:1"), httpx.MockTransport(reply))
    try:
        return await sink.notifications(since)
    finally:
        await sink.close()
        assert [url.path for url in asked] == ["/notifications"]
        assert float(asked[0].params["since"]) == since


async def one(kind: str, body: Any) -> Notification:
    (found,) = await read(httpx.Response(200, json=[entry(kind, body)]), since=3.25)
    return found


async def test_slack() -> None:
    found = await one("slack", SLACK)
    assert (found.status, found.alerts, found.runbook) == ("firing", ("GmailSendErrorRateWarning",), RUNBOOK)
    assert found.labels == {
        "alertname": "GmailSendErrorRateWarning",
        "severity": "warning",
        "synthetic": "error-rate-warn",
    }
    assert found.text == LINES
    assert found.body == SLACK
    attachment = {"title": "[RESOLVED] warning: X", "text": LINES, "color": "good"}
    found = await one("slack", {"attachments": [attachment]})
    assert (found.status, found.alerts, found.labels) == (
        "resolved",
        ("X",),
        {"alertname": "X", "severity": "warning"},
    )
    assert found.runbook == RUNBOOK


async def test_pagerduty() -> None:
    found = await one("pagerduty", PAGERDUTY)
    assert (found.status, found.alerts, found.runbook) == ("firing", ("GmailSendErrorRateCritical",), RUNBOOK)
    assert (found.labels["severity"], found.labels["synthetic"]) == ("critical", "error-rate-crit")
    assert (await one("pagerduty", {**PAGERDUTY, "event_action": "resolve"})).status == "resolved"


async def test_webhook() -> None:
    found = await one("webhook", WEBHOOK)
    assert (found.status, found.alerts) == ("resolved", ("Watchdog",))
    assert (found.summary, found.runbook) == ("Alerting works", RUNBOOK)


@pytest.mark.parametrize("kind", ["slack", "pagerduty", "webhook", "pigeon"])
@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"attachments": [3], "payload": [], "alerts": {"a": 1}, "links": 1}]
)
async def test_a_body_of_any_shape_is_a_message_about_nothing_known(kind: str, body: Any) -> None:
    found = await one(kind, body)
    assert (found.received_at, found.kind, found.receiver) == (5.0, kind, "r")
    assert found.alerts == ()
    assert found.runbook is None


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(500), httpx.Response(200, content=b"<html>"), httpx.Response(200, json=[{"x": 1}])],
)
async def test_no_usable_answer_is_an_error(answer: httpx.Response) -> None:
    with pytest.raises(SourceError, match=r"^sink: "):
        await read(answer)


def test_only_a_lab_has_one() -> None:
    with pytest.raises(UsageError, match="lab up"):
        Sink.of(Context())
