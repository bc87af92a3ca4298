"""The benchmarks: `python -m tests.bench [NAME...] [--quick]` prints one Markdown table.

Nothing here is a test: a slow run fails nothing. The numbers of a busy machine are worth little, the ratios
more: what is measured and its reference run in turn.
"""

import sys
from importlib import import_module

from tests.bench.table import Result, markdown

NAMES = ("start", "cli", "keys", "memory", "runbook", "pure")
"""The modules `bench_NAME`, each with `measure(quick)`."""


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all; return the exit code."""
    quick = "--quick" in arguments
    names = [name for name in arguments if not name.startswith("-")]
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    results: list[Result] = []
    for name in names or NAMES:
        print(f"bench: {name}", file=sys.stderr, flush=True)
        try:
            results.extend(import_module(f"tests.bench.bench_{name}").measure(quick))
        except (OSError, AssertionError) as error:
            print(f"bench: {name}: {type(error).__name__}: {error}", file=sys.stderr)
    print(markdown(results))
    return 0
