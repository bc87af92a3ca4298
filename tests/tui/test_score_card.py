"""The score card: what it says of an exercise, and what is done on it."""

from pathlib import Path
from typing import Any

import pytest

from cockpit.config import Ui
from cockpit.drills import events, history
from cockpit.drills.state import Exercise, Mode, Outcome
from cockpit.tui import evidence, score_page
from cockpit.tui.glyphs import ASCII, UNICODE
from cockpit.tui.lines import Line, width_of
from cockpit.tui.screens.score_card import ScoreCardScreen
from tests.drills.diary import DRILL, Diary
from tests.tui import drilled
from tests.tui.driver import Driver, running
from tests.tui.fakes import NOW, Servers


def text_of(rows: tuple[Line, ...]) -> str:
    """Return lines as a person reads them."""
    return "\n".join("".join(part.text for part in row) for row in rows)


def head_of(exercise: Exercise, width: int = 120) -> str:
    """Return the headline of an exercise."""
    return text_of(score_page.headline(exercise, width, UNICODE))


async def opened(driver: Driver, exercise: str = drilled.ID) -> None:
    """Open the card."""
    driver.app.push_screen(ScoreCardScreen(exercise))
    await driver.shows("of 6 points")


def test_the_headline_has_grade_points_mark_people_and_place() -> None:
    head = head_of(drilled.held(drilled.Told()).exercise())
    for part in (
        "├─┤",
        "tabletop-01",
        "5 of 6 points, passed; the mark is 5",
        "Sam, alone",
    ):
        assert part in head
    assert "lab at speed 10, 8m10s in all" in head


def test_below_the_mark_it_is_not_passed() -> None:
    diary = drilled.held(drilled.Told())
    events.score_by_hand(diary.journal, 6, 0, "nobody looked", "Kim")
    result = head_of(diary.exercise())
    assert "4 of 6 points, not passed" in result
    rows = score_page.phase_lines(diary.exercise(), diary.exercise().phases[5], NOW, 120, UNICODE)
    assert "by hand" in text_of(rows)
    assert "0 by hand, Kim: nobody looked" in text_of(rows)


def test_an_unattended_one_has_no_grade_and_says_what_is_unscored() -> None:
    diary = drilled.Told(mode=Mode.UNATTENDED)
    drilled.held(diary, wrong="", hints=0)
    head = head_of(diary.exercise())
    assert "PASS" in head
    assert "4 of 4 points" in head
    assert "2 of the operator's phases unscored, no grade" in head
    assert "unattended" in head
    assert "nobody took part" in text_of(score_page.times_lines(diary.exercise(), ()))


def test_an_aborted_one_says_so_and_which_phases_were_not_reached() -> None:
    diary = drilled.Told()
    drilled.until_triage(diary)
    events.abort(diary.after(300).journal, "a real alert came")
    exercise = diary.exercise()
    assert "ABORTED" in head_of(exercise)
    assert "aborted: a real alert came" in head_of(exercise, 78)
    phases = [
        text_of(score_page.phase_lines(exercise, phase, NOW, 120, UNICODE)) for phase in exercise.phases
    ]
    assert "cut short" in phases[2]
    assert "not reached" in phases[3]


def test_a_phase_to_come_that_asks_people_has_their_limit(tmp_path: Path) -> None:
    both = {**DRILL["phases"][0], "operator": [{"decision": "What now?"}]}
    diary = Diary(tmp_path / "x.jsonl", drill={**DRILL, "phases": [both, DRILL["phases"][0]]}, speed=10.0)
    said = [evidence.time_words(diary.exercise(), each, NOW) for each in diary.exercise().phases]
    assert said == ["of 5m", "of 40s"]


