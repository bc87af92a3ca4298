"""Answers of Prometheus's API, and of what speaks like it, as wire structs. Missing fields are tolerated."""

import asyncio
from datetime import datetime

import msgspec
from msgspec import Raw, Struct, field

from cockpit.clients import wire
from cockpit.clients.decode import ELEMENTS, Memo, decode, decode_each, number, seconds
from cockpit.errors import UsageError
from cockpit.units import parse_duration


class Envelope(Struct, gc=False):
    """The outside of every answer of Prometheus's API."""

    status: str
    data: Raw = Raw()
    error: str = ""
    error_type: str = field(name="errorType", default="")
    warnings: list[str] | None = None
    infos: list[str] | None = None


class _WireRuleAlert(Struct, gc=False):
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    state: str = ""
    activeAt: datetime | None = None
    value: str | float = "NaN"


class _WireRule(Struct, gc=False):
    name: str = ""
    type: str = "alerting"
    query: str = ""
    duration: float = 0.0
    keepFiringFor: float = 0.0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    health: str = "unknown"
    lastError: str | None = None
    lastEvaluation: datetime | None = None
    evaluationTime: float = 0.0
    alerts: list[Raw] | None = None


class _WireGroup(Struct, gc=False):
    name: str = ""
    file: str = ""
    interval: float = 0.0
    rules: list[_WireRule] | None = None


class _WireRules(Struct, gc=False):
    groups: list[_WireGroup] | None
    groupNextToken: str = ""


_ENVELOPE = msgspec.json.Decoder(Envelope)
_RULES = msgspec.json.Decoder(_WireRules)
_RULE_ALERT = msgspec.json.Decoder(_WireRuleAlert)


def envelope(body: bytes) -> Envelope:
    """Return the outside of an answer of Prometheus's API, its data still packed. Raises DecodeError."""
    return decode(_ENVELOPE, body)


Page = tuple[tuple[wire.RuleGroup, ...], str]


async def rules(data: Raw, memo: Memo[Page]) -> Page:
    """Return the groups of one page of `/api/v1/rules`, and the token of the next page or an empty text."""
    return await memo.answer(data, lambda: _rules(data, memo))


async def _rules(data: Raw, memo: Memo[Page]) -> Page:
    await asyncio.sleep(0)
    page = decode(_RULES, data)
    await asyncio.sleep(0)
    groups = []
    for group in page.groups or []:
        built = [await _rule(rule, memo) for rule in group.rules or [] if rule.type == "alerting"]
        recording = tuple(_recording(rule) for rule in group.rules or [] if rule.type == "recording")
        groups.append(wire.RuleGroup(group.name, group.file, group.interval, tuple(built), recording))
    return tuple(groups), page.groupNextToken


async def _rule(rule: _WireRule, memo: Memo[Page]) -> wire.AlertingRule:
    def build(alert: _WireRuleAlert) -> wire.RuleAlert:
        value = alert.value if isinstance(alert.value, float) else number(alert.value)
        return wire.RuleAlert(
            memo.labels(alert.labels),
            memo.labels(alert.annotations),
            alert.state,
            seconds(alert.activeAt),
            value,
        )

    return wire.AlertingRule(
        rule.name,
        rule.query,
        rule.duration,
        rule.keepFiringFor,
        rule.labels or {},
        rule.annotations or {},
        rule.health,
        rule.lastError or "",
        seconds(rule.lastEvaluation),
        tuple(await decode_each(_RULE_ALERT, rule.alerts or [], build)),
        rule.evaluationTime,
    )


def _recording(rule: _WireRule) -> wire.RecordingRule:
    return wire.RecordingRule(
        rule.name,
        rule.query,
        rule.labels or {},
        rule.health,
        rule.lastError or "",
        seconds(rule.lastEvaluation),
        rule.evaluationTime,
    )


class _WireTarget(Struct, gc=False):
    labels: dict[str, str] = {}
    scrapeUrl: str = ""
    health: str = "unknown"
    lastError: str = ""
    lastScrape: datetime | None = None
    scrapeInterval: str = ""


class _WireTargets(Struct, gc=False):
    activeTargets: list[Raw] | None = None


class _WireExposed(Struct, gc=False):
    target: dict[str, str] = {}


class _WirePeer(Struct, gc=False):
    url: str = ""


class _WirePeers(Struct, gc=False):
    activeAlertmanagers: list[_WirePeer] | None = None


_TARGETS = msgspec.json.Decoder(_WireTargets)
_TARGET = msgspec.json.Decoder(_WireTarget)
_TEXTS = msgspec.json.Decoder(list[str] | None)
_NAMED = msgspec.json.Decoder(dict[str, Raw])
_EXPOSED = msgspec.json.Decoder(list[_WireExposed])
_PEERS = msgspec.json.Decoder(_WirePeers)


async def targets(data: Raw) -> tuple[wire.Target, ...]:
    """Return the targets of `/api/v1/targets`. Raises DecodeError."""

    def build(each: _WireTarget) -> wire.Target:
        return wire.Target(
            each.labels,
            each.scrapeUrl,
            each.health,
            each.lastError,
            seconds(each.lastScrape),
            _interval(each.scrapeInterval),
        )

    return tuple(await decode_each(_TARGET, decode(_TARGETS, data).activeTargets or [], build))


def _interval(text: str) -> float:
    try:
        return parse_duration(text)
    except UsageError:
        return 0.0


async def exposing(data: Raw) -> tuple[dict[str, str], ...]:
    """Return the labels of the targets of `/api/v1/targets/metadata`. Raises DecodeError."""
    return tuple(each.target for each in decode(_EXPOSED, data))


async def texts(data: Raw) -> tuple[str, ...]:
    """Return a plain list, as of `/api/v1/labels`. Raises DecodeError."""
    return tuple(decode(_TEXTS, data) or ())


async def is_known(data: Raw) -> bool:
    """Say whether `/api/v1/metadata` tells of any metric. Raises DecodeError."""
    return bool(decode(_NAMED, data))


async def alertmanagers(data: Raw) -> tuple[str, ...]:
    """Return the URLs of `/api/v1/alertmanagers` that alerts are sent to. Raises DecodeError."""
    return tuple(each.url for each in decode(_PEERS, data).activeAlertmanagers or ())


_Point = tuple[float, str]


class _WireResult(Struct, gc=False):
    resultType: str
    result: Raw


class _WireSeries(Struct, gc=False):
    metric: dict[str, str] = {}
    value: _Point | None = None
    values: list[_Point] | None = None


_RESULT = msgspec.json.Decoder(_WireResult)
_SERIES = msgspec.json.Decoder(_WireSeries)
_POINT = msgspec.json.Decoder(_Point)


async def query_result(data: Raw) -> wire.QueryResult:
    """Return the result of `/api/v1/query` or `/api/v1/query_range`. Raises DecodeError."""
    result = decode(_RESULT, data)
    if result.resultType in {"scalar", "string"}:
        time, value = decode(_POINT, result.result)
        if result.resultType == "string":
            return wire.QueryResult("string", text=value)
        return wire.QueryResult("scalar", (wire.WireSeries({}, (time,), (number(value),)),))
    memo = Memo[None]()

    def build(series: _WireSeries) -> wire.WireSeries:
        points = series.values or ([series.value] if series.value is not None else [])
        times, values = tuple(p[0] for p in points), tuple(number(p[1]) for p in points)
        return wire.WireSeries(memo.labels(series.metric), times, values)

    elements = decode(ELEMENTS, result.result)
    return wire.QueryResult(result.resultType, tuple(await decode_each(_SERIES, elements, build)))
