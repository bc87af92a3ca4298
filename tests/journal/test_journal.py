"""The journal: whole lines from any number of writers, torn ones skipped, and failures in words."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.errors import CockpitError
from cockpit.journal import journal as journals
from cockpit.journal.journal import Entry, Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.jsonl"


def test_entries_come_back_oldest_first_and_by_kind(path: Path) -> None:
    clock = iter((1.5, 2.5, 3.5))
    journal = Journal(path, now=lambda: next(clock))
    first = journal.append("group.opened", run="r", grouping={"job": 'a"b\n', "synthetic": "é\u2028"})
    journal.append("other", run="group.opened")
    last = journal.append("group.closed", run="r", how=None)
    assert first == Entry(
        1.5, "group.opened", {"run": "r", "grouping": {"job": 'a"b\n', "synthetic": "é\u2028"}}
    )
    assert Journal(path).entries("group.opened", "group.closed") == (first, last)
    assert [entry.at for entry in Journal(path).entries()] == [1.5, 2.5, 3.5]


def test_it_is_in_the_state_folder_and_nobody_elses_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "here"))
    Journal().append("x")
    found = tmp_path / "here" / "journal.jsonl"
    assert stat.S_IMODE(found.stat().st_mode) == 0o600
    assert stat.S_IMODE(found.parent.stat().st_mode) == 0o700


def test_without_a_journal_there_are_no_entries(path: Path) -> None:
    assert Journal(path).entries() == ()


@pytest.mark.parametrize("torn", [b'{"at": 1, "kind": "x", "da', b"\xff\xfe", b'{"at": "then"}', b"[" * 9999])
def test_a_torn_or_foreign_line_costs_no_other(path: Path, torn: bytes) -> None:
    journal = Journal(path)
    before = journal.append("x", n=1)
    with path.open("ab") as file:
        file.write(torn)
    after = journal.append("x", n=2)
    assert journal.entries("x") == (before, after)


def test_text_that_is_no_unicode_is_kept_as_far_as_it_goes(path: Path) -> None:
    Journal(path).append("x", title="a\ud800b", n=[1])
    assert Journal(path).entries()[0].data == {"title": "a?b", "n": [1]}


def test_writers_at_once_never_mix_their_lines(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from cockpit.journal.journal import Journal\n"
        "for n in range(40): Journal(Path(sys.argv[1])).append('x', who=sys.argv[2], n=n, pad='p' * 3000)"
    )
    root = str(Path(__file__).parents[2])
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(path), str(who)], cwd=root) for who in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    entries = Journal(path).entries()
    assert len(path.read_bytes().splitlines()) == len(entries) == 160
    for who in range(4):
        assert [e.data["n"] for e in entries if e.data["who"] == str(who)] == list(range(40))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_what_is_no_file_is_refused(path: Path) -> None:
    with pytest.raises(CockpitError, match=r"/dev/full: .*COCKPIT_STATE_DIR"):
        Journal(Path("/dev/full")).append("x")
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(CockpitError, match=r"journal\.jsonl: .*COCKPIT_STATE_DIR"):
        Journal(path).append("x")
    with pytest.raises(CockpitError, match="not a regular file"):
        Journal(path).entries()


def test_a_full_disk_is_said_and_what_follows_is_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(path)
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:10]))
        with pytest.raises(
            CockpitError, match=r"journal\.jsonl: No space left on device: .*COCKPIT_STATE_DIR"
        ):
            journal.append("x")
    assert path.read_bytes() == b""
    entry = journal.append("x")
    assert journal.entries() == (entry,)


def test_a_folder_that_cannot_be_made_is_said_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CockpitError, match=r"file/journal\.jsonl: .*COCKPIT_STATE_DIR"):
        Journal(tmp_path / "file" / "journal.jsonl").append("x")


def test_of_a_huge_journal_only_the_end_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    lines = [json.dumps({"at": n, "kind": "x" if n % 100 else "y", "data": {}}) for n in range(5000)]
    path.write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(journals, "MAX_READ", 1000)
    entries = Journal(path).entries()
    assert [e.at for e in entries] == list(range(5000 - len(entries), 5000))
    assert 0 < len(entries) < 50
