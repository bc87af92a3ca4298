"""The OAuth 2 client credentials flow (RFC 6749, 4.4) of an http_config."""

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from msgspec import Struct

from cockpit.clients import address as addresses
from cockpit.clients import failures, headers, transport
from cockpit.clients.body import EncodingError, TooLargeError, read_body
from cockpit.clients.failures import Trouble, TroubleError
from cockpit.clients.http_config import HttpConfig, OAuth2
from cockpit.clients.source import Failure

if TYPE_CHECKING:
    import httpx

    from cockpit.clients.credentials import Credentials

_MAX_BYTES = 1 << 20
_EARLY = 10.0
_NO_EXPIRY = 300.0


class _Token(Struct):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: float | str | None = None


class TokenSource:
    """Fetches and keeps the token of one `oauth2` section. Times out with the request that needs it."""

    def __init__(
        self,
        credentials: "Credentials",
        config: OAuth2,
        timeout: float,
        transport: "httpx.AsyncBaseTransport | None",
    ) -> None:
        self._credentials = credentials
        self._config = config
        self._timeout = timeout
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._header = ""
        self._until = 0.0
        self._secret = ""
        self._lock = asyncio.Lock()

    def forget(self) -> None:
        """Drop the token: the next request fetches one."""
        self._until = 0.0

    async def header(self) -> str:
        """Return the value of the Authorization header. Raises TroubleError."""
        async with self._lock:
            secret = self._credentials.either(self._config.client_secret, self._config.client_secret_file)
            if secret != self._secret or time.monotonic() >= self._until:
                token = await self._fetch(secret)
                lifetime = _NO_EXPIRY
                if token.expires_in is not None:
                    lifetime = float(token.expires_in)
                self._until = time.monotonic() + max(0.0, lifetime - _EARLY)
                self._secret = secret
                kind = "Bearer" if token.token_type.lower() == "bearer" else token.token_type
                self._header = f"{kind} {token.access_token}"
            return self._header

    async def _fetch(self, secret: str) -> _Token:
        """Ask with the credentials in the header, if refused in the form: servers take one or other."""
        form = {"grant_type": "client_credentials", **self._config.endpoint_params}
        if self._config.scopes:
            form["scope"] = " ".join(self._config.scopes)
        client_id = self._config.client_id
        in_header = {"Authorization": headers.basic(quote(client_id, safe=""), quote(secret, safe=""))}
        status, body = await self._post(form, in_header)
        if status in {400, 401}:
            status, body = await self._post({**form, "client_id": client_id, "client_secret": secret}, {})
        if not 200 <= status < 300:
            raise TroubleError(
                Trouble(
                    Failure.UNAUTHORIZED if status in {400, 401, 403} else Failure.SERVER_ERROR,
                    f"the token URL answers with status {status}",
                    "see oauth2 in http_config",
                )
            )
        try:
            token = msgspec.json.decode(body, type=_Token)
            float(token.expires_in or 0)
        except (msgspec.DecodeError, ValueError) as error:
            raise TroubleError(
                Trouble(Failure.WRONG_SERVICE, "the token URL answers with no token", "check token_url")
            ) from error
        return token

    async def _post(self, form: dict[str, str], extra: dict[str, str]) -> tuple[int, bytes]:
        httpx = transport.httpx_module()
        address = addresses.parse(self._config.token_url)
        if self._client is None:
            config = HttpConfig.model_validate(
                {"tls_config": self._config.tls_config, **self._config.proxy()}
            )
            self._client = transport.build(address, self._timeout, config, self._transport)
        server_name = self._config.tls_config.server_name
        request = self._client.build_request(
            "POST",
            self._config.token_url,
            data=form,
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", **extra},
            extensions={"sni_hostname": server_name} if server_name else {},
        )
        try:
            response = await self._client.send(request, stream=True)
            try:
                return response.status_code, await read_body(response, _MAX_BYTES, lambda _: None)
            finally:
                await response.aclose()
        except (httpx.HTTPError, OSError, ExceptionGroup) as error:
            trouble = failures.of_exception(error, address.host)
            reason = f"the token URL: {trouble.reason}"
            raise TroubleError(Trouble(trouble.failure, reason, trouble.remedy)) from error
        except EncodingError:
            raise TroubleError(failures.of_encoding()) from None
        except TooLargeError:
            raise TroubleError(failures.too_large(_MAX_BYTES)) from None

    async def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
