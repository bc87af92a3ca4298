"""Servers that fail in every way, under a running screen: it stays responsive, says why, and recovers."""

import gzip
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest
from textual.pilot import Pilot

from cockpit.alerts.feed import fetch_board
from cockpit.config import Context, shipped
from cockpit.session import Session
from cockpit.tui.app import Cockpit
from tests.pty.servers import Fault, Pair, Server, World, send, serving
from tests.waiting import until

TIMEOUT = 0.5
POLL = 0.2
SLACK = 4.0
"""Seconds beside the polls: the shared machine, and putting it on the screen."""
OVER = Event()
"""Set at the end of a test: faults that hold a connection let go of it."""


def answers(status: int, body: bytes, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def fault(request: BaseHTTPRequestHandler) -> bool:
        send(request, status, body, named)
        return True

    return fault


def stalls(request: BaseHTTPRequestHandler) -> bool:
    OVER.wait(20)
    return True


def drips(request: BaseHTTPRequestHandler) -> bool:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        request.wfile.write(b" ")
        if OVER.wait(0.05):
            break
    return True


def truncates(request: BaseHTTPRequestHandler) -> bool:
    request.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"status"')
    request.close_connection = True
    return True


def promises_more(request: BaseHTTPRequestHandler) -> bool:
    body = b'{"status": "success", "data": {"groups": []}}'
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (10 * len(body), body))
    OVER.wait(20)
    return True


def speaks_something_else(request: BaseHTTPRequestHandler) -> bool:
    request.wfile.write(b"220 mail.example ESMTP\r\n\x00\xff\x1b]0;PWNED\x07")
    request.close_connection = True
    return True


SURROGATE = b'{"status": "success", "data": {"groups": [{"name": "\\ud800", "rules": []}]}}'
FAULTS: dict[str, tuple[Fault, str]] = {
    "stall": (stalls, "no answer within"),
    "drip": (drips, "stalled"),
    "truncated": (truncates, "breaks off"),
    "too long": (promises_more, "stalled"),
    "not http": (speaks_something_else, "not HTTP"),
    "web page": (answers(200, b"<html>log in</html>"), "a web page"),
    "other json": (answers(200, b'{"hello": 1}'), "this is not a"),
    "null": (answers(200, b"null"), "this is not a"),
    "empty": (answers(200, b""), "empty"),
    "no json": (answers(200, b"hello"), "no JSON"),
    "half json": (answers(200, b'{"status": "succ'), ""),
    "deep json": (answers(200, b"[" * 200_000), ""),
    "bytes": (answers(200, b'{"status": "\xff\xfe\x9b"}'), ""),
    "surrogate": (answers(200, SURROGATE), ""),
    "401": (answers(401, b"who are you?\x1b]0;PWNED\x07"), "(401)"),
    "403": (answers(403, b"no"), "(403)"),
    "404": (answers(404, b"no"), "404"),
    "429": (answers(429, b"slow down", Retry_After="1"), "(429)"),
    "500": (answers(500, b'{"status": "error", "errorType": "internal", "error": "out of order"}'), ""),
    "503": (answers(503, b"starting"), "503"),
    "broken gzip": (answers(200, b"\x1f\x8b\x08no", Content_Encoding="gzip"), "unpacked"),
    "bomb": (answers(200, gzip.compress(b" " * (300 * 2**20), 1), Content_Encoding="gzip"), ""),
}


@pytest.fixture(autouse=True)
def _let_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    OVER.clear()
    yield
    OVER.set()


def context(servers: Pair) -> Context:
    return Context(
        name="test",
        prometheus=(servers.prometheus.url,),
        alertmanager=(servers.alertmanager.url,),
        runbooks=(shipped("runbooks"),),
        poll_interval=POLL,
        timeout=TIMEOUT,
    )


