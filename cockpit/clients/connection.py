"""What a request to one endpoint goes out with: connections, credentials and headers, kept up to date."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.clients import headers as headers_
from cockpit.clients import transport as transports
from cockpit.clients.address import Address
from cockpit.clients.failures import Trouble, TroubleError
from cockpit.clients.source import Failure

if TYPE_CHECKING:
    import httpx

    from cockpit.clients.credentials import Credentials
    from cockpit.clients.oauth import TokenSource

_SECRET_NAMES = ("auth", "token", "key", "secret", "cookie", "password")


class Outfit(Struct, frozen=True):
    """The httpx client, the headers and the httpx extensions of one request."""

    client: "httpx.AsyncClient"
    headers: dict[bytes, bytes]
    extensions: dict[str, str]


class Connection:
    """The connections of one endpoint. Raises UsageError at first for an http_config that cannot be used."""

    def __init__(
        self,
        address: Address,
        http_config: Path | None,
        headers: Mapping[str, str],
        timeout: float,
        transport: "httpx.AsyncBaseTransport | None",
    ) -> None:
        self._address = address
        self._headers = dict(headers)
        self._timeout = timeout
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._built_from: tuple[object, ...] | None = None
        self._retired: list[Callable[[], Awaitable[None]]] = []
        self._tokens: TokenSource | None = None
        self._credentials: Credentials | None = None
        self._secrets: set[str] = set()
        if http_config is not None:
            # pydantic and ruamel.yaml are imported for those who have an http_config only.
            from cockpit.clients import credentials

            self._credentials = credentials.Credentials(http_config)

    @property
    def follows_redirects(self) -> bool:
        """Whether redirects within the origin are followed."""
        return self._credentials is None or self._credentials.config.follow_redirects

    async def outfit(self, own: Mapping[str, str], *, idle: bool) -> Outfit:
        """Return what to send a request with, changed files taken in; `own` are the headers of this request.

        `idle` says that no other request is in flight, so that replaced connections can be closed.
        Raises TroubleError.
        """
        if self._retired and idle:
            await self._close_retired()
        headers = {"Accept-Encoding": "gzip", "User-Agent": "cockpit", **self._headers}
        if self._address.user or self._address.password:
            headers["Authorization"] = headers_.basic(self._address.user, self._address.password)
        extensions = {}
        if self._credentials is None:
            if self._client is None:
                self._client = transports.build(self._address, self._timeout, None, self._transport)
            client = self._client
        else:
            client, more = await self._from_config(self._credentials)
            headers |= more
            if (server_name := self._credentials.config.tls_config.server_name) is not None:
                extensions["sni_hostname"] = server_name
        headers |= own
        self._remember(headers)
        try:
            return Outfit(client, headers_.encoded(headers), extensions)
        except headers_.HeaderError as error:
            raise TroubleError(
                Trouble(Failure.CREDENTIALS, str(error), "see headers and http_config")
            ) from None

    async def _from_config(self, credentials: "Credentials") -> tuple["httpx.AsyncClient", dict[str, str]]:
        """Return client and headers as the files are now; what they replace may still be in use."""
        credentials.refresh()
        config = credentials.config
        built_from = (config, *credentials.tls_stamps(config.tls_config))
        client = self._client
        if client is None or built_from != self._built_from:
            fresh = transports.build(self._address, self._timeout, config, self._transport)
            if client is not None:
                self._retired.append(client.aclose)
            if self._tokens is not None:
                self._retired.append(self._tokens.close)
            self._client, self._built_from, self._tokens = fresh, built_from, None
            client = fresh
        headers = credentials.headers()
        if config.oauth2 is not None:
            if self._tokens is None:
                from cockpit.clients.oauth import TokenSource

                self._tokens = TokenSource(credentials, config.oauth2, self._timeout, self._transport)
            headers["Authorization"] = await self._tokens.header()
        return client, headers

    def refused(self) -> None:
        """Note that the credentials were not accepted: an OAuth 2 token is fetched anew next time."""
        if self._tokens is not None:
            self._tokens.forget()

    def _remember(self, headers: Mapping[str, str]) -> None:
        self._secrets = {self._address.password}
        for name, value in headers.items():
            if any(part in name.lower() for part in _SECRET_NAMES):
                self._secrets |= {value, value.rpartition(" ")[2]}
        if self._credentials is not None:
            self._secrets |= self._credentials.secrets()

    def without_secrets(self, text: str) -> str:
        """Return `text` with every known secret taken out, should a server echo one."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            if len(secret) >= 4:
                text = text.replace(secret, "***")
        return text

    async def _close_retired(self) -> None:
        # What is retired while these close may be in use.
        retired, self._retired = self._retired, []
        for close in retired:
            await close()

    async def close(self) -> None:
        """Close all connections."""
        await self._close_retired()
        if self._tokens is not None:
            await self._tokens.close()
        if self._client is not None:
            await self._client.aclose()
            self._client = None
