"""`cockpit scenario` on the command line: the library, and every refusal before anything is pushed."""

import contextlib
import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cockpit import config
from cockpit.cli.playing import Terminal, outcome
from cockpit.scenarios import describe, files
from cockpit.scenarios.run.run import Result
from cockpit.scenarios.run.verdict import Hole
from tests.pty.terminal import cockpit, terminal

SCENARIO = """\
name: spike
title: A spike
duration: 10m
interval: 15s
signals:
  - {counter: errors_total, rate: 1}
expect:
  - {alert: Errors, fires_within: 5m}
  - {quiet: Other}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scenarios" / "synthetic").mkdir(parents=True)
    (tmp_path / "scenarios" / "synthetic" / "spike.yaml").write_text(SCENARIO)
    return tmp_path / "scenarios"


class _Servers(ThreadingHTTPServer):
    """A Prometheus with one rule file, and a Pushgateway that takes nothing: a push is a failure."""

    daemon_threads = True

    def __init__(self, *rules: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rules = rules
        self.pushed: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Servers

    def do_GET(self) -> None:
        found = [{"health": "ok", "labels": {}, "annotations": {}, **rule} for rule in self.server.rules]
        group = {"name": "g", "file": "f", "interval": 15, "rules": found}
        body = json.dumps({"status": "success", "data": {"groups": [group]}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        self.server.pushed.append(self.path)
        self.send_error(500)

    do_DELETE = do_PUT

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


def rule(name: str, query: str, kind: str = "alerting") -> dict[str, str]:
    return {"type": kind, "name": name, "query": query}


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> Iterator[_Servers]:
    given = getattr(request, "param", (rule("Errors", "errors_total > 1"), rule("Other", "others_total > 1")))
    with _Servers(*given) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def config_of(folder: Path, servers: _Servers, tmp_path: Path) -> Any:
    """Write a config whose context `prod` has both servers and `more`; return the flags for it."""

    def write(more: str = "synthetic = true", gateway: bool = True) -> tuple[str, ...]:
        url = f"http://127.0.0.1:{servers.server_address[1]}"
        pushgateway = f'pushgateway = "{url}"\n' if gateway else ""
        file = tmp_path / "c.toml"
        file.write_text(
            f'[contexts.prod]\nprometheus = ["{url}"]\n{pushgateway}scenarios = "{folder}"\n{more}\n'
        )
        return "--config", str(file), "scenario"

    return write


@pytest.mark.parametrize(
    ("more", "gateway", "said"),
    [
        (
            "",
            True,
            "the context 'prod' takes no synthetic series: write `synthetic = true` under [contexts.prod]",
        ),
        (
            "synthetic = true\nread_only = true",
            True,
            "the context 'prod' is read-only: nothing is pushed to it",
        ),
        ("synthetic = true", False, "the context 'prod' has no Pushgateway: pass --pushgateway URL"),
    ],
)
def test_a_context_that_does_not_allow_it_is_refused_with_the_remedy(
    run: Any, config_of: Any, servers: _Servers, more: str, gateway: bool, said: str
) -> None:
    ran = run(*config_of(more, gateway), "run", "spike")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"cockpit: {said}")
    assert ran.err.count("\n") == 1
    assert not servers.pushed


def test_an_unknown_scenario_is_refused_with_those_there_are(run: Any, config_of: Any) -> None:
    ran = run(*config_of(), "run", "spkie")
    assert (ran.code, ran.out) == (2, "")
    assert "no scenario 'spkie'" in ran.err
    assert "there are: spike" in ran.err


@pytest.mark.parametrize("servers", [(rule("Errors", "errors_total > 1"),)], indirect=True)
def test_an_alert_that_no_rule_defines_is_named_with_file_line_and_key(
    run: Any, config_of: Any, folder: Path, servers: _Servers
) -> None:
    ran = run(*config_of(), "run", "spike")
    assert (ran.code, ran.out) == (2, "")
    path = folder / "synthetic" / "spike.yaml"
    problem = "no rule of context 'prod' defines the alert 'Other'"
    assert ran.err == f"cockpit: scenario {path}, line 9: expect.quiet: {problem}\n"
    assert not servers.pushed


@pytest.mark.parametrize(
    "servers",
    [
        (
            rule("Errors", "errors_total > 1"),
            rule("Other", "others_total > 1"),
            rule("slo:errors", "sum(rate(errors_total[5m]))", "recording"),
        )
    ],
    indirect=True,
)
def test_rules_that_would_mix_are_listed_and_without_a_terminal_it_is_refused(
    run: Any, config_of: Any, servers: _Servers
) -> None:
    ran = run(*config_of(), "run", "spike")
    assert (ran.code, ran.out) == (2, "")
    listed, refused = ran.err.splitlines()
    assert listed == (
        "would mix synthetic series into real ones: "
        "recording rule slo:errors (group g): it selects errors_total"
    )
    assert "a rule would mix" in refused
    assert "--yes" in refused
    assert not servers.pushed


@pytest.mark.parametrize(
    "servers",
    [(rule("Errors", "sum(errors_total) > 1"), rule("Other", "others_total > 1"))],
    indirect=True,
)
@pytest.mark.parametrize(("typed", "code"), [(b"\x03", 130), (b"n\n", 2), (b"\x04", 130)])
def test_the_question_before_the_first_push_can_be_refused_and_interrupted(
    config_of: Any, servers: _Servers, environment: dict[str, str], typed: bytes, code: int
) -> None:
    with terminal(cockpit(*config_of(), "run", "spike"), env=environment) as screen:
        screen.see("all the same?")
        for _ in range(5):
            # A signal that comes just as the line begins to be read waits for the next key.
            screen.type(typed)
            with contextlib.suppress(AssertionError):
                screen.exit_code(within=5)
                break
        assert screen.exit_code() == code
        assert b"Traceback" not in screen.raw
    assert not servers.pushed


def test_a_result_that_nobody_reads_is_not_said_to_be_interrupted(capfd: pytest.CaptureFixture[str]) -> None:
    terminal, lost = Terminal(), list[int]()

    def say() -> None:
        lost.append(1)
        terminal.say("SIGHUP: the series are deleted")

    terminal.lost = say

    def show() -> None:
        raise BrokenPipeError

    with Path(os.devnull).open() as nowhere, contextlib.redirect_stdout(nowhere):
        terminal.end(show)
    assert (lost, capfd.readouterr().err) == ([1], "")


def test_a_gap_is_told_with_its_time_in_the_scenario() -> None:
    result = Result(
        run="r",
        scenario="x",
        context="lab",
        speed=60.0,
        started_at=1000.0,
        duration_seconds=900.0,
        passed=None,
        verdicts=(),
        gaps=(Hole(1005.0, 1010.0, "lost"), Hole(990.0, None, "silent")),
        left="503",
    )
    assert outcome(result) == [
        "gap at 5m, for 5m: lost",
        "gap at 0s, to the end: silent",
        "INCONCLUSIVE the scenario expects nothing",
        "left on the gateway: 503",
    ]


def test_rules_that_cannot_be_read_are_inconclusive(run: Any, config_of: Any, servers: _Servers) -> None:
    flags = config_of()
    ran = run("--context", "prod", "--prometheus", "http://127.0.0.1:1", *flags, "run", "spike")
    assert (ran.code, ran.out) == (3, "")
    assert "nothing is pushed: the rules cannot be read" in ran.err
    assert not servers.pushed


def test_a_gateway_that_refuses_the_push_is_an_error_and_no_verdict(
    run: Any, config_of: Any, servers: _Servers
) -> None:
    ran = run(
        *config_of(),
        "run",
        "spike",
        "--pushgateway",
        "http://127.0.0.1:1",
        "--duration",
        "1s",
        "--interval",
        "1s",
    )
    assert ran.code == 3
    assert ran.out.startswith("INCONCLUSIVE Errors: its series never began to rise")
    assert "left on the gateway: nothing was pushed" in ran.out
    assert "the connection is refused" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--duration", "soon"), "not a duration: 'soon'"),
        (("--duration", "0"), "--duration is longer than nothing"),
        (("--duration", "10s"), "--interval 15s is longer than the duration, 10s"),
        (("--interval", "11m"), "--interval 660s is longer than the duration, 600s"),
    ],
)
def test_times_that_make_no_sense_are_refused(
    run: Any, config_of: Any, servers: _Servers, words: tuple[str, ...], said: str
) -> None:
    ran = run(*config_of(), "run", "spike", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not servers.pushed


def test_a_scenario_without_an_end_needs_a_duration(run: Any) -> None:
    ran = run("scenario", "run", "baseline", "--prometheus", "http://127.0.0.1:1")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "cockpit: the scenario baseline has no duration: pass --duration\n"


def test_list_names_every_scenario_with_what_it_fires(run: Any) -> None:
    ran = run("scenario", "list")
    assert (ran.code, ran.err) == (0, "")
    head, *rows = ran.out.splitlines()
    assert head.split() == ["NAME", "TITLE", "FIRES", "PROVEN", "PLAYED"]
    assert [row.split()[0] for row in rows] == list(files.names(config.shipped("scenarios")))
    shown = json.loads(run("scenario", "list", "-o", "json").out)
    warn = next(each for each in shown if each["name"] == "error-rate-warn")
    assert warn["fires"] == ["GmailSendErrorRateWarning"]
    assert (warn["played"], warn["problem"]) == (None, None)


def test_list_says_which_cannot_be_used_and_when_one_was_played(
    run: Any, folder: Path, environment: dict[str, str]
) -> None:
    (folder / "synthetic" / "odd.yaml").write_text("name: odd\n")
    state = Path(environment["COCKPIT_STATE_DIR"])
    state.mkdir()
    entry = {"at": 1.7e9, "kind": "scenario.played", "data": {"scenario": "spike", "passed": False}}
    (state / "journal.jsonl").write_text(json.dumps(entry) + "\n")
    ran = run("scenario", "list", "--scenarios", str(folder))
    assert ran.code == 2
    assert "odd.yaml" in ran.err
    assert "cannot be used" in ran.out
    assert "failed" in next(row for row in ran.out.splitlines() if row.startswith("spike"))


def test_every_shipped_scenario_is_described_in_lines_for_a_person() -> None:
    folder = config.shipped("scenarios")
    for name in files.names(folder):
        scenario = files.find(name, folder)
        lines = [
            *describe.pushed(scenario),
            *(f"{alert} {what}" for alert, what in describe.expected(scenario)),
        ]
        assert lines
        assert all(0 < len(line) < 300 and line.isprintable() for line in lines)


def test_show_tells_what_is_pushed_and_expected(run: Any, folder: Path) -> None:
    ran = run("scenario", "show", "spike", "--scenarios", str(folder))
    assert ran.out == (
        "spike: A spike\n"
        "unhealthy for 10m, then healthy for 0s, pushed every 15s\n\n"
        "PUSHES\n  counter errors_total: 1/s\n\n"
        "EXPECTS\n  Errors fires within 5m\n  Other stays quiet\n\n"
        "proven -, played -\n"
    )
    shown = json.loads(run("scenario", "show", "spike", "--scenarios", str(folder), "-o", "json").out)
    assert (shown["name"], shown["duration"]) == ("spike", 600.0)
    assert shown["file"].endswith("synthetic/spike.yaml")
