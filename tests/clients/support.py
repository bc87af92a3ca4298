"""What several of the client tests use."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import httpx

from cockpit.clients.http import HttpClient

Answering = Callable[[httpx.Request], httpx.Response]


class Recorder:
    """Answers every request the same way and keeps what came."""

    def __init__(self, answer: Answering = lambda _: httpx.Response(200, content=b"[]")) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)

    @property
    def authorization(self) -> list[str | None]:
        return [request.headers.get("authorization") for request in self.requests]


def client(
    url: str, recorder: Answering, http_config: Path | None = None, headers: dict[str, str] | None = None
) -> HttpClient:
    transport = httpx.MockTransport(recorder)
    return HttpClient(
        url, name="am", kind="alertmanager", http_config=http_config, headers=headers, transport=transport
    )


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def rewrite(path: Path, text: str) -> None:
    """Write a file so that its modification time differs, however coarse the clock of the file system is."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))
