"""The Pushgateway: grouping keys of any text, and what a push that is refused says."""

import base64
from collections.abc import Callable
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
