"""What the screens look like, byte for byte; the README shows these pictures.

After a wanted change: `make screenshots`, then look at each picture before it is committed.
"""

import os
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cockpit.drills.running import hold
from cockpit.tui.drills import Wanted
from cockpit.tui.widgets.cards import Cards
from tests.tui import drilled
from tests.tui.checked import AGREED, SOME, Checks, write_payments
from tests.tui.driver import Driver, running
from tests.tui.exercising import rehearsal  # noqa: F401
from tests.tui.fakes import Servers, gmail_incident, played_incident
from tests.tui.playing import GATEWAY, playing

FOLDER = Path(__file__).parent / "screens"
FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Left out of the pictures: whoever looks at one must not fetch a font from somewhere."""
SIZES = {"wide": (120, 40), "narrow": (80, 24)}


def _picture(driver: Driver) -> str:
    return FONTS.sub("", driver.app.export_screenshot(title="cockpit"))


async def _alerts(driver: Driver) -> None:
    await driver.shows("PaymentsDown", "last 24 h")


async def _incident(driver: Driver) -> None:
    await driver.shows("PaymentsDown")
    await driver.press("g", "j", "enter")
    await driver.shows("What It Means")
    # Cards below the edge count too: the scroll bar shows them.
    await driver.until(lambda: driver.app.screen.query_one(Cards).settled)
    if driver.app.size.width >= 100:
        await driver.until(lambda: "▲" in driver.text or "─^─" in driver.text.replace("-", "─"))


async def _answers(driver: Driver) -> None:
    await _incident(driver)
    await driver.press("tab")
    await driver.shows("rate_limited")


async def _query(driver: Driver) -> None:
    await _incident(driver)
    await driver.press("1", "enter")
    await driver.shows("3 series")


async def _clear(driver: Driver) -> None:
    await driver.shows("All clear", "last fired")


async def _help(driver: Driver) -> None:
    await driver.shows("PaymentsDown")
    await driver.press("question_mark")
    await driver.shows("Keys on this screen")


async def _scenarios(driver: Driver) -> None:
    await driver.shows("GmailSendErrorRateWarning")
    await driver.press("3")
    await driver.shows("validation-spike")
    # The banner may know of the play before the list does.
    await driver.row_shows(" error-rate-warn  ", "11m40s of 15m")


async def _scenario(driver: Driver) -> None:
    await driver.shows("GmailSendErrorRateWarning")
    await driver.type(":scenario error-rate-warn")
    await driver.press("enter")
    await driver.shows("over 1 %", "slack told", "11m40s of 15m")


async def _score_card(driver: Driver) -> None:
    driver.app.show_score_card(drilled.ID)
    await driver.shows("passed; the mark is 5", "1m44s")


async def _facilitator(driver: Driver) -> None:
    driver.app.facilitate(drilled.ID)
    await driver.shows("FACILITATOR", ">3 Triage", "wrong runbook first")


async def _drills(driver: Driver) -> None:
    drilled.tabletop()
    await driver.shows("PaymentsDown")
    await driver.press("4")
    await driver.shows("tabletop-04", "5/6 A")


async def _drill(driver: Driver) -> None:
    drilled.halfway()
    await driver.shows("PaymentsDown")
    driver.app.drill(Wanted(resume=drilled.ID))
    await driver.shows("phase 3 of 6", "wrong runbook first", "hint, half a point", "h hint")


async def _contract(driver: Driver) -> None:
    await driver.press("5")
    await driver.shows("2 errors, 2 warnings, 1 info", "PaymentsDown")


async def _finding(driver: Driver) -> None:
    await _contract(driver)
    await driver.press("j", "enter")
    await driver.shows("remedy: link one with", "- alert: PaymentsDown", "Alert without a runbook")


async def _agrees(driver: Driver) -> None:
    await driver.press("5")
    await driver.shows("Everything agrees.")


async def _coverage(driver: Driver) -> None:
    await _contract(driver)
    await driver.press("c")
    await driver.shows("Coverage", "amtool is not installed")


WALKS = {
    "alerts": _alerts,
    "incident": _incident,
    "answers": _answers,
    "query": _query,
    "all-clear": _clear,
    "help": _help,
    "scenarios": _scenarios,
    "scenario": _scenario,
    "drills": _drills,
    "drill": _drill,
    "score-card": _score_card,
    "facilitator": _facilitator,
    "contract": _contract,
    "finding": _finding,
    "agrees": _agrees,
    "coverage": _coverage,
}
PLAYED = ("scenarios", "scenario")
CHECKED = {"contract": SOME, "finding": SOME, "agrees": AGREED, "coverage": SOME}
DRILLED = {"score-card": drilled.tabletop, "facilitator": drilled.facilitated}


@pytest.mark.usefixtures("rehearsal")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", WALKS)
async def test_screen_looks_as_it_was_approved(
    name: str, size: str, checks: Checks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_payments(tmp_path)
    checks.result = CHECKED.get(name)
    servers = Servers() if name in ("all-clear", *DRILLED, *CHECKED) else gmail_incident()
    settings: dict[str, Any] = {}
    approved = FOLDER / f"{name}-{size}.svg"
    with ExitStack() as stack:
        if name in PLAYED:
            servers = played_incident()
            settings = {"pushgateway": GATEWAY, "sink": "http://sink.example"}
            stack.enter_context(playing("error-rate-warn"))
        if name in DRILLED:
            diary = DRILLED[name]()
            stack.enter_context(hold(diary.journal.path.stem, GATEWAY))
        async with running(servers, SIZES[size], **settings) as driver:
            await WALKS[name](driver)
            if os.environ.get("UPDATE_SCREENSHOTS"):
                await driver.pilot.pause(0.3)
                approved.write_text(_picture(driver), encoding="utf-8")
            expected = approved.read_text(encoding="utf-8")
            # What the walk has seen in one part of the screen may be drawn a moment later in another.
            await driver.until(lambda: _picture(driver) == expected)


async def test_ascii_screen_has_no_other_character() -> None:
    from cockpit.config import Ui

    async with running(gmail_incident(), ui=Ui(ascii=True)) as driver:
        for walk in (_alerts, _incident, _query):
            await walk(driver)
            assert not {char for char in driver.text if not char.isascii()}
            await driver.press("escape", "escape")


async def test_nothing_is_cut_without_an_ellipsis_at_80_columns() -> None:
    name = "A" * 200
    servers = Servers([{**gmail_incident().alerts[0]}])
    servers.alerts[0]["labels"]["alertname"] = name
    async with running(servers, (80, 24)) as driver:
        await driver.shows("AAAA…")
