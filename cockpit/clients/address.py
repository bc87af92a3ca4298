"""Where an endpoint is: its URL taken apart, with the credentials kept out of everything that is shown."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from cockpit.config import Context
from cockpit.config_fields import shown_url
from cockpit.errors import UsageError
from cockpit.text import one_line

_PORTS = {"http": 80, "https": 443}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Address(Struct, frozen=True, kw_only=True):
    """An endpoint. `base` is scheme, host, port and prefix without a final slash; `shown` is to be shown.

    `socket` is the path of a Unix socket; `base` is then on the host `localhost`. `user` and `password` come
    from the URL; neither is in `base` or `shown`.
    """

    base: str
    shown: str
    host: str
    port: int
    prefix: str = ""
    socket: str | None = None
    user: str = ""
    password: str = ""

    @property
    def tls(self) -> bool:
        """Whether TLS is spoken there."""
        return self.base.startswith("https://")

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine, so that no proxy of the environment applies (as in Go)."""
        if self.socket is not None or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse(url: str) -> Address:
    """Return the address of an `http`, `https` or `unix` URL. Raises UsageError for one that cannot be used.

    `unix:///run/am.sock` is a socket; `unix:///run/am.sock:/prefix` also has a URL prefix.
    """
    if url.startswith("unix://") and encodable(url):
        path, _, prefix = url.removeprefix("unix://").partition(":")
        if not path.startswith("/") or (prefix and not prefix.startswith("/")):
            raise UsageError(f"not a socket: {shown_url(url)}", remedy="write unix:///path/to.sock")
        prefix = prefix.rstrip("/")
        shown = one_line(f"unix://{path}" + (f":{prefix}" if prefix else ""), 500)
        return Address(
            base=f"http://localhost{prefix}",
            shown=shown,
            host="localhost",
            port=0,
            prefix=prefix,
            socket=path,
        )
    try:
        if not encodable(url):
            raise ValueError("no Unicode text")
        return _of_parts(urlsplit(url))
    except ValueError as error:
        raise UsageError(
            f"the URL {shown_url(url)!r} cannot be used", remedy="write it like https://host:9090/prefix"
        ) from error


def encodable(text: str) -> bool:
    """Return whether `text` can be sent: a broken byte of a command line is a lone surrogate in it."""
    return _SURROGATE.search(text) is None


def _of_parts(parts: SplitResult) -> Address:
    host, port = parts.hostname, parts.port
    if parts.scheme not in _PORTS or not host:
        raise ValueError("no scheme or host")
    if any(ord(c) <= 0x20 or ord(c) == 0x7F for c in parts.netloc + parts.path):
        raise ValueError("control characters")
    shown_host = f"[{host}]" if ":" in host else host
    netloc = shown_host if port is None else f"{shown_host}:{port}"
    prefix = parts.path.rstrip("/")
    base = f"{parts.scheme}://{netloc}{prefix}"
    return Address(
        base=base,
        shown=one_line(base, 500),
        host=host,
        port=port or _PORTS[parts.scheme],
        prefix=prefix,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def names(context: Context) -> dict[tuple[str, str], str]:
    """Return a short name for each (kind, URL) of `context`, no two alike.

    It is the first part of the host name where that tells them apart, else more of the address; a server on
    this machine or on a bare IP address is named after its kind.
    """
    keys = [("prometheus", url) for url in context.prometheus]
    keys += [("alertmanager", url) for url in context.alertmanager]
    if context.pushgateway is not None:
        keys.append(("pushgateway", context.pushgateway))
    ladders = {key: list(_candidates(key[0], parse(key[1]))) for key in keys}
    named: dict[tuple[str, str], str] = {}
    for key, ladder in ladders.items():
        others = {name for other, more in ladders.items() if other != key for name in more}
        named[key] = next((name for name in ladder if name not in others), f"{key[0]} {ladder[-1]}")
    return named


def _candidates(kind: str, address: Address) -> Iterator[str]:
    if address.socket is not None:
        yield kind
        yield PurePath(address.socket).stem
        yield address.shown
        return
    try:
        ipaddress.ip_address(address.host)
        numeric = True
    except ValueError:
        numeric = address.host == "localhost"
    yield kind if numeric else address.host.split(".")[0]
    if not numeric:
        yield address.host
    yield f"{address.host}:{address.port}"
    yield f"{address.host}:{address.port}{address.prefix}"
    yield address.shown
