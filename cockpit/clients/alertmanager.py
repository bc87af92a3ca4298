"""The Alertmanagers of a context: peers, each asked on its own."""

import asyncio
import re
import time
from typing import TYPE_CHECKING

import msgspec

from cockpit.clients import decode_alertmanager as decoding
from cockpit.clients import failures
from cockpit.clients.decode import DecodeError, Memo
from cockpit.clients.http import HttpClient
from cockpit.clients.source import Failure, Fetched, Source, SourceError
from cockpit.clients.wire import AlertmanagerStatus, WireAlert
from cockpit.config import Context

if TYPE_CHECKING:
    import httpx

__all__ = ["Alertmanager", "AlertmanagerStatus", "WireAlert"]

_STATUS_FOR = 300.0
_MUTES_SINCE = (0, 28)
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

    async def _get(self, path: str, *, mark: bool = False) -> bytes:
        try:
            return (await self._http.request("GET", path, mark=mark)).body
        except SourceError as error:
            if not mark and error.failure not in _NOT_OFFERED:
                self._http.note(error)
            raise

    def _undecodable(self, error: DecodeError, body: bytes, *, mark: bool = False) -> SourceError:
        return self._http.failed(failures.of_decode(error.cause, body, kind="alertmanager"), mark=mark)


def _can_mute(status: AlertmanagerStatus) -> bool:
    found = re.match(r"v?(\d+)\.(\d+)", status.version)
    # A build without a version number is asked all the same.
    recent = found is None or (int(found[1]), int(found[2])) >= _MUTES_SINCE
    return recent and (status.mutes or not status.config)
