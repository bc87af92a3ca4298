"""The Prometheus pool: real answers, those of its relatives, fail-over, pages and refusals."""

import asyncio
import json
import math
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cockpit.clients.prometheus import Prometheus
from cockpit.clients.relabelling import relabelling
from cockpit.clients.source import Failure, SourceError
from cockpit.clients.wire import Relabelling
from cockpit.config import Context
from cockpit.errors import UsageError

Answering = Callable[[httpx.Request], httpx.Response]
Recorded = Callable[[str], bytes]


def ok(data: object, **more: object) -> httpx.Response:
    return httpx.Response(200, content=json.dumps({"status": "success", "data": data, **more}).encode())


def pool(answer: Answering, *urls: str) -> Prometheus:
    return Prometheus.of(Context(prometheus=urls or ("http://prom",)), httpx.MockTransport(answer))


def fixed(data: object, **more: object) -> Prometheus:
    return pool(lambda _: ok(data, **more))


def body_of(body: bytes) -> Prometheus:
    return pool(lambda _: httpx.Response(200, content=body))


def a_rule(**more: object) -> dict[str, Any]:
    return {"type": "alerting", "name": "A", "query": "up == 0", "alerts": [], **more}


def groups(*rules: object, **more: object) -> dict[str, Any]:
    return {"groups": [{"name": "g", "rules": list(rules)}], **more}


async def test_the_rules_of_a_real_prometheus(recorded: Recorded) -> None:
    fetched = await body_of(recorded("prometheus-rules")).alerting_rules()
    (group,) = fetched.data.groups
    firing, pending = group.rules
    assert (group.name, group.file, group.interval) == ("g", "rules.yml", 1)
    assert (firing.name, firing.query, firing.health, firing.duration) == ("Firing", "vector(1) > 0", "ok", 0)
    assert firing.last_evaluation > firing.alerts[0].active_at > 1.7e9
    assert firing.alerts[0].labels == {"alertname": "Firing", "severity": "warning"}
    assert firing.alerts[0].value == 1
    assert (pending.duration, pending.alerts[0].state) == (3600, "pending")
    assert fetched.source == "prom"


async def test_queries_of_a_real_prometheus(recorded: Recorded) -> None:
    vector = (await body_of(recorded("prometheus-query")).query("up")).data
    assert vector.kind == "vector"
    assert vector.series[0].labels["__name__"] == "up"
    assert vector.series[0].values == (1.0,)
    matrix = (await body_of(recorded("prometheus-range")).query_range("up", 0, 3, 1)).data
    assert matrix.kind == "matrix"
    assert len(matrix.series[0].times) == len(matrix.series[0].values) > 1


async def test_scalars_strings_histograms_and_odd_numbers() -> None:
    assert (await fixed({"resultType": "scalar", "result": [1, "2"]}).query("2")).data.series[0].values == (
        2,
    )
    assert (await fixed({"resultType": "string", "result": [1, "x"]}).query('"x"')).data.text == "x"
    odd = [{"metric": {}, "values": [[1.5, "NaN"], [2, "+Inf"], [3, "-Inf"], [4, "1e+00"]]}]
    (series,) = (await fixed({"resultType": "matrix", "result": odd}).query_range("x", 0, 1, 1)).data.series
    assert math.isnan(series.values[0])
    assert series.values[1:] == (math.inf, -math.inf, 1)
    native = [{"metric": {"a": "b"}, "histogram": [1, {"count": "2", "sum": "3"}]}]
    (series,) = (await fixed({"resultType": "vector", "result": native}).query("h")).data.series
    assert (series.labels, series.values) == ({"a": "b"}, ())


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-20T17:00:00.123456789Z",
        "2026-11-20T18:00:00.123456789+01:00",
        "2026-11-20T17:00:00.12345Z",
        "2026-11-20T10:00:00.123457-07:00",
    ],
)
async def test_times_come_with_any_fraction_and_offset(moment: str) -> None:
    alert = {"labels": {}, "annotations": {}, "state": "firing", "activeAt": moment, "value": "1e+00"}
    (group,) = (await fixed(groups(a_rule(alerts=[alert]))).alerting_rules()).data.groups
    assert group.rules[0].alerts[0].active_at == pytest.approx(1795194000.12346, abs=1e-4)


