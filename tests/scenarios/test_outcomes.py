"""When a scenario was last proven and played: with which files, and where."""

from pathlib import Path

import pytest

from cockpit.journal.journal import Journal
from cockpit.scenarios.library import Item, library, note_proof

SCENARIO = "name: spike\ntitle: t\nduration: 5m\nsignals: [{gauge: level, value: 1}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "synthetic").mkdir()
    (tmp_path / "rules").mkdir()
    (tmp_path / "synthetic" / "spike.yaml").write_text(SCENARIO)
    (tmp_path / "rules" / "own.yml").write_text("groups: []\n")
    return tmp_path


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def only(folder: Path, journal: Journal, context: str | None = None) -> Item:
    (item,) = library(folder, journal, context)
    return item


def test_a_proof_counts_until_the_scenario_or_a_rule_changes(folder: Path, journal: Journal) -> None:
    assert only(folder, journal).proved is None
    for changed in ("synthetic/spike.yaml", "rules/own.yml"):
        note_proof(journal, folder, "spike", passed=True)
        found = only(folder, journal).proved
        assert found is not None
        assert (found.passed, found.outdated) == (True, False)
        path = folder / changed
        path.write_text(f"{path.read_text()}# another\n")
        found = only(folder, journal).proved
        assert found is not None
        assert found.outdated


def test_a_proof_with_other_rules_is_none_with_these(folder: Path, journal: Journal) -> None:
    note_proof(journal, folder, "spike", passed=True, own_rules=False)
    found = only(folder, journal).proved
    assert found is not None
    assert found.outdated


def test_what_was_played_elsewhere_was_not_played_here(folder: Path, journal: Journal) -> None:
    journal.append("scenario.played", scenario="spike", context="lab", passed=True)
    assert only(folder, journal, "staging").played is None
    found = only(folder, journal, "lab").played
    assert found is not None
    assert (found.passed, found.context) == (True, "lab")
    assert only(folder, journal).played == found
