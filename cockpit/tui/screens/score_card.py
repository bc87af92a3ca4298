"""The score card of an exercise: what it brought and why, how fast its people were, what is to be done."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.drills import events, history
from cockpit.drills.state import Exercise
from cockpit.tui import score_page
from cockpit.tui.lines import EMPTY, Line, line, span
from cockpit.tui.screens.base import TALL
from cockpit.tui.screens.exercise import ExerciseScreen, Told
from cockpit.tui.widgets.blocks import Blocks
from cockpit.tui.widgets.prompt import Prompt

ACTIONS = 2
"""The section of the action items, of those behind the phases, from 0."""


class ScoreCardScreen(ExerciseScreen):
    """The card of one exercise, held just now or long ago."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "a", "add", "action item", id="score.add", tooltip="Write down what is to be done, and by whom"
        ),
        Binding("w", "write_report", "report", id="score.report", tooltip="Write the report to a file"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("block.open", "evidence"),
        ("score.add", "add action item"),
        ("score.report", "write report"),
        ("move.down,move.up", "move"),
    )

    def __init__(self, exercise: str) -> None:
        super().__init__(exercise)
        self._opened: frozenset[int] = frozenset()
        self._past: tuple[Exercise, ...] | None = None

    def read(self) -> Told:
        """Return the exercise, and those before it that it compares with, which are read once."""
        exercise = self.folded()
        if self._past is None:
            self._past = tuple(history.comparable(exercise, history.exercises()))
        return Told(exercise, past=self._past)

    def heading(self, exercise: Exercise, width: int) -> tuple[Line, ...]:
        """Return grade and points, what was left behind, and the names of the columns."""
        if exercise.is_secret:
            return (EMPTY, line(span(" Which drill this is stays a secret until it is over.", "strong")))
        head = score_page.headline(exercise, width, self.glyphs)
        first = (EMPTY,) if self.size.height >= TALL else ()
        return (*first, *head, *score_page.left_lines(exercise, width), EMPTY, score_page.columns(width))

    def blocks(self, exercise: Exercise, width: int) -> Sequence[Sequence[Line]]:
        """Return a block for each phase, then the sections."""
        if exercise.is_secret:
            return ()
        now = self.cockpit.session.now()
        phases = [
            score_page.phase_lines(
                exercise, phase, now, width, self.glyphs, opened=phase.number in self._opened
            )
            for phase in exercise.phases
        ]
        sections = (
            score_page.times_lines(exercise, self.told.past),
            score_page.wrong_lines(exercise, width),
            score_page.action_lines(exercise, width, self.glyphs),
            score_page.debrief_lines(exercise, width),
        )
        phases[-1] += (EMPTY,)
        return (*phases, *((*section, EMPTY) for section in sections[:-1]), sections[-1])

    def on_blocks_opened(self, event: Blocks.Opened) -> None:
        """Open or close the evidence of a phase; at the action items, add one."""
        exercise = self.told.exercise
        if exercise is None or exercise.is_secret:
            return
        if event.index < len(exercise.phases):
            self._opened ^= {event.index + 1}
            self.draw()
            self.query_one(Blocks).show_cursor()
        elif event.index == len(exercise.phases) + ACTIONS:
            self.action_add()

    def action_add(self) -> None:
        """Ask for an action item."""
        self.ask("action", "what is to be done, and @who: ")

    def action_write_report(self) -> None:
        """Ask for the report's file."""
        if self.told.exercise is not None and not self.told.exercise.is_secret:
            self.ask("report", "report to file: ", f"drill-{self.told.exercise.id}.md")

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Write the action item, or the report."""
        prompt = self.query_one(Prompt)
        if event.purpose not in ("action", "report"):
            super().on_prompt_submitted(event)
            return
        if event.purpose == "report":
            self._write_report(event.text.strip())
        else:
            text, owner = score_page.parse_action(event.text)
            if not text:
                prompt.complain("write what is to be done, and by whom: Mend the link @kim")
                return
            self.write(lambda journal: events.action_item(journal, text, owner))
            self.cockpit.tell(f"written down, for {owner}" if owner else "written down, with no owner yet")
        prompt.close()
        self.refocus()

    @work(exit_on_error=False)
    async def _write_report(self, name: str) -> None:
        exercise = self.told.exercise
        if exercise is None:
            return
        try:
            path = await asyncio.to_thread(_written, exercise, name)
        except (OSError, ValueError, RuntimeError) as error:
            # A name with NUL in it, or the home of somebody who is not there, is no OSError.
            taken = isinstance(error, FileExistsError)
            said = getattr(error, "strerror", None) or str(error)
            why = "it is there already: name another file" if taken else said
            self.query_one(Prompt).ask("report", "report to file: ", name)
            self.query_one(Prompt).complain(f"{name or 'no name'}: {why}")
        else:
            self.cockpit.tell(f"written: {path}")


def _written(exercise: Exercise, name: str) -> Path:
    """Write the report of `exercise` to a new file and return its path. Raises OSError."""
    from cockpit.drills.report import markdown

    path = Path(name).expanduser()
    text = markdown(exercise)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path.absolute()
