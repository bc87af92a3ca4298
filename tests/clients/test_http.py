"""One endpoint: what goes out with a request, what is followed, and how the source then stands."""

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from cockpit.clients.address import names, parse
from cockpit.clients.http import HttpClient
from cockpit.clients.source import Failure, SourceError, SourceState
from cockpit.config import Context
from cockpit.errors import UsageError

from .conftest import Serve
from .support import Recorder, basic, client


async def test_prefix_parameters_and_extra_headers_go_out() -> None:
    seen = Recorder()
    http = client("https://x.example/prometheus/", seen, headers={"X-Scope-OrgID": "relay"})
    await http.get("/api/v1/query", {"query": 'up{a="b&c"}'})
    await http.close()
    (request,) = seen.requests
    assert request.url.path == "/prometheus/api/v1/query"
    assert request.url.params["query"] == 'up{a="b&c"}'
    assert request.headers["x-scope-orgid"] == "relay"
    assert request.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    "url",
    [
        "http://me:hunter2@host:port",
        "http://[::1",
        "http://hunter2:x@",
        "unix://relative.sock",
        "unix://me:hunter2@sock",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_credentials(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        HttpClient(url, name="am", kind="alertmanager")
    assert "hunter2" not in str(caught.value)
    assert url.rpartition("@")[2].removeprefix("http://") in str(caught.value)


def test_a_url_of_broken_bytes_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be used"):
        HttpClient("http://me:p\udcff@host", name="am", kind="alertmanager")


def redirecting(where: str, times: int = 1) -> Recorder:
    def answer(_request: httpx.Request) -> httpx.Response:
        if len(seen.requests) <= times:
            return httpx.Response(302, headers={"location": where})
        return httpx.Response(200, content=b"[]")

    seen = Recorder(answer)
    return seen


async def test_a_redirect_within_the_origin_is_followed_with_credentials() -> None:
    seen = redirecting("/other/api", times=5)
    http = client("http://me:pw@x:80", seen)
    assert await http.get("/api") == b"[]"
    await http.close()
    assert seen.requests[-1].url.path == "/other/api"
    assert set(seen.authorization) == {basic("me", "pw")}


@pytest.mark.parametrize(
    "where", ["https://x/api", "http://x:81/api", "http://y/api", "//y/api", "http://x@y/api", "http://[/"]
)
async def test_a_redirect_to_another_origin_is_refused(where: str) -> None:
    seen = redirecting(where)
    http = client("http://me:pw@x", seen)
    with pytest.raises(SourceError) as caught:
        await http.get("/api")
    await http.close()
    assert caught.value.failure is Failure.REDIRECT
    assert len(seen.requests) == 1


async def test_endless_redirects_end() -> None:
    seen = redirecting("/", times=100)
    http = client("http://x", seen)
    with pytest.raises(SourceError, match="without end"):
        await http.get("/")
    await http.close()
    assert len(seen.requests) == 6


async def test_follow_redirects_can_be_off(tmp_path: Path) -> None:
    (tmp_path / "http.yml").write_text("follow_redirects: false")
    http = client("http://x", redirecting("/a"), http_config=tmp_path / "http.yml")
    with pytest.raises(SourceError) as caught:
        await http.get("/")
    await http.close()
    assert caught.value.failure is Failure.REDIRECT


async def test_a_unix_socket_with_a_prefix_is_spoken_to(tmp_path: Path) -> None:
    lines: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(handler, tmp_path / "am.sock")
    http = HttpClient(f"unix://{tmp_path}/am.sock:/am", name="am", kind="alertmanager")
    assert await http.get("/api/v2/alerts") == b"[]"
    await http.close()
    server.close()
    assert lines[0].startswith(b"GET /am/api/v2/alerts HTTP/1.1\r\n")


async def test_connections_are_reused(serve: Serve) -> None:
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
            await writer.drain()

    http = HttpClient(f"http://{await serve(handler)}", name="am", kind="alertmanager")
    for _ in range(3):
        await http.get("/")
    await http.close()
    assert connections == 1


async def test_a_kept_connection_that_the_server_closed_is_no_failure(serve: Serve) -> None:
    connections = 0

    async def one_answer_a_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        await writer.drain()
        # The next request has come when the connection closes: the client could not have known.
        await reader.readuntil(b"\r\n\r\n")

    http = HttpClient(f"http://{await serve(one_answer_a_connection)}", name="am", kind="alertmanager")
    assert await http.get("/") == b"[]"
    assert await http.get("/") == b"[]"
    with pytest.raises(SourceError):
        await http.put("/", b"x")
    await http.close()
    assert connections == 2


async def test_a_proxy_of_the_environment_that_cannot_be_used_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    http = HttpClient("http://prom.example", name="prom", kind="prometheus")
    with pytest.raises(SourceError, match="the proxy cannot be used"):
        await http.get("/")
    await http.close()


@pytest.mark.parametrize(("config", "used"), [("", False), ("proxy_from_environment: true", True)])
async def test_with_an_http_config_the_environment_s_proxy_is_used_only_when_it_says_so(
    config: str, used: bool, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        await writer.drain()

    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://{await serve(proxy)}")
    (tmp_path / "http.yml").write_text(config)
    http = HttpClient(
        "http://prom.invalid", name="prom", kind="prometheus", http_config=tmp_path / "http.yml", timeout=5
    )
    with contextlib.nullcontext() if used else pytest.raises(SourceError):
        await http.get("/")
    await http.close()
    assert asked == ([b"GET http://prom.invalid/ HTTP/1.1\r\n"] if used else [])


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_proxy_connect_headers_go_with_the_connect_only(
    scheme: str, tmp_path: Path, serve: Serve
) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    config = f"proxy_url: http://{await serve(proxy)}\nproxy_connect_header: {{X-Team: [relay]}}\n"
    (tmp_path / "http.yml").write_text(config)
    url = f"{scheme}://prom.invalid"
    http = HttpClient(url, name="prom", kind="prometheus", http_config=tmp_path / "http.yml")
    with pytest.raises(SourceError):
        await http.get("/")
    await http.close()
    assert (b"x-team: relay" in asked[0].lower()) == (scheme == "https")


async def test_a_source_keeps_its_last_answer_when_it_fails() -> None:
    good = True
    http = client("http://x", Recorder(lambda _: httpx.Response(200 if good else 500)))
    assert http.source.state(0, 10) is SourceState.NEVER
    await http.get("/")
    at = http.answered(())
    assert http.source.state(at, 10) is SourceState.FRESH
    good = False
    with pytest.raises(SourceError):
        await http.get("/")
    assert http.source.answered_at == at
    assert http.source.state(at, 10) is SourceState.STALE
    http.answered()
    assert http.source.failure is Failure.SERVER_ERROR, (
        "a side question cannot hide that the polled one fails"
    )
    http.answered(("partial",))
    assert http.source.state(at, 10) is SourceState.PARTIAL
    await http.close()


def test_names_tell_servers_apart() -> None:
    context = Context(
        prometheus=("https://prom-a.example", "https://prom-b.example", "https://mimir.example/prometheus"),
        alertmanager=("http://127.0.0.1:9093", "https://mimir.example/alertmanager", "unix:///run/am.sock"),
    )
    named = list(names(context).values())
    assert named == [
        "prom-a", "prom-b", "mimir.example:443/prometheus",
        "127.0.0.1:9093", "mimir.example:443/alertmanager", "am",
    ]  # fmt: skip
    assert names(Context(prometheus=("http://127.0.0.1:1",), alertmanager=("http://[::1]:2",))) == {
        ("prometheus", "http://127.0.0.1:1"): "prometheus",
        ("alertmanager", "http://[::1]:2"): "alertmanager",
    }


def test_this_machine_is_never_reached_through_a_proxy() -> None:
    assert parse("http://127.0.0.1:9090").loopback
    assert parse("http://[::1]:9090").loopback
    assert not parse("http://prom.example").loopback


def test_the_clients_import_lightly() -> None:
    code = (
        "import sys, cockpit.clients.prometheus, cockpit.clients.alertmanager as a\n"
        "assert 'httpx' not in sys.modules and 'ruamel.yaml' not in sys.modules\n"
        "from cockpit.config import Context\n"
        "from cockpit.clients.transport import trusting_context\n"
        "a.Alertmanager.all_of(Context(alertmanager=('http://x',)))\n"
        "from cockpit.clients.address import parse\n"
        "from cockpit.clients.transport import build\n"
        "build(parse('http://x'), 5)\n"
        "assert not {'rich', 'click', 'httpx._main'} & set(sys.modules)\n"
        "assert trusting_context.cache_info().currsize == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