def test_what_is_inconclusive_is_neither_passed_nor_failed() -> None:
    diary = drilled.held(drilled.Told())
    lost = [
        each
        for each in diary.journal.entries()
        if not (each.kind == events.SEEN and each.data["phase"] == 6 and each.data["condition"] == 2)
    ]
    blind = drilled.Told("20261121-171900-0000")
    for entry in lost[2:]:
        if entry.kind == events.PHASE_ENDED and entry.data["phase"] == 6:
            blind.now = entry.at
            blind.sees(6, 2, "the Pushgateway did not answer", outcome=Outcome.INCONCLUSIVE)
        blind.now = entry.at
        blind.tells(entry.kind, **entry.data)
    exercise = blind.exercise()
    assert "INCONCLUSIVE" in head_of(exercise)
    assert "neither passed nor failed" in head_of(exercise)
    rows = text_of(score_page.phase_lines(exercise, exercise.phases[5], NOW, 120, UNICODE))
    assert "- the Pushgateway did not answer" in rows


def test_what_was_left_behind_stands_out() -> None:
    diary = drilled.held(drilled.Told())
    assert score_page.left_lines(diary.exercise(), 80) == ()
    diary.tells(events.CLEANED, left=["error-rate-warn at http://gateway.example"])
    rows = score_page.left_lines(diary.exercise(), 80)
    assert rows[0][0] == (" LEFT BEHIND ", "alarm")
    assert "error-rate-warn at http://gateway.example" in text_of(rows)


def test_wrong_turns_and_hints_stand_in_their_order() -> None:
    rows = text_of(score_page.wrong_lines(drilled.held(drilled.Told()).exercise(), 120)).splitlines()
    assert rows[1].endswith("Triage: wrong runbook first: gmail-send-high-latency")
    assert rows[2].endswith("17:23:14Z  Apply mitigation: a hint")


def test_times_stand_beside_those_of_the_last_runs() -> None:
    drilled.held(drilled.Told("20261114-160000-5d11", began=NOW - 700_000), lag=30)
    drilled.held(drilled.Told("20261115-160000-5d12", mode=Mode.UNATTENDED, began=NOW - 600_000))
    drilled.held(drilled.Told("20261116-160000-5d13", began=NOW - 500_000), lag=10)
    now = drilled.held(drilled.Told()).exercise()
    past = tuple(history.comparable(now, history.exercises()))
    assert [each.id for each in past] == ["20261116-160000-5d13", "20261114-160000-5d11"]
    rows = text_of(score_page.times_lines(now, past)).splitlines()
    assert rows[1].split() == ["to", "detect", "it", "34s", "44s", "1m04s"]
    assert rows[4].split() == ["to", "decide", "4m28s", "4m38s", "4m58s"]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Mend the link @kim", ("Mend the link", "kim")),
        ("@kim  Mend the link", ("Mend the link", "kim")),
        ("Ask @sam about it @kim", ("Ask @sam about it", "kim")),
        ("Mend the link", ("Mend the link", "")),
        ("@kim", ("", "kim")),
        ("  ", ("", "")),
    ],
)
def test_an_action_item_has_its_owner_behind_an_at(text: str, item: tuple[str, str]) -> None:
    assert score_page.parse_action(text) == item


@pytest.mark.parametrize("width", [40, 78, 118, 200])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_no_line_is_wider_than_the_screen(width: int, glyphs: Any) -> None:
    exercise = drilled.tabletop().exercise()
    rows: list[Line] = [*score_page.headline(exercise, width, glyphs)]
    for phase in exercise.phases:
        rows += score_page.phase_lines(exercise, phase, NOW, width, glyphs, opened=True)
    rows += score_page.debrief_lines(exercise, width) + score_page.action_lines(exercise, width, glyphs)
    if width >= 78:
        assert max(map(width_of, rows)) <= width
    if glyphs.ascii:
        assert text_of(tuple(rows)).isascii()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_enter_opens_all_the_evidence_of_a_phase(size: tuple[int, int]) -> None:
    drilled.tabletop()
    async with running(Servers(), size) as driver:
        await opened(driver)
        await driver.press("j", "enter")
        await driver.shows("alertname=GmailSendErrorRateWarning", "0.0208", "17:19:58Z")
        await driver.press("g", "j", "enter")
        await driver.until(lambda: "0.0208" not in driver.text)


