"""A runbook's queries, bound, asked of a Prometheus that says what it is told to, and put in order."""

import asyncio
import math
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from cockpit.clients.prometheus import Prometheus
from cockpit.config import Context
from cockpit.runbooks.model import Query, Runbook
from cockpit.session import Session
from cockpit.triage.model import Answer, AnswerState, Level
from cockpit.triage.run import MAX_SERIES, answer, answers, prepare, step_for

NOW = 1_800_000_000.0
ERRORS = 'sum by (code) (rate(action_error_total{provider="$provider"}[5m]))'
Reply = Callable[[str, dict[str, str]], httpx.Response]


def book(*queries: Query) -> Runbook:
    return Runbook(path="a.md", folder=Path("books"), title="A", text="", queries=queries)


def good(kind: str, result: Any, **more: Any) -> httpx.Response:
    return httpx.Response(
        200, json={"status": "success", "data": {"resultType": kind, "result": result}, **more}
    )


def vector(*pairs: tuple[dict[str, str], str]) -> httpx.Response:
    return good("vector", [{"metric": m, "value": [NOW, v]} for m, v in pairs])


def matrix(*rows: tuple[dict[str, str], list[tuple[float, str]]]) -> httpx.Response:
    return good("matrix", [{"metric": m, "values": v} for m, v in rows])


def session(reply: Reply, speed: float = 1.0) -> Session:
    def handle(request: httpx.Request) -> httpx.Response:
        text = request.content.decode() or request.url.query.decode()
        params = {k: v[0] for k, v in parse_qs(text).items()}
        return reply(request.url.path.rsplit("/", 1)[1], params)

    context = Context(prometheus=("http://prom.example:9090",), speed=speed)
    prometheus = Prometheus.of(context, httpx.MockTransport(handle))
    return Session(context, prometheus, (), now=lambda: NOW)


def one(expr: str = "up", **more: Any) -> Answer:
    return prepare(book(Query("T", expr, 0, **more)), {})[0]


def test_placeholders_are_filled_from_the_alert_and_quoted() -> None:
    prepared = prepare(book(Query("Errors", ERRORS, 3)), {"provider": 'a"b'})
    assert prepared[0].state is AnswerState.ASKING
    assert r'provider="a\"b"' in prepared[0].expr
    assert prepared[0].number == 1


async def test_what_nothing_fills_is_named_and_never_sent() -> None:
    def refuse(path: str, params: dict[str, str]) -> httpx.Response:
        raise AssertionError("sent")

    prepared = prepare(book(Query("Errors", ERRORS, 3)), {})[0]
    assert (prepared.state, prepared.unfilled) == (AnswerState.UNFILLED, ("provider",))
    assert await answer(session(refuse), prepared) == prepared
    filled = prepare(book(Query("Errors", ERRORS, 3)), {}, {"provider": "google"})[0]
    assert filled.state is AnswerState.ASKING


def test_in_a_lab_the_expression_and_the_range_run_on_its_clock() -> None:
    prepared = prepare(book(Query("E", "rate(x[5m])", 0, range_seconds=1800)), {}, speed=60)[0]
    assert prepared.expr == "rate(x[5s])"
    assert prepared.query.range_seconds == 30
    assert prepare(book(Query("E", "rate(x[5m])", 0)), {})[0].query.range_seconds == 3600


def test_a_range_that_cannot_be_read_is_left_for_prometheus_to_refuse() -> None:
    assert prepare(book(Query("E", "rate(x[1m1h])", 0)), {}, speed=60)[0].expr == "rate(x[1m1h])"


def test_without_a_runbook_there_is_nothing_to_ask() -> None:
    assert prepare(None, {}) == ()


async def test_values_have_levels_worst_first_and_the_plot_ends_where_they_are() -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def reply(path: str, params: dict[str, str]) -> httpx.Response:
        asked.append((path, params))
        low, high = {"__name__": "m", "code": "a"}, {"__name__": "m", "code": "b"}
        if path == "query":
            return vector((low, "0.001"), (high, "0.02"))
        return matrix((low, [(NOW - 15, "0"), (NOW, "0.001")]), (high, [(NOW, "0.02")]))

    done = await answer(session(reply), one(warn=0.01, crit=0.05, range_seconds=3600.0))
    assert done.state is AnswerState.ANSWERED
    assert [(s.labels, s.value, s.level) for s in done.samples] == [
        ({"code": "b"}, 0.02, Level.WARN),
        ({"code": "a"}, 0.001, Level.OK),
    ]
    assert [s.labels["code"] for s in done.series] == ["b", "a"]
    assert (done.start, done.end, done.step) == (NOW - 3600, NOW, 15.0)
    assert float(asked[1][1]["end"]) == NOW
    assert done.source


async def test_different_metric_names_are_kept() -> None:
    def reply(path: str, params: dict[str, str]) -> httpx.Response:
        return vector(({"__name__": "a"}, "1"), ({"__name__": "b"}, "2"))

    done = await answer(session(reply), one(), range_seconds=0)
    assert [s.labels for s in done.samples] == [{"__name__": "b"}, {"__name__": "a"}]


async def test_nan_and_infinities_are_values_without_a_level() -> None:
    def reply(path: str, params: dict[str, str]) -> httpx.Response:
        return vector(({"x": "1"}, "NaN"), ({"x": "2"}, "+Inf"), ({"x": "3"}, "1"))

    done = await answer(session(reply), one(warn=5.0), range_seconds=0)
    assert [s.level for s in done.samples] == [Level.OK, None, None]
    assert done.samples[1].value == math.inf
    assert math.isnan(done.samples[2].value)


