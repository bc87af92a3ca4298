"""Connections: the httpx client of one endpoint, with its socket, proxy and TLS."""

import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cockpit.clients.address import Address
from cockpit.clients.failures import Trouble, TroubleError
from cockpit.clients.source import Failure
from cockpit.files import read_regular

if TYPE_CHECKING:
    import httpx

    from cockpit.clients.http_config import HttpConfig, TlsConfig

MAX_CONNECT = 5.0
"""Seconds that connecting may take, at most; the rest of the deadline is for the answer."""

_MAX_BYTES = 8 << 20
"""Bytes of a certificate bundle, at most."""


@contextmanager
def _without_its_command_line() -> Iterator[None]:
    """Keep httpx from importing its own command line (click, rich, pygments): half of its import time.

    httpx/__init__.py falls back when `httpx._main` cannot be imported; None in sys.modules means just that.
    """
    name = "httpx._main"
    blocked = "httpx" not in sys.modules and name not in sys.modules
    if blocked:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if blocked:
            sys.modules.pop(name, None)


@cache
def httpx_module() -> Any:
    """Return httpx, imported at first use."""
    with _without_its_command_line():
        import httpx
    return httpx


@cache
def plain_context() -> ssl.SSLContext:
    """Return the context of endpoints without TLS: httpx would load the CA bundle even for those."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@cache
def trusting_context() -> ssl.SSLContext:
    """Return the shared context that trusts the system's authorities, or certifi's where there are none."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is None:
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
    return ssl.create_default_context()


def tls_context(tls: "TlsConfig") -> ssl.SSLContext:
    """Return the context of a `tls_config`. Raises CredentialsError for a file that cannot be used."""
    from cockpit.clients.credentials import CredentialsError, unusable
    from cockpit.clients.http_config import TlsConfig

    if tls.model_copy(update={"server_name": None}) == TlsConfig():
        return trusting_context()
    ca_text = tls.ca
    if tls.ca_file is not None:
        try:
            ca_text = read_regular(tls.ca_file, _MAX_BYTES).decode("utf-8", "replace")
        except OSError as error:
            raise unusable(tls.ca_file, error.strerror or "it cannot be read") from error
    try:
        context = ssl.create_default_context(cadata=ca_text)
    except (ssl.SSLError, ValueError, TypeError) as error:
        if tls.ca_file is None:
            raise CredentialsError("tls_config: ca holds no certificate") from error
        raise unusable(tls.ca_file, "it holds no certificate") from error
    if tls.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _limit_versions(context, tls)
    _show_certificate(context, tls)
    return context


def _show_certificate(context: ssl.SSLContext, tls: "TlsConfig") -> None:
    """Load the certificate to show; one in the config goes through files, as OpenSSL takes no other."""
    from cockpit.clients.credentials import CredentialsError, unusable

    for path in tls.files():
        try:
            read_regular(path, _MAX_BYTES)
        except OSError as error:
            raise unusable(path, error.strerror or "it cannot be read") from error
    if tls.cert_file is not None and tls.key_file is not None:
        cert, key, folder = tls.cert_file, tls.key_file, None
    elif tls.cert_file is not None or tls.cert is not None:
        try:
            folder = tempfile.TemporaryDirectory()
        except OSError as error:
            raise CredentialsError("tls_config: no folder for temporary files") from error
        cert, key = tls.cert_file or Path(folder.name, "cert"), tls.key_file or Path(folder.name, "key")
    else:
        return
    try:
        if tls.cert is not None:
            cert.write_text(tls.cert, encoding="utf-8")
        if tls.key is not None:
            key.write_text(tls.key.get_secret_value(), encoding="utf-8")
        # An encrypted key would ask on the terminal; an empty password makes it an error.
        context.load_cert_chain(cert, key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        why = "with its key it is no certificate and matching, unencrypted key"
        if tls.cert_file is None:
            raise CredentialsError(f"tls_config: cert: {why}") from error
        raise unusable(tls.cert_file, why) from error
    finally:
        if folder is not None:
            folder.cleanup()


def _limit_versions(context: ssl.SSLContext, tls: "TlsConfig") -> None:
    versions = {
        "TLS10": ssl.TLSVersion.TLSv1,
        "TLS11": ssl.TLSVersion.TLSv1_1,
        "TLS12": ssl.TLSVersion.TLSv1_2,
        "TLS13": ssl.TLSVersion.TLSv1_3,
    }
    # The default of Prometheus is at least TLS 1.2, as is OpenSSL's here.
    if tls.min_version is not None:
        context.minimum_version = versions[tls.min_version]
    if tls.max_version is not None:
        context.maximum_version = versions[tls.max_version]


def build(
    address: Address,
    timeout: float,
    config: "HttpConfig | None" = None,
    transport: "httpx.AsyncBaseTransport | None" = None,
) -> "httpx.AsyncClient":
    """Return the httpx client of an endpoint; redirects, deadlines and credentials are up to the caller.

    Raises TroubleError for a TLS file or a proxy that cannot be used.
    """
    library = httpx_module()
    verify = plain_context()
    if address.tls:
        verify = trusting_context() if config is None else tls_context(config.tls_config)
    limits = library.Limits(max_connections=8, max_keepalive_connections=8, keepalive_expiry=90.0)
    url, from_environment = _proxy(address, config)
    if transport is None and address.socket is not None:
        transport = library.AsyncHTTPTransport(uds=address.socket, verify=verify, limits=limits)
    try:
        proxy = None if url is None else library.Proxy(url, headers=_connect_headers(address, config))
        client: httpx.AsyncClient = library.AsyncClient(
            verify=verify,
            limits=limits,
            proxy=proxy,
            trust_env=from_environment,
            transport=transport,
            timeout=library.Timeout(None, connect=min(timeout, MAX_CONNECT)),
        )
    except (ImportError, ValueError, library.InvalidURL) as error:
        # A SOCKS proxy in the environment, for one: the package for it is not installed.
        remedy = "set proxy_url, HTTPS_PROXY or ALL_PROXY to an http:// proxy"
        raise TroubleError(Trouble(Failure.UNREACHABLE, "the proxy cannot be used", remedy)) from error
    return client


def _proxy(address: Address, config: "HttpConfig | None") -> tuple[str | None, bool]:
    if config is not None and config.proxy_url is not None and address.socket is None:
        skip = [
            part.strip().lstrip(".").lower() for part in (config.no_proxy or "").split(",") if part.strip()
        ]
        host = address.host.lower()
        passed = any(p in {"*", host} or host.endswith("." + p) for p in skip)
        return (None if passed else config.proxy_url), False
    # Without an http_config the environment decides, as in curl; with one it has to say so, as in Prometheus.
    allowed = config is None or config.proxy_from_environment
    return None, allowed and not address.loopback


def _connect_headers(address: Address, config: "HttpConfig | None") -> list[tuple[str, str]]:
    """Return the headers of a CONNECT: of TLS only, since httpx sends them with a forwarded request too."""
    if config is None or not address.tls:
        return []
    found = config.proxy_connect_header.items()
    return [(name, value.get_secret_value()) for name, values in found for value in values]
