"""Which alerts were drilled, and whether they are still those that were."""

from pathlib import Path
from typing import Any

import pytest

from cockpit.drills import events, history
from cockpit.drills.coverage import Covered, coverage, document
from cockpit.drills.digests import digests
from cockpit.drills.state import Mode
from cockpit.errors import UsageError
from cockpit.runbooks.library import Library
from tests.drills.diary import DRILL, Diary

RULES = """
groups:
  - name: relay
    rules:
      - {alert: Down, expr: "up == 0", for: 5m, annotations: {runbook_url: down.md}}
      - {alert: Slow, expr: "delay_seconds > 1"}
      - {alert: Watchdog, expr: "vector(1)"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of scenarios with rules, and a runbook beside it."""
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "relay.yml").write_text(RULES)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "down.md").write_text("# Down\n")
    return tmp_path


def runbooks(folder: Path) -> Library:
    """Return the runbooks as they are now."""
    return Library.read([folder / "runbooks"])


def begun(folder: Path, number: int, **planned: Any) -> Diary:
    """Begin the exercise of that number, with the rule and the runbook of the alert as they are now."""
    now = digests(["Down"], folder / "rules", runbooks(folder))
    path = events.folder() / f"20261121-{number:02}0000-0000.jsonl"
    planned.setdefault("digests", now)
    return Diary(path, now=1000.0 + 3600 * number, **planned)


def finished(folder: Path, number: int, outcome: str = "passed", **planned: Any) -> None:
    """Play one to its end."""
    diary = begun(folder, number, **planned)
    diary.fires(outcome, "it is so")
    diary.end()


def found(folder: Path) -> Covered:
    """Return how the one alert is covered that the drill is about."""
    down, slow = coverage(folder, runbooks(folder))
    assert slow == Covered(alert="Slow")
    return down


def test_an_alert_is_drilled_by_the_last_finished_exercise_that_saw_it_fire(folder: Path) -> None:
    assert found(folder) == Covered(alert="Down")
    assert not found(folder).is_drilled
    finished(folder, 1, drill=DRILL | {"name": "another"})
    finished(folder, 2)
    finished(folder, 3, "failed")
    begun(folder, 4).fires()
    down = found(folder)
    assert down.is_drilled
    assert (down.drill, down.exercise, down.at) == ("tabletop-99", "20261121-020000-0000", 8202.0)


def test_an_aborted_exercise_drilled_nothing(folder: Path) -> None:
    diary = begun(folder, 1)
    diary.fires()
    diary.add(events.ABORTED, cause="lunch")
    assert history.exercises()[0].is_over
    assert not found(folder).is_drilled


def test_an_unattended_one_verified_the_chain_and_says_that_nobody_was_there(folder: Path) -> None:
    finished(folder, 1, mode=Mode.UNATTENDED)
    assert (found(folder).is_drilled, found(folder).mode) == (True, Mode.UNATTENDED)


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("rules/relay.yml", "for: 5m", "for: 2h", ("rule",)),
        ("runbooks/down.md", "# Down", "# Up", ("runbook",)),
        ("rules/relay.yml", "runbook_url: down.md", "runbook_url: none.md, x: y", ("rule",)),
        ("rules/relay.yml", "delay_seconds > 1", "delay_seconds > 2", ()),
    ],
)
def test_it_counts_as_undrilled_once_its_rule_or_its_runbook_changed(
    folder: Path, file: str, old: str, new: str, changed: tuple[str, ...]
) -> None:
    finished(folder, 1)
    path = folder / file
    path.write_text(path.read_text().replace(old, new))
    assert found(folder).changed == changed
    assert found(folder).is_drilled == (not changed)


def test_what_was_not_noted_when_it_was_drilled_cannot_be_told_to_be_the_same(folder: Path) -> None:
    finished(folder, 1, digests={})
    assert found(folder).changed == ("rule", "runbook")


def test_a_row_as_json_tells_what_is_not_known_as_null(folder: Path) -> None:
    finished(folder, 1)
    down, slow = map(document, coverage(folder, runbooks(folder)))
    assert down == {
        "alert": "Down",
        "drilled": True,
        "drill": "tabletop-99",
        "exercise": "20261121-010000-0000",
        "at": "1970-01-01T01:16:42Z",
        "mode": "alone",
        "changed": [],
    }
    assert (slow["drilled"], slow["drill"], slow["at"]) == (False, None, None)


def test_without_rule_files_it_says_where_it_looked(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"rule file .*elsewhere/rules: No such file.*--scenarios"):
        coverage(folder / "elsewhere", runbooks(folder))
    (folder / "rules" / "relay.yml").unlink()
    with pytest.raises(UsageError, match=r"no rule file in .*/rules: name a folder .* --scenarios"):
        coverage(folder, runbooks(folder))
