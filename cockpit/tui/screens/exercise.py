"""What every screen about one exercise has: it folds the journal once a second, whoever writes there."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.drills import events, history
from cockpit.drills.fold import fold
from cockpit.drills.state import Exercise
from cockpit.errors import CockpitError
from cockpit.journal.journal import Entry, Journal
from cockpit.tui.lines import Line, line, span, wrap
from cockpit.tui.screens.base import BaseScreen
from cockpit.tui.widgets.blocks import Blocks
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.prompt import Prompt


class Told(Message):
    """What the journal tells, or why it does not.

    `past` are earlier exercises to compare with, the newest first; `runs` says that somebody runs this one.
    """

    def __init__(
        self,
        exercise: Exercise | None,
        *,
        problem: str = "",
        past: tuple[Exercise, ...] = (),
        runs: bool = False,
    ) -> None:
        super().__init__()
        self.exercise, self.problem, self.past, self.runs = exercise, problem, past, runs

    def can_replace(self, message: Message) -> bool:
        """Only the latest matters."""
        return isinstance(message, Told)


class ExerciseScreen(BaseScreen):
    """The exercise with the id `exercise`. Subclasses say in `heading` and `blocks` what is shown of it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "back", id="exercise.back")]
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("exercise.back", "back"), ("app.help", "help"))

    def __init__(self, exercise: str) -> None:
        super().__init__()
        self._exercise_id = exercise
        self.told = Told(None)
        self._again = asyncio.Event()

    def compose_body(self) -> ComposeResult:
        """What it is, and its blocks."""
        yield Pane(id="heading")
        yield Blocks(self.glyphs)

    def on_mount(self) -> None:
        """Follow the journal."""
        super().on_mount()
        self.refocus()
        self._follow()

    def refocus(self) -> None:
        """The blocks have the focus."""
        self.query_one(Blocks).focus()

    @property
    def journal(self) -> Journal:
        """The exercise's journal."""
        return events.journal_of(self._exercise_id)

    def read(self) -> Told:
        """Return what the journal tells. Runs in a thread. Raises CockpitError where it cannot be told."""
        return Told(self.folded())

    def folded(self) -> Exercise:
        """Return how the exercise stands. Raises CockpitError where it cannot be told."""
        return fold(self._exercise_id, self.journal.entries()) or history.find(self._exercise_id)

    @work(exit_on_error=False)
    async def _follow(self) -> None:
        while True:
            self._again.clear()
            if self.is_current:
                try:
                    self.post_message(await asyncio.to_thread(self.read))
                except CockpitError as error:
                    self.post_message(Told(None, problem=str(error)))
            try:
                async with asyncio.timeout(1.0):
                    await self._again.wait()
            except TimeoutError:
                continue

    def on_told(self, event: Told) -> None:
        """Show it; what was known stays beside why there is nothing newer."""
        if event.exercise is None and self.told.exercise is not None:
            old = self.told
            event = Told(old.exercise, problem=event.problem, past=old.past, runs=old.runs)
        elif event.exercise is not None:
            self._exercise_id = event.exercise.id
        self.told = event
        self.draw()

    def tick(self) -> None:
        """Clocks go on."""
        self.draw()

    def on_resize(self) -> None:
        """Lines depend on the width."""
        super().on_resize()
        self.draw()

    def draw(self) -> None:
        """Show the exercise, or why there is none to show."""
        exercise, problem = self.told.exercise, self.told.problem
        width = max(40, self.size.width - 2)
        trouble = wrap(line(span(f" {problem}", "crit")), width, indent=1) if problem else []
        heading: tuple[Line, ...] = tuple(trouble) or (line(span(f" reading{self.glyphs.ellipsis}", "dim")),)
        blocks: Sequence[Sequence[Line]] = ()
        if exercise is not None:
            heading, blocks = (*self.heading(exercise, width), *trouble), self.blocks(exercise, width)
        self.query_one("#heading", Pane).show(*heading)
        self.query_one(Blocks).show(blocks)

    def heading(self, exercise: Exercise, width: int) -> tuple[Line, ...]:
        """Return the lines above the blocks."""
        raise NotImplementedError

    def blocks(self, exercise: Exercise, width: int) -> Sequence[Sequence[Line]]:
        """Return the blocks, none of them empty."""
        raise NotImplementedError

    def ask(self, purpose: str, sign: str, text: str = "") -> None:
        """Ask for a line of text, where there is an exercise."""
        if self.told.exercise is not None:
            self.query_one(Prompt).ask(purpose, sign, text)

    @work(exit_on_error=False)
    async def write(self, append: Callable[[Journal], Entry]) -> None:
        """Append to the journal, and show it at once; what cannot be written is told."""
        try:
            await asyncio.to_thread(append, self.journal)
        except CockpitError as error:
            self.cockpit.tell(str(error), severity="error")
        self._again.set()

    def action_refresh(self) -> None:
        """Read the journal now."""
        self._again.set()
        super().action_refresh()

    def action_leave(self) -> None:
        """Back to the screen below."""
        self.dismiss()
