import json
from pathlib import Path

import pytest

from cockpit.contract import baseline
from cockpit.contract.model import Finding, Severity
from cockpit.errors import CockpitError
from cockpit.files import FileError


def finding(message: str, line: int = 1, path: str = "a.yml") -> Finding:
    return Finding(
        rule="alerts/no-runbook",
        severity=Severity.ERROR,
        path=path,
        line=line,
        message=message,
        remedy="write one",
    )


def test_what_moved_is_known_and_what_is_new_is_not(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    baseline.write(file, [finding("A", 3), finding("B", 9)])
    new, gone = baseline.apply(baseline.read(file), [finding("A", 30), finding("C")])

    assert [each.message for each in new] == ["C"]
    assert gone == 1


def test_one_more_of_a_kind_is_new(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    baseline.write(file, [finding("A", 3), finding("A", 4)])
    new, gone = baseline.apply(baseline.read(file), [finding("A", line) for line in (5, 6, 7)])

    assert [each.line for each in new] == [7]
    assert gone == 0


def test_the_file_is_the_same_whatever_the_order_and_the_lines(tmp_path: Path) -> None:
    found = [finding("A", 3), finding("B"), finding("B", path="0.yml")]
    baseline.write(tmp_path / "one.json", found)
    moved = [finding("B", 70, path="0.yml"), finding("B"), finding("A", 1)]
    baseline.write(tmp_path / "two.json", moved)
    text = (tmp_path / "one.json").read_text()

    assert text == (tmp_path / "two.json").read_text()
    assert [each["path"] for each in json.loads(text)["accepted"]] == ["0.yml", "a.yml", "a.yml"]
    assert text.endswith("\n")


def test_hostile_names_come_back_as_they_were(tmp_path: Path) -> None:
    found = [finding("A", path="\x1b[2J\u202e.yml")]
    baseline.write(tmp_path / "b.json", found)

    assert "\x1b" not in (tmp_path / "b.json").read_text()
    assert baseline.apply(baseline.read(tmp_path / "b.json"), found) == ((), 0)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"accepted": [{"path": 1}]}', "\x00", '{"accepted": [], "x": 1}']
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(text)

    with pytest.raises(FileError, match=r"baseline .*b\.json.*--accept"):
        baseline.read(file)


def test_a_file_that_is_not_there_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="write it with --accept"):
        baseline.read(tmp_path / "b.json")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(CockpitError, match="is not written"):
        baseline.write(tmp_path / "none" / "b.json", [])
