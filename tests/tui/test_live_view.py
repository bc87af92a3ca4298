"""The live view of a play: in every size and without UTF-8, and nothing redrawn that has not changed."""

from typing import Any

import pytest

from cockpit.config import Ui
from cockpit.tui.widgets.line_view import LineView
from tests.tui.driver import Driver, running
from tests.tui.fakes import played_incident
from tests.tui.playing import GATEWAY, playing

PLAYED: dict[str, Any] = {"pushgateway": GATEWAY, "sink": "http://sink.example"}


async def opened(driver: Driver) -> None:
    await driver.type(":scenario error-rate-warn")
    await driver.press("enter")
    await driver.shows("EXPECTED", "firing, for 1m")


async def test_a_resize_keeps_the_live_view() -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), **PLAYED) as driver:
            await opened(driver)
            for columns, rows in ((80, 24), (20, 4), (1, 1), (200, 60), (120, 40)):
                await driver.pilot.resize_terminal(columns, rows)
                await driver.pilot.pause()
            await driver.shows("SYNTHETIC", "EXPECTED", "firing, for 1m", "NOTIFICATIONS  1")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_utf8_the_live_view_is_ascii(size: tuple[int, int]) -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), size, Ui(ascii=True), **PLAYED) as driver:
            await opened(driver)
            assert driver.text.isascii()
            await driver.press("escape", "3")
            await driver.shows("SCENARIOS", "error-rate-warn")
            assert driver.text.isascii()


@pytest.mark.parametrize("screen", ["live", "library"])
async def test_a_look_that_found_nothing_new_draws_nothing(
    screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    refresh_line = LineView.refresh_line

    def noted(self: LineView, y: int) -> None:
        if self.screen is self.app.screen:
            drawn.append(str(self.id))
        refresh_line(self, y)

    with playing("error-rate-warn"):
        async with running(played_incident(), **PLAYED) as driver:
            if screen == "live":
                await opened(driver)
                await driver.shows("NOTIFICATIONS  1", "over 1 %")
            else:
                await driver.press("3")
                await driver.shows("tenant-mismatch-spike")
                await driver.row_shows(" error-rate-warn  ", "11m40s of 15m")
            app = driver.app
            # What the first look found may be drawn after the second has begun.
            found = app.plays._looks
            await driver.until(lambda: app.plays._looks > found + 1)
            await driver.pilot.pause()
            monkeypatch.setattr(LineView, "refresh_line", noted)
            asked = len(driver.servers.asked)
            looks = app.plays._looks
            await driver.until(lambda: app.plays._looks > looks + 1)
            if screen == "live":
                await driver.until(lambda: len(driver.servers.asked) > asked)
            assert drawn == []


async def test_escape_and_q_leave_the_live_view_and_help_names_its_keys() -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), **PLAYED) as driver:
            for key in ("escape", "q"):
                await opened(driver)
                await driver.press("question_mark")
                await driver.shows("scenario.play", "scenario.stop", "scenario.prove", "scenario.why")
                await driver.press(key)
                await driver.shows("EXPECTED")
                await driver.press(key)
                await driver.shows("ALERTS")
