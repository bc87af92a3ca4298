"""From the command to the first alert on the screen, and what `--help` takes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

from tests.bench.servers import NAME, pair
from tests.bench.table import Result, interleaved
from tests.bench.terminal import COCKPIT, HELLO, environment, running


def first_frame(command: Sequence[str], mark: bytes) -> float:
    """Return the seconds from the start of `command` to `mark` in its terminal."""
    with running(command) as program:
        return program.wait_for(mark) - program.started


def cpu_seconds(command: Sequence[str]) -> float:
    """Return the CPU seconds, user and system, of one run of `command`."""
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as state:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment(state))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def measure(quick: bool) -> Iterator[Result]:
    """Measure both."""
    runs = 3 if quick else 11
    typer = (sys.executable, "-c", "import typer")
    ours, theirs = interleaved(runs, lambda: cpu_seconds((*COCKPIT, "--help")), lambda: cpu_seconds(typer))
    yield Result("`--help`, CPU", "", ours, "s", theirs, "`import typer`", 0.2)
    for count in (100, 10_000) if quick else (100, 10_000, 100_000):
        with pair(count) as servers:
            command = (*COCKPIT, *servers.flags)
            ours, theirs = interleaved(
                runs,
                lambda command=command: first_frame(command, NAME.encode()),  # type: ignore[misc]
                lambda: first_frame(HELLO, b"HelloRow"),
            )
        yield Result("first alert, cold", f"{count} alerts", ours, "s", theirs, "Textual table", 1.3, True)
