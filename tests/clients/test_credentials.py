"""Credentials: used, read again when they change, and never shown."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

from cockpit.clients import transport
from cockpit.clients.http import HttpClient
from cockpit.clients.source import Failure, SourceError

from .conftest import Serve
from .support import Recorder, basic, client, rewrite


async def test_credentials_of_the_url_are_used_and_never_shown() -> None:
    seen = Recorder(lambda _: httpx.Response(401, content=b"bad password s3cr3t p\xc3\xa4ss"))
    http = client("https://me:s3cr3t%20p%C3%A4ss@x.example:9093/am", seen)
    with pytest.raises(SourceError) as caught:
        await http.get("/")
    await http.close()
    assert seen.authorization == [basic("me", "s3cr3t päss")]
    assert http.source.url == "https://x.example:9093/am"
    assert "s3cr3t" not in str(caught.value) + str(http.source)
    assert "***" in str(caught.value)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("basic_auth: {username: me, password: pw}", basic("me", "pw")),
        ("basic_auth: {username_file: user, password_file: word}", basic("someone", "from a file")),
        ("authorization: {credentials: abc}", "Bearer abc"),
        ("authorization: {type: Token, credentials_file: word}", "Token from a file"),
        ("bearer_token: abc", "Bearer abc"),
        ("bearer_token_file: word", "Bearer from a file"),
    ],
)
async def test_http_config_authorizes(config: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "user").write_text("someone\n")
    (tmp_path / "word").write_text("from a file\n")
    (tmp_path / "http.yml").write_text(config)
    seen = Recorder()
    http = client("http://x", seen, http_config=tmp_path / "http.yml")
    await http.get("/")
    await http.close()
    assert seen.authorization == [expected]


async def test_files_are_read_again_when_they_change(tmp_path: Path) -> None:
    token, config = tmp_path / "token", tmp_path / "http.yml"
    token.write_text("one")
    config.write_text("bearer_token_file: token")
    seen = Recorder()
    http = client("http://x", seen, http_config=config)
    await http.get("/")
    rewrite(token, "two")
    await http.get("/")
    rewrite(config, "authorization: {credentials: three}")
    await http.get("/")
    assert seen.authorization == ["Bearer one", "Bearer two", "Bearer three"]
    rewrite(config, "authorisation: {}")
    with pytest.raises(SourceError) as caught:
        await http.get("/")
    assert caught.value.failure is Failure.CREDENTIALS
    assert "authorisation" in caught.value.message
    await http.close()


async def test_a_token_with_a_line_break_is_refused_and_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\nX-Evil: 1")
    (tmp_path / "http.yml").write_text("bearer_token_file: token")
    http = client("http://x", Recorder(), http_config=tmp_path / "http.yml")
    with pytest.raises(SourceError) as caught:
        await http.get("/")
    await http.close()
    assert caught.value.failure is Failure.CREDENTIALS
    assert "hunter2" not in str(caught.value)


async def test_http_headers_of_the_config_go_out(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("c")
    (tmp_path / "http.yml").write_text("http_headers: {X-A: {values: [a], secrets: [b], files: [c]}}")
    seen = Recorder()
    http = client("http://x", seen, http_config=tmp_path / "http.yml")
    await http.get("/")
    await http.close()
    assert seen.requests[0].headers["x-a"] == "a, b, c"


async def test_oauth2_fetches_a_token_once_and_anew_after_a_401(tmp_path: Path) -> None:
    (tmp_path / "http.yml").write_text(
        "oauth2: {client_id: me, client_secret: shh1, scopes: [a, b], token_url: 'https://id.example/token',"
        " endpoint_params: {audience: x}}"
    )
    accepted = True

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host != "id.example":
            return httpx.Response(200 if accepted else 401, content=b"[]")
        form = dict(part.split("=") for part in request.content.decode().split("&"))
        assert (form["grant_type"], form["scope"], form["audience"]) == ("client_credentials", "a+b", "x")
        if "client_secret" not in form:
            assert request.headers["authorization"] == basic("me", "shh1")
            return httpx.Response(401)
        tokens = [r for r in seen.requests if r.url.host == "id.example"]
        body = {"access_token": f"t{len(tokens)}", "token_type": "bearer", "expires_in": 3600}
        return httpx.Response(200, content=json.dumps(body).encode())

    seen = Recorder(answer)
    http = client("http://x", seen, http_config=tmp_path / "http.yml")
    await http.get("/")
    await http.get("/")
    accepted = False
    with pytest.raises(SourceError):
        await http.get("/")
    accepted = True
    await http.get("/")
    await http.close()
    asked = [r.headers["authorization"] for r in seen.requests if r.url.host == "x"]
    assert asked == ["Bearer t2", "Bearer t2", "Bearer t2", "Bearer t4"]


async def test_a_token_url_that_refuses_is_unauthorized(tmp_path: Path) -> None:
    (tmp_path / "http.yml").write_text(
        "oauth2: {client_id: me, client_secret: shh1, token_url: 'http://id/t'}"
    )
    http = client(
        "http://x",
        Recorder(lambda _: httpx.Response(401, content=b"shh1")),
        http_config=tmp_path / "http.yml",
    )
    with pytest.raises(SourceError) as caught:
        await http.get("/")
    await http.close()
    assert caught.value.failure is Failure.UNAUTHORIZED
    assert "token URL" in caught.value.message


async def test_a_changed_client_certificate_is_taken_up(
    serve: Serve, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.load_verify_locations(certificate[0])
    context.verify_mode = ssl.CERT_REQUIRED

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        await writer.drain()

    url = f"https://{await serve(handler, context)}"
    config = tmp_path / "http.yml"
    config.write_text("tls_config: {insecure_skip_verify: true}")
    http = HttpClient(url, name="am", kind="alertmanager", http_config=config)
    with pytest.raises(SourceError) as caught:
        await http.get("/")
    assert caught.value.failure is Failure.TLS
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    rewrite(config, "tls_config: {insecure_skip_verify: true, cert_file: cert.pem, key_file: key.pem}")
    with pytest.raises(SourceError, match=r"cert\.pem: No such file") as caught:
        await http.get("/")
    cert.write_text("rubbish")
    key.write_text("rubbish")
    with pytest.raises(SourceError, match="no certificate") as caught:
        await http.get("/")
    assert caught.value.failure is Failure.CREDENTIALS
    rewrite(cert, certificate[0].read_text())
    rewrite(key, certificate[1].read_text())
    assert await http.get("/") == b"[]"
    for inline in ("cert", "key"), ("cert",), ("key",):
        rewrite(config, json.dumps({"tls_config": tls_config(certificate, inline)}))
        assert await http.get("/") == b"[]"
    wrong = {**tls_config(certificate, ("cert", "key")), "key": "rubbish"}
    rewrite(config, json.dumps({"tls_config": wrong}))
    with pytest.raises(SourceError, match="no certificate and matching"):
        await http.get("/")
    await http.close()


def tls_config(certificate: tuple[Path, Path], inline: tuple[str, ...]) -> dict[str, object]:
    found: dict[str, object] = {"insecure_skip_verify": True}
    for name, path in zip(("cert", "key"), certificate, strict=True):
        found |= {name: path.read_text()} if name in inline else {f"{name}_file": str(path)}
    return found


class Gated(httpx.AsyncBaseTransport):
    """Gives a token only once `open` is set, and takes a turn of the loop to close."""

    def __init__(self) -> None:
        self.asked, self.open = asyncio.Event(), asyncio.Event()
        self.seen: list[str | None] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "id.example":
            self.asked.set()
            await self.open.wait()
            return httpx.Response(200, content=b'{"access_token": "t"}')
        self.seen.append(request.headers.get("authorization"))
        return httpx.Response(200, content=b"[]")

    async def aclose(self) -> None:
        await asyncio.sleep(0)


OAUTH2 = "oauth2: {client_id: me, client_secret: shh1, token_url: 'https://id.example/t'}"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[httpx.AsyncClient]:
    """The httpx clients that are made while the test runs."""
    made: list[httpx.AsyncClient] = []
    build = transport.build

    def recording(*args: Any) -> httpx.AsyncClient:
        made.append(build(*args))
        return made[-1]

    monkeypatch.setattr(transport, "build", recording)
    return made


async def test_a_request_that_waits_for_its_token_outlives_a_change_of_the_config(
    tmp_path: Path, built: list[httpx.AsyncClient]
) -> None:
    config, gated = tmp_path / "http.yml", Gated()
    config.write_text(OAUTH2)
    http = HttpClient("http://x", name="am", kind="alertmanager", http_config=config, transport=gated)
    waiting = asyncio.create_task(http.get("/"))
    await gated.asked.wait()
    rewrite(config, "bearer_token: new")
    await http.get("/")
    gated.open.set()
    assert await waiting == b"[]"
    assert gated.seen == ["Bearer new", "Bearer t"]
    await http.get("/")
    assert [client.is_closed for client in built] == [True, True, False], "what was replaced is closed"
    await http.close()


async def test_requests_that_meet_a_changed_config_together_build_one_connection(
    tmp_path: Path, built: list[httpx.AsyncClient]
) -> None:
    config, gated = tmp_path / "http.yml", Gated()
    config.write_text(OAUTH2)
    gated.open.set()
    http = HttpClient("http://x", name="am", kind="alertmanager", http_config=config, transport=gated)
    await http.get("/")
    rewrite(config, "bearer_token: new")
    await asyncio.gather(*(http.get("/") for _ in range(3)))
    assert gated.seen == ["Bearer t", *["Bearer new"] * 3]
    assert len(built) == 3, "for the server, for the token, and for the server anew"
    await http.close()
    assert all(client.is_closed for client in built)
