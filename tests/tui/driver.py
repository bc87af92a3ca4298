"""Drives the app and looks at what is on screen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from cockpit.config import Ui
from cockpit.tui.app import Cockpit
from tests.tui.fakes import Servers, session
from tests.waiting import until


class Driver:
    """A running app. `text` is the screen as a person sees it; `told` keeps its messages, which soon go."""

    def __init__(self, app: Cockpit, pilot: Pilot[int], servers: Servers) -> None:
        self.app, self.pilot, self.servers = app, pilot, servers
        self.told: list[str] = []

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, without trailing space."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    def row(self, part: str) -> str:
        """Return the first row that has `part`; nothing while there is none."""
        return next((line for line in self.lines if part in line), "")

    async def until(self, condition: Callable[[], bool], within: float = 30.0) -> None:
        """Wait until `condition` holds; fail with the screen if it does not in `within` seconds."""
        await until(condition, lambda: self.text, within=within, pause=self.pilot.pause)

    async def shows(self, *parts: str) -> None:
        """Wait until the screen has all `parts`."""
        await self.until(lambda: all(part in self.text for part in parts))

    async def reads(self, *parts: str) -> None:
        """Wait until the screen has all `parts`, wherever its lines break between their words."""
        await self.until(lambda: all(part in " ".join(self.text.split()) for part in parts))

    async def row_shows(self, part: str, *texts: str) -> None:
        """Wait until the first row that has `part` has all `texts`: its cells may be filled one by one."""
        await self.until(lambda: bool(row := self.row(part)) and all(text in row for text in texts))

    async def tells(self, *parts: str) -> None:
        """Wait until one of the messages so far has all `parts`."""
        await self.until(lambda: any(all(part in message for part in parts) for message in self.told))

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, and let the app deal with them."""
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type `text` into what has the focus."""
        names = {
            " ": "space",
            "/": "slash",
            ":": "colon",
            "=": "equals_sign",
            "~": "tilde",
            "@": "at",
            ".": "full_stop",
        }
        await self.press(*(names.get(char, char) for char in text))

    async def refresh(self) -> None:
        """Let the feed ask once more."""
        self.app.ask_now()
        await asyncio.sleep(0)
        await self.pilot.pause(0.1)


def _listening(driver: Driver) -> Driver:
    """Let `driver` note what the app tells."""
    notify = driver.app.notify

    def noted(message: str, **more: Any) -> None:
        driver.told.append(message)
        notify(message, **more)

    driver.app.notify = noted  # type: ignore[method-assign]
    return driver


@asynccontextmanager
async def running(
    servers: Servers, size: tuple[int, int] = (120, 40), ui: Ui | None = None, **settings: Any
) -> AsyncIterator[Driver]:
    """Run the app on `servers` in a terminal of `size` columns and rows until the block ends."""
    async with session(servers, **settings) as opened:
        app = Cockpit(opened, ui or Ui(ascii=False))
        async with app.run_test(size=size, notifications=True) as pilot:
            yield _listening(Driver(app, pilot, servers))
    assert app.failure is None
