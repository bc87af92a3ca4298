"""The end of a play: its group is deleted, tried for a while, and whatever interrupts it meanwhile."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from cockpit.clients.backoff import next_delay
from cockpit.clients.pushgateway import Pushgateway
from cockpit.clients.source import Failure, SourceError

PASSING = frozenset(
    {
        Failure.REFUSED,
        Failure.UNREACHABLE,
        Failure.TIMEOUT,
        Failure.DNS,
        Failure.SERVER_ERROR,
        Failure.RATE_LIMITED,
        Failure.BAD_ANSWER,
    }
)
"""What may go away by itself; anything else stays as it is, however often it is tried."""

_TIMEOUT = 5.0
_FIRST_PAUSE = 0.25


async def delete_group(
    gateway: Pushgateway,
    grouping: Mapping[str, str],
    *,
    patience: float,
    clock: Callable[[], float],
    say: Callable[[str], None],
) -> str | None:
    """Delete a group, trying for `patience` seconds by `clock`. Return None, or why it is still there."""
    deadline, failures = clock() + patience, 0
    while True:
        try:
            await gateway.delete(grouping, timeout=min(gateway.timeout, _TIMEOUT))
        except SourceError as error:
            failures += 1
            delay = next_delay(_FIRST_PAUSE, failures, None, 0.5)
            if error.failure not in PASSING or clock() + delay > deadline:
                return str(error)
            say(f"not deleted yet: {error}")
            await asyncio.sleep(delay)
        else:
            return None


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for `work`, which ends by itself, even when cancelled; a cancellation is passed on after it."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError
