"""Waiting for something to come about, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(probe: Callable[[], T | None], what: str = "it", *, within: float = 40.0) -> T:
    """Return what `probe` returns as soon as it is truthy; fail, naming `what`, after `within` seconds.

    A probe that fails with OSError asks a server that is not there yet.
    """
    deadline = time.monotonic() + within
    while True:
        found: object
        try:
            if found := probe():
                return found
        except OSError as error:
            found = error
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}; last: {found!r}"
        time.sleep(0.05)


async def until(
    holds: Callable[[], bool],
    shown: Callable[[], str] = lambda: "",
    *,
    within: float = 30.0,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Let the loop run until `holds`; fail with what is `shown` if it does not within `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"did not come about within {within:g} s:\n{shown()}"
        await pause(0.02)
