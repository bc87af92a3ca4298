"""`cockpit triage` and `cockpit query`: stdout is data, stderr narration, the exit code the outcome."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from cockpit.__main__ import main
from cockpit.clients.prometheus import Prometheus
from cockpit.config import Context
from cockpit.session import Session

NOW = 1_800_000_000.0
BOOK = """# Down
## Immediate Triage
```promql {"title": "Errors", "warn": 1}
errors{job="$job"}
```
```promql {"title": "Tenant"}
errors{tenant="$tenant"}
```
"""
Run = Callable[..., int]


def reply(request: httpx.Request) -> httpx.Response:
    params = {k: v[0] for k, v in parse_qs(request.content.decode() or request.url.query.decode()).items()}
    path = request.url.path.removeprefix("/api/v1/")
    if path == "rules":
        labels = {"alertname": "Down", "job": "web", "severity": "warning"}
        active: dict[str, Any] = {
            "labels": labels,
            "annotations": {},
            "state": "firing",
            "activeAt": "2027-01-15T07:50:00Z",
        }
        lost = active | {"labels": {"alertname": "Lost"}}
        rules = [
            {"type": "alerting", "name": a["labels"]["alertname"], "query": "x", "duration": 0, "labels": {},
             "annotations": {}, "health": "ok", "alerts": [a | {"value": "1e+00"}]}
            for a in (active, lost)
        ]  # fmt: skip
        return data({"groups": [{"name": "g", "file": "f", "interval": 15, "rules": rules}]})
    if path == "query" and "broken" not in params["query"]:
        found = [] if "nothing" in params["query"] else [{"metric": {"a": "\x1b[31m"}, "value": [NOW, "2"]}]
        return data({"resultType": "vector", "result": found})
    if path == "query_range":
        values = [[NOW - 30, "1"], [NOW - 15, "2"], [NOW, "2"]]
        return data({"resultType": "matrix", "result": [{"metric": {"a": "1"}, "values": values}]})
    body = {"status": "error", "errorType": "bad_data", "error": "parse error: what is this"}
    return httpx.Response(400, json=body)


def data(content: Any) -> httpx.Response:
    return httpx.Response(200, json={"status": "success", "data": content})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return what runs a command line against a Prometheus that answers as `reply` does."""
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "Down.md").write_text(BOOK, encoding="utf-8")

    def open_(context: Context) -> Session:
        return Session(context, Prometheus.of(context, httpx.MockTransport(reply)), (), now=lambda: NOW)

    monkeypatch.setattr(Session, "open", open_)
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COCKPIT_CONFIG", str(tmp_path / "none.toml"))
    (tmp_path / "none.toml").write_text("", encoding="utf-8")

    def with_flags(*args: str) -> int:
        return main(["--prometheus", "http://prom.example", "--runbooks", str(tmp_path / "books"), *args])

    return with_flags


def test_triage_prints_every_query_of_the_runbook(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("triage", "Down", "-o", "json") == 0
    done = json.loads(capsys.readouterr().out)
    assert done["alert"]["name"] == "Down"
    assert done["runbook"]["path"] == "Down.md"
    first, second = done["queries"]
    assert (first["state"], first["expr"], first["level"]) == ("answered", 'errors{job="web"}', "warn")
    assert first["samples"] == [{"labels": {"a": "\x1b[31m"}, "value": 2.0, "level": "warn"}]
    assert (second["state"], second["unfilled"]) == ("unfilled", ["tenant"])


def test_triage_text_is_for_a_person(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("triage", "Down") == 0
    out = capsys.readouterr().out
    assert "1  Errors" in out
    assert "warn, over 1" in out
    assert "\x1b" not in out


def test_triage_says_what_is_missing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("triage", "Nope") == 1
    assert "Down" in capsys.readouterr().err
    assert run("triage", "Lost") == 1
    assert "has no runbook" in capsys.readouterr().err


def test_triage_with_a_query_that_fails_is_inconclusive(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "books" / "Down.md").write_text(BOOK.replace("errors{job", "broken{job"), encoding="utf-8")
    assert run("triage", "Down", "-o", "json") == 3
    assert "what is this" in json.loads(capsys.readouterr().out)["queries"][0]["error"]


def test_query_prints_a_table_json_and_csv(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("query", "up") == 0
    assert capsys.readouterr().out.split() == ["a", "VALUE", "␛[31m", "2"]
    assert run("query", "up", "-o", "json") == 0
    out = capsys.readouterr().out
    assert json.loads(out)["data"]["result"][0]["value"] == [NOW, "2"]
    assert "\x1b" not in out
    assert run("query", "up", "--range", "1m", "-o", "csv") == 0
    assert capsys.readouterr().out.splitlines()[1] == "2027-01-15T07:59:30Z,1,1"


def test_query_draws_in_the_terminal_and_into_a_file(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run("query", "up", "--range", "1m", "-o", "plot") == 0
    out = capsys.readouterr().out
    assert "08:00:00" in out
    assert "\x1b" not in out
    picture = tmp_path / "up.svg"
    assert run("query", "up", "--range", "1m", "--out", str(picture)) == 0
    assert capsys.readouterr().out == ""
    assert b"<svg" in picture.read_bytes()
    assert run("query", "up", "--range", "1m", "--out", str(picture)) == 2
    assert run("query", "up", "--range", "1m", "--out", str(picture), "--force") == 0


def test_query_that_matches_nothing_says_so_beside_the_data(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("query", "nothing", "-o", "json") == 3
    said = capsys.readouterr()
    assert json.loads(said.out)["data"]["result"] == []
    assert "no data" in said.err


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["broken"], "what is this"),
        (["up", "--range", "soon"], "--range"),
        (["up", "--range", "1h", "--step", "0"], "longer than zero"),
        (["up", "--range", "1h", "--step", "1ms"], "at least 328ms"),
        (["up", "--step", "15s"], "--range"),
        (["up", "--at", "noon"], "not a time"),
        (["up", "-o", "plot", "--out", "a.txt"], ".png or .svg"),
        (["up", "-o", "csv", "--out", "a.png"], "-o plot"),
    ],
)
def test_query_refuses_what_it_cannot_mean(
    run: Run, capsys: pytest.CaptureFixture[str], args: list[str], word: str
) -> None:
    assert run("query", *args) == 2
    said = capsys.readouterr()
    assert word in said.err
    assert said.out == ""
