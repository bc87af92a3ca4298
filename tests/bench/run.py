"""The benchmarks: `python -m tests.bench [NAME...] [--quick]` prints one Markdown table.

Nothing here is a test: a slow run fails nothing. The numbers of a busy machine are worth little, the ratios
more: what is measured and its reference run in turn.
"""

import signal
import sys
from importlib import import_module

from tests.bench.table import Result, markdown

NAMES = ("start", "cli", "keys", "memory", "runbook", "pure", "push", "check")
"""The modules `bench_NAME`, each with `measure(quick)`."""


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all; return the exit code."""
    quick = "--quick" in arguments
    names = [name for name in arguments if not name.startswith("-")]
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    # Ending by an exception stops the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    results: list[Result] = []
    for name in names or NAMES:
        print(f"bench: {name}", file=sys.stderr, flush=True)
        try:
            for result in import_module(f"tests.bench.bench_{name}").measure(quick):
                print("  ".join(filter(None, result.cells())), file=sys.stderr, flush=True)
                results.append(result)
        except (OSError, AssertionError) as error:
            print(f"bench: {name}: {type(error).__name__}: {error}", file=sys.stderr)
    print(markdown(results))
    return 0
