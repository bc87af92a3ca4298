"""A drill on the screen: its library, a whole drill walked through, and what may go wrong on the way."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cockpit.config import Ui
from cockpit.drills import events, history, planning
from cockpit.drills.planning import Concerns
from cockpit.drills.score import score
from cockpit.drills.state import Exercise, Outcome, State
from cockpit.errors import CockpitError, UsageError
from cockpit.scenarios.run.mixing import Mixed
from cockpit.tui.app import Cockpit
from cockpit.tui.drills import Wanted
from tests.tui.drilled import ID, Told, until_triage
from tests.tui.driver import Driver, running
from tests.tui.exercising import Rehearsal, rehearsal  # noqa: F401
from tests.tui.fakes import gmail_incident, session
from tests.tui.playing import GATEWAY, playing

LAB: dict[str, Any] = {"pushgateway": GATEWAY, "sink": "http://sink.example"}
Last = Callable[[], Rehearsal]

pytestmark = pytest.mark.usefixtures("rehearsal")


@asynccontextmanager
async def drilled(size: tuple[int, int] = (120, 40), **wanted: Any) -> AsyncIterator[Driver]:
    """Run the app as `cockpit drill run` opens it."""
    async with running(gmail_incident(), size, **LAB) as driver:
        await driver.shows("PaymentsDown")
        driver.app.drill(Wanted(**{"name": "tabletop-01"} | wanted))
        await driver.shows("phase 1 of 6")
        yield driver


async def to_triage(driver: Driver) -> Rehearsal:
    """Let the machine's first two phases hold."""
    engine = Rehearsal.last
    engine.holds("2 series pushed")
    await driver.until(lambda: engine.exercise.current == 2)
    engine.holds("the alert fires", "slack told 12 s later")
    await driver.until(lambda: engine.exercise.current == 3)
    await driver.shows("phase 3 of 6")
    return engine


async def answer(driver: Driver, text: str) -> None:
    await driver.press("a")
    await driver.type(text)
    await driver.press("enter")


def exercise() -> Exercise:
    """Return what the journal of the last exercise tells."""
    return history.find("")


def did(what: str) -> list[dict[str, Any]]:
    """Return what was observed of this kind."""
    return [each.data for each in exercise().did if each.data.get("what") == what]


async def test_a_whole_drill_from_the_library_to_its_score_card() -> None:
    async with running(gmail_incident(), **LAB) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("4")
        await driver.shows("tabletop-01", "never", "b begin")
        await driver.press("enter")
        await driver.shows("6 phases, a point each", "3 Triage", "you, 5m")
        assert "Which error code" not in driver.text
        await driver.press("b")
        await driver.shows("Begin tabletop-01 in prod?")
        await driver.press("y")
        await driver.shows(
            "phase 1 of 6", "the machine verifies", "error-rate-warn is pushed", "2 Alert fires"
        )
        assert "Which error code" not in driver.text
        await to_triage(driver)
        await driver.shows("waiting for you", "2m41s of 5m", "score so far 2 of 2", "slack told 12 s later")
        await driver.shows("Which error code dominates?", "a answer", "h hint (-0.5)")

        await driver.press("0")
        await driver.shows(
            "PaymentsDown", "DRILL   phase 3 of 6: Triage  2m41s of 5m", "0: back to the drill"
        )
        await driver.press("g", "j", "enter")
        await driver.shows("What It Means", "0: back to the drill")
        await driver.press("2", "0")
        await driver.shows("opened gmail-send-high-error-rate")
        await driver.press("0")
        await driver.shows("What It Means", "0: back to the drill")
        await driver.press("1", "0")
        await driver.shows("asked sum by (code")

        await answer(driver, "timeout")
        await driver.shows("not accepted: half a point lost", "wrong answer: timeout")
        await answer(driver, "Rate limited!")
        await driver.shows("phase 4 of 6", "What would you do, and why?", "score so far 2.5 of 3")
        await driver.press("h")
        await driver.shows("it costs half a point")
        await driver.press("y")
        await driver.shows("leads from the dominating code")
        await driver.press("n")
        await driver.type("the link is dead")
        await driver.press("enter")
        await driver.shows("NOTES  1", "the link is dead")
        await answer(driver, "Halve the senders")
        await driver.shows("phase 5 of 6")
        Rehearsal.last.holds("critical fires", "the warning is inhibited")
        await driver.shows("phase 6 of 6")
        Rehearsal.last.holds("resolved", "resolved", "nothing is left")
        await driver.shows("5 of 6 points, passed", "EVIDENCE")
        assert score(exercise()).points == 5
        await driver.press("escape")
        await driver.shows("What It Means")
        assert "DRILL" not in driver.text
        await driver.press("0")
        await driver.shows("5 of 6 points, passed", "EVIDENCE")
        await driver.press("escape", "escape", "4")
        await driver.shows("5/6 A", "s score card")
        await driver.press("s")
        await driver.shows("5 of 6 points, passed", "EVIDENCE")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_screen_says_how_the_drill_stands_in_one_row(size: tuple[int, int]) -> None:
    async with drilled(size) as driver:
        await to_triage(driver)
        with playing("error-rate-warn"):
            for go in ("1", "2", "3", "4", "question_mark", "exclamation_mark"):
                await driver.press("1", go)
                await driver.shows("DRILL   phase 3 of 6: Triage  2m41s of 5m", "0: back to the drill")
                await driver.shows(" SYNTHETIC ")
                rows = [line for line in driver.lines if "DRILL " in line or "SYNTHETIC" in line]
                assert ["DRILL" in rows[0], "SYNTHETIC" in rows[1]] == [True, True]
                await driver.press("0")
                await driver.shows("waiting for you")
                await driver.press("0")
                await driver.shows("0: back to the drill")


