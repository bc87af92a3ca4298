import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.contract.check import check
from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from cockpit.contract.walk import shown, walk
from cockpit.errors import UsageError
from tests.contract.healthy import Team


def _names(folder: Path, *paths: Path, exclude: tuple[str, ...] = ()) -> list[str]:
    found = walk(list(paths) or [folder], exclude).files
    return [each.path.relative_to(folder).as_posix() for each in found]


def _left(folder: Path) -> dict[str, str]:
    return {Path(each.path).relative_to(folder).as_posix(): each.reason for each in walk([folder]).left}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/two.yml", "a.yml", "b/one.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def test_every_file_once_in_order(folder: Path) -> None:
    assert _names(folder) == ["a.yml", "b/one.md", "b/two.yml"]
    assert _names(folder, folder / "b", folder / "a.yml", folder) == ["b/one.md", "b/two.yml", "a.yml"]


def test_what_a_repository_does_not_own_is_left_out(folder: Path) -> None:
    for name in (".git", "node_modules", "venv"):
        (folder / name).mkdir()
        (folder / name / "x.yml").write_text("x")

    assert _names(folder) == ["a.yml", "b/one.md", "b/two.yml"]


def test_patterns_leave_files_out(folder: Path) -> None:
    assert _names(folder, exclude=("*/b/*",)) == ["a.yml"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("docs", ["a.yml", "other/docs.yml"]),
        ("docs/", ["a.yml", "other/docs.yml"]),
        ("/docs", ["a.yml", "other/docs.yml", "other/docs/x.yml"]),
        ("./docs/", ["a.yml", "other/docs.yml", "other/docs/x.yml"]),
        ("docs/old", ["a.yml", "docs/x.yml", "other/docs.yml", "other/docs/x.yml"]),
        ("docs/*", ["a.yml", "other/docs.yml", "other/docs/x.yml"]),
        ("d?cs/", ["a.yml", "other/docs.yml"]),
        ("other/docs.yml", ["a.yml", "docs/old/x.yml", "docs/x.yml", "other/docs/x.yml"]),
        ("a.yml", ["docs/old/x.yml", "docs/x.yml", "other/docs.yml", "other/docs/x.yml"]),
        ("a.yml/", ["a.yml", "docs/old/x.yml", "docs/x.yml", "other/docs.yml", "other/docs/x.yml"]),
        ("doc", ["a.yml", "docs/old/x.yml", "docs/x.yml", "other/docs.yml", "other/docs/x.yml"]),
    ],
)
def test_a_folder_is_left_out_with_all_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, left: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.yml", "docs/x.yml", "docs/old/x.yml", "other/docs/x.yml", "other/docs.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("x")

    assert sorted(_names(tmp_path, exclude=(pattern,))) == left


def test_a_folder_that_cannot_be_listed_is_told_unless_it_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refused(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "b":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    (closed,) = walk([folder]).closed
    report = check(read([folder], Settings()))

    assert (closed.path, closed.reason) == (f"{folder}/b", "Permission denied")
    assert [(each.rule, each.path) for each in report.findings] == [("files/unreadable", f"{folder}/b")]
    assert "this folder cannot be read: Permission denied" in report.findings[0].message
    assert walk([folder], ["b"]).closed == ()


def test_a_path_that_is_not_there(folder: Path) -> None:
    with pytest.raises(UsageError):
        walk([folder / "gone"])


def test_what_is_no_regular_file_or_leads_away_is_listed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.yml").write_text("x")
    os.mkfifo(folder / "pipe.yml")
    (folder / "loop.yml").symlink_to("loop.yml")
    (folder / "gone.yml").symlink_to("nowhere")
    (folder / "away.yml").symlink_to(outside / "x.yml")
    (folder / "null.yml").symlink_to("/dev/null")
    (folder / "up").symlink_to("..")

    assert _names(folder) == ["a.yml", "b/one.md", "b/two.yml"]
    assert _left(folder) == {
        "pipe.yml": "not a regular file",
        "loop.yml": "a link that leads to itself",
        "gone.yml": "a link that leads nowhere",
        "away.yml": "a link out of the folder is not followed",
        "null.yml": "a link out of the folder is not followed",
        "up": "a link to a folder is not followed",
    }


def test_what_may_stand_in_a_folder_that_cannot_be_listed_is_not_missed(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir
    team.write("more/runbooks/lost.md", "# Lost\n")
    team.change("drills/shop-night.yaml", "{opened: shop-errors}", "{opened: lost}")
    team.change("runbooks/watchdog.md", "## Meaning\n", "## Meaning\n\n[Lost](../more/runbooks/lost.md)\n")

    def refused(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "more":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)

    assert team.found() == [("files/unreadable", "more", 1)]


def test_files_of_a_folder_that_cannot_be_entered_are_left_to_their_reader(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def refused(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.parent.name == "b":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refused)

    assert _names(folder) == ["a.yml", "b/one.md", "b/two.yml"]
    with pytest.raises(UsageError, match="there is no"):
        walk([folder / "b" / "one.md"])


def test_what_would_not_be_read_is_not_listed(folder: Path) -> None:
    (folder / "ceph.init").symlink_to("nowhere")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")

    assert _left(folder) == {}


def test_a_link_within_is_the_file_that_it_leads_to(folder: Path) -> None:
    (folder / "z.yml").symlink_to("a.yml")

    assert _names(folder) == ["a.yml", "b/one.md", "b/two.yml"]
    assert _left(folder) == {}


@pytest.mark.parametrize("name", [b"bad\xff.yml", b"new\nline.yml", b"esc\x1b[31m.yml", b"tab\t.yml"])
def test_names_are_shown_clean_and_on_one_line(folder: Path, name: bytes) -> None:
    path = folder / os.fsdecode(name)
    path.write_text("x")
    (found,) = walk([path]).files

    assert found.path == path
    assert found.shown.isprintable()
    found.shown.encode()


def test_a_path_is_shown_below_the_current_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    assert shown(folder / "b" / "one.md") == "b/one.md"
    assert shown(Path("/etc/x.yml")) == "/etc/x.yml"
