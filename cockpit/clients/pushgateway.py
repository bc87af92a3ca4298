"""The Pushgateway of a context: its groups, pushed, read and deleted."""

import base64
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from cockpit.clients import decode_pushgateway as decoding
from cockpit.clients import failures
from cockpit.clients.decode import DecodeError
from cockpit.clients.decode_pushgateway import Group
from cockpit.clients.http import HttpClient
from cockpit.clients.source import Source
from cockpit.config import Context
from cockpit.errors import UsageError

if TYPE_CHECKING:
    import httpx

__all__ = ["Group", "Pushgateway", "grouping_path"]

T = TypeVar("T")

_SKEW = 2.0
"""Seconds that a server's clock may seem off; its Date header knows whole seconds only."""


class Pushgateway:
    """One Pushgateway. Every method raises SourceError when it does not do as it is told."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    @classmethod
    def of(cls, context: Context, transport: "httpx.AsyncBaseTransport | None" = None) -> "Pushgateway":
        """Build the client of `context`. Raises UsageError without a usable `pushgateway`."""
        if context.pushgateway is None:
            raise UsageError("no Pushgateway is configured", remedy="pass --pushgateway URL")
        return cls(HttpClient.of(context, "pushgateway", context.pushgateway, transport))

    def source(self) -> Source:
        """Return how it stands."""
        return self._http.source

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    @property
    def url(self) -> str:
        """Its URL, without credentials."""
        return self._http.source.url

    @property
    def timeout(self) -> float:
        """Seconds that it gets for an answer where nothing else is said."""
        return self._http.timeout

    async def push(self, grouping: Mapping[str, str], body: bytes, timeout: float | None = None) -> None:
        """Replace the group of `grouping`, which has a `job`, by `body` in the text exposition format.

        One that is refused can leave an empty group behind. `timeout` is in seconds.
        """
        await self._http.put(f"/metrics{grouping_path(grouping)}", body, timeout=timeout)
        self._http.answered(())

    async def delete(self, grouping: Mapping[str, str], timeout: float | None = None) -> None:
        """Remove the group with exactly this grouping key; one that is not there is no error."""
        await self._http.delete(f"/metrics{grouping_path(grouping)}", timeout=timeout)
        self._http.answered(())

    async def groups(self, timeout: float | None = None) -> tuple[Group, ...]:
        """Return all of its groups; their times are by the clock of this machine."""
        answer = await self._http.request("GET", "/api/v1/metrics", timeout=timeout)
        skew = _skew(answer.headers.get("date"))
        return tuple(
            msgspec.structs.replace(group, pushed_at=group.pushed_at - skew) if group.pushed_at else group
            for group in self._decoded(decoding.groups, answer.body)
        )

    async def started_at(self, timeout: float | None = None) -> float:
        """Return when it was started, in Unix seconds by its own clock: another time, another process."""
        answer = await self._http.request("GET", "/api/v1/status", timeout=timeout, mark=False)
        return self._decoded(decoding.started_at, answer.body)

    def _decoded(self, decoder: Callable[[bytes], T], body: bytes) -> T:
        try:
            value = decoder(body)
        except DecodeError as error:
            trouble = failures.of_decode(error.cause, body, kind="pushgateway")
            raise self._http.failed(trouble, mark=False) from error
        self._http.answered()
        return value


def _skew(date: str | None) -> float:
    """Return by how many seconds the clock that wrote a Date header is ahead of this machine's."""
    try:
        ahead = parsedate_to_datetime(date or "").timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0
    return ahead if abs(ahead) > _SKEW else 0.0


def grouping_path(grouping: Mapping[str, str]) -> str:
    """Return the URL path of a grouping key, `job` first.

    An empty value, or one with a `/`, is written in URL-safe base64 (Pushgateway README, "URL"). Raises
    UsageError without a job.
    """
    if not grouping.get("job"):
        raise UsageError("a grouping key needs a job")
    ordered = {"job": grouping["job"], **grouping}
    return "".join(f"/{_segment(name, value)}" for name, value in ordered.items())


def _segment(name: str, value: str) -> str:
    if value == "" or "/" in value or value in {".", ".."}:
        # A lone `=` stands for the empty value: an empty path segment would vanish on the way.
        packed = base64.urlsafe_b64encode(value.encode("utf-8")).decode("ascii") or "="
        return f"{quote(name, safe='')}@base64/{packed}"
    return f"{quote(name, safe='')}/{quote(value, safe='')}"
