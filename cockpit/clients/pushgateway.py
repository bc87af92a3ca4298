"""The Pushgateway of a context: push a group, delete it."""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from cockpit.clients.http import HttpClient
from cockpit.clients.source import Source
from cockpit.config import Context
from cockpit.errors import UsageError

if TYPE_CHECKING:
    import httpx


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

    async def push(self, grouping: Mapping[str, str], body: bytes) -> None:
        """Replace the group of `grouping`, which has a `job`, by `body` in the text exposition format."""
        await self._http.put(f"/metrics{grouping_path(grouping)}", body)
        self._http.answered(())

    async def delete(self, grouping: Mapping[str, str]) -> None:
        """Remove the group with exactly this grouping key; one that is not there is no error."""
        await self._http.delete(f"/metrics{grouping_path(grouping)}")
        self._http.answered(())


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
