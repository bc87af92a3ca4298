"""The notification sink of a lab: who was told of what, read from the bodies that Alertmanager sent.

Bodies: Slack incoming webhooks (attachments), PagerDuty Events API v2, and Alertmanager's own webhook
(docs/configuration, webhook_config).
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from cockpit.clients import failures
from cockpit.clients.http import HttpClient
from cockpit.config import Context
from cockpit.errors import UsageError

if TYPE_CHECKING:
    import httpx

_TITLE = re.compile(r"\[(?P<status>[A-Z]+)[^\]]*\] (?:(?P<severity>[^\s:]+): )?(?P<name>[^\s(]+)")
_SYNTHETIC = re.compile(r"\(synthetic: ([^)]*)\)")
_LINK = re.compile(r"Runbook: (\S+)")


class Notification(Struct, frozen=True, kw_only=True):
    """One message that arrived. All text is raw; `received_at` is in Unix seconds.

    `kind` is slack, pagerduty or webhook, `status` firing or resolved, `alerts` the names it is about.
    `labels` holds what the body tells of the labels that all its alerts have; `runbook` is its link, if any.
    `body` is what came, as JSON has it.
    """

    received_at: float
    kind: str
    receiver: str
    status: str
    alerts: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    summary: str = ""
    text: str = ""
    runbook: str | None = None
    body: Any = None


class _Entry(Struct):
    received_at: float
    kind: str
    receiver: str
    body: Any = None


_ENTRIES = msgspec.json.Decoder(list[_Entry])


class Sink:
    """The sink of one lab. Its methods raise SourceError when it does not answer."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    @classmethod
    def of(cls, context: Context, transport: "httpx.AsyncBaseTransport | None" = None) -> "Sink":
        """Build the client of the lab that `context` looks at. Raises UsageError where it is no lab."""
        if context.sink is None:
            raise UsageError("only a lab has a notification sink", remedy="start one with `cockpit lab up`")
        http = HttpClient(
            context.sink, name="sink", kind="sink", timeout=context.timeout, transport=transport
        )
        return cls(http)

    async def notifications(self, since: float = 0.0) -> tuple[Notification, ...]:
        """Return what arrived after `since` (Unix seconds), oldest first."""
        body = await self._http.get("/notifications", {"since": f"{since:.6f}"})
        try:
            entries = _ENTRIES.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._http.failed(failures.of_decode(error, body, kind="sink")) from error
        self._http.answered(())
        return tuple(_notification(entry) for entry in entries)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()


def _notification(entry: _Entry) -> Notification:
    body = entry.body if isinstance(entry.body, dict) else {}
    read = {"slack": _slack, "pagerduty": _pagerduty, "webhook": _webhook}.get(entry.kind, _webhook)
    return Notification(
        received_at=entry.received_at,
        kind=entry.kind,
        receiver=entry.receiver,
        body=entry.body,
        **read(body),
    )


def _slack(body: dict[str, Any]) -> dict[str, Any]:
    attachment = next((each for each in _dicts(body.get("attachments"))), {})
    title, text = _text(attachment, "title"), _text(attachment, "text")
    found = _TITLE.match(title)
    labels = {"alertname": found["name"], "severity": found["severity"] or ""} if found else {}
    if synthetic := _SYNTHETIC.search(title):
        labels["synthetic"] = synthetic[1]
    link = _LINK.search(text)
    return {
        "status": "resolved" if _text(attachment, "color") == "good" else "firing",
        "alerts": (found["name"],) if found else (),
        "labels": {name: value for name, value in labels.items() if value},
        "summary": title,
        "text": text,
        "runbook": _text(attachment, "title_link") or (link[1] if link else None),
    }


def _pagerduty(body: dict[str, Any]) -> dict[str, Any]:
    payload = _dict(body.get("payload"))
    details = _dict(payload.get("custom_details"))
    summary = _text(payload, "summary")
    name = _text(payload, "class") or summary.partition(":")[0]
    labels = {
        "alertname": name,
        "severity": _text(payload, "severity"),
        "service": _text(payload, "component"),
        "synthetic": _text(details, "synthetic"),
    }
    links = [_text(each, "href") for each in _dicts(body.get("links"))]
    return {
        "status": "resolved" if body.get("event_action") == "resolve" else "firing",
        "alerts": (name,) if name else (),
        "labels": {name: value for name, value in labels.items() if value},
        "summary": summary,
        "text": summary,
        "runbook": next(iter(filter(None, (*links, _text(details, "runbook")))), None),
    }


def _webhook(body: dict[str, Any]) -> dict[str, Any]:
    names = [_text(_dict(each.get("labels")), "alertname") for each in _dicts(body.get("alerts"))]
    labels, notes = _dict(body.get("commonLabels")), _dict(body.get("commonAnnotations"))
    return {
        "status": "resolved" if body.get("status") == "resolved" else "firing",
        "alerts": tuple(dict.fromkeys(filter(None, names))),
        "labels": {str(name): value for name, value in labels.items() if isinstance(value, str)},
        "summary": _text(notes, "summary"),
        "text": _text(notes, "description"),
        "runbook": _text(notes, "runbook_url") or None,
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(values: Any) -> Iterable[dict[str, Any]]:
    return (each for each in values if isinstance(each, dict)) if isinstance(values, list) else ()


def _text(mapping: dict[str, Any], key: str) -> str:
    value = mapping.get(key)
    return value if isinstance(value, str) else ""
