"""One HTTP endpoint: pooled, with a deadline over the whole exchange, a byte cap, and errors in words."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from cockpit.clients import address as addresses
from cockpit.clients import failures, transport
from cockpit.clients.body import EncodingError, TooLargeError, read_body
from cockpit.clients.connection import Connection
from cockpit.clients.failures import Trouble, TroubleError
from cockpit.clients.source import Failure, Source, SourceError
from cockpit.config import Context
from cockpit.text import one_line

if TYPE_CHECKING:
    import httpx

MAX_BYTES = 256 * 2**20
"""Bytes of one answer, unpacked, that are taken at most."""

_MAX_REDIRECTS = 5


class Answer(Struct, frozen=True):
    """The status, the unpacked body and the headers (names in lower case) of one exchange."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class HttpClient:
    """A server at one URL. `source` tells how it stands.

    `headers` go with every request; `timeout` is in seconds and covers connecting, sending and reading.
    Raises UsageError for a URL or an http_config that cannot be used, later SourceError for everything.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        kind: str,
        http_config: Path | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        max_bytes: int = MAX_BYTES,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self.address = addresses.parse(url)
        self.source = Source(name=one_line(name, 200), kind=kind, url=self.address.shown)
        self.timeout = timeout
        self._max_bytes = max_bytes
        self._in_flight = 0
        self._polled = False
        self._connection = Connection(self.address, http_config, headers or {}, timeout, transport)

    @classmethod
    def of(
        cls, context: Context, kind: str, url: str, transport: "httpx.AsyncBaseTransport | None" = None
    ) -> "HttpClient":
        """Build the client of one server of `context`, with its credentials, headers and deadline."""
        return cls(
            url,
            name=addresses.names(context)[kind, url],
            kind=kind,
            http_config=context.http_config,
            headers=context.headers,
            timeout=context.timeout,
            transport=transport,
        )

    @property
    def name(self) -> str:
        """The short name of the server."""
        return self.source.name

    def answered(self, warnings: tuple[str, ...] | None = None) -> float:
        """Note a good answer and return its time in Unix seconds.

        With `warnings` it is an answer to what the source is polled for, and `source` tells how that stands.
        Without, it is a side question: it cannot hide that the polled one fails.
        """
        now = time.time()
        if warnings is not None or not self._polled:
            self.source = msgspec.structs.replace(
                self.source, answered_at=now, failure=None, error=None, remedy=None, warnings=warnings or ()
            )
        self._polled = self._polled or warnings is not None
        return now

    def failed(self, trouble: Trouble, *, mark: bool = True) -> SourceError:
        """Return the error to raise. With `mark` it is a failure of what the source is polled for."""
        reason = self._connection.without_secrets(trouble.reason)
        own_words = trouble.failure is Failure.BAD_REQUEST
        error = SourceError(
            trouble.failure,
            reason if own_words else f"{self.name}: {reason}",
            source=self.name,
            remedy=trouble.remedy,
            retry_after=trouble.retry_after,
            refused=trouble.refused,
        )
        if mark:
            self._polled = True
            self.note(error)
        return error

    def note(self, error: SourceError) -> None:
        """Note a failure in `source`."""
        reason = error.message.removeprefix(f"{self.name}: ")
        self.source = msgspec.structs.replace(
            self.source, failure=error.failure, error=reason, remedy=error.remedy
        )

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, accept: str = "application/json"
    ) -> bytes:
        """Return the body of a GET of `path` below the URL's prefix."""
        return (await self.request("GET", path, params=params, headers={"Accept": accept})).body

    async def put(
        self,
        path: str,
        body: bytes,
        content_type: str = "text/plain; version=0.0.4",
        timeout: float | None = None,
    ) -> bytes:
        """Return the body of a PUT of `body`."""
        headers = {"Content-Type": content_type}
        return (await self.request("PUT", path, content=body, headers=headers, timeout=timeout)).body

    async def delete(self, path: str, timeout: float | None = None) -> bytes:
        """Return the body of a DELETE."""
        return (await self.request("DELETE", path, timeout=timeout)).body

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Iterable[int] = (),
        timeout: float | None = None,
        mark: bool = True,
    ) -> Answer:
        """Return the answer to one request; a status that is neither 2xx nor in `allow` is a SourceError.

        `path` is already quoted. `mark` false leaves `source` as it is on a failure.
        """
        url = self.address.base + path + (f"?{urlencode(params)}" if params else "")
        sent = {"Accept": "application/json", **(headers or {})}
        if form is not None:
            content = urlencode(form).encode("ascii")
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        exchange = _Exchange(method, url, path=path, headers=sent, content=content, allow=frozenset(allow))
        limit = timeout or self.timeout
        try:
            async with asyncio.timeout(limit):
                return await self._follow(exchange)
        except TimeoutError:
            trouble = failures.of_timeout(limit, exchange.received)
        except TroubleError as error:
            trouble = error.trouble
        raise self.failed(trouble, mark=mark)

    async def _follow(self, exchange: "_Exchange") -> Answer:
        """Follow redirects within the origin; turn every exception of the layers below into a trouble."""
        httpx = transport.httpx_module()
        self._in_flight += 1
        try:
            outfit = await self._connection.outfit(exchange.headers, idle=self._in_flight == 1)
            for _ in range(_MAX_REDIRECTS + 1):
                request = outfit.client.build_request(
                    exchange.method,
                    exchange.url,
                    content=exchange.content,
                    headers=outfit.headers,
                    extensions=outfit.extensions,
                )
                response = await _send(outfit.client, request)
                try:
                    answer = await self._answer(exchange, response)
                finally:
                    await response.aclose()
                if answer is not None:
                    return answer
            raise TroubleError(failures.of_redirect("", followed=True))
        except (TroubleError, asyncio.CancelledError, TimeoutError):
            raise
        except TooLargeError:
            raise TroubleError(failures.too_large(self._max_bytes)) from None
        except EncodingError:
            raise TroubleError(failures.of_encoding()) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ExceptionGroup) as error:
            raise TroubleError(failures.of_exception(error, self.address.host)) from error
        finally:
            self._in_flight -= 1

    async def _answer(self, exchange: "_Exchange", response: "httpx.Response") -> Answer | None:
        """Return the answer, or None after a redirect has moved `exchange` on."""
        if response.status_code in {301, 302, 303, 307, 308} and "location" in response.headers:
            self._redirect(exchange, response)
            return None
        body = await read_body(response, self._max_bytes, exchange.count)
        if response.status_code in exchange.allow:
            return Answer(response.status_code, body, response.headers)
        trouble = failures.of_status(
            response.status_code, response.headers, body, kind=self.source.kind, path=exchange.path
        )
        if trouble is not None:
            if response.status_code == 401:
                self._connection.refused()
            raise TroubleError(trouble)
        return Answer(response.status_code, body, response.headers)

    def _redirect(self, exchange: "_Exchange", response: "httpx.Response") -> None:
        httpx = transport.httpx_module()
        try:
            target = httpx.URL(exchange.url).join(response.headers["location"])
        except (httpx.InvalidURL, ValueError):
            raise TroubleError(failures.of_redirect("a URL that is none", followed=False)) from None
        origin = f"{target.scheme}://{target.netloc.decode('ascii', 'replace')}"
        kept = exchange.method == "GET" or response.status_code in {307, 308}
        same = _origin(target) == _origin(httpx.URL(exchange.url))
        if not (same and kept and self._connection.follows_redirects):
            raise TroubleError(failures.of_redirect(origin, followed=False))
        exchange.url = str(target.copy_with(username=None, password=None))

    async def close(self) -> None:
        """Close all connections."""
        await self._connection.close()


class _Exchange:
    """What one request is about; `url` moves on with redirects, `received` counts the body's bytes."""

    def __init__(
        self,
        method: str,
        url: str,
        *,
        path: str,
        headers: Mapping[str, str],
        content: bytes | None,
        allow: frozenset[int],
    ) -> None:
        self.method = method
        self.url = url
        self.path = path
        self.headers = headers
        self.content = content
        self.allow = allow
        self.received: int | None = None

    def count(self, received: int) -> None:
        """Note how many bytes of the body have come."""
        self.received = received


async def _send(client: "httpx.AsyncClient", request: "httpx.Request") -> "httpx.Response":
    """Send a request; a GET once more if the server had closed the kept connection meanwhile (as in Go)."""
    httpx = transport.httpx_module()
    try:
        return await client.send(request, stream=True)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if request.method != "GET":
            raise
        return await client.send(request, stream=True)


def _origin(url: "httpx.URL") -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)
