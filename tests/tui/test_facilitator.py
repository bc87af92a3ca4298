"""The facilitator's screen: what comes, what is seen and done, and a phase scored by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from cockpit.config import Ui
from cockpit.drills import events
from cockpit.drills.running import hold
from cockpit.drills.state import State
from cockpit.tui import facilitator_page
from cockpit.tui.glyphs import UNICODE
from cockpit.tui.screens.facilitator import FacilitatorScreen
from tests.tui import drilled
from tests.tui.driver import Driver, running
from tests.tui.fakes import NOW, Servers
from tests.tui.playing import GATEWAY

if TYPE_CHECKING:
    from cockpit.drills.engine import Engine


@contextmanager
def run_by_somebody() -> Iterator[None]:
    """Run the exercise elsewhere."""
    with hold(drilled.ID, GATEWAY):
        yield


async def opened(driver: Driver, *shown: str) -> None:
    """Open the screen."""
    driver.app.push_screen(FacilitatorScreen(drilled.ID))
    await driver.shows("FACILITATOR", *shown)


async def confirmed(driver: Driver, question: str, key: str) -> None:
    """Answer a question."""
    await driver.shows(question)
    await driver.press(key)


def test_all_that_comes_is_told_with_answers_hints_and_notes() -> None:
    exercise = drilled.facilitated().exercise()
    rows = [
        row
        for phase in exercise.phases
        for row in facilitator_page.phase_lines(exercise, phase, NOW, 118, UNICODE)
    ]
    text = "\n".join("".join(part.text for part in row) for row in rows)
    for part in (
        "[gmail-send-high-error-rate]",
        "[rate_limited]",
        "hint 2: The rehearsal is the rows",
        "What would you do, and why?",
        "plays error-rate-crit",
        "stops all",
        "debrief: Whoever was told that it fires",
        "GmailSendErrorRateWarning inhibited by GmailSendErrorRateCritical",
    ):
        assert part in text


async def test_it_is_live_and_shows_what_the_operator_does() -> None:
    diary = drilled.facilitated()
    with run_by_somebody():
        async with running(Servers(), (120, 30)) as driver:
            await opened(driver, "WAITING for the operator", "2m27s of 5m", "2 of 6")
            assert "INTERRUPTED" not in driver.text
            events.done(diary.after(130).journal, "ran_query", query="up")
            await driver.shows("the operator asked: up", "wrong runbook first")
            events.hint(diary.journal, 3)
            await driver.shows("hint 1 TAKEN")
            drilled.triaged(diary, wrong="")
            await driver.shows("phase 4 of 6", "rate_limited")
            await driver.until(lambda: driver.row("Apply mitigation  ").startswith(">4"))
            await driver.until(lambda: driver.lines.index(driver.row(">4 Apply")) == 4)


async def test_a_phase_is_scored_by_hand_with_a_reason_and_a_name() -> None:
    diary = drilled.facilitated(facilitator="")
    async with running(Servers()) as driver:
        await opened(driver, ">3 Triage")
        await driver.press("s")
        await driver.shows("Points by hand for phase 3, Triage", "done with help")
        await driver.press("j", "enter")
        await driver.shows("why 0.5 for phase 3")
        await driver.press("enter")
        await driver.shows("a score by hand needs a reason")
        await driver.type("told me aloud")
        await driver.press("enter")
        await driver.shows("your name")
        await driver.type("Kim")
        await driver.press("enter")
        await driver.shows("0.5 by hand, Kim: told me aloud", "2.5 of 6")
        by_hand = diary.exercise().phases[2].by_hand
        assert by_hand is not None
        assert (by_hand.points, by_hand.reason, by_hand.by) == (0.5, "told me aloud", "Kim")


async def test_a_phase_that_has_not_begun_is_not_scored() -> None:
    drilled.facilitated()
    async with running(Servers()) as driver:
        await opened(driver, ">3 Triage")
        await driver.press("j", "s")
        await driver.shows("has not begun")


async def test_the_clock_is_paused_and_goes_on_and_a_note_is_kept() -> None:
    diary = drilled.facilitated()
    async with running(Servers()) as driver:
        await opened(driver, "WAITING")
        await driver.press("p")
        await driver.shows("PAUSED", "by the facilitator")
        await driver.press("p")
        await driver.shows("WAITING for the operator", "goes on")
        await driver.press("n")
        await driver.type("calm")
        await driver.press("enter")
        await driver.shows("note of the facilitator: calm")
    assert diary.exercise().state is State.WAITING


async def test_abort_asks_first_and_says_that_it_is_over() -> None:
    diary = drilled.facilitated()
    async with running(Servers()) as driver:
        await opened(driver, "WAITING")
        await driver.press("A")
        await confirmed(driver, "Abort tabletop-01?", "n")
        await driver.shows("WAITING")
        await driver.press("A")
        await confirmed(driver, "Abort tabletop-01?", "y")
        await driver.shows("ABORTED", "by the facilitator")
        await driver.press("p")
        await driver.shows("no clock runs")
    assert diary.exercise().state is State.ABORTED


async def test_where_nobody_runs_it_that_is_said() -> None:
    drilled.facilitated()
    async with running(Servers()) as driver:
        await opened(driver, "INTERRUPTED", f"cockpit drill run --resume {drilled.ID}")


async def test_where_nobody_cleans_up_after_an_abort_that_is_said() -> None:
    events.abort(drilled.facilitated().journal, "enough")
    async with running(Servers()) as driver:
        await opened(driver, "ABORTED: enough", "NOT CLEANED UP", f"cockpit drill abort {drilled.ID}")


async def test_the_facilitator_may_know_which_blind_drill_it_is() -> None:
    drilled.facilitated(blind=True)
    async with running(Servers()) as driver:
        await opened(driver, "tabletop-01", "Gmail send error rate")


async def test_before_the_first_phase_all_is_to_come() -> None:
    drilled.Told(began=NOW - 5)
    async with running(Servers()) as driver:
        await opened(driver, "no phase has begun", "to come")


async def test_an_exercise_that_is_over_shows_its_grade() -> None:
    drilled.held(drilled.Told())
    async with running(Servers()) as driver:
        await opened(driver, "FINISHED", "5 of 6, A")
        assert "INTERRUPTED" not in driver.text


async def test_an_exercise_that_is_not_there_is_said() -> None:
    async with running(Servers()) as driver:
        driver.app.push_screen(FacilitatorScreen("20200101-000000-0000"))
        await driver.shows("no exercise begins with")
        await driver.press("s", "n", "p", "A", "escape")
        await driver.shows("ALERTS")


async def test_a_journal_that_cannot_be_written_is_told() -> None:
    drilled.facilitated()
    async with running(Servers()) as driver:
        await opened(driver, "WAITING")

        events.journal_of(drilled.ID).path.unlink()
        events.journal_of(drilled.ID).path.mkdir()
        await driver.press("p")
        await driver.reads("Is a directory: mend it", "WAITING")


async def test_in_the_operators_own_screen_it_is_refused() -> None:
    diary = drilled.facilitated()
    async with running(Servers()) as driver:
        drills = driver.app.drills
        drills.engine = cast("Engine", SimpleNamespace(exercise=diary.exercise()))
        drills.runs = True
        driver.app.push_screen(FacilitatorScreen(drilled.ID))
        await driver.shows("This screen runs the exercise", "cockpit drill facilitate")
        await driver.press("s", "n", "p", "A")
        assert "rate_limited" not in driver.text
        assert diary.exercise().state is State.WAITING
        drills.runs = False


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_utf8_it_is_ascii(size: tuple[int, int]) -> None:
    drilled.facilitated()
    async with running(Servers(), size, Ui(ascii=True)) as driver:
        await opened(driver, "INTERRUPTED")
        await driver.press("g", "j")
        await driver.pilot.pause()
        assert driver.text.isascii()
