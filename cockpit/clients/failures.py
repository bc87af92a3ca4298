"""What went wrong in an exchange, in words: exceptions, statuses, bodies that do not decode.

Nothing here quotes a request's headers or an exception's text where it could carry credentials.
"""

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec
from msgspec import Struct

from cockpit.clients.source import Failure
from cockpit.text import one_line
from cockpit.units import short_duration

_BODY_SHOWN = 300
_TITLES = {"prometheus": "a Prometheus", "alertmanager": "an Alertmanager", "pushgateway": "a Pushgateway"}
_GONE = {404, 405, 410}
_UNREACHABLE = {
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "no route to the network",
    errno.EHOSTDOWN: "the host is down",
    errno.ENETDOWN: "the network is down",
    errno.ENOENT: "there is no such socket",
    errno.EACCES: "no permission to connect",
    errno.EPERM: "no permission to connect",
    errno.ETIMEDOUT: "the connection timed out",
    errno.EMFILE: "too many open files here",
}
_CERTIFICATE = {
    "self-signed": "its certificate is signed by an authority that is not trusted here",
    "unable to get local issuer": "its certificate is signed by an authority that is not trusted here",
    "has expired": "its certificate has expired",
    "not yet valid": "its certificate is not valid yet",
    "hostname mismatch": "its certificate is for another host name",
    "ip address mismatch": "its certificate is for another address",
}
_HANDSHAKE = {
    "WRONG_VERSION_NUMBER": "it does not speak TLS on that port",
    "RECORD_LAYER_FAILURE": "it does not speak TLS on that port",
    "HTTP_REQUEST": "it does not speak TLS on that port",
    "UNSUPPORTED_PROTOCOL": "it offers no TLS version that is allowed here",
    "ALERT_PROTOCOL_VERSION": "it refuses the TLS versions that are allowed here",
    "CERTIFICATE_REQUIRED": "it asks for a client certificate",
    "BAD_CERTIFICATE": "it refuses the client certificate",
    "UNKNOWN_CA": "it does not trust the client certificate",
    "UNRECOGNIZED_NAME": "it does not know the host name",
}


class Trouble(Struct, frozen=True):
    """One failed exchange: what kind, why in one cleaned line, what to do, and a Retry-After in seconds.

    `refused` says that the server itself turned the question down.
    """

    failure: Failure
    reason: str
    remedy: str | None = None
    retry_after: float | None = None
    refused: bool = False


class TroubleError(Exception):
    """Carries a trouble up to the client, which names the server and drops secrets."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.reason)
        self.trouble = trouble


def title(kind: str) -> str:
    """Return the kind of a server with its article."""
    return _TITLES.get(kind, f"a {kind}")


def of_exception(error: BaseException, host: str) -> Trouble:
    """Return the trouble behind an exception of the HTTP library, found in its chain of causes."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return Trouble(
                Failure.DNS, f"no address is known for {one_line(host, 200)}", "check the host name"
            )
        if isinstance(cause, ssl.SSLError):
            return _of_tls(cause)
    for cause in causes:
        if isinstance(cause, ConnectionRefusedError):
            return Trouble(
                Failure.REFUSED, "the connection is refused", "is the server running, on that port?"
            )
        if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
            return Trouble(
                Failure.UNREACHABLE, _UNREACHABLE[cause.errno], "check the address and the network"
            )
    kind = type(error).__name__
    if kind == "ConnectTimeout":
        return Trouble(
            Failure.UNREACHABLE, "no connection in time", "check the address, the network, a firewall"
        )
    if kind == "ProxyError":
        return Trouble(
            Failure.UNREACHABLE, "the proxy gives no connection", "check proxy_url and HTTPS_PROXY"
        )
    if kind == "RemoteProtocolError":
        return Trouble(
            Failure.BAD_ANSWER, "the answer breaks off, or is not HTTP", "is there a proxy in between?"
        )
    if kind in {"ReadError", "WriteError", "CloseError"}:
        return Trouble(Failure.BAD_ANSWER, "the connection broke off", "is the server restarting?")
    if kind == "LocalProtocolError":
        return Trouble(Failure.CREDENTIALS, "a header cannot be sent", "look for a line break in its value")
    return Trouble(Failure.UNREACHABLE, "no connection", "check the address and the network")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    queue = [error]
    while queue:
        current = queue.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            queue.extend(current.exceptions)
        queue += [current.__cause__, current.__context__]


def _of_tls(error: ssl.SSLError) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        said = error.verify_message or "it does not verify"
        words = next(
            (w for key, w in _CERTIFICATE.items() if key in said.lower()), f"its certificate: {said}"
        )
        return Trouble(Failure.TLS, one_line(words, 300), "set ca_file or server_name in tls_config")
    reason = error.reason or ""
    words = next((w for key, w in _HANDSHAKE.items() if key in reason), "")
    if not words:
        words = f"the TLS handshake failed ({reason.lower().replace('_', ' ') or 'no reason given'})"
    return Trouble(Failure.TLS, one_line(words, 300), "check the scheme, the port and tls_config")


