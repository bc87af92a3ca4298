"""How long the people took, and who facilitated them, by the journal alone."""

from pathlib import Path

from cockpit.drills import events
from cockpit.drills.report import document, markdown
from cockpit.drills.score import times
from tests.drills.diary import DRILL, Diary

DECIDING = {
    **DRILL,
    "phases": [
        DRILL["phases"][0],
        {
            "name": "Decide",
            "limit": "5m",
            "operator": [
                {"choice": "Who is hurt?", "of": ["all", "few"], "accept": ["all"]},
                {"decision": "What do you do?"},
            ],
        },
    ],
}


def test_the_time_to_decide_is_that_of_the_decision_and_not_of_a_triage_question(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl", drill=DECIDING)
    diary.fires()
    told = times(diary.exercise()).told_at
    assert told is not None
    diary.add(events.ANSWERED, later=5, phase=2, task=0, text="all")
    assert times(diary.exercise()).decide is None
    diary.add(events.ANSWERED, later=60, phase=2, task=1, text="send less")
    assert times(diary.exercise()).decide == diary.now - told


def test_the_peoples_times_leave_out_pauses_and_what_nobody_ran(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.add(events.PAUSED, later=1, cause="before the alert")
    diary.add(events.PROCEEDED, later=50, cause="back")
    diary.fires()
    told = times(diary.exercise()).told_at
    assert told is not None
    diary.add(events.PAUSED, later=10, cause="coffee")
    diary.add(events.PROCEEDED, later=600, cause="back")
    diary.add(events.RESUMED, later=500, lost_at=diary.now + 20)
    diary.add(events.DONE, later=7, what="opened", runbook="down")
    assert times(diary.exercise()).runbook == diary.now - told - 600 - 480


def test_who_scored_by_hand_is_named_as_the_facilitator(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "20261121-171834-3f2a.jsonl")
    diary.fires()
    diary.end()
    assert document(diary.exercise())["participants"]["facilitator"] == ""
    events.score_by_hand(diary.journal, 2, 0.5, "told me aloud", "Kim")
    assert "Facilitator: Kim" in markdown(diary.exercise())
    planned = Diary(tmp_path / "y.jsonl", facilitator="Sam")
    planned.fires()
    events.score_by_hand(planned.journal, 1, 1, "seen", "Kim")
    assert planned.exercise().facilitator == "Sam"


def test_a_report_shows_the_seconds_that_the_clocks_showed_and_says_whose_time_is_told(
    tmp_path: Path,
) -> None:
    diary = Diary(tmp_path / "x.jsonl", speed=10.0)
    diary.fires()
    diary.triage()
    diary.add(events.PHASE_ENDED, later=0.9, phase=2, cause="")
    told = markdown(diary.exercise())
    assert "| 2 | Triage | passed | 1 | 5s |" in told
    assert "at speed 10; how long an alert or a message took is told as of speed 1" in told
    assert "as of speed 1" not in markdown(Diary(tmp_path / "y.jsonl").exercise())
