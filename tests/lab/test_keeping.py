"""Children that end with their starter, and are named when they end before."""

import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.lab import lab as labs
from cockpit.lab import processes
from cockpit.lab.keeping import Keeping
from cockpit.lab.servers import Child

SLEEP = (sys.executable, "-I", "-c", "import time; time.sleep(600)")
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('up', flush=True)
time.sleep(600)
"""


def child(folder: Path, name: str, *argv: str) -> Child:
    return Child(name, argv or SLEEP, folder / f"{name}.log")


def test_closing_ends_every_child(tmp_path: Path) -> None:
    keeping = Keeping([child(tmp_path, "a"), child(tmp_path, "b")], tmp_path)
    pids = {keeping.pid, *keeping.pids.values()}
    assert len(pids) == 3
    assert all(processes.is_alive(pid) for pid in pids)
    assert processes.works_in(keeping.pid, tmp_path)
    keeping.close()
    assert not any(processes.is_alive(pid) for pid in pids)
    assert keeping.ended(0) is None


def test_a_child_that_ignores_term_is_killed(tmp_path: Path) -> None:
    stubborn = child(tmp_path, "stubborn", sys.executable, "-I", "-c", STUBBORN)
    keeping = Keeping([stubborn], tmp_path)
    try:
        while not stubborn.log.read_text():
            assert keeping.ended(0.02) is None
    finally:
        keeping.close()
    assert not processes.is_alive(keeping.pids["stubborn"])


def test_a_child_that_ends_by_itself_is_named_with_its_last_words(tmp_path: Path) -> None:
    words = "import sys; sys.exit('level=error msg=\"no room\" err=full')"
    keeping = Keeping(
        [child(tmp_path, "a"), child(tmp_path, "b", sys.executable, "-I", "-c", words)], tmp_path
    )
    try:
        assert keeping.ended(30) == "b ended with status 1: no room: full"
        assert processes.is_alive(keeping.pids["a"])
    finally:
        keeping.close()


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    keeping = Keeping([child(tmp_path, "a", str(tmp_path / "nowhere"))], tmp_path)
    try:
        assert keeping.ended(30) == f"a could not be started: {tmp_path}/nowhere: No such file or directory"
    finally:
        keeping.close()


def test_a_killed_keeper_is_noticed_and_its_children_are_ended(tmp_path: Path) -> None:
    keeping = Keeping([child(tmp_path, "a")], tmp_path)
    try:
        processes.end([keeping.pid], timeout=0)
        ended = keeping.ended(30)
        assert ended is not None
        assert "ended by itself" in ended
        assert not processes.is_alive(keeping.pids["a"])
    finally:
        keeping.close()


def test_end_returns_nothing_for_processes_that_are_gone() -> None:
    process = subprocess.Popen(SLEEP)
    try:
        assert processes.is_alive(process.pid)
        assert processes.end([process.pid], timeout=30) == set()
        assert not processes.is_alive(process.pid)
    finally:
        process.wait()
    assert processes.end([process.pid]) == set()
    assert processes.command_line(process.pid) == ""


def test_a_process_of_another_folder_is_not_ones_own(tmp_path: Path) -> None:
    process = subprocess.Popen([*SLEEP, f"{tmp_path}-other/x"])
    try:
        while not processes.command_line(process.pid):
            assert processes.is_alive(process.pid)
        assert not processes.works_in(process.pid, tmp_path)
        assert processes.works_in(process.pid, Path(f"{tmp_path}-other"))
    finally:
        process.kill()
        process.wait()


def test_without_a_lab_there_is_nothing_to_show_or_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path))
    assert labs.running() is None
    assert labs.take_down() is None