async def test_the_key_leads_back_from_what_lies_on_the_drill() -> None:
    async with drilled() as driver:
        await driver.press("question_mark")
        await driver.shows("drill.hint", "drill.pause", "app.drill")
        await driver.press("0")
        await driver.shows("the machine verifies")


async def test_what_the_operator_asks_and_copies_is_observed() -> None:
    async with drilled() as driver:
        await to_triage(driver)
        await driver.press("0")
        await driver.shows("PaymentsDown")
        await driver.press("g", "j", "enter")
        await driver.shows("What It Means")
        await driver.until(lambda: bool(did("opened")))
        assert did("opened_alert")[0]["alert"] == "GmailSendErrorRateCritical"
        assert did("opened")[0]["runbook"] == "gmail-send-high-error-rate"
        assert not did("ran_query")
        await driver.press("tab", "r")
        await driver.until(lambda: len(did("ran_query")) == 1)
        await driver.press("enter")
        await driver.shows("3 series")
        await driver.until(lambda: len(did("ran_query")) == 2)
        await driver.press("escape", "y", "2")
        await driver.until(lambda: len(did("ran_query")) == 3)
        await driver.press("y", "a")
        await driver.until(lambda: bool(did("copied")))
        await driver.type(":query up == 0")
        await driver.press("enter")
        await driver.until(lambda: did("ran_query")[-1]["query"] == "up == 0")


async def test_nothing_is_observed_while_it_is_paused() -> None:
    async with drilled() as driver:
        engine = await to_triage(driver)
        await driver.press("p")
        await driver.shows("paused by the operator", "p go on")
        assert "a answer" not in driver.row("back to work")
        await driver.press("a")
        await driver.shows("let it go on first")
        await driver.type("0:query up")
        await driver.press("enter")
        await driver.shows("ad hoc", "Triage  0s of 5m  paused")
        await driver.press("0", "space")
        await driver.shows("waiting for you")
        assert not did("ran_query")
        await driver.type("0:query up")
        await driver.press("enter")
        await driver.until(lambda: len(did("ran_query")) == 1)
        assert engine.exercise.state is State.WAITING


async def test_a_choice_is_made_from_a_list() -> None:
    async with drilled((80, 24), name="tabletop-02") as driver:
        await to_triage(driver)
        await driver.press("a")
        await driver.shows("Query 1 is far up.", "Where is the time lost?", "1  building the MIME message")
        await driver.press("1")
        await driver.shows("half a point lost", "wrong answer: building the MIME message")
        await driver.press("a", "j", "enter")
        await driver.shows("chose: Google or the network")


async def test_a_hint_is_not_taken_by_accident_and_not_twice() -> None:
    async with drilled() as driver:
        await to_triage(driver)
        for _ in range(2):
            await driver.press("h", "enter")
            await driver.shows("waiting for you")
        assert exercise().phases[2].hints == 0
        for _ in range(2):
            await driver.press("h", "y")
            await driver.shows("waiting for you")
        await driver.until(lambda: exercise().phases[2].hints == 2)
        await driver.press("h")
        await driver.shows("no hint is left for this phase")


