"""Why an alert fires or does not: the ladder from scrape to notification, asked again while it is read."""

import asyncio
import contextlib
import time
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.alerts.why.ask import why
from cockpit.alerts.why.document import others, question
from cockpit.alerts.why.model import Ladder
from cockpit.alerts.why.words import labels_text
from cockpit.errors import CockpitError
from cockpit.tui.ladder import ladder_lines
from cockpit.tui.lines import EMPTY, Line, line, span, wrap
from cockpit.tui.screens.base import MODES
from cockpit.tui.screens.page import PageScreen
from cockpit.units import short_duration

PAUSES = 5
"""How many times as long as the servers took for a ladder they are left alone."""


class Climbed(Message):
    """The ladder was asked for: it, or why it could not be."""

    def __init__(self, ladder: Ladder | None, problem: str = "") -> None:
        super().__init__()
        self.ladder, self.problem = ladder, problem


class WhyScreen(PageScreen):
    """The ladder of the alert or rule that `text` means: a name, or the fingerprint of one instance."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("y", "copy", "copy", id="why.copy", tooltip="Copy the ladder as text"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("move.down,move.up", "scroll"),
        ("why.copy", "copy"),
        ("app.refresh", "refresh"),
    )
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("page.back", "back"), ("app.help", "help"))

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self._asked, self._called = text, name
        self._ladder: Ladder | None = None
        self._problem = ""
        self._again = asyncio.Event()
        self._uncovered = asyncio.Event()

    def on_screen_suspend(self) -> None:
        """Ask no more while another screen covers it."""
        self._uncovered.clear()

    def on_screen_resume(self) -> None:
        """Ask again."""
        super().on_screen_resume()
        self._uncovered.set()

    def on_mount(self) -> None:
        """Ask."""
        super().on_mount()
        self._climb()

    @work(exit_on_error=False)
    async def _climb(self) -> None:
        """Ask, and again for as long as it is looked at."""
        session = self.cockpit.session
        while True:
            began = time.monotonic()
            try:
                self.post_message(Climbed(await why(session, self._asked)))
            except CockpitError as error:
                self.post_message(Climbed(None, str(error)))
            self._again.clear()
            with contextlib.suppress(TimeoutError):
                # Servers that take long over it are asked less often.
                took = time.monotonic() - began
                async with asyncio.timeout(max(2.0, session.context.poll_interval, PAUSES * took)):
                    await self._again.wait()
            await self._uncovered.wait()

    def on_climbed(self, event: Climbed) -> None:
        """Show it; an older ladder stays, with its age, where there is no new one."""
        self._ladder, self._problem = event.ladder or self._ladder, event.problem
        self.board_changed(self.cockpit.board)

    def tick(self) -> None:
        """The age of the answer goes on."""
        self.board_changed(self.cockpit.board)

    def page(self) -> tuple[Line, ...]:
        """Return the question, the answer's age, and the ladder."""
        ladder, width = self._ladder, max(40, self.size.width - 2)
        asked = question(ladder) if ladder else "why does it fire, or why not?"
        title = line(span(f" {self._called}", "title"), span(f"  {asked}"))
        if ladder is None:
            said = self._problem or f"asking{self.glyphs.ellipsis}"
            return (title, EMPTY, line(span(f"  {said}", "crit" if self._problem else "dim")))
        age = short_duration(max(0, int(self.cockpit.session.now() - ladder.asked_at)))
        labels = wrap([span(f" {labels_text(ladder.labels)}", "dim")], width, indent=1)
        more = f", {others(ladder)}" if ladder.others else ""
        rows: list[Line] = [title, *labels, line(span(f" asked {age} ago{more}", "dim"))]
        if self._problem:
            rows.append(line(span(f" it could not be asked again: {self._problem}", "warn")))
        return (*rows, EMPTY, *ladder_lines(ladder, width))

    def action_refresh(self) -> None:
        """Ask again at once."""
        self._again.set()
        super().action_refresh()

    def action_copy(self) -> None:
        """Copy what is shown."""
        text = "\n".join("".join(part.text for part in row).rstrip() for row in self.page())
        self.cockpit.copy(text, "the ladder")