async def test_a_scalar_is_a_sample_and_a_string_is_said() -> None:
    async with session(lambda path, _: good("scalar", [NOW, "3"])) as one_session:
        scalar = await answer(one_session, one("3"), range_seconds=0)
    assert [(s.labels, s.value) for s in scalar.samples] == [({}, 3.0)]
    text = await answer(session(lambda path, _: good("string", [NOW, "hi"])), one('"hi"'))
    assert (text.state, text.samples) == (AnswerState.ANSWERED, ())
    assert "hi" in text.warnings[0]


async def test_a_range_vector_is_answered_without_asking_for_a_range() -> None:
    def reply(path: str, params: dict[str, str]) -> httpx.Response:
        assert path == "query"
        return matrix(({"a": "1"}, [(NOW - 30, "1"), (NOW, "2")]))

    done = await answer(session(reply), one("up[1m]"))
    assert [s.value for s in done.samples] == [2.0]
    assert done.series[0].values == (1.0, 2.0)
    assert (done.start, done.end) == (NOW - 30, NOW)


async def test_nothing_matched_is_an_answer_with_what_was_there_before() -> None:
    def reply(path: str, params: dict[str, str]) -> httpx.Response:
        return vector() if path == "query" else matrix(({"a": "1"}, [(NOW - 900, "1")]))

    done = await answer(session(reply), one())
    assert (done.state, done.samples, len(done.series)) == (AnswerState.NO_DATA, (), 1)
    assert done.end == NOW


async def test_a_refused_query_fails_in_the_servers_words() -> None:
    body = {"status": "error", "errorType": "bad_data", "error": "parse error: \x1b[31mbad"}
    done = await answer(session(lambda *_: httpx.Response(400, json=body)), one("up{"))
    assert done.state is AnswerState.FAILED
    assert "parse error: ␛[31mbad" in (done.error or "")


async def test_a_range_that_fails_keeps_the_values() -> None:
    def reply(path: str, params: dict[str, str]) -> httpx.Response:
        if path == "query":
            return vector(({}, "1"))
        return httpx.Response(422, json={"status": "error", "errorType": "execution", "error": "too long"})

    done = await answer(session(reply), one())
    assert done.state is AnswerState.ANSWERED
    assert "too long" in done.warnings[0]


async def test_too_many_series_are_counted_not_hidden() -> None:
    many = [({"n": str(i)}, str(i)) for i in range(MAX_SERIES + 7)]
    done = await answer(session(lambda *_: vector(*many)), one(), range_seconds=0)
    assert len(done.samples) == MAX_SERIES
    assert done.samples[0].value == MAX_SERIES + 6
    assert done.warnings == (f"7 of {MAX_SERIES + 7} series left out",)


async def test_one_failing_query_leaves_the_others_answered() -> None:
    def reply(path: str, params: dict[str, str]) -> httpx.Response:
        if params["query"] == "bad":
            return httpx.Response(400, json={"status": "error", "errorType": "bad_data", "error": "no"})
        return vector(({}, "1")) if path == "query" else matrix()

    prepared = prepare(book(Query("a", "good", 0), Query("b", "bad", 1), Query("c", "x{y='$z'}", 2)), {})
    states = {a.number: a.state async for a in answers(session(reply), prepared)}
    assert states == {1: AnswerState.ANSWERED, 2: AnswerState.FAILED, 3: AnswerState.UNFILLED}


async def test_no_more_than_a_few_are_asked_at_once_and_closing_stops_the_rest() -> None:
    running, most, ended = 0, 0, 0
    release = asyncio.Event()

    async def handle(request: httpx.Request) -> httpx.Response:
        nonlocal running, most, ended
        running += 1
        most = max(most, running)
        try:
            if b"first" not in request.content + request.url.query:
                await release.wait()
            return vector(({}, "1"))
        finally:
            running -= 1
            ended += 1

    context = Context(prometheus=("http://prom.example:9090",))
    held = Session(context, Prometheus.of(context, httpx.MockTransport(handle)), (), now=lambda: NOW)
    prepared = prepare(book(*(Query("q", "first" if i == 0 else f"q{i}", i) for i in range(9))), {})
    async with aclosing(answers(held, prepared, range_seconds=0, concurrency=3)) as coming:
        async for first in coming:
            assert first.number == 1
            break
    assert (running, most) == (0, 3)
    assert ended < 9


@pytest.mark.parametrize(
    ("seconds", "points", "speed", "step"),
    [
        (3600, 240, 1, 15),
        (60, 240, 1, 1),
        (60, 240, 60, 0.25),
        (604_800, 10**6, 1, 54.982),
        (1000, 0, 1, 1000),
    ],
)
def test_steps(seconds: float, points: int, speed: float, step: float) -> None:
    assert step_for(seconds, points, speed=speed) == step
    assert seconds / step_for(seconds, points, speed=speed) <= 11_000


async def test_as_of_another_time_both_questions_are_about_it() -> None:
    asked: list[dict[str, str]] = []

    def reply(path: str, params: dict[str, str]) -> httpx.Response:
        asked.append(params)
        return vector(({}, "1")) if path == "query" else matrix()

    await answer(session(reply), one(), at=NOW - 500, range_seconds=60)
    assert float(asked[0]["time"]) == NOW - 500
    assert (float(asked[1]["start"]), float(asked[1]["end"])) == (NOW - 560, NOW - 500)