async def test_what_could_not_be_looked_at_and_what_failed_is_said() -> None:
    async with drilled() as driver:
        engine = Rehearsal.last
        engine.trouble = ("prometheus: connection refused",)
        engine.holds("it could not be looked at", outcome=Outcome.INCONCLUSIVE)
        await driver.shows("trouble: prometheus: connection refused")
        engine.trouble = ()
        engine.holds("2 series pushed")
        await driver.shows("phase 2 of 6")
        engine.holds("no rule is called so", outcome=Outcome.FAILED)
        await driver.shows("no rule is called so")
        engine.holds("no rule is called so", "nobody was told", outcome=Outcome.FAILED)
        await driver.shows("phase 3 of 6", "- no rule is called so", "score so far 1 of 2")


async def test_abort_asks_and_leads_to_the_score_card() -> None:
    async with drilled() as driver:
        await driver.press("A")
        await driver.shows("Abort the drill?")
        await driver.press("n")
        await driver.shows("the machine verifies")
        await driver.press("A", "y")
        await driver.shows("ABORTED")
        assert exercise().state is State.ABORTED


async def test_a_second_drill_takes_over_the_lab_that_the_first_one_brought() -> None:
    async with drilled(lab=4711) as driver:
        await driver.press("A", "y")
        await driver.shows("ABORTED")
        first = driver.app.drills.exercise
        driver.app.drill(Wanted(name="tabletop-02"))
        await driver.shows("phase 1 of 6")
        second = driver.app.drills.exercise
        assert first is not None
        assert second is not None
        assert (first.plan.lab, second.plan.lab) == (4711, 4711)
        assert second.drill.name == "tabletop-02"


async def test_leaving_asks_and_leaves_it_for_resume() -> None:
    async with drilled() as driver:
        await driver.press("0", "q")
        await driver.shows("A drill runs here. Leave?", "`cockpit drill run --resume` goes on with it")
        await driver.press("n")
        await driver.shows("PaymentsDown")
        await driver.type(":quit")
        await driver.press("enter")
        await driver.shows("A drill runs here. Leave?")
        await driver.press("l")
        await driver.until(lambda: not driver.app.is_running)
    assert exercise().state is State.RUNNING


async def test_ctrl_c_asks_once_and_leaves_then() -> None:
    async with drilled() as driver:
        await driver.press("ctrl+c")
        await driver.shows("A drill runs here. Leave?")
        await driver.press("ctrl+c")
        await driver.until(lambda: not driver.app.is_running)
    assert exercise().state is State.RUNNING


async def test_leaving_may_abort_it_first() -> None:
    async with drilled() as driver:
        await driver.press("0", "q")
        await driver.shows("A drill runs here. Leave?")
        await driver.press("a")
        await driver.until(lambda: not driver.app.is_running)
    assert exercise().state is State.ABORTED
    assert exercise().left == ()


async def test_a_blind_drill_names_nothing_until_it_is_over() -> None:
    secrets = ("tabletop-01", "warning to critical", "error-rate-warn", "Inject synthetic", "Resolution")
    with playing("error-rate-warn"):
        async with drilled(blind=True) as driver:
            await driver.shows("a drill is playing", "the machine's part", "blind: which drill this is")
            assert not [each for each in secrets if each in driver.text]
            engine = await to_triage(driver)
            engine.trouble = ("error-rate-warn is played no more",)
            await driver.shows(
                "Which error code dominates?", "2 the machine's part", "not all can be looked at"
            )
            assert not [each for each in secrets if each in driver.text]
            await driver.press("0")
            await driver.shows("a drill is playing", "phase 3 of 6: Triage")
            await driver.press("4")
            await driver.shows("tabletop-04")
            assert "running" not in driver.text
            await driver.press("0", "A", "y")
            await driver.shows("ABORTED", "tabletop-01")
            await driver.shows("error-rate-warn playing")


async def test_a_library_without_drills_says_where_it_looked(tmp_path: Path) -> None:
    async with running(gmail_incident(), scenarios=tmp_path, **LAB) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("4")
        await driver.shows("No drills in", "another folder")


async def test_a_filter_that_leaves_no_drill_says_so() -> None:
    async with running(gmail_incident(), **LAB) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("4")
        await driver.shows("tabletop-01")
        await driver.press("/")
        await driver.type("nosuch")
        await driver.shows("No drill has these words.")


async def test_a_context_that_takes_no_synthetic_series_is_refused_with_a_remedy() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("4")
        await driver.shows("tabletop-01")
        await driver.press("b")
        await driver.shows("takes no synthetic series", "brings its own lab")
    assert not history.exercises()


