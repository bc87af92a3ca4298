import json
from pathlib import Path

import pytest

from cockpit.contract import baseline
from cockpit.contract.model import Finding, Report, Severity
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


def apply(file: Path, *found: Finding) -> Report:
    return baseline.apply(baseline.read(file), Report(findings=found))


def test_what_moved_is_known_and_what_is_new_is_not(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    baseline.write(file, Report(findings=(finding("A", 3), finding("B", 9))))
    report = apply(file, finding("A", 30), finding("C"))

    assert [each.message for each in report.findings] == ["C"]
    assert (report.known, report.gone) == (1, 1)


def test_one_more_of_a_kind_is_new(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    baseline.write(file, Report(findings=(finding("A", 3), finding("A", 4))))
    report = apply(file, *(finding("A", line) for line in (5, 6, 7)))

    assert [each.line for each in report.findings] == [7]
    assert (report.known, report.gone) == (2, 0)


def test_what_followed_from_an_accepted_finding_is_known_when_that_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    accepted = Report(findings=(finding("cause"),), consequences=(finding("result"),))

    assert baseline.write(file, accepted) == 2
    assert baseline.apply(baseline.read(file), accepted) == Report(known=2)
    assert apply(file, finding("result")) == Report(known=1, gone=1)


def test_the_file_is_the_same_whatever_the_order_and_the_lines(tmp_path: Path) -> None:
    found = (finding("A", 3), finding("B"), finding("B", path="0.yml"))
    baseline.write(tmp_path / "one.json", Report(findings=found))
    moved = (finding("B", 70, path="0.yml"), finding("B"), finding("A", 1))
    baseline.write(tmp_path / "two.json", Report(findings=moved))
    text = (tmp_path / "one.json").read_text()

    assert text == (tmp_path / "two.json").read_text()
    assert text.endswith("\n")


def test_paths_are_seen_from_the_folder_of_the_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "link").symlink_to("rules")
    (tmp_path / "rules/b.yml").touch()
    file = tmp_path / "b.json"
    monkeypatch.chdir(tmp_path)
    server = finding("down", 0, "http://127.0.0.1:9090")
    baseline.write(file, Report(findings=(finding("as in rules/b.yml:3", path="rules/a.yml"), server)))
    held = [each["path"] for each in json.loads(file.read_text())["accepted"]]
    monkeypatch.chdir(tmp_path / "rules")

    assert held == ["http://127.0.0.1:9090", "rules/a.yml"]
    for folder in ("", "../rules/", f"{tmp_path}/rules/", "../link/"):
        for named in (file, Path("../b.json")):
            found = finding(f"as in {folder}b.yml:3", path=f"{folder}a.yml")
            assert apply(named, found, server) == Report(known=2)


def test_hostile_names_come_back_as_they_were(tmp_path: Path) -> None:
    found = finding("A", path="\x1b[2J\u202e.yml")
    baseline.write(tmp_path / "b.json", Report(findings=(found,)))

    assert "\x1b" not in (tmp_path / "b.json").read_text()
    assert apply(tmp_path / "b.json", found) == Report(known=1)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"accepted": [{"path": 1}]}', "\x00", '{"accepted": [], "x": 1}']
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(text)

    with pytest.raises(FileError, match=r"baseline .*b\.json: is no baseline \("):
        baseline.read(file)
    with pytest.raises(FileError, match=r"baseline .*b\.json: is no baseline .*: not overwritten"):
        baseline.write(file, Report())
    assert file.read_text() == text


def test_a_baseline_is_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    baseline.write(file, Report(findings=(finding("A"),)))
    baseline.write(file, Report(findings=(finding("B"),)))

    assert apply(file, finding("B")) == Report(known=1)


def test_a_file_that_is_not_there_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="write it with --accept"):
        baseline.read(tmp_path / "b.json")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(CockpitError, match="is not written"):
        baseline.write(tmp_path / "none" / "b.json", Report())
