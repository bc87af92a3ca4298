"""A clock that stands still, a state folder of its own and no real check, for every test of the TUI."""

import time
from pathlib import Path

import pytest

from tests.tui.checked import checks  # noqa: F401
from tests.tui.fakes import NOW


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
