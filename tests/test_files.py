"""Files are read without waiting and within bounds, and written whole or not at all."""

import os
from pathlib import Path

import pytest

from cockpit.errors import UsageError
from cockpit.files import FileError, open_regular, read_regular, read_text, write_whole


def test_a_file_up_to_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_regular(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_regular(path, 4)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("fifo", "zero"):
        with pytest.raises(OSError, match="not a regular file"):
            open_regular(tmp_path / name)
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"), [(None, "No such file or directory"), (b"\xff", "not UTF-8 text")]
)
def test_a_text_that_cannot_be_used_is_named_with_its_kind(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "x.yml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError) as failed:
        read_text("rules", path, 10)
    assert str(failed.value) == f"rules {path}: {says}"


def test_a_file_error_is_one_clean_line_and_keeps_its_parts() -> None:
    error = FileError("config", "a\n\x1b[2J.toml", "no\nsuch \x1b thing", line=3, key="contexts.a")
    assert isinstance(error, UsageError)
    assert str(error) == "config a ␛[2J.toml, line 3: contexts.a: no such ␛ thing"
    assert (error.line, error.key, error.problem) == (3, "contexts.a", "no such ␛ thing")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    write_whole(path, b"old")
    with pytest.raises(FileExistsError):
        write_whole(path, b"new", replace=False)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