async def test_a_real_context_says_who_is_told_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    async def concerns(*of: object) -> Concerns:
        return Concerns(mixing=(Mixed("PaymentsDown", "alerting", "payments", "up"),), active=("QueueFull",))

    monkeypatch.setattr(planning, "concerns", concerns)
    async with running(gmail_incident(), pushgateway=GATEWAY, synthetic=True) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("4")
        await driver.shows("tabletop-01")
        await driver.press("b")
        await driver.shows("Begin tabletop-01 in prod?", "real people are told of what fires")
        await driver.shows("mixes into real series: PaymentsDown", "active already: QueueFull")


async def test_what_keeps_a_drill_from_beginning_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rehearsal, "refuses", UsageError("another exercise runs on this gateway"))
    async with running(gmail_incident(), **LAB) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("4")
        await driver.shows("tabletop-01")
        await driver.press("b", "y")
        await driver.shows("another exercise runs on this gateway")
        await driver.press("0")
        await driver.shows("no drill runs here: 4 lists them")


async def test_an_engine_that_stops_is_told_and_the_drill_can_go_on_later() -> None:
    async with drilled() as driver:
        Rehearsal.last.breaks = CockpitError("the drill stops: the journal is full")
        Rehearsal.last.wake()
        await driver.shows("the drill stops: the journal is full")
        await driver.press("escape", "4")
        await driver.shows("interrupted", "1 interrupted: R goes on, A aborts")
        await driver.press("R")
        await driver.shows("Go on with which exercise?", "phase 1 of 6")
        await driver.press("enter")
        await driver.shows("the machine verifies")
        await to_triage(driver)


async def test_an_interrupted_exercise_is_aborted_from_the_library() -> None:
    until_triage(Told())
    async with running(gmail_incident(), **LAB) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("4")
        await driver.shows("interrupted: R goes on")
        await driver.press("A")
        await driver.shows("Abort which exercise?", ID)
        await driver.press("enter")
        await driver.shows("ABORTED")
    assert exercise().left == ()


async def test_a_look_at_the_drill_does_not_draw_a_screen_before_its_parts_are_there() -> None:
    async with drilled() as driver:
        driver.app.open_query("up")
        driver.app.on_drill_looked()
        await driver.shows("ad hoc", "0: back to the drill")


async def test_an_answer_to_a_phase_that_is_over_is_not_taken() -> None:
    async with drilled() as driver:
        engine = await to_triage(driver)
        await driver.press("a")
        await driver.type("rate_limited")
        engine.now += 301
        engine.wake()
        await driver.until(lambda: engine.exercise.current == 4)
        await driver.press("enter")
        await driver.shows("too late: that phase is over")
        assert not [each for each in exercise().did if each.kind == events.ANSWERED]


async def test_what_was_answered_shows_before_the_servers_were_looked_at() -> None:
    async with drilled() as driver:
        engine = await to_triage(driver)
        engine.wake = lambda: None  # type: ignore[method-assign]
        await answer(driver, "rate_limited")
        await driver.shows("answered: rate_limited")
        await driver.press("a")
        await driver.shows("nothing is asked now")


async def test_the_facilitators_screen_is_what_it_is_opened_for() -> None:
    until_triage(Told())
    async with session(gmail_incident()) as opened:
        app = Cockpit(opened, Ui(ascii=False), facilitates=ID)
        async with app.run_test(size=(120, 40)) as pilot:
            driver = Driver(app, pilot, gmail_incident())
            await driver.shows("FACILITATOR", "Triage")
            await driver.press("escape")
            await driver.shows("PaymentsDown")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_utf8_the_drill_is_ascii(size: tuple[int, int]) -> None:
    async with running(gmail_incident(), size, Ui(ascii=True), **LAB) as driver:
        await driver.shows("PaymentsDown")
        driver.app.drill(Wanted(name="tabletop-01"))
        await driver.shows("phase 1 of 6")
        await to_triage(driver)
        await driver.shows("waiting for you")
        assert driver.text.isascii()
        await driver.press("0", "4")
        await driver.shows("tabletop-04", "running")
        assert driver.text.isascii()


async def test_no_size_breaks_the_drill() -> None:
    async with drilled() as driver:
        await to_triage(driver)
        for columns, rows in ((80, 24), (20, 4), (1, 1), (200, 60), (120, 40)):
            await driver.pilot.resize_terminal(columns, rows)
            await driver.pilot.pause()
        await driver.shows("waiting for you", "Which error code dominates?", "6 Resolution")