async def test_relatives_of_prometheus_leave_out_and_add_fields() -> None:
    vmalert = a_rule(
        id="1", group_id="2", lastSamples=3, labels=None, alerts=None, lastError=None, duration=30
    )
    vmalert["lastEvaluation"] = "0001-01-01T00:00:00Z"
    thanos = a_rule(partialResponseStrategy="WARN", alerts=[{"labels": {"a": "b"}, "state": "firing"}])
    recording = {"type": "recording", "name": "r", "query": "1"}
    (group,) = (
        await fixed(groups(vmalert, thanos, recording, evaluationTime=1)).alerting_rules()
    ).data.groups
    first, second = group.rules
    assert (first.duration, first.last_evaluation, first.labels, first.alerts) == (30, 0, {}, ())
    assert math.isnan(second.alerts[0].value)


@pytest.mark.parametrize("data", [{"groups": []}, {"groups": None}])
async def test_a_victoriametrics_without_rules_has_no_groups(data: object) -> None:
    assert (await fixed(data).alerting_rules()).data.groups == ()


async def test_warnings_make_the_source_partial_and_are_cleaned() -> None:
    prometheus = fixed(groups(), warnings=["store \x1b[31m10.0.0.1\nunavailable"], infos=["an info"])
    fetched = await prometheus.alerting_rules()
    assert fetched.warnings == ("store ␛[31m10.0.0.1 unavailable", "an info")
    assert prometheus.sources()[0].state(fetched.at, 10) == "partial"


async def test_warnings_of_a_query_stay_with_the_query() -> None:
    prometheus = fixed({"resultType": "vector", "result": []}, warnings=["partial"])
    assert (await prometheus.query("x")).warnings == ("partial",)
    assert prometheus.sources()[0].warnings == ()


async def test_an_error_with_status_200_is_an_error() -> None:
    prometheus = pool(lambda _: httpx.Response(200, content=b'{"status":"error","error":"no store"}'))
    with pytest.raises(SourceError, match="no store"):
        await prometheus.alerting_rules()
    assert prometheus.sources()[0].failure is Failure.SERVER_ERROR


async def test_a_refused_query_is_told_in_prometheus_s_words_and_is_nobody_s_failure(
    recorded: Recorded,
) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(400, content=recorded("prometheus-refused"))

    prometheus = pool(answer, "http://a", "http://b")
    with pytest.raises(SourceError) as caught:
        await prometheus.query("sum(")
    assert caught.value.failure is Failure.BAD_REQUEST
    assert str(caught.value) == 'invalid parameter "query": 1:5: parse error: unclosed left parenthesis'
    assert asked == ["a"]
    assert prometheus.sources()[0].failure is None


async def test_a_query_too_heavy_for_the_server_is_not_asked_again() -> None:
    body = b'{"status":"error","errorType":"timeout","error":"query timed out in query execution"}'
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(503, content=body)

    prometheus = pool(answer, "http://a", "http://b")
    with pytest.raises(SourceError, match="query timed out in query execution") as caught:
        await prometheus.query("x")
    assert asked == ["a"]
    assert caught.value.failure is Failure.TIMEOUT
    assert all(source.failure is None for source in prometheus.sources())


async def test_a_query_passes_time_and_deadline_and_long_ones_are_posted() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return ok({"resultType": "vector", "result": []})

    prometheus = pool(answer)
    await prometheus.query("up", at=1.5, timeout=2)
    await prometheus.query("x" * 5000)
    assert dict(seen[0].url.params) == {"query": "up", "time": "1.500", "timeout": "1800ms"}
    assert (seen[0].method, seen[1].method, seen[1].url.query) == ("GET", "POST", b"")


