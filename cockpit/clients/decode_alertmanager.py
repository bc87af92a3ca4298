"""Answers of Alertmanager's API v2 as wire structs. Missing fields are tolerated."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from cockpit.clients import wire
from cockpit.clients.decode import ELEMENTS, DecodeError, Memo, decode, decode_each, seconds


class _Receiver(Struct, frozen=True, gc=False):
    name: str = ""


class _Status(Struct, frozen=True, gc=False):
    state: str = "active"
    silencedBy: list[str] | None = None
    inhibitedBy: list[str] | None = None
    mutedBy: list[str] | None = None


class _WireAlert(Struct, gc=False):
    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    startsAt: datetime | None = None
    endsAt: datetime | None = None
    updatedAt: datetime | None = None
    generatorURL: str | None = None
    status: _Status = _Status()
    receivers: list[_Receiver] | None = None


_ALERT = msgspec.json.Decoder(_WireAlert)


Alerts = tuple[wire.WireAlert, ...]


async def alerts(body: bytes, memo: Memo[Alerts]) -> Alerts:
    """Return the alerts of `/api/v2/alerts`. Raises DecodeError."""
    memo.next_poll()
    found = await memo.answer(body, lambda: _alerts(body, memo))
    memo.end_poll()
    return found


async def _alerts(body: bytes, memo: Memo[Alerts]) -> Alerts:
    build = _builder(memo)
    return tuple(await decode_each(_ALERT, decode(ELEMENTS, body), build))


def _builder(memo: Memo[Alerts]) -> Callable[[_WireAlert], wire.WireAlert]:
    lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def build(alert: _WireAlert) -> wire.WireAlert:
        status = alert.status
        receivers = tuple(r.name for r in alert.receivers or ())
        return wire.WireAlert(
            alert.fingerprint,
            memo.labels(alert.labels),
            memo.labels(alert.annotations),
            seconds(alert.startsAt),
            seconds(alert.endsAt),
            seconds(alert.updatedAt),
            alert.generatorURL or "",
            status.state,
            tuple(status.silencedBy or ()),
            tuple(status.inhibitedBy or ()),
            tuple(status.mutedBy or ()),
            lists.setdefault(receivers, receivers),
        )

    return build


class _Muted(Struct, gc=False):
    fingerprint: str
    status: _Status = _Status()


class _AlertGroup(Struct, gc=False):
    alerts: list[Raw] | None = None
    labels: dict[str, str] = {}
    receiver: _Receiver = _Receiver()


_GROUPS = msgspec.json.Decoder(list[_AlertGroup])
_MUTED = msgspec.json.Decoder(_Muted)


async def muted(body: bytes) -> dict[str, tuple[str, ...]]:
    """Return what mutes each fingerprint, from `/api/v2/alerts/groups`. Raises DecodeError."""
    found: dict[str, tuple[str, ...]] = {}
    for group in decode(_GROUPS, body):
        for alert in await decode_each(_MUTED, group.alerts or [], lambda a: a):
            names = {*found.get(alert.fingerprint, ()), *(alert.status.mutedBy or ())}
            if names:
                found[alert.fingerprint] = tuple(sorted(names))
        await asyncio.sleep(0)
    return found


async def groups(body: bytes) -> tuple[wire.AlertGroup, ...]:
    """Return the groups of `/api/v2/alerts/groups` with their alerts. Raises DecodeError."""
    build = _builder(Memo[Alerts]())
    found = []
    for group in decode(_GROUPS, body):
        members = await decode_each(_ALERT, group.alerts or [], build)
        found.append(wire.AlertGroup(group.receiver.name, group.labels, tuple(members)))
    return tuple(found)


class _Matcher(Struct, gc=False):
    name: str = ""
    value: str = ""
    isRegex: bool = False
    isEqual: bool = True


class _Silence(Struct, gc=False):
    id: str
    status: _Status = _Status()
    createdBy: str = ""
    comment: str = ""
    startsAt: datetime | None = None
    endsAt: datetime | None = None
    matchers: list[_Matcher] | None = None


_SILENCE = msgspec.json.Decoder(_Silence)
_SIGNS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


async def silences(body: bytes) -> tuple[wire.Silence, ...]:
    """Return the silences of `/api/v2/silences`, expired ones as well. Raises DecodeError."""

    def build(found: _Silence) -> wire.Silence:
        return wire.Silence(
            found.id,
            found.status.state,
            found.createdBy,
            found.comment,
            tuple((m.name, _SIGNS[m.isEqual, m.isRegex], m.value) for m in found.matchers or ()),
            seconds(found.startsAt),
            seconds(found.endsAt),
        )

    return tuple(await decode_each(_SILENCE, decode(ELEMENTS, body), build))


def counters(body: bytes, prefix: str) -> tuple[wire.Counter, ...]:
    """Return the samples of `/metrics` whose names begin with `prefix`. Raises DecodeError."""
    from prometheus_client.parser import text_string_to_metric_families

    text = body.decode("utf-8", "replace")
    wanted = "\n".join(line for line in text.split("\n") if line.startswith(prefix)) + "\n"
    try:
        families = list(text_string_to_metric_families(wanted))
    except (ValueError, KeyError, IndexError) as error:
        raise DecodeError(error) from error
    return tuple(
        wire.Counter(each.name, dict(each.labels), float(each.value))
        for family in families
        for each in family.samples
    )


class _Version(Struct):
    version: str = ""


class _Peer(Struct):
    name: str = ""
    address: str = ""


class _Cluster(Struct, frozen=True):
    status: str = ""
    peers: list[_Peer] | None = None


class _Original(Struct, frozen=True):
    original: str = ""


class _WireStatus(Struct):
    versionInfo: _Version
    cluster: _Cluster = _Cluster()
    config: _Original = _Original()
    uptime: datetime | None = None


_STATUS = msgspec.json.Decoder(_WireStatus)
_VERSION = re.compile(r"v?(\d{1,6})\.(\d{1,6})", re.ASCII)
_MUTES_SINCE = (0, 28)


def status(body: bytes) -> wire.AlertmanagerStatus:
    """Return the answer of Alertmanager's `/api/v2/status`. Raises DecodeError."""
    found = decode(_STATUS, body)
    config, version = found.config.original, _VERSION.match(found.versionInfo.version)
    return wire.AlertmanagerStatus(
        version=found.versionInfo.version,
        cluster=found.cluster.status,
        peers=tuple(peer.address or peer.name for peer in found.cluster.peers or ()),
        started_at=seconds(found.uptime),
        mutes="mute_time_intervals:" in config or "active_time_intervals:" in config,
        config=config,
        tells_mutes=version is not None and (int(version[1]), int(version[2])) >= _MUTES_SINCE,
    )
