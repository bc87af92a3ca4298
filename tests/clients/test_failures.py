"""Each way in which a server gives no usable answer is told apart: one line, a remedy, no secrets."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cockpit.clients import failures
from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.http import HttpClient
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.source import Failure, SourceError
from cockpit.config import Context

from .conftest import Serve

Case = Callable[[Serve, Path, pytest.MonkeyPatch], Awaitable[SourceError]]


async def failure_of(
    url: str, handler: object = None, *, timeout: float = 5, http_config: Path | None = None
) -> SourceError:
    """Ask an Alertmanager at `url` for its alerts; `handler` answers instead of a socket."""
    transport = httpx.MockTransport(handler) if callable(handler) else None
    context = Context(alertmanager=(url,), timeout=timeout, http_config=http_config)
    (client,) = Alertmanager.all_of(context, transport)
    try:
        with pytest.raises(SourceError) as caught:
            await client.alerts()
    finally:
        await client.close()
    source = client.source()
    assert source.failure is caught.value.failure
    assert source.error
    assert source.answered_at is None
    return caught.value


def answering(
    status: int, body: str | bytes = b"", **headers: str
) -> Callable[[httpx.Request], httpx.Response]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: httpx.Response(status, content=body, headers=sent)


async def respond(writer: asyncio.StreamWriter, reader: asyncio.StreamReader, data: bytes) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(data)
    await writer.drain()


async def dns(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
    def unknown(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    patch.setattr(socket, "getaddrinfo", unknown)
    return await failure_of("http://am.example:9093")


async def refused(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return await failure_of(f"http://127.0.0.1:{taken.getsockname()[1]}")


async def unreachable(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
    return await failure_of(f"unix://{folder}/no.sock")


async def plain_text_behind_https(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    return await failure_of(f"https://{await serve(plain)}")


async def timeout(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    return await failure_of(f"http://{await serve(silent)}", timeout=0.05)


async def too_large(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await respond(writer, reader, b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 1000)
            await writer.drain()

    client = HttpClient(f"http://{await serve(endless)}", name="am", kind="alertmanager", max_bytes=1000)
    with pytest.raises(SourceError) as caught:
        await client.get("/")
    await client.close()
    return caught.value


async def bad_request(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
    body = '{"status":"error","errorType":"bad_data","error":"1:5: parse error: unclosed left parenthesis"}'
    context = Context(prometheus=("http://prom",))
    pool = Prometheus.of(context, httpx.MockTransport(answering(400, body)))
    with pytest.raises(SourceError) as caught:
        await pool.query("sum(")
    await pool.close()
    return caught.value


async def credentials(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
    config = folder / "http.yml"
    config.write_text("bearer_token_file: token\n")
    return await failure_of("http://am", answering(200, "[]"), http_config=config)


def answered(status: int, body: str | bytes = b"", **headers: str) -> Case:
    async def case(serve: Serve, folder: Path, patch: pytest.MonkeyPatch) -> SourceError:
        return await failure_of("http://am", answering(status, body, **headers))

    return case


CASES: list[tuple[Failure, str, Case]] = [
    (Failure.DNS, "no address is known for am.example", dns),
    (Failure.REFUSED, "the connection is refused", refused),
    (Failure.UNREACHABLE, "there is no such socket", unreachable),
    (Failure.TLS, "it does not speak TLS on that port", plain_text_behind_https),
    (Failure.UNAUTHORIZED, "(401): no org id", answered(401, "no org id")),
    (Failure.FORBIDDEN, "(403)", answered(403, "<html>no</html>")),
    (Failure.RATE_LIMITED, "too many requests (429)", answered(429, retry_after="17")),
    (Failure.SERVER_ERROR, "status 503: Limit reached", answered(503, "Limit reached\n", retry_after="9")),
    (Failure.TIMEOUT, "no answer within 0.1s", timeout),
    (Failure.REDIRECT, "to https://login.example", answered(302, location="https://u:secret@login.example/")),
    (Failure.WRONG_SERVICE, "a web page", answered(200, "<!doctype html><title>Sign in</title>")),
    (Failure.WRONG_SERVICE, "404 for /api/v2/alerts", answered(404, "404 page not found")),
    (Failure.WRONG_SERVICE, "another shape", answered(200, '{"status":"success","data":{}}')),
    (Failure.WRONG_SERVICE, "wants TLS", answered(400, "Client sent an HTTP request to an HTTPS server.")),
    (Failure.WRONG_SERVICE, "no JSON comes back", answered(200, "OK")),
    (Failure.TOO_LARGE, "larger than 1000 bytes", too_large),
    (Failure.BAD_REQUEST, "1:5: parse error: unclosed left parenthesis", bad_request),
    (Failure.BAD_ANSWER, "cannot be read", answered(200, '[{"fingerprint":"a"')),
    (Failure.BAD_ANSWER, "empty", answered(200)),
    (Failure.CREDENTIALS, "No such file", credentials),
]  # fmt: skip


@pytest.mark.parametrize(
    ("failure", "words", "case"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)]
)
async def test_each_failure_is_named_and_explained(
    failure: Failure, words: str, case: Case, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = await case(serve, tmp_path, monkeypatch)
    assert error.failure is failure
    assert words in error.message
    assert "\n" not in str(error)
    assert "secret" not in str(error)
    assert error.source
    assert error.exit_code == 3
    if failure is not Failure.BAD_REQUEST:
        assert error.remedy
        assert error.message.startswith(f"{error.source}: ")


def test_every_failure_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(Failure)


async def test_retry_after_is_passed_on() -> None:
    assert (await failure_of("http://am", answering(503, retry_after="9"))).retry_after == 9
    assert (await failure_of("http://am", answering(429, retry_after="nonsense"))).retry_after is None


def test_retry_after_may_be_a_date() -> None:
    now = datetime(2026, 11, 20, 17, 0, 0, tzinfo=UTC)
    assert failures.retry_after("Fri, 20 Nov 2026 17:00:30 GMT", now) == 30
    assert failures.retry_after("Fri, 20 Nov 2026 16:00:00 GMT", now) == 0
    assert failures.retry_after("120", now) == 120
    assert failures.retry_after(None, now) is None


@pytest.mark.parametrize("wrap", ["{}", '{{"status":"error","error":"{}"}}'])
async def test_error_bodies_are_cleaned_and_short(wrap: str) -> None:
    hostile = "\x9b31m\u202e boom" + "x" * 9999
    error = await failure_of("http://am", answering(500, wrap.format(hostile)))
    assert "boom" in str(error)
    assert "\x9b" not in str(error)
    assert "\u202e" not in str(error)
    assert len(str(error)) < 600


@pytest.mark.parametrize(
    ("piece", "failure"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[", Failure.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1", Failure.BAD_ANSWER),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Failure.BAD_ANSWER),
        (b"", Failure.BAD_ANSWER),
    ],
)
async def test_an_answer_that_breaks_off_is_a_bad_answer(
    serve: Serve, piece: bytes, failure: Failure
) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await respond(writer, reader, piece)

    assert (await failure_of(f"http://{await serve(handler)}")).failure is failure


async def test_the_deadline_covers_an_answer_that_trickles(serve: Serve) -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await respond(writer, reader, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.005)

    error = await failure_of(f"http://{await serve(trickle)}", timeout=0.1)
    assert error.failure is Failure.TIMEOUT
    assert "stalled" in error.message


async def test_a_gzip_bomb_is_too_large_and_never_unpacked(serve: Serve) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await respond(writer, reader, head + bomb)

    url = f"http://{await serve(handler)}"
    client = HttpClient(url, name="am", kind="alertmanager", max_bytes=1_000_000)
    with pytest.raises(SourceError) as caught:
        await client.get("/")
    await client.close()
    assert caught.value.failure is Failure.TOO_LARGE


@pytest.mark.parametrize("cut", [10, -4])
async def test_gzip_is_unpacked_and_broken_gzip_is_a_bad_answer(serve: Serve, cut: int) -> None:
    packed = gzip.compress(b"[1,2]")

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        assert b"accept-encoding: gzip\r\n" in asked.lower()
        body = packed if b" /whole " in asked else packed[:cut]
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    client = HttpClient(f"http://{await serve(handler)}", name="am", kind="alertmanager")
    assert await client.get("/whole") == b"[1,2]"
    with pytest.raises(SourceError) as caught:
        await client.get("/broken")
    await client.close()
    assert caught.value.failure is Failure.BAD_ANSWER


async def test_certificates_are_checked(serve: Serve, certificate: tuple[Path, Path], tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await respond(writer, reader, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    url = f"https://{await serve(handler, context)}"
    untrusted = await failure_of(url)
    assert untrusted.failure is Failure.TLS
    assert "not trusted" in untrusted.message
    config = tmp_path / "http.yml"
    config.write_text(f"tls_config: {{ca_file: {certificate[0]}}}\n")
    misnamed = await failure_of(url, http_config=config)
    assert misnamed.failure is Failure.TLS
    assert "another" in misnamed.message
    for good in (f"{{ca_file: {certificate[0]}, server_name: cockpit.test}}", "{insecure_skip_verify: true}"):
        config.write_text(f"tls_config: {good}\n")
        client = HttpClient(url, name="am", kind="alertmanager", http_config=config)
        assert await client.get("/") == b"[]"
        await client.close()
