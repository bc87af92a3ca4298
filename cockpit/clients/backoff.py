"""When to ask a server again: jittered, slower after failures, and never sooner than it asked for."""

MAX_BACKOFF = 60.0
"""Seconds that repeated failures stretch the interval to, at most (a longer configured interval stays)."""

MAX_RETRY_AFTER = 600.0
"""Seconds of a server's Retry-After that are honoured, at most."""

_JITTER = 0.1


def next_delay(interval: float, failures: int, retry_after: float | None, rand: float) -> float:
    """Return the seconds to wait before the next try.

    `interval` is the configured one in seconds, `failures` how many tries in a row have failed, `retry_after`
    what the server asked for in seconds, `rand` a number from 0 to 1. The interval doubles with each failure
    after the first, to MAX_BACKOFF, and is spread by 10 % either way; a Retry-After is a lower bound.
    """
    doubled: float = interval * 2.0 ** min(max(failures - 1, 0), 16)
    base = min(doubled, max(MAX_BACKOFF, interval))
    delay = base * (1 - _JITTER + 2 * _JITTER * rand)
    if failures > 0:
        delay = min(delay, max(MAX_BACKOFF, interval * (1 + _JITTER)))
    if retry_after is None or retry_after <= 0:
        return delay
    asked = min(retry_after, MAX_RETRY_AFTER)
    return max(delay, asked * (1 + _JITTER * rand))