def of_timeout(seconds: float, got: int | None) -> Trouble:
    """Return the trouble of a deadline of `seconds`; `got` is how many bytes had come, if any."""
    within = short_duration(seconds)
    if got is None:
        return Trouble(
            Failure.TIMEOUT, f"no answer within {within}", "is it overloaded? or set timeout higher"
        )
    return Trouble(Failure.TIMEOUT, f"the answer stalled: {got} bytes within {within}", "set timeout higher")


def of_status(
    status: int, headers: Mapping[str, str], body: bytes, *, kind: str, path: str
) -> Trouble | None:
    """Return the trouble that an HTTP status tells of, or None for 2xx. `headers` has lower-case names."""
    if 200 <= status < 300:
        return None
    said = _words(body)
    tail = f": {said}" if said else ""
    again = retry_after(headers.get("retry-after"), datetime.now(UTC))
    match status:
        case 401:
            return Trouble(
                Failure.UNAUTHORIZED, f"it does not accept the credentials (401){tail}", "see http_config"
            )
        case 403:
            return Trouble(
                Failure.FORBIDDEN, f"access is forbidden (403){tail}", "ask for access, or a tenant header"
            )
        case 407:
            return Trouble(Failure.UNAUTHORIZED, "the proxy wants credentials (407)", "put them in proxy_url")
        case 429:
            return Trouble(Failure.RATE_LIMITED, f"too many requests (429){tail}", "poll less often", again)
    if status in _GONE:
        reason = f"this is not {title(kind)}: {status} for {one_line(path, 200)}"
        return Trouble(Failure.WRONG_SERVICE, reason, "check the URL and its prefix")
    if b"HTTP request to an HTTPS server" in body[:200]:
        return Trouble(Failure.WRONG_SERVICE, "it wants TLS on that port", "write https:// in its URL")
    if status >= 500:
        return Trouble(
            Failure.SERVER_ERROR, f"it fails with status {status}{tail}", "see the server's log", again
        )
    return Trouble(Failure.BAD_REQUEST, said or f"it refuses the request ({status})")


def _words(body: bytes) -> str:
    """Return what an error body says, short: the `error` or `message` of JSON, plain text; no HTML."""
    text = body[:20_000].decode("utf-8", "replace").strip()
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return "" if text.startswith("<") else _short(text)
    if isinstance(decoded, dict):
        decoded = decoded.get("error") or decoded.get("message") or ""
    return _short(decoded) if isinstance(decoded, str) else ""


def _short(text: str) -> str:
    """Return a long text without its middle: what went wrong stands at the start or the end."""
    if len(text) > _BODY_SHOWN:
        text = f"{text[: _BODY_SHOWN // 2]} … {text[-_BODY_SHOWN // 2 :]}"
    return one_line(text)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3: seconds or an HTTP date), or None."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value[:12])
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def of_redirect(target: str, *, followed: bool) -> Trouble:
    """Return the trouble of a redirect that is not followed; `target` is an origin without credentials."""
    if followed:
        return Trouble(Failure.REDIRECT, "it redirects without end", "check the URL and its prefix")
    where = one_line(target, 200)
    return Trouble(
        Failure.REDIRECT, f"it redirects to {where}", "use that URL if you trust it; is it a login page?"
    )


def of_decode(error: Exception, body: bytes, *, kind: str) -> Trouble:
    """Return the trouble of a body that is not what `kind` answers: another service, or a broken answer."""
    start = body[:200].lstrip()
    if start.startswith(b"<"):
        reason = f"this is not {title(kind)}: it answers with a web page"
        return Trouble(Failure.WRONG_SERVICE, reason, "check the URL and its prefix; is it a login page?")
    if isinstance(error, msgspec.ValidationError) and "[" not in str(error):
        reason = f"this is not {title(kind)}: its JSON has another shape"
        return Trouble(Failure.WRONG_SERVICE, reason, "check the URL and its prefix")
    if not start:
        return Trouble(Failure.BAD_ANSWER, "its answer is empty", "ask again; is there a proxy in between?")
    if not start.startswith((b"{", b"[")):
        return Trouble(
            Failure.WRONG_SERVICE, f"this is not {title(kind)}: no JSON comes back", "check the URL"
        )
    return Trouble(Failure.BAD_ANSWER, f"its answer cannot be read: {one_line(str(error), 200)}", "ask again")


def too_large(limit: int) -> Trouble:
    """Return the trouble of an answer above `limit` bytes, unpacked."""
    size = f"{limit / 2**20:.0f} MiB" if limit >= 2**20 else f"{limit} bytes"
    return Trouble(Failure.TOO_LARGE, f"the answer is larger than {size}", "narrow the question")


def of_encoding() -> Trouble:
    """Return the trouble of an answer whose packing is broken, or was not asked for."""
    return Trouble(
        Failure.BAD_ANSWER, "its compressed answer cannot be unpacked", "is there a proxy in between?"
    )
