"""Where the findings of a report are, for who does not stand in the current folder."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.contract.model import Finding, NotRead, Report, Severity, Suppressed
from cockpit.contract.paths import placed, repository_root


def finding(path: str, line: int = 1) -> Finding:
    return Finding(rule="a/b", severity=Severity.ERROR, path=path, line=line, message="", remedy="")


def test_paths_are_relative_to_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "rules").mkdir()
    monkeypatch.chdir(tmp_path / "rules")
    for name in ("rules/b.yml", "docs/a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    named = replace(
        finding("../docs/a.md"),
        message="see b.yml#x; did you mean ../docs/a.md?",
        remedy="not https://b.yml/x, e.g. c.yml.",
    )
    report = Report(
        findings=(
            named,
            finding("b.yml"),
            finding("../../c.yml"),
            finding("http://prom", 0),
        ),
        suppressed=(Suppressed(finding("b.yml"), "why"),),
        consequences=(finding("b.yml"),),
        not_read=(NotRead("d.yml", "empty"),),
    )
    moved = placed(report, repository_root(Path.cwd()))

    assert [each.path for each in moved.findings] == [
        "docs/a.md",
        "rules/b.yml",
        f"{tmp_path.parent}/c.yml",
        "http://prom",
    ]
    assert moved.findings[0].message == "see rules/b.yml#x; did you mean docs/a.md?"
    assert moved.findings[0].remedy == "not https://b.yml/x, e.g. c.yml."
    assert moved.suppressed[0].finding.path == moved.consequences[0].path == "rules/b.yml"
    assert moved.not_read[0].path == "rules/d.yml"


def test_without_a_repository_they_are_relative_to_the_current_folder(tmp_path: Path) -> None:
    if not any((each / ".git").exists() for each in tmp_path.parents):
        assert repository_root(tmp_path) == tmp_path