async def test_an_action_item_is_listed_at_once_with_its_owner() -> None:
    diary = drilled.held(drilled.Told())
    async with running(Servers(), (120, 50)) as driver:
        await opened(driver)
        await driver.shows("none yet: a adds one")
        await driver.press("a", "enter")
        await driver.shows("write what is to be done")
        await driver.type("Mend it @kim")
        await driver.press("enter")
        await driver.shows("Mend it", "@kim")
        await driver.until(lambda: len(diary.exercise().action_items) == 1)
        assert diary.exercise().action_items[0].data == {"text": "Mend it", "owner": "kim"}


async def test_the_report_goes_into_a_new_file_and_never_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    drilled.held(drilled.Told())
    taken = tmp_path / f"drill-{drilled.ID}.md"
    taken.write_text("mine", encoding="utf-8")
    async with running(Servers()) as driver:
        await opened(driver)
        await driver.press("w")
        await driver.shows(f"drill-{drilled.ID}.md")
        await driver.press("enter")
        await driver.shows("it is there already: name another file")
        await driver.press("ctrl+u")
        await driver.type("~nobody-is-called-so/x.md")
        await driver.press("enter")
        await driver.shows("Could not determine home directory")
        await driver.press("ctrl+u")
        await driver.type("new.md")
        await driver.press("enter")
        await driver.until((tmp_path / "new.md").exists)
        await driver.shows("written:")
    assert taken.read_text(encoding="utf-8") == "mine"
    assert "tabletop-01" in (tmp_path / "new.md").read_text(encoding="utf-8")


async def test_an_exercise_that_is_not_there_is_said_with_those_that_are() -> None:
    drilled.held(drilled.Told())
    async with running(Servers()) as driver:
        driver.app.push_screen(ScoreCardScreen("20200101-000000-0000"))
        await driver.shows("no exercise begins with 20200101-000000-0000", drilled.ID)
        await driver.press("a", "w", "enter", "escape")
        await driver.shows("ALERTS")


async def test_a_journal_that_cannot_be_read_is_said() -> None:
    drilled.held(drilled.Told()).journal.path.rename(events.folder() / "other")
    events.journal_of(drilled.ID).path.mkdir()
    async with running(Servers()) as driver:
        driver.app.push_screen(ScoreCardScreen(drilled.ID))
        await driver.reads("Is a directory: mend it")


async def test_a_blind_exercise_stays_a_secret_until_it_is_over() -> None:
    diary = drilled.Told(blind=True)
    drilled.until_triage(diary)
    async with running(Servers()) as driver:
        driver.app.push_screen(ScoreCardScreen(drilled.ID))
        await driver.shows("stays a secret until it is over")
        await driver.press("w")
        assert "tabletop" not in driver.text
        events.abort(diary.after(300).journal, "enough")
        await driver.shows("tabletop-01", "aborted: enough")


async def test_before_the_first_phase_the_card_has_no_points() -> None:
    drilled.Told()
    async with running(Servers()) as driver:
        await opened(driver)
        await driver.shows("NOT OVER", "0 of 6 points so far", "to come")


async def test_hostile_text_in_a_journal_is_harmless() -> None:
    diary = drilled.held(drilled.Told())
    events.action_item(diary.journal, "[red]boo[/red] \x1b[31m @x", "kim\x07")
    diary.sees(6, 0, "\x1b]0;x\x07[b]", evidence="x")
    async with running(Servers(), (120, 50)) as driver:
        await opened(driver)
        await driver.shows("[red]boo[/red]")
        assert "\x1b" not in driver.text


async def test_without_utf8_the_card_is_ascii() -> None:
    drilled.tabletop()
    async with running(Servers(), (80, 24), Ui(ascii=True)) as driver:
        await opened(driver)
        await driver.press("enter", "G")
        await driver.pilot.pause()
        assert driver.text.isascii()


async def test_a_command_is_run_from_the_card_as_from_anywhere() -> None:
    drilled.held(drilled.Told())
    async with running(Servers()) as driver:
        await opened(driver)
        await driver.type(":runbooks")
        await driver.press("enter")
        await driver.shows("RUNBOOKS")
