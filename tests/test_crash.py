"""The details of an internal error: kept for the user alone, and never in the way of another error."""

from pathlib import Path

import pytest

from cockpit.crash import write_crash


def failed(secret: str) -> Exception:
    try:
        raise ValueError("odd \ud800 thing")
    except ValueError as error:
        return error


def test_each_error_has_a_private_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    said = [write_crash(failed("hunter2")) for _ in range(3)]
    logs = sorted((tmp_path / "state").iterdir())
    assert sorted(said) == [f"details in {log}" for log in logs]
    assert len(logs) == 3
    for log in logs:
        assert log.stat().st_mode & 0o077 == 0
        assert "ValueError: odd \\ud800 thing" in log.read_text()
        assert "hunter2" not in log.read_text()


def test_a_file_that_cannot_be_written_is_no_second_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").write_text("")
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    assert write_crash(failed("x")).startswith("no details: ")
