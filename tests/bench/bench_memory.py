"""Memory with 10 000 alerts, and what an idle screen sends to the terminal."""

from collections.abc import Iterator

from tests.bench.servers import NAME, pair
from tests.bench.table import Result
from tests.bench.terminal import COCKPIT, HELLO, running


def measure(quick: bool) -> Iterator[Result]:
    """Measure memory after half a minute of polls, then ten seconds of idling."""
    seconds = 10 if quick else 30
    with running(HELLO) as hello:
        hello.wait_for(b"HelloRow")
        hello.drain(2)
        now, peak = hello.memory()
        idle = hello.drain(10)
    for count in (100, 10_000):
        with pair(count) as servers, running((*COCKPIT, *servers.flags)) as program:
            program.wait_for(NAME.encode())
            program.drain(seconds)
            resident, highest = program.memory()
            sent = program.drain(10)
        scale = f"{count} alerts"
        budget = 120.0 if count == 10_000 else None
        yield Result(f"memory after {seconds} s", scale, resident, "MiB", now, "Textual table", budget)
        yield Result("memory, peak", scale, highest, "MiB", peak, "Textual table")
        if count == 100:
            yield Result("idle for 10 s, to the terminal", scale, sent, "bytes", float(idle), "Textual table")
