"""What `cockpit runbook` prints: the table, the text, the JSON, and one line for what goes wrong."""

import json
from pathlib import Path

import pytest

from cockpit.__main__ import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COCKPIT_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "none.toml").write_text("")
    books = tmp_path / "books"
    books.mkdir()
    (books / "disk.md").write_text(
        "---\nalerts: [DiskFull]\n---\n# Disk \x1b[31m\n## Diagnosis\n```promql\nup\n```\n"
        "## Mitigation\nRun `df -h`.\n"
    )
    (books / "bad.md").write_bytes(b"\0" * 100)
    return books


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = main(list(args))
    out, err = capsys.readouterr()
    return code, out, err


def test_list_names_every_runbook_and_each_problem(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, out, err = run(capsys, "runbook", "list", "--runbooks", str(folder))
    assert code == 0
    assert out.splitlines()[1].split() == ["disk.md", "Disk", "␛[31m", "1", "1", "DiskFull"]
    assert "bad.md: not text" in err


def test_show_prints_text_sections_and_json(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    show = ("runbook", "show", "disk", "--runbooks", str(folder))
    assert "␛[31m" in run(capsys, *show)[1]
    assert run(capsys, *show, "--section", "resolution")[1] == "## Mitigation\nRun `df -h`.\n"
    document = json.loads(run(capsys, *show, "-o", "json", "--section", "triage")[1])
    assert [q["expr"] for q in document["queries"]] == ["up"]
    assert document["commands"] == []
    assert document["text"].startswith("## Diagnosis")


@pytest.mark.parametrize("args", [("show", "dik.md"), ("show", "disk", "--section", "Nowhere")])
def test_what_is_not_there_is_one_line(
    capsys: pytest.CaptureFixture[str], folder: Path, args: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, "runbook", *args, "--runbooks", str(folder))
    assert (code, out) == (2, "")
    assert "disk.md" in err
    assert "Traceback" not in err