class Replicas:
    """Two replicas, of which those in `down` refuse the connection."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.host)
        if request.url.host in self.down:
            raise httpx.ConnectError("x") from ConnectionRefusedError()
        return ok(groups())


async def test_the_pool_fails_over_sticks_and_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("cockpit.clients.prometheus.time.monotonic", lambda: now)
    replicas = Replicas()
    prometheus = pool(replicas, "http://a", "http://b")
    assert (await prometheus.alerting_rules()).source == "a"
    assert [source.standby for source in prometheus.sources()] == [False, True]
    replicas.down = {"a"}
    assert (await prometheus.alerting_rules()).source == "b"
    assert [s.failure for s in prometheus.sources()] == [Failure.REFUSED, None]
    replicas.asked.clear()
    assert (await prometheus.alerting_rules()).source == "b"
    assert replicas.asked == ["b"], "the one that answers is asked first"
    replicas.down = set()
    now += 61
    assert (await prometheus.alerting_rules()).source == "a", "the preferred one is tried again"
    assert [source.standby for source in prometheus.sources()] == [False, True]


async def test_a_replica_that_stood_in_and_failed_once_rests_again_when_the_preferred_one_answers() -> None:
    replicas = Replicas()
    prometheus = pool(replicas, "http://a", "http://b")
    replicas.down = {"a", "b"}
    with pytest.raises(SourceError):
        await prometheus.alerting_rules()
    assert [s.failure for s in prometheus.sources()] == [Failure.REFUSED, Failure.REFUSED]
    replicas.down = {"b"}
    await prometheus.alerting_rules()
    assert [(s.failure, s.error, s.standby) for s in prometheus.sources()] == [
        (None, None, False),
        (None, None, True),
    ]


@pytest.mark.parametrize("failures", [5, 1100])
async def test_the_preferred_one_is_tried_again_ever_more_rarely_however_often_it_fails(
    failures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("cockpit.clients.prometheus.time.monotonic", lambda: now)
    replicas = Replicas()
    replicas.down = {"a"}
    prometheus = pool(replicas, "http://a", "http://b")
    for _ in range(failures):
        await prometheus.alerting_rules()
        now += 601
    await prometheus.alerting_rules()
    replicas.asked.clear()
    now += 599
    await prometheus.alerting_rules()
    assert replicas.asked == ["b"]
    now += 2
    await prometheus.alerting_rules()
    assert replicas.asked == ["b", "a", "b"]


async def test_calls_that_fail_together_are_one_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("cockpit.clients.prometheus.time.monotonic", lambda: now)
    replicas = Replicas()
    replicas.down = {"a"}
    prometheus = pool(replicas, "http://a", "http://b")
    await asyncio.gather(*(prometheus.alerting_rules() for _ in range(5)))
    assert replicas.asked.count("a") > 1
    replicas.down, now = set(), now + 61
    assert (await prometheus.alerting_rules()).source == "a"


async def test_a_replica_that_hangs_is_left_for_the_next_one_by_a_query_too() -> None:
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.host == "a":
            await asyncio.Event().wait()
        return ok({"resultType": "vector", "result": []})

    context = Context(prometheus=("http://a", "http://b"))
    prometheus = Prometheus.of(context, httpx.MockTransport(answer))
    assert (await prometheus.query("up", timeout=0.05)).source == "b"
    await prometheus.query("up", timeout=5)
    assert asked == ["a", "b", "b"]
    assert all(source.failure is None for source in prometheus.sources()), "that is for the poll to tell"


async def test_a_query_of_broken_bytes_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="not UTF-8"):
        await fixed({}).query('up{a="\udcff"}')


async def test_when_none_answers_each_reason_is_told() -> None:
    replicas = Replicas()
    replicas.down = {"a", "b"}
    prometheus = pool(replicas, "http://a", "http://b")
    with pytest.raises(SourceError, match="a: the connection is refused; b: the connection is refused"):
        await prometheus.alerting_rules()
    assert replicas.asked == ["a", "b"]


async def test_pages_are_followed_and_started_again_when_a_group_vanished() -> None:
    tokens: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        token = request.url.params.get("group_next_token")
        tokens.append(token)
        assert request.url.params["type"] == "alert"
        if token is None:
            return ok(groups(a_rule(name="one"), groupNextToken="t"))
        assert request.url.params["group_limit"] == "1"
        if len(tokens) == 2:
            return httpx.Response(
                400, content=b'{"status":"error","errorType":"bad_data","error":"invalid token"}'
            )
        return ok(groups(a_rule(name="two")))

    fetched = await pool(answer).alerting_rules()
    assert [rule.name for group in fetched.data.groups for rule in group.rules] == ["one", "two"]
    assert tokens == [None, "t", None, "t"]


@pytest.mark.parametrize("following", [{"t": "t"}, {"t": "u", "u": "t"}])
async def test_a_page_told_twice_is_a_failure_not_the_last_one(following: dict[str, str]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        token = request.url.params.get("group_next_token")
        return ok(groups(a_rule(), groupNextToken=following[token] if token else "t"))

    prometheus = pool(answer)
    with pytest.raises(SourceError, match="no last page"):
        await prometheus.alerting_rules()
    assert prometheus.sources()[0].failure is Failure.BAD_ANSWER


async def test_rules_that_are_refused_for_good_are_a_failure() -> None:
    prometheus = pool(lambda _: httpx.Response(400, content=b'{"status":"error","error":"no tenant"}'))
    with pytest.raises(SourceError, match="no tenant"):
        await prometheus.alerting_rules()
    assert prometheus.sources()[0].failure is Failure.BAD_REQUEST


async def test_external_labels_and_relabelling_of_a_real_prometheus(recorded: Recorded) -> None:
    calls = 0

    def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(200, content=recorded("prometheus-config"))

    prometheus = pool(answer)
    found = (await prometheus.external_labels()).data
    assert found.external == {"cluster": "eu", "replica": "a"}
    assert (found.touched, found.dropped) == (("env",), ("replica",))
    await prometheus.external_labels()
    assert calls == 1


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"404"), (403, b""), (200, b'{"status":"success","data":{}}')]
)
async def test_a_server_that_hides_its_config_has_no_external_labels(status: int, body: bytes) -> None:
    prometheus = pool(lambda _: httpx.Response(status, content=body))
    assert (await prometheus.external_labels()).data.external == {}
    assert prometheus.sources()[0].failure is None


def test_only_the_sections_needed_are_parsed() -> None:
    config = "global:\n  external_labels: {a: '1', b: 007}\nscrape_configs: [this is: {not yaml\nalerting:\n"
    config += (
        "  alert_relabel_configs:\n  - {action: labelkeep, regex: keep_.*}\n  - {target_label: '${1}_x'}"
    )
    found = relabelling(config)
    assert found.external == {"a": "1", "b": "007"}
    assert found.dropped == ("(?!(?:keep_.*)$).+",)
    assert found.touched == ()
    assert relabelling("global: {external_labels: [") == relabelling("") == relabelling("\x00global:\n")


def test_a_config_that_was_read_is_known_also_when_it_adds_nothing() -> None:
    plain = "global:\n  scrape_interval: 15s\nalerting:\n  alertmanagers: []\n"
    assert relabelling(plain) == Relabelling(known=True)
    assert relabelling("global:\n  external_labels: {a: b}\n").known
    steps = "  alert_relabel_configs:\n  - {action: drop, source_labels: [x]}\n"
    assert relabelling(f"global: {{}}\nalerting:\n{steps}").known
    for unclear in (
        "",
        "global: {external_labels: [",
        f"global: {{}}\nalerting:\n{steps}  - {{action: labelmap}}\n",
    ):
        assert not relabelling(unclear).known


async def test_at_most_five_requests_are_in_flight() -> None:
    most = running = 0
    go_on = asyncio.Event()

    async def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal most, running
        running += 1
        most = max(most, running)
        if running == 5:
            go_on.set()
        await go_on.wait()
        await asyncio.sleep(0)
        running -= 1
        return ok({"resultType": "vector", "result": []})

    prometheus = Prometheus.of(Context(prometheus=("http://a",)), httpx.MockTransport(answer))
    await asyncio.gather(*(prometheus.query("x") for _ in range(20)))
    assert most == 5


async def test_without_a_prometheus_nothing_is_configured() -> None:
    prometheus = Prometheus.of(Context())
    assert not prometheus.configured
    assert prometheus.sources() == ()
    with pytest.raises(SourceError):
        await prometheus.query("up")


async def test_all_rules_are_asked_for_with_those_that_record(recorded: Recorded) -> None:
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        return httpx.Response(200, content=recorded("prometheus-rules-all"))

    prometheus = pool(answer)
    (group,) = (await prometheus.rules()).data.groups
    assert asked == [{}]
    assert (group.name, group.file, group.interval) == ("gmail-send", "/etc/prometheus/gmail-send.yml", 0.25)
    ratio = group.recording[0]
    assert (ratio.name, ratio.health, ratio.last_error) == ("gmail_send:error_ratio:rate5m", "ok", "")
    assert ratio.query.startswith("sum by (provider, action, synthetic) (rate(")
    assert ratio.last_evaluation > 1.7e9
    assert ratio.evaluation_time > 0
    assert group.rules[0].name == "GmailSendErrorRateWarning"
    assert group.rules[0].evaluation_time > 0


async def test_a_side_question_that_fails_leaves_the_poll_as_it_stands(recorded: Recorded) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "type" in request.url.params:
            return httpx.Response(200, content=recorded("prometheus-rules"))
        return httpx.Response(500, content=b"no")

    prometheus = pool(answer)
    await prometheus.alerting_rules()
    for asking in (prometheus.rules, prometheus.targets, prometheus.alertmanagers):
        with pytest.raises(SourceError):
            await asking()
    assert prometheus.sources()[0].failure is None


async def test_the_targets_of_a_real_prometheus(recorded: Recorded) -> None:
    targets = (await body_of(recorded("prometheus-targets")).targets()).data
    by_job = {target.labels["job"]: target for target in targets}
    gateway = by_job["pushgateway"]
    assert (gateway.health, gateway.last_error, gateway.interval) == ("up", "", 0.25)
    assert gateway.url == f"http://{gateway.labels['instance']}/metrics"
    assert gateway.last_scrape > 1.7e9
    (exposing,) = (await body_of(recorded("prometheus-metadata")).exposing("push_time_seconds")).data
    assert exposing == gateway.labels


async def test_where_a_real_prometheus_sends_alerts(recorded: Recorded) -> None:
    (url,) = (await body_of(recorded("prometheus-alertmanagers")).alertmanagers()).data
    assert url.endswith("/api/v2/alerts")


async def test_targets_with_missing_fields_are_tolerated() -> None:
    (target,) = (await fixed({"activeTargets": [{"scrapeInterval": "soon"}]}).targets()).data
    assert (target.labels, target.health, target.interval) == ({}, "unknown", 0.0)
    assert (await fixed({"activeTargets": None}).targets()).data == ()


async def test_thousands_of_targets_leave_the_loop_to_others() -> None:
    target = {"labels": {"job": "node"}, "discoveredLabels": {f"__meta_{n}": "x" * 50 for n in range(40)}}
    prometheus = fixed({"activeTargets": [target] * 2000})
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    targets = (await prometheus.targets()).data
    task.cancel()
    few = turns
    turns, task = 0, asyncio.create_task(others())
    await fixed({"activeTargets": [target]}).targets()
    task.cancel()
    assert len(targets) == 2000
    assert few >= turns + 9


async def test_the_names_of_metrics_and_of_the_labels_of_one() -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, dict(request.url.params)))
        return ok(["a", "b"])

    prometheus = pool(answer)
    assert (await prometheus.metric_names(1, 2.5)).data == ("a", "b")
    assert (await prometheus.label_names('up{job="x"}', 1, 2)).data == ("a", "b")
    assert asked == [
        ("/api/v1/label/__name__/values", {"start": "1.000", "end": "2.500"}),
        ("/api/v1/labels", {"match[]": 'up{job="x"}', "start": "1.000", "end": "2.000"}),
    ]
    assert (await fixed(None).metric_names(1, 2)).data == ()


async def test_whether_a_target_declares_a_metric() -> None:
    assert (await fixed({"a_total": [{"type": "counter"}]}).declares("a_total")).data
    assert not (await fixed({}).declares("a_total")).data
