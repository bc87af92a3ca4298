"""From a key to the frame it leads to, while the board refreshes every second."""

import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.servers import NAME, Pair, pair
from tests.bench.table import Result, percentile
from tests.bench.terminal import COCKPIT, Program, running

CURSOR = b">"
"""What stands before the row under the cursor: every key below moves it."""
KEYS = b"jjjkjj\x06\x06jkGkkkgjj\x06\x02jj"


def latencies(program: Program, presses: int, seed: int = 1) -> list[float]:
    """Press keys at moments that have nothing to do with the polls; return the seconds to each frame."""
    moments = random.Random(seed)
    found = []
    for i in range(presses):
        program.drain(moments.uniform(0.03, 0.2))
        key = KEYS[i % len(KEYS) : i % len(KEYS) + 1]
        pressed = program.write(key)
        found.append(program.wait_for(CURSOR, 30) - pressed)
    return found


def keys(servers: Pair, presses: int) -> list[float]:
    """Run the cockpit on `servers`, asked every second, and return the seconds from key to frame."""
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as folder:
        config = Path(folder) / "config.toml"
        config.write_text(
            f'[contexts.bench]\nprometheus = ["{servers.prometheus}"]\n'
            f'alertmanager = ["{servers.alertmanager}"]\npoll_interval = 1\ntimeout = 60\n'
        )
        with running((*COCKPIT, "--config", str(config))) as program:
            program.wait_for(NAME.encode(), 120)
            program.drain(5 + servers.alerts / 10_000)
            return latencies(program, presses)


def measure(quick: bool) -> Iterator[Result]:
    """Measure at three sizes; the reference is the smallest."""
    presses = 60 if quick else 300
    few: list[float] = []
    for count in (100, 10_000) if quick else (100, 10_000, 100_000):
        with pair(count) as servers:
            found = keys(servers, presses)
        few = few or found
        scale = f"{count} alerts"
        for share, name, budget in ((0.5, "median", None), (0.99, "p99", 50.0)):
            value, reference = percentile(found, share) * 1000, percentile(few, share) * 1000
            yield Result(f"key to frame, {name}", scale, value, "ms", reference, "100 alerts", budget)


if __name__ == "__main__":
    import sys

    flags = sys.argv[1:5]
    started = time.perf_counter()
    values = keys(Pair(flags[1], flags[3], int(sys.argv[5])), int(sys.argv[6]))
    print(f"median {median(values) * 1000:.1f} p90 {percentile(values, 0.9) * 1000:.1f}", end=" ")
    print(f"p99 {percentile(values, 0.99) * 1000:.1f} max {max(values) * 1000:.1f} ms")
