"""From bytes to wire structs, in slices short enough that the event loop goes on drawing.

A big array is first split into its elements without decoding them (0.4 ms a MiB), then decoded by slices.
An element that is not valid on its own account (broken UTF-8, lone surrogates) is mended, and alone.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw

T = TypeVar("T")
W = TypeVar("W")

ELEMENTS = msgspec.json.Decoder(list[Raw])
"""Splits an array into its elements, still packed."""

_SLICE = 200
_LONG = 1 << 16
"""Bytes from which on a digest is made in a thread; it leaves the interpreter to others."""
_LONE = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


class DecodeError(Exception):
    """A body that is not what was asked for; `cause` is msgspec's error."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def decode(decoder: "msgspec.json.Decoder[T]", data: bytes | Raw) -> T:
    """Return what `data` holds; text that is no Unicode gets replacement characters. Raises DecodeError."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise DecodeError(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return decoder.decode(_mended(bytes(data)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(error) from error


def _mended(data: bytes) -> bytes:
    text = data.decode("utf-8", "replace").encode("utf-8")
    return _LONE.sub(lambda m: rb"\ufffd" if m.group(1) else m.group(), text)


async def decode_each(
    decoder: "msgspec.json.Decoder[W]", elements: list[Raw], build: Callable[[W], T]
) -> list[T]:
    """Return `build` of each element, giving way to other tasks between slices. Raises DecodeError."""
    built: list[T] = []
    for start in range(0, len(elements), _SLICE):
        await asyncio.sleep(0)
        built += [build(decode(decoder, element)) for element in elements[start : start + _SLICE]]
    return built


class Memo(Generic[W]):
    """What one poll can take over from the poll before: equal strings, equal labels, a whole equal answer.

    Labels repeat thousands of times, and from poll to poll; between two evaluations of its rules a server
    gives the same answer. What a poll did not use is forgotten at its end.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._labels: dict[int, dict[str, str]] = {}
        self._labels_before: dict[int, dict[str, str]] = {}
        self._answers: dict[bytes, W] = {}
        self._answers_before: dict[bytes, W] = {}

    def next_poll(self) -> None:
        """Begin another poll."""
        self._labels_before, self._labels = self._labels, {}
        self._answers_before, self._answers = self._answers, {}

    def end_poll(self) -> None:
        """Forget what the poll did not use."""
        self._known, self._labels_before, self._answers_before = {}, {}, {}

    async def answer(self, body: bytes | Raw, decoded: Callable[[], Awaitable[W]]) -> W:
        """Return what `decoded` makes of `body`, or what it made of the same bytes in this poll or the last.

        Answers are told apart by a digest of 16 bytes, so that the bytes need not be kept.
        """
        view = memoryview(body)
        mark = await asyncio.to_thread(_digest, view) if len(view) > _LONG else _digest(view)
        if mark in self._answers_before:
            self._answers[mark] = self._answers_before[mark]
            # Their labels are still in use; those of this poll are none.
            self._labels = {**self._labels_before, **self._labels}
        if mark not in self._answers:
            self._answers[mark] = await decoded()
        return self._answers[mark]

    def labels(self, labels: dict[str, str] | None) -> dict[str, str]:
        """Return an equal dict with equal strings, the one of the last poll where there is one."""
        if not labels:
            return {}
        mark = hash(tuple(labels.values()))
        found = self._labels.get(mark) or self._labels_before.get(mark)
        if found != labels:
            known = self._known
            found = {name: known.setdefault(value, value) for name, value in labels.items()}
        self._labels[mark] = found
        return found


def _digest(data: memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def seconds(moment: datetime | None) -> float:
    """Return a time as Unix seconds; 0 for none and for Go's zero time."""
    return 0.0 if moment is None or moment.year <= 1 else moment.timestamp()


def number(text: str) -> float:
    """Return a sample value as Prometheus writes it: `1e+00`, `NaN`, `+Inf`. NaN for what is no number."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
