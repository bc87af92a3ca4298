"""Memory with many alerts, and what an idle screen sends to the terminal."""

from collections.abc import Iterator

from tests.bench.servers import CHANGING, CONSTANT, NAME, pair
from tests.bench.table import Result
from tests.bench.terminal import COCKPIT, HELLO, running

_SIZES = ((100, CHANGING), (100, CONSTANT), (10_000, CHANGING), (100_000, CHANGING))


def measure(quick: bool) -> Iterator[Result]:
    """Measure memory after half a minute of polls, then ten seconds of idling."""
    seconds = 10 if quick else 30
    with running(HELLO) as hello:
        hello.wait_for(b"HelloRow")
        hello.drain(2)
        now, peak = hello.memory()
        idle = hello.drain(10)
    for count, expr in _SIZES[:3] if quick else _SIZES:
        with pair(count, expr) as servers, running((*COCKPIT, *servers.flags)) as program:
            program.wait_for(NAME.encode())
            program.drain(seconds + count / 5000)
            resident, highest = program.memory()
            sent = program.drain(10)
        scale = f"{count} alerts"
        if count == 100:
            what = "idle for 10 s, values change" if expr == CHANGING else "idle for 10 s, values stay"
            yield Result(what, scale, sent, "bytes", float(idle), "Textual table")
        if expr == CONSTANT:
            continue
        budget = 120.0 if count == 10_000 else None
        yield Result(f"memory after {seconds} s", scale, resident, "MiB", now, "Textual table", budget)
        yield Result("memory, peak", scale, highest, "MiB", peak, "Textual table")
