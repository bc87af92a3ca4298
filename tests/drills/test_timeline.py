"""What happened in an exercise, event by event, in words."""

from pathlib import Path
from typing import Any

from cockpit.drills import events
from cockpit.drills.timeline import timeline
from tests.drills.diary import Diary


def said(diary: Diary) -> list[str]:
    """Return what is told of the exercise."""
    return [each.said for each in timeline(diary.exercise())]


def test_every_event_is_told_in_words_with_its_time(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.fires()
    diary.add(events.HINT, phase=2)
    diary.triage(runbook="up")
    events.note(diary.journal, "we were slow", by="facilitator")
    events.score_by_hand(diary.journal, 2, 0.5, "told me aloud", "Kim")
    diary.end()
    events.action_item(diary.journal, "mend it", "Ann")
    diary.add(events.CLEANED, left=["relay_synth/x"])
    assert said(diary) == [
        "planned",
        "begun",
        "phase 1, Fires, begins",
        "passed: Down fires",
        "phase 1, Fires, ends: all of it holds",
        "phase 2, Triage, begins",
        "phase 2, Triage, waits for the operator",
        "phase 2, Triage, a hint is taken",
        "the operator opened the runbook: up",
        "the operator opened the runbook: down",
        "the operator asked: rate(errors_total[5m])",
        "Which code? The operator: rate_limited",
        "note of the facilitator: we were slow",
        "phase 2, Triage, scored 0.5 by hand by Kim: told me aloud",
        "phase 2, Triage, ends",
        "finished",
        "action item for Ann: mend it",
        "cleaned up, but for relay_synth/x",
    ]
    assert timeline(diary.exercise())[1].at == 1002.0


def test_what_stopped_the_clock_and_what_could_not_be_looked_at_is_told_with_its_reason(
    tmp_path: Path,
) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.add(events.PHASE_BEGUN, phase=1)
    diary.add(events.BLIND, phase=1, condition=0, said="Prometheus did not answer")
    diary.add(events.SIGHTED, phase=1, condition=0)
    diary.add(events.PAUSED, cause="coffee")
    diary.add(events.PROCEEDED, cause="back")
    diary.add(events.RESUMED, lost_at=diary.now)
    diary.add(events.SEEN, phase=1, condition=0, outcome="failed", said="it is pending")
    diary.add(events.ABORTED, cause="lunch")
    assert said(diary)[3:] == [
        "cannot be looked at: Down fires: Prometheus did not answer",
        "can be looked at again: Down fires",
        "paused: coffee",
        "goes on: back",
        "taken up again after an interruption",
        "failed: Down fires: it is pending",
        "aborted: lunch",
    ]


def test_what_makes_no_sense_in_a_journal_that_anybody_may_write_is_left_out(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    nonsense: list[tuple[str, dict[str, Any]]] = [
        (events.PHASE_BEGUN, {"phase": [1]}),
        (events.PHASE_BEGUN, {"phase": 9}),
        (events.SEEN, {"phase": 1, "condition": 7, "outcome": "passed"}),
        (events.SEEN, {"phase": 1, "condition": "0", "outcome": "passed"}),
        (events.SEEN, {"phase": 1, "condition": 0, "outcome": "awaited"}),
        (events.BLIND, {"phase": None, "condition": 0}),
        (events.ANSWERED, {"phase": 1, "task": 0, "text": "x"}),
        (events.DONE, {"what": "danced"}),
        (events.SCORED, {"phase": 1, "points": "1"}),
        ("drill.unheard-of", {}),
    ]
    for kind, data in nonsense:
        diary.add(kind, **data)
    diary.add(events.CLEANED, left="all")
    assert said(diary) == ["planned", "begun", "cleaned up: nothing is left"]
