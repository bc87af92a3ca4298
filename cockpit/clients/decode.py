"""From bytes to wire structs, in slices short enough that the event loop goes on drawing.

A big array is first split into its elements without decoding them (0.4 ms a MiB), then decoded by slices.
An element that is not valid on its own account (broken UTF-8, lone surrogates) is mended, and alone.
"""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Raw

T = TypeVar("T")
W = TypeVar("W")

ELEMENTS = msgspec.json.Decoder(list[Raw])
"""Splits an array into its elements, still packed."""

_SLICE = 200
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


class Memo:
    """Makes equal strings one object while an answer is decoded: labels repeat thousands of times."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def labels(self, labels: dict[str, str] | None) -> dict[str, str]:
        """Return `labels` with its values shared."""
        if not labels:
            return {}
        known = self._known
        return {name: known.setdefault(value, value) for name, value in labels.items()}


def seconds(moment: datetime | None) -> float:
    """Return a time as Unix seconds; 0 for none and for Go's zero time."""
    return 0.0 if moment is None or moment.year <= 1 else moment.timestamp()


def number(text: str) -> float:
    """Return a sample value as Prometheus writes it: `1e+00`, `NaN`, `+Inf`. NaN for what is no number."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
