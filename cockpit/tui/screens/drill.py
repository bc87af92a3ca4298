"""The exercise that runs here: its phases as a checklist, questions answered in place."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.drills import events
from cockpit.drills.describe import task_words
from cockpit.drills.model import Choice
from cockpit.drills.state import Exercise, Outcome, State
from cockpit.journal.journal import Entry, Journal
from cockpit.tui import drill_page
from cockpit.tui.lines import EMPTY, Line, fit, line
from cockpit.tui.screens.base import MODES
from cockpit.tui.screens.page import Lines, PageScreen
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.prompt import Prompt


class Checklist(Lines):
    """The phases. It scrolls nowhere sideways: h takes a hint."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "screen.hint", "hint", id="drill.hint", tooltip="Take a hint, for half a point"),
    ]


class DrillScreen(PageScreen):
    """The exercise of `app.drills`, while it runs; what is answered goes into its journal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("a,enter", "answer", "answer", id="drill.answer", tooltip="Answer the next question"),
        Binding("n", "note", "note", id="drill.note", tooltip="Write something down for the report"),
        Binding("p,space", "pause", "pause", id="drill.pause", tooltip="Stop the clock, or let it go on"),
        Binding("A", "abort", "abort", id="drill.abort", tooltip="End the drill before its time"),
    ]
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("app.drill", "back to work"), ("app.help", "help"))
    NAMES_DRILL = False

    def __init__(self) -> None:
        super().__init__()
        self._asked = (0, 0)
        self._phase = 0

    def compose_body(self) -> ComposeResult:
        """The drill and its clock, and the phases."""
        yield Pane(id="drill-head")
        yield Checklist()

    def help_keys(self) -> tuple[tuple[str, str], ...]:
        """Name what can be done as the exercise stands."""
        exercise = self.cockpit.drills.exercise
        if exercise is None or exercise.is_over:
            return (("move.down,move.up", "scroll"),)
        paused = exercise.state is State.PAUSED
        open_question = drill_page.open_question(exercise) is not None
        return (
            *((("drill.answer", "answer"),) if open_question and not paused else ()),
            *((("drill.hint", "hint (-0.5)"),) if drill_page.hints_left(exercise) else ()),
            ("drill.note", "note"),
            ("drill.pause", "go on" if paused else "pause"),
            ("drill.abort", "abort"),
        )

    def page(self) -> tuple[Line, ...]:
        """Return the phases."""
        drills, width = self.cockpit.drills, max(40, self.query_one(Checklist).width)
        exercise = drills.exercise
        if exercise is None:
            return (EMPTY, line("  No drill runs here: 4 lists them."))
        rows, at = drill_page.checklist(exercise, drills.live, drills.trouble, width, self.glyphs)
        if exercise.current != self._phase:
            self._phase = exercise.current
            self.call_after_refresh(self.query_one(Checklist).scroll_to, y=max(0, at - 2), animate=False)
        return rows

    def tick(self) -> None:
        """The clock goes on."""
        exercise = self.cockpit.drills.exercise
        if exercise is not None:
            now = self.cockpit.session.now()
            head = drill_page.heading(exercise, now, self.size.width, self.glyphs)
            self.query_one("#drill-head", Pane).show(*head)
        self.board_changed(self.cockpit.board)

    def on_resize(self) -> None:
        """The heading depends on the width as well."""
        super().on_resize()
        self.tick()

    def action_answer(self) -> None:
        """Ask for the answer to the next open question."""
        exercise = self._going()
        if exercise is None or exercise.phase is None:
            return
        index = drill_page.open_question(exercise)
        if index is None:
            self.cockpit.tell("nothing is asked now")
            return
        self._asked = asked = (exercise.current, index)
        task = exercise.phase.phase.operator[index]
        if isinstance(task, Choice):
            items = [(str(number), option, "") for number, option in enumerate(task.of, 1)]
            self.cockpit.pick(task.choice, items, lambda at: self._answer(asked, task.of[at]))
        else:
            room, dots = self.size.width // 2, self.glyphs.ellipsis
            asks = fit(task_words(task), room, ellipsis=dots).rstrip(" ")
            self.query_one(Prompt).ask("answer", f"{asks} ")

    def _answer(self, asked: tuple[int, int], text: str) -> None:
        """Hand in the answer to the question that was asked, and say what came of it."""
        exercise, drills = self._going(), self.cockpit.drills
        if exercise is None:
            return
        number, index = asked
        if exercise.phase is None or exercise.current != number:
            self.cockpit.tell("too late: that phase is over", severity="warning")
            return
        if not self._write(lambda journal: events.answer(journal, number, index, text)):
            return
        before, after = exercise.phases[number - 1], (drills.exercise or exercise).phases[number - 1]
        if len(after.wrong) > len(before.wrong):
            self.cockpit.tell("not accepted: half a point lost", severity="error")
        elif after.tasks[index].outcome is Outcome.PASSED:
            self.cockpit.tell("accepted, and written down")
        else:
            self.cockpit.tell("written down")

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Take an answer or a note; an empty one is none."""
        if event.purpose not in ("answer", "note"):
            return
        self.refocus()
        if not event.text.strip():
            return
        if event.purpose == "answer":
            self._answer(self._asked, event.text)
        elif self._write(lambda journal: events.note(journal, event.text)):
            self.cockpit.tell("noted")

    def action_hint(self) -> None:
        """Ask whether a hint is worth half a point, and then show it."""
        exercise = self._going()
        if exercise is None:
            return
        if not drill_page.hints_left(exercise):
            self.cockpit.tell("no hint is left for this phase")
            return
        number = exercise.current
        self.cockpit.confirm(
            "Take a hint?",
            "yes, show it",
            "it costs half a point",
            lambda: self._write(lambda journal: events.hint(journal, number)),
        )

    def action_note(self) -> None:
        """Ask what to write down."""
        if self.cockpit.drills.runs:
            self.query_one(Prompt).ask("note", "note: ")

    def action_pause(self) -> None:
        """Stop the clock, or let it go on."""
        exercise = self.cockpit.drills.exercise
        if exercise is None or exercise.is_over:
            return
        move = events.proceed if exercise.state is State.PAUSED else events.pause
        self._write(lambda journal: move(journal, "by the operator"))

    def action_abort(self) -> None:
        """Ask, and end the drill."""
        exercise = self.cockpit.drills.exercise
        if exercise is None or exercise.is_over:
            return
        self.cockpit.confirm(
            "Abort the drill?",
            "yes, abort",
            "what it played heals and is deleted",
            lambda: self._write(lambda journal: events.abort(journal, "by the operator")),
        )

    def _going(self) -> Exercise | None:
        """Return the exercise if its clock goes; say why not where it stands still."""
        exercise = self.cockpit.drills.exercise
        if exercise is None or exercise.is_over:
            self.cockpit.tell("the drill is over")
            return None
        if exercise.state is State.PAUSED:
            self.cockpit.tell("the drill is paused: let it go on first", severity="warning")
            return None
        return exercise

    def _write(self, append: Callable[[Journal], Entry]) -> bool:
        written = self.cockpit.drills.write(append)
        self.catch_up()
        return written