class Shown:
    """A running screen."""

    def __init__(self, app: Cockpit, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def all_clear(self) -> bool:
        return "all clear" in self.text.lower()

    async def until(self, holds: Callable[[], bool], within: float = 30) -> None:
        await until(holds, lambda: self.text, within=within, pause=self.pilot.pause)

    async def answers_keys(self) -> None:
        """A key's effect shows while the fault goes on; how soon is measured in the benchmarks."""
        await self.pilot.press("question_mark")
        await self.until(lambda: "Keys on this screen" in self.text)
        await self.pilot.press("escape")
        await self.until(lambda: "Keys on this screen" not in self.text)

    async def doubts(self) -> str:
        """Return the page of doubts."""
        await self.pilot.press("exclamation_mark")
        await self.until(lambda: "What keeps this" in self.text)
        said = " ".join(self.text.split())
        await self.pilot.press("escape")
        await self.until(lambda: "What keeps this" not in self.text)
        return said


@asynccontextmanager
async def showing(servers: Pair) -> AsyncIterator[Shown]:
    async with Session.open(context(servers)) as session:
        app = Cockpit(session)
        async with app.run_test(size=(160, 40)) as pilot:
            yield Shown(app, pilot)
    assert app.failure is None


AT_BOTH = ("stall", "truncated", "web page", "surrogate", "401", "429", "bomb")


@pytest.mark.parametrize(
    ("name", "target"),
    [*((name, "prometheus") for name in FAULTS), *((name, "alertmanager") for name in AT_BOTH)],
)
async def test_a_fault_is_said_and_gone_when_it_is_over(name: str, target: str) -> None:
    fault, reason = FAULTS[name]
    with serving(World()) as servers:
        server: Server = getattr(servers, target)
        async with showing(servers) as shown:
            await shown.until(lambda: shown.all_clear)
            server.fault = fault
            await shown.until(lambda: "Not an all-clear" in shown.text and not shown.all_clear)
            await shown.answers_keys()
            said = await shown.doubts()
            assert reason in said
            assert "PWNED\x07" not in said
            assert not shown.all_clear
            async with Session.open(context(servers)) as session:
                assert not (await fetch_board(session)).all_clear
            server.fault = None
            await shown.pilot.press("r")
            await shown.until(lambda: shown.all_clear)


@pytest.mark.parametrize("target", ["prometheus", "alertmanager"])
async def test_a_redirect_to_another_origin_is_not_followed(target: str) -> None:
    with serving(World()) as servers, serving(World()) as elsewhere:
        server: Server = getattr(servers, target)
        async with showing(servers) as shown:
            await shown.until(lambda: shown.all_clear)
            other: Server = getattr(elsewhere, target)
            server.fault = answers(302, b"", Location=f"{other.url}/api/v1/rules")
            await shown.until(lambda: "redirects" in shown.text and not shown.all_clear)
            await shown.answers_keys()
            server.fault = None
            await shown.until(lambda: shown.all_clear)
        assert elsewhere.world.asked == []


@pytest.mark.parametrize("target", ["prometheus", "alertmanager"])
async def test_a_server_that_is_back_after_a_while_is_fresh_within_two_polls(target: str) -> None:
    with serving(World()) as servers:
        async with showing(servers) as shown:
            await shown.until(lambda: shown.all_clear)
            getattr(servers, target).stop()
            await shown.until(lambda: "refused" in shown.text)
            gone = time.monotonic()
            # Long enough for the wait to have doubled five times, if it did: 31 polls; the next were at 63.
            await shown.until(lambda: time.monotonic() - gone > 35 * POLL)
            assert not shown.all_clear
            await shown.answers_keys()
            setattr(servers, target, getattr(servers, target).again())
            await shown.until(lambda: shown.all_clear, 2 * 1.1 * POLL + SLACK)


async def test_what_a_failed_server_last_said_stays_and_is_dated() -> None:
    alert = {"labels": {"alertname": "Burning", "severity": "critical"}, "annotations": {}}
    with serving(World([alert])) as servers:
        async with showing(servers) as shown:
            await shown.until(lambda: "Burning" in shown.text)
            servers.prometheus.fault = stalls
            servers.alertmanager.fault = stalls
            await shown.until(lambda: "stale" in shown.text)
            await shown.until(lambda: "Burning" in shown.text and "s ago" in shown.text)
            assert not shown.all_clear


async def test_a_server_that_asks_for_time_gets_it() -> None:
    with serving(World()) as servers:
        times: list[float] = []

        def busy(request: BaseHTTPRequestHandler) -> bool:
            times.append(time.monotonic())
            send(request, 429, b"slow down", {"Retry-After": "2"})
            return True

        async with showing(servers) as shown:
            await shown.until(lambda: shown.all_clear)
            servers.alertmanager.fault = busy
            await shown.until(lambda: len(times) > 1)
            assert times[1] - times[0] >= 2
