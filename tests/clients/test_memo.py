"""What a poll takes over from the one before: an equal answer is not decoded again, equal labels are one."""

import pytest

from cockpit.clients.decode import Memo

SHORT, LONG = b"[]", b"x" * 100_000


class Decoded:
    """A decoder that counts its calls and gives a new object at each."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self) -> list[int]:
        self.calls += 1
        return [self.calls]


async def poll(memo: Memo[list[int]], decoded: Decoded, *bodies: bytes) -> list[list[int]]:
    memo.next_poll()
    found = [await memo.answer(body, decoded) for body in bodies]
    memo.end_poll()
    return found


@pytest.mark.parametrize("body", [SHORT, LONG])
async def test_the_same_answer_is_decoded_once(body: bytes) -> None:
    memo, decoded = Memo[list[int]](), Decoded()
    first = await poll(memo, decoded, body)
    for _ in range(3):
        assert (await poll(memo, decoded, body))[0] is first[0]
    assert decoded.calls == 1


@pytest.mark.parametrize("body", [SHORT, LONG])
async def test_another_answer_is_decoded(body: bytes) -> None:
    memo, decoded = Memo[list[int]](), Decoded()
    assert await poll(memo, decoded, body) == [[1]]
    assert await poll(memo, decoded, body + b" ") == [[2]]
    # Answers older than the last are not kept.
    assert await poll(memo, decoded, body) == [[3]]


async def test_pages_are_taken_over_one_by_one() -> None:
    memo, decoded = Memo[list[int]](), Decoded()
    await poll(memo, decoded, b"page 1", b"page 2")
    assert await poll(memo, decoded, b"page 1", b"page 2 changed") == [[1], [3]]


def test_equal_labels_are_one_dict_within_a_poll_and_from_poll_to_poll() -> None:
    memo = Memo[None]()
    memo.next_poll()
    first = memo.labels({"alertname": "A", "instance": "i"})
    assert memo.labels({"alertname": "A", "instance": "i"}) is first
    memo.end_poll()
    memo.next_poll()
    assert memo.labels({"alertname": "A", "instance": "i"}) is first


async def test_labels_of_an_answer_that_stayed_are_kept_for_the_poll_after() -> None:
    memo = Memo[dict[str, str]]()

    async def decoded() -> dict[str, str]:
        return memo.labels({"alertname": "A"})

    async def answer(body: bytes) -> dict[str, str]:
        memo.next_poll()
        found = await memo.answer(body, decoded)
        memo.end_poll()
        return found

    first = await answer(b"1")
    assert await answer(b"1") is first
    assert await answer(b"2") is first


def test_labels_that_differ_in_their_names_only_stay_apart() -> None:
    memo = Memo[None]()
    assert memo.labels({"a": "x"}) == {"a": "x"}
    assert memo.labels({"b": "x"}) == {"b": "x"}
    assert memo.labels({"a": "x"}) == {"a": "x"}
    assert memo.labels({}) == memo.labels(None) == {}
