"""A runbook of a thousand lines: from enter to its text, and the parts of that, beside Textual's Markdown."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from textual.app import App, ComposeResult
from textual.widgets import Markdown

from cockpit.runbooks.blocks import blocks
from cockpit.runbooks.parse import parse
from cockpit.tui.glyphs import UNICODE
from cockpit.tui.runbook_lines import draw
from tests.bench.servers import NAME, pair
from tests.bench.table import Result
from tests.bench.terminal import COCKPIT, running

MARK = "the first words of the runbook"


def text(lines: int = 1000) -> str:
    """Return a runbook of `lines` lines with what runbooks have: lists, tables, queries, commands."""
    part = [
        "## Step {n}: look at the queue",
        "",
        "Check `relay_queue_depth` and compare it **with yesterday**; see [the dashboard](https://d.example/).",
        "",
        "1. First look here.",
        "2. Then there, *slowly*.",
        "",
        "```promql",
        'sum by (provider) (rate(action_error_total{provider="$provider"}[5m]))',
        "```",
        "",
        "| value | meaning |",
        "|-------|---------|",
        "| < 1 % | wait    |",
        "",
        "```sh",
        "kubectl -n relay get pods",
        "```",
        "",
        "",
    ]
    rows = ["# A long runbook", "", f"This is {MARK}.", ""]
    while len(rows) < lines:
        rows += [row.replace("{n}", str(len(rows))) for row in part]
    return "\n".join(rows[:lines]) + "\n"


class Reference(App[None]):
    """Textual's own Markdown widget on the same text."""

    def compose(self) -> ComposeResult:
        """One empty widget."""
        yield Markdown()


async def _reference(source: str) -> float:
    app = Reference()
    async with app.run_test(size=(120, 40)) as pilot:
        started = time.perf_counter()
        await app.query_one(Markdown).update(source)
        await pilot.pause()
        return time.perf_counter() - started


def _opened(folder: Path, flags: tuple[str, ...], runs: int) -> float:
    found = []
    with running((*COCKPIT, *flags, "--runbooks", str(folder))) as program:
        program.wait_for(NAME.encode())
        program.drain(6)
        for _ in range(runs):
            pressed = program.write(b"\r")
            found.append(program.wait_for(MARK.encode()) - pressed)
            program.drain(1)
            program.write(b"\x1b")
            program.drain(1)
    return median(found)


def measure(quick: bool) -> Iterator[Result]:
    """Measure the opening in a terminal, then parsing and drawing alone."""
    source, runs = text(), 3 if quick else 7
    scale, against = "1 000 lines", "Textual's Markdown"
    reference = median(asyncio.run(_reference(source)) for _ in range(runs)) * 1000
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as temporary, pair(100) as servers:
        folder = Path(temporary)
        (folder / "gmail-send-high-error-rate.md").write_text(source)
        opened = _opened(folder, servers.flags, runs) * 1000
    yield Result("runbook: enter to text", scale, opened, "ms", reference, against, 100)
    parts: dict[str, list[float]] = {"parse": [], "blocks": [], "draw": []}
    for _ in range(runs):
        times = [time.perf_counter()]
        runbook = parse(source, path="long.md", folder=Path())
        times.append(time.perf_counter())
        found = blocks(runbook)
        times.append(time.perf_counter())
        draw(found, 74, UNICODE)
        times.append(time.perf_counter())
        for name, start, end in zip(parts, times, times[1:], strict=False):
            parts[name].append((end - start) * 1000)
    for name, values in parts.items():
        yield Result(f"runbook: {name}", scale, median(values), "ms", reference, against)
