"""The notification sink: it takes Slack, PagerDuty and Alertmanager webhooks, and can be told to fail."""

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.lab import servers, sink
from cockpit.lab.sink import Sink


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Sink]:
    server = Sink(0, tmp_path / "notifications.jsonl")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(
    server: Sink, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def kept(server: Sink, query: str = "") -> Any:
    status, body = ask(server, "GET", f"/notifications{query}")
    assert status == 200
    return json.loads(body)


def test_each_kind_is_kept_with_its_receiver_and_answered_as_the_real_one_does(running: Sink) -> None:
    assert ask(running, "POST", "/slack/ops-relay", b'{"text": "a"}') == (200, b"ok")
    status, answer = ask(running, "POST", "/pagerduty/relay/v2/enqueue", b'{"dedup_key": "k"}')
    assert (status, json.loads(answer)["dedup_key"]) == (202, "k")
    assert ask(running, "POST", "/webhook/dead-mans-switch", b'{"version": "4"}')[0] == 200
    entries = kept(running)
    assert [(e["kind"], e["receiver"]) for e in entries] == [
        ("slack", "ops-relay"),
        ("pagerduty", "relay"),
        ("webhook", "dead-mans-switch"),
    ]
    assert entries[0]["body"] == {"text": "a"}
    assert running.file is not None
    assert [json.loads(line) for line in running.file.read_text().splitlines()] == entries


def test_since_leaves_out_what_came_before(running: Sink) -> None:
    for text in (b'"first"', b'"second"'):
        ask(running, "POST", "/slack/x", text)
    first, second = kept(running)
    assert first["received_at"] < second["received_at"]
    assert kept(running, f"?since={first['received_at']!r}") == [second]
    assert ask(running, "GET", "/notifications?since=yesterday")[0] == 400


def test_it_fails_as_often_as_told_and_keeps_nothing_of_it(running: Sink) -> None:
    assert ask(running, "POST", "/fail?status=503&count=2")[0] == 200
    assert [ask(running, "POST", "/slack/x", b"{}")[0] for _ in range(3)] == [503, 503, 200]
    assert len(kept(running)) == 1
    for wrong in ("status=200", "status=999", "count=-1", "status=x"):
        assert ask(running, "POST", f"/fail?{wrong}")[0] == 400


@pytest.mark.parametrize("path", ["/", "/slack", "/slack/", "/teams/x", "/notifications"])
def test_other_paths_are_refused(running: Sink, path: str) -> None:
    assert ask(running, "POST", path, b"{}")[0] == 404
    assert kept(running) == []


def test_what_is_no_json_or_too_large_is_refused(running: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(running, "POST", "/slack/x", b"\xff{")[0] == 400
    monkeypatch.setattr(sink, "MAX_BODY", 10)
    assert ask(running, "POST", "/slack/x", b'"123456789"')[0] == 413
    assert ask(running, "POST", "/slack/x", headers={"Transfer-Encoding": "chunked"})[0] == 411
    assert kept(running) == []


def test_a_file_that_cannot_be_written_is_an_answer_not_a_crash(running: Sink, tmp_path: Path) -> None:
    running.file = tmp_path / "gone" / "file"
    assert ask(running, "POST", "/slack/x", b"{}")[0] == 507
    assert ask(running, "GET", "/-/ready")[0] == 200


def test_the_process_ends_when_its_standard_input_does() -> None:
    (port,) = servers.free_ports(1)
    command = [sys.executable, "-I", str(sink.__file__), "--port", str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
