"""Processes that the cockpit starts of itself."""

import os
from pathlib import Path

_ROOT = str(Path(__file__).parents[1])


def environment() -> dict[str, str]:
    """Return the environment in which a child finds this very package, installed or not."""
    inherited = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{_ROOT}{os.pathsep}{inherited}" if inherited else _ROOT}
