"""The Alertmanagers of a context: peers, each asked on its own."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

import msgspec

from cockpit.clients import decode_alertmanager as decoding
from cockpit.clients import failures
from cockpit.clients.decode import DecodeError, Memo
from cockpit.clients.http import HttpClient
from cockpit.clients.source import Failure, Fetched, Source, SourceError
from cockpit.clients.wire import AlertGroup, AlertmanagerStatus, Counter, Silence, WireAlert
from cockpit.config import Context
from cockpit.promql import quote

if TYPE_CHECKING:
    import httpx

__all__ = ["AlertGroup", "Alertmanager", "AlertmanagerStatus", "Counter", "Silence", "WireAlert"]

T = TypeVar("T")

_STATUS_FOR = 300.0
_NOT_OFFERED = {Failure.FORBIDDEN, Failure.UNAUTHORIZED, Failure.WRONG_SERVICE, Failure.BAD_REQUEST}


class Alertmanager:
    """One peer. One request is in flight at a time: Alertmanager answers 503 above a few.

    Every method raises SourceError when there is no usable answer.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._one_at_a_time = asyncio.Lock()
        self._memo = Memo[decoding.Alerts]()
        self._status: Fetched[AlertmanagerStatus] | None = None

    @classmethod
    def all_of(
        cls, context: Context, transport: "httpx.AsyncBaseTransport | None" = None
    ) -> tuple["Alertmanager", ...]:
        """Build one client per peer. Raises UsageError for a URL or an http_config that cannot be used."""
        return tuple(
            cls(HttpClient.of(context, "alertmanager", url, transport))
            for url in dict.fromkeys(context.alertmanager)
        )

    @property
    def name(self) -> str:
        """The short name of the peer."""
        return self._http.name

    @property
    def url(self) -> str:
        """The URL of the peer, without credentials."""
        return self._http.source.url

    def source(self) -> Source:
        """Return how the peer stands."""
        return self._http.source

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def alerts(self) -> Fetched[tuple[WireAlert, ...]]:
        """Return every alert it has: active, silenced, inhibited, muted and unprocessed."""
        async with self._one_at_a_time:
            body = await self._get("/api/v2/alerts", mark=True)
            try:
                alerts = await decoding.alerts(body, self._memo)
            except DecodeError as error:
                raise self._undecodable(error, body, mark=True) from error
            at = self._http.answered(())
            muted = await self._muted()
        if muted:
            alerts = tuple(
                msgspec.structs.replace(alert, muted_by=muted[alert.fingerprint])
                if alert.fingerprint in muted
                else alert
                for alert in alerts
            )
        return Fetched(alerts, self.name, at)

    async def status(self) -> Fetched[AlertmanagerStatus]:
        """Return its version, cluster state and configuration."""
        async with self._one_at_a_time:
            return await self._fresh_status()

    async def groups_of(self, alertname: str) -> Fetched[tuple[AlertGroup, ...]]:
        """Return the groups that hold alerts of that name, each with these alerts alone."""
        wanted = {"filter": f"alertname={quote(alertname)}"}
        async with self._one_at_a_time:
            body = await self._get("/api/v2/alerts/groups", params=wanted)
            return await self._read(decoding.groups, body)

    async def silences(self) -> Fetched[tuple[Silence, ...]]:
        """Return every silence it knows: active, pending, and expired ones that it still keeps."""
        async with self._one_at_a_time:
            return await self._read(decoding.silences, await self._get("/api/v2/silences"))

    async def metrics(self, prefix: str = "alertmanager_notification") -> Fetched[tuple[Counter, ...]]:
        """Return its own metrics whose names begin with `prefix`."""
        async with self._one_at_a_time:
            body = await self._get("/metrics", accept="text/plain;version=0.0.4")

            try:
                found = await asyncio.to_thread(decoding.counters, body, prefix)
            except DecodeError as error:
                trouble = failures.Trouble(Failure.BAD_ANSWER, "its metrics cannot be read", "check the URL")
                raise self._http.failed(trouble, mark=False) from error
            return Fetched(found, self.name, self._http.answered())

    async def _read(self, read: Callable[[bytes], Awaitable[T]], body: bytes) -> Fetched[T]:
        try:
            data = await read(body)
        except DecodeError as error:
            raise self._undecodable(error, body) from error
        return Fetched(data, self.name, self._http.answered())

    async def _fresh_status(self) -> Fetched[AlertmanagerStatus]:
        body = await self._get("/api/v2/status")
        try:
            status = decoding.status(body)
        except DecodeError as error:
            raise self._undecodable(error, body) from error
        self._status = Fetched(status, self.name, self._http.answered())
        return self._status

    async def _muted(self) -> dict[str, tuple[str, ...]]:
        """Return what mutes each fingerprint: since 0.28 `/alerts/groups` tells, and costs as much again.

        It is asked only where the routing uses time intervals. Without an answer nothing counts as muted: an
        alert then reads as firing, which is the safe side.
        """
        try:
            if self._status is None or time.time() - self._status.at > _STATUS_FOR:
                await self._fresh_status()
            if self._status is None or not _can_mute(self._status.data):
                return {}
            return await decoding.muted(await self._get("/api/v2/alerts/groups"))
        except (SourceError, DecodeError):
            return {}

    async def _get(
        self,
        path: str,
        *,
        mark: bool = False,
        params: Mapping[str, str] | None = None,
        accept: str = "application/json",
    ) -> bytes:
        headers = {"Accept": accept}
        try:
            return (await self._http.request("GET", path, params=params, headers=headers, mark=mark)).body
        except SourceError as error:
            if not mark and error.failure not in _NOT_OFFERED:
                self._http.note(error)
            raise

    def _undecodable(self, error: DecodeError, body: bytes, *, mark: bool = False) -> SourceError:
        return self._http.failed(failures.of_decode(error.cause, body, kind="alertmanager"), mark=mark)


def _can_mute(status: AlertmanagerStatus) -> bool:
    # A build without a version number is asked all the same.
    recent = status.tells_mutes or not re.match(r"v?\d+\.\d+", status.version)
    return recent and (status.mutes or not status.config)
