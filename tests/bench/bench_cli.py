"""`cockpit alerts -o json` beside `amtool alert query -o json`."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence

from tests.bench.servers import pair
from tests.bench.table import Result, interleaved
from tests.bench.terminal import COCKPIT, environment


def wall_seconds(command: Sequence[str]) -> float:
    """Return the seconds that `command` takes, its output thrown away."""
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as state:
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, env=environment(state), check=True)
        return time.perf_counter() - started


def measure(quick: bool) -> Iterator[Result]:
    """Measure at two sizes."""
    for count, budget in ((100, None), (10_000, 1.0)):
        with pair(count) as servers:
            ours = (*COCKPIT, *servers.flags, "alerts", "-o", "json")
            theirs = ("amtool", f"--alertmanager.url={servers.alertmanager}", "alert", "query", "-o", "json")
            mine, reference = interleaved(
                3 if quick else 9,
                lambda ours=ours: wall_seconds(ours),  # type: ignore[misc]
                lambda theirs=theirs: wall_seconds(theirs),  # type: ignore[misc]
            )
        yield Result("`alerts -o json`", f"{count} alerts", mine, "s", reference, "amtool", budget, True)
