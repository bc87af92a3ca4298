"""The Pushgateway: grouping keys of any text, what a refused push says, and what stands in its groups."""

import asyncio
import base64
import time
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clients.pushgateway import Pushgateway, grouping_path
from cockpit.clients.source import Failure, SourceError
from cockpit.config import Context
from cockpit.errors import UsageError

GROUPING = {"job": "relay_synth", "synthetic": "error-rate-warn"}


def gateway(answer: Callable[[httpx.Request], httpx.Response]) -> Pushgateway:
    return Pushgateway.of(Context(pushgateway="http://push/prefix"), httpx.MockTransport(answer))


async def test_push_and_delete_name_the_exact_group() -> None:
    seen: list[tuple[str, str, bytes]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.url.path, request.content))
        return httpx.Response(202 if request.method == "DELETE" else 200)

    client = gateway(answer)
    await client.push(GROUPING, b"x 1\n")
    await client.delete(GROUPING)
    path = "/prefix/metrics/job/relay_synth/synthetic/error-rate-warn"
    assert seen == [("PUT", path, b"x 1\n"), ("DELETE", path, b"")]
    await client.close()


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_grouping_value_survives_the_path(value: str, job: str) -> None:
    segments = grouping_path({"a": value, "job": job}).split("/")
    assert segments[0] == ""
    read = {}
    for name, packed in zip(segments[1::2], segments[2::2], strict=True):
        assert packed not in {"", ".", ".."}
        label, _, encoding = name.partition("@")
        read[label] = (
            base64.urlsafe_b64decode(packed if packed != "=" else "").decode()
            if encoding
            else unquote(packed)
        )
    assert read == {"job": job, "a": value}


def test_a_grouping_key_needs_a_job() -> None:
    with pytest.raises(UsageError):
        grouping_path({"a": "b"})


async def test_a_refused_push_says_why() -> None:
    client = gateway(lambda _: httpx.Response(400, content=b"text format parsing error in line 1"))
    with pytest.raises(SourceError, match="text format parsing error in line 1") as caught:
        await client.push(GROUPING, b"x")
    assert caught.value.failure is Failure.BAD_REQUEST


def test_without_a_pushgateway_it_says_what_to_pass() -> None:
    with pytest.raises(UsageError, match="--pushgateway"):
        Pushgateway.of(Context())


HOSTILE = 'a/b\n"\u00e9'


async def test_the_groups_of_a_real_one_with_their_times(recorded: Callable[[str], bytes]) -> None:
    client = gateway(lambda _: httpx.Response(200, content=recorded("pushgateway-metrics")))
    groups = {group.labels.get("synthetic"): group for group in await client.groups()}
    assert set(groups) == {None, HOSTILE, "refused"}
    assert groups[None].labels == {"job": "one"}
    assert groups[None].pushed_at == pytest.approx(1795268620.788, abs=0.001)
    assert groups["refused"].pushed_at is None


async def test_the_values_of_a_group_are_those_that_only_rise(recorded: Callable[[str], bytes]) -> None:
    client = gateway(lambda _: httpx.Response(200, content=recorded("pushgateway-metrics")))
    (group,) = (group for group in await client.groups() if group.labels.get("synthetic") == HOSTILE)
    assert group.values() == {
        ("c_total", frozenset({("x", 'a"b/\u00e9\n\\')})): 3,
        ("h_bucket", frozenset({("le", "0.5")})): 1,
        ("h_bucket", frozenset({("le", "+Inf")})): 2,
        ("h_count", frozenset()): 2,
        ("h_sum", frozenset()): 3.5,
    }


async def test_when_it_was_started(recorded: Callable[[str], bytes]) -> None:
    client = gateway(lambda _: httpx.Response(200, content=recorded("pushgateway-status")))
    assert await client.started_at() == pytest.approx(1795268620.7, abs=1)


def one_group(pushed: float) -> dict[str, object]:
    push = {"type": "GAUGE", "metrics": [{"labels": {}, "value": repr(pushed)}]}
    return {"labels": {"job": "x"}, "push_time_seconds": push}


@pytest.mark.parametrize("ahead", [-900, 0, 900])
async def test_times_are_by_the_clock_of_this_machine(ahead: float) -> None:
    now = time.time()

    def answer(_: httpx.Request) -> httpx.Response:
        body = {"status": "success", "data": [one_group(now + ahead - 30)]}
        return httpx.Response(200, json=body, headers={"Date": formatdate(time.time() + ahead)})

    (group,) = await gateway(answer).groups()
    assert group.pushed_at == pytest.approx(now - 30, abs=2.5)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 99:99:99 GMT"])
async def test_a_date_that_is_none_changes_nothing(date: str) -> None:
    body = {"data": [one_group(5.0)]}
    client = gateway(lambda _: httpx.Response(200, json=body, headers={"Date": date}))
    assert [group.pushed_at for group in await client.groups()] == [5.0]


@pytest.mark.parametrize("data", [None, []])
async def test_an_empty_one_has_no_groups(data: object) -> None:
    client = gateway(lambda _: httpx.Response(200, json={"status": "success", "data": data}))
    assert await client.groups() == ()


async def test_a_metric_that_hides_the_labels_costs_that_group_alone() -> None:
    hidden = {**one_group(5.0), "labels": {"type": "COUNTER", "metrics": []}}
    client = gateway(lambda _: httpx.Response(200, json={"data": [hidden, one_group(5.0)]}))
    assert [group.labels for group in await client.groups()] == [{"job": "x"}]


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"data": 3}', b'{"data": [{"labels": '])
async def test_what_is_no_answer_of_a_pushgateway_is_told(body: bytes) -> None:
    client = gateway(lambda _: httpx.Response(200, content=body))
    for ask in (client.groups, client.started_at):
        with pytest.raises(SourceError) as caught:
            await ask()
        assert caught.value.failure in {Failure.WRONG_SERVICE, Failure.BAD_ANSWER}


async def test_a_push_has_a_deadline_of_its_own() -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    client = Pushgateway.of(Context(pushgateway="http://push"), httpx.MockTransport(answer))
    with pytest.raises(SourceError, match=r"no answer within 0\.1s"):
        await client.push(GROUPING, b"", timeout=0.1)


async def test_of_a_long_refusal_start_and_end_are_told() -> None:
    labels = " ".join(f'label:<name:"l{n}" value:"v" >' for n in range(40))
    said = f'pushed metrics are inconsistent: collected metric "c" {{ {labels} }} is not a GAUGE'
    client = gateway(lambda _: httpx.Response(400, text=said))
    with pytest.raises(SourceError, match=r'inconsistent: collected metric "c" .* … .* is not a GAUGE$'):
        await client.push(GROUPING, b"")
