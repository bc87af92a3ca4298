"""A running exercise as lines: what is said of what was, is and is to come, and what is kept for later."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cockpit.drills import events
from cockpit.drills.model import Drill
from cockpit.drills.state import Outcome, Seen
from cockpit.tui import drill_page
from cockpit.tui.glyphs import ASCII, UNICODE
from cockpit.tui.lines import Line, width_of
from tests.drills.diary import DRILL, Diary
from tests.tui.drilled import TABLETOP, Told, held, triaged, until_triage


def texts(rows: Sequence[Line]) -> list[str]:
    return ["".join(part.text for part in row).rstrip() for row in rows]


def kinds(row: Line) -> set[str]:
    return {part.kind for part in row if part.text.strip()}


def page(
    diary: Diary, *, live: tuple[Seen, ...] = (), trouble: tuple[str, ...] = (), width: int = 118
) -> str:
    rows, _ = drill_page.checklist(diary.exercise(), live, trouble, width, UNICODE)
    return "\n".join(texts(rows))


def in_triage(**plan: Any) -> Told:
    diary = Told(**plan)
    until_triage(diary)
    return diary


def test_what_was_is_a_row_each_and_what_comes_is_only_named() -> None:
    diary = in_triage()
    rows = page(diary, width=200).splitlines()
    (first,), (fired, told), *_ = (
        [seen.said for seen in each.conditions] for each in diary.exercise().phases
    )
    assert rows[0] == f" ✓ 1 Inject synthetic error rate    1   {first}"
    assert rows[1] == f" ✓ 2 Alert fires                    1   {fired}; {told}"
    assert rows[2] == " > 3 Triage"
    assert rows[-1] == "   4 Apply mitigation    5 Alert inhibition    6 Resolution"
    assert "What would you do" not in page(diary)


def test_a_phase_that_asks_what_the_machine_sees_does_not_show_it() -> None:
    both = {**TABLETOP["phases"][2], "verify": [{"expr": "max(errors)", "below": 0.01}]}
    diary = Diary(events.journal_of("20261121-171834-1111").path, drill={**TABLETOP, "phases": [both] * 6})
    diary.add(events.PHASE_BEGUN, phase=1)
    assert "○ the machine verifies: 0 of 1 hold" in page(diary)
    diary.add(events.SEEN, phase=1, condition=0, outcome="passed", said="max(errors) is 0.001")
    assert "✓ the machine verifies: 1 of 1 hold" in page(diary)
    assert "max(errors)" not in page(diary)


def test_what_was_done_and_brought_nothing_has_no_tick() -> None:
    diary = in_triage()
    triaged(diary)
    assert " ✓ 3 Triage                         0.5 " in page(diary)
    diary = Told("20261121-171834-9999")
    until_triage(diary)
    events.hint(diary.journal, 3)
    triaged(diary)
    assert " - 3 Triage                         0 " in page(diary)


def test_the_current_phase_says_what_is_asked_and_what_was_done() -> None:
    diary = in_triage()
    assert "○ open the right runbook" in page(diary)
    assert "gmail-send-high-error-rate" not in page(diary), "which runbook is right is the question"
    events.done(diary.journal, "opened", runbook="gmail-send-high-latency")
    events.done(diary.journal, "opened", runbook="gmail-send-high-error-rate")
    events.answer(diary.journal, 3, 2, "timeout")
    shown = page(diary)
    assert "✓ open the right runbook  opened gmail-send-high-error-rate" in shown
    assert "✗ wrong runbook first: gmail-send-high-latency: half a point lost" in shown
    assert "✗ wrong answer: timeout: half a point lost" in shown
    assert "○ Which error code dominates?" in shown


def test_a_hint_is_shown_once_it_was_taken() -> None:
    diary = in_triage()
    assert "Query 1 of the runbook" not in page(diary)
    events.hint(diary.journal, 3)
    assert "hint, half a point: The alert's incident view" in page(diary)
    assert "Query 1 of the runbook" not in page(diary)


def test_a_phase_that_lost_points_says_why() -> None:
    diary = in_triage()
    triaged(diary)
    shown = page(diary)
    assert "✓ 3 Triage                         0.5 opened gmail-send-high-error-rate; asked sum by" in shown
    assert "     - wrong runbook first: gmail-send-high-latency" in shown


def test_what_is_verified_stands_as_it_was_seen_last() -> None:
    diary = Told()
    diary.begins(1)
    diary.sees(1, 0, "2 series pushed")
    diary.begins(2)
    live = (Seen(said="pending, 40 s of 1m"), Seen(outcome=Outcome.INCONCLUSIVE, said="the sink is silent"))
    shown = page(diary, live=live, trouble=("the sink does not answer",))
    assert shown.startswith(" trouble: the sink does not answer")
    assert "○ GmailSendErrorRateWarning fires  pending, 40 s of 1m" in shown
    assert "within 2m, with runbook and summary  the sink is silent" in shown
    diary.sees(2, 0, "the warning fires at 2 %")
    assert "✓ the warning fires at 2 %" in page(diary, live=live)


def test_what_was_not_looked_at_yet_is_awaited() -> None:
    diary = Told()
    diary.begins(1)
    diary.begins(2)
    assert "○ GmailSendErrorRateWarning fires  awaited" in page(diary)


@pytest.mark.parametrize(
    ("seconds", "said", "kind"),
    [(161, "2m41s of 5m", "plain"), (241, "4m01s of 5m", "warn"), (301, "5m01s of 5m", "crit")],
)
def test_the_clock_is_seen_to_run_out(seconds: float, said: str, kind: str) -> None:
    diary = in_triage()
    begun = diary.exercise().phases[2].begun_at
    assert begun is not None
    _, where = drill_page.heading(diary.exercise(), begun + seconds, 80, UNICODE)
    assert texts([where])[0].endswith(said)
    assert kind in kinds(where[-2:])


def test_the_machines_limit_is_that_of_the_labs_speed() -> None:
    diary = Told()
    diary.begins(1)
    _, where = drill_page.heading(diary.exercise(), diary.now, 80, UNICODE)
    assert texts([where])[0].endswith("0s of 40s")


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        ((), "waiting for you"),
        (("pause",), "paused by the operator"),
        (("pause", "proceed"), "waiting for you"),
        (("abort",), "aborted: what it played heals and is deleted"),
    ],
)
def test_each_state_is_said_in_words(happens: tuple[str, ...], said: str) -> None:
    diary = in_triage()
    for each in happens:
        getattr(events, each)(diary.journal, "by the operator")
    assert texts([drill_page.state_words(diary.exercise())]) == [said]


def test_an_exercise_that_is_over_and_clean_says_so_alone() -> None:
    assert texts([drill_page.state_words(held(Told()).exercise())]) == ["finished"]


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_line_of_other_screens_fits_and_keeps_clock_and_key(width: int, glyphs: Any) -> None:
    diary = Told("20261121-171834-4444")
    until_triage(diary)
    row = drill_page.status(diary.exercise(), "ctrl-d", diary.now + 30, width, glyphs)
    assert width_of(row) == width
    if width >= 80:
        assert " DRILL   phase 3 of 6: Triage  " in texts([row])[0]
        assert texts([row])[0].endswith("ctrl-d: back to the drill")
        events.pause(diary.journal, "by the facilitator")
        row = drill_page.status(diary.exercise(), "0", diary.now + 30, width, glyphs)
        assert " of 5m  paused" in texts([row])[0]


def test_a_long_name_gives_way_to_the_clock() -> None:
    long = {**TABLETOP, "phases": [{**each, "name": "n" * 150} for each in TABLETOP["phases"]]}
    diary = Told("20261121-171834-5555")
    diary.journal.path.unlink()
    diary.journal.append(events.PLANNED, drill=Drill.model_validate(long).document(), plan={"context": "lab"})
    diary.journal.append(events.BEGUN)
    diary.journal.append(events.PHASE_BEGUN, phase=1)
    said = texts([drill_page.status(diary.exercise(), "0", diary.now, 80, UNICODE)])[0]
    assert "nnn…  0s of 5m" in said
    assert said.endswith("0: back to the drill")


def test_a_blind_exercise_names_neither_drill_nor_machines_phases_nor_what_comes() -> None:
    diary = in_triage(blind=True)
    now = diary.now
    shown = page(diary) + "".join(texts(drill_page.heading(diary.exercise(), now, 120, UNICODE)))
    shown += texts([drill_page.status(diary.exercise(), "0", now, 120, UNICODE)])[0]
    assert "3 Triage" in shown
    assert "Which error code dominates?" in shown
    assert "2 the machine's part" in shown
    fires = Told("20261121-171834-8888", blind=True)
    fires.begins(1)
    fires.begins(2)
    assert fires.exercise().phases[1].phase.brief
    assert "the warning" not in page(fires), "what the machine's part is waiting for tells the drill"
    assert "3 more to come" in shown
    for secret in ("tabletop", "warning to critical", "Inject", "GmailSend", "error-rate-warn", "Resolution"):
        assert secret not in shown
    held_blind = held(Told("20261121-171834-7777", blind=True))
    assert "tabletop-01" in texts(drill_page.heading(held_blind.exercise(), now, 120, UNICODE))[0]


def test_a_blind_exercise_does_not_say_which_condition_failed_beside_a_task(tmp_path: Path) -> None:
    both = {"name": "Both", "limit": "5m", "verify": [{"firing": "Down"}], "operator": [{"opened": "down"}]}
    drill = {**DRILL, "phases": [both, *DRILL["phases"]]}
    diary = Diary(tmp_path / "x.jsonl", drill=drill, blind=True)
    diary.add(events.PHASE_BEGUN, phase=1)
    diary.add(events.SEEN, phase=1, condition=0, outcome="failed", said="Down does not fire")
    diary.add(events.PHASE_ENDED, phase=1, cause="the time is up")
    diary.add(events.PHASE_BEGUN, phase=2)
    shown = "\n".join(texts(drill_page.checklist(diary.exercise(), (), (), 120, UNICODE)[0]))
    assert "1 Both" in shown
    assert "Down" not in shown


def test_a_blind_exercise_counts_what_holds() -> None:
    diary = Told(blind=True)
    diary.begins(1)
    diary.begins(2)
    live = (Seen(outcome=Outcome.PASSED, said="GmailSendErrorRateWarning fires"), Seen())
    assert "the machine verifies: 1 of 2 hold" in page(diary, live=live)


def test_the_last_notes_of_the_operator_are_shown() -> None:
    diary = in_triage()
    for number in range(5):
        events.note(diary.journal, f"note {number}")
    events.note(diary.journal, "he sweats", by="facilitator")
    shown = page(diary)
    assert "NOTES  5, the last 3" in shown
    assert "note 4" in shown
    assert "note 1" not in shown
    assert "he sweats" not in shown


def test_before_it_begins_a_drill_tells_no_question_and_no_answer() -> None:
    shown = "\n".join(texts(drill_page.drill_lines(Drill.model_validate(TABLETOP), 10.0, 100)))
    assert "6 phases, a point each; 5 pass. Grades: A+ from 6" in shown
    assert "3 Triage" in shown
    assert "you, 5m" in shown
    assert "the machine, 15m" in shown
    assert "at speed 10" in shown
    for kept in ("Which error code", "rate_limited", "What would you do", "GmailSend", "hint"):
        assert kept not in shown


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_row_is_wider_than_the_page(width: int) -> None:
    diary = in_triage()
    triaged(diary)
    events.note(diary.journal, "x" * 300)
    rows, at = drill_page.checklist(diary.exercise(), (), ("y" * 300,), width, ASCII)
    assert max(map(width_of, rows)) <= width
    assert texts(rows)[at] == " > 4 Apply mitigation"
    assert all(row.isascii() for row in texts(rows))
