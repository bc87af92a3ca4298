"""The facilitator's screen: an exercise that runs elsewhere on this machine; never the operator's."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.drills import events, running
from cockpit.drills.state import Exercise, PhaseState, State
from cockpit.tui import facilitator_page
from cockpit.tui.lines import EMPTY, Line, span, wrap
from cockpit.tui.screens.base import TALL
from cockpit.tui.screens.exercise import ExerciseScreen, Told
from cockpit.tui.widgets.blocks import Blocks
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.prompt import Prompt

POINTS = ((0.0, "not done"), (0.5, "done with help, or in part"), (1.0, "done"))
TAIL = 8
"""Lines of the timeline on a tall screen; a low one has half of them."""
REFUSED = (
    "This screen runs the exercise: its operator looks on, and must not see what comes. "
    "The facilitator opens another terminal on this machine: cockpit drill facilitate"
)


class FacilitatorScreen(ExerciseScreen):
    """Shows all that comes, and what is seen and done; there a phase is scored by hand, the clock stopped."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "score", "score", id="facilitator.score", tooltip="Score this phase by hand"),
        Binding("n", "note", "note", id="facilitator.note", tooltip="Write something down"),
        Binding("p", "pause", "pause", id="facilitator.pause", tooltip="Stop the clock, or let it go on"),
        Binding("A", "abort", "abort", id="facilitator.abort", tooltip="End the exercise; it is cleaned up"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("facilitator.score", "score by hand"),
        ("facilitator.note", "note"),
        ("facilitator.pause", "pause/go on"),
        ("facilitator.abort", "abort"),
        ("move.down,move.up", "move"),
    )

    def __init__(self, exercise: str) -> None:
        super().__init__(exercise)
        self._current = 0
        self._by = ""
        self._scored: tuple[int, float, str] = (0, 0.0, "")

    def compose_body(self) -> ComposeResult:
        """The exercise, and below it what happened last."""
        yield from super().compose_body()
        yield Pane(id="timeline")

    @property
    def is_refused(self) -> bool:
        """Whether the exercise runs in this very program, where its operator looks on."""
        own = self.cockpit.drills.exercise
        return self.cockpit.drills.runs and own is not None and own.id == self._exercise_id

    def read(self) -> Told:
        """Return the exercise, and whether somebody runs it."""
        exercise = self.folded()
        return Told(exercise, runs=any(each.id == exercise.id for each in running.running()))

    def draw(self) -> None:
        """Show all of it, the current phase on top when it becomes that; nothing where it is refused."""
        if self.is_refused:
            self.query_one("#heading", Pane).show(*wrap([span(f" {REFUSED}", "warn")], self.size.width - 2))
            return
        super().draw()
        exercise = self.told.exercise
        if exercise is None:
            return
        count = TAIL if self.size.height >= TALL else TAIL // 2
        tail = facilitator_page.timeline_lines(exercise, count, self.size.width, self.glyphs)
        self.query_one("#timeline", Pane).show(*tail)
        if exercise.current != self._current:
            self._current = exercise.current
            self.call_after_refresh(self.query_one(Blocks).bring, max(0, exercise.current - 1))

    def heading(self, exercise: Exercise, width: int) -> tuple[Line, ...]:
        """Return which exercise it is, and how it stands."""
        now = self.cockpit.session.now()
        head = facilitator_page.heading(exercise, now, width, self.glyphs, runs=self.told.runs)
        return (*head, EMPTY)

    def blocks(self, exercise: Exercise, width: int) -> Sequence[Sequence[Line]]:
        """Return a block for each phase."""
        now = self.cockpit.session.now()
        return [
            facilitator_page.phase_lines(exercise, phase, now, width, self.glyphs)
            for phase in exercise.phases
        ]

    def _phase(self) -> PhaseState | None:
        exercise = None if self.is_refused else self.told.exercise
        return exercise.phases[self.query_one(Blocks).cursor] if exercise else None

    def on_blocks_opened(self, event: Blocks.Opened) -> None:
        """Enter scores the phase."""
        self.action_score()

    def action_score(self) -> None:
        """Ask for the points of the phase under the cursor."""
        phase = self._phase()
        if phase is None:
            return
        if phase.begun_at is None:
            self.cockpit.tell("this phase has not begun: there is nothing to score yet", severity="warning")
            return
        title = f"Points by hand for phase {phase.number}, {phase.phase.name}"
        items = [("", f"{points:g}", said) for points, said in POINTS]
        self.cockpit.pick(title, items, lambda at: self._ask_why(phase, POINTS[at][0]))

    def _ask_why(self, phase: PhaseState, points: float) -> None:
        self._scored = (phase.number, points, "")
        self.ask("reason", f"why {points:g} for phase {phase.number}: ")

    def action_note(self) -> None:
        """Ask for a note."""
        if self._phase() is not None:
            self.ask("note", "note: ")

    def action_pause(self) -> None:
        """Stop the clock, or let it go on."""
        exercise = self.told.exercise
        if exercise is None or self.is_refused:
            return
        if exercise.state is State.PAUSED:
            self.write(lambda journal: events.proceed(journal, "by the facilitator"))
        elif exercise.state in (State.RUNNING, State.WAITING):
            self.write(lambda journal: events.pause(journal, "by the facilitator"))
        else:
            self.cockpit.tell("no clock runs", severity="warning")

    def action_abort(self) -> None:
        """End it, when that is meant."""
        exercise = self.told.exercise
        if exercise is None or exercise.is_over or self.is_refused:
            return
        self.cockpit.confirm(
            f"Abort {exercise.drill.name}?",
            "yes, abort it",
            "what it plays is cleaned up",
            lambda: self.write(lambda journal: events.abort(journal, "by the facilitator")),
        )

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Write the note; a score by hand needs its reason, and whose it is."""
        text, prompt = event.text.strip(), self.query_one(Prompt)
        exercise = self.told.exercise
        if exercise is None or event.purpose == "command":
            super().on_prompt_submitted(event)
            return
        if not text:
            prompt.complain({"reason": "a score by hand needs a reason", "by": "whose score is it?"}.get(
                event.purpose, "write something, or esc"))  # fmt: skip
            return
        if event.purpose == "note":
            self.write(lambda journal: events.note(journal, text, by="facilitator"))
        elif event.purpose == "reason":
            self._scored = (*self._scored[:2], text)
            if not (known := self._by or exercise.plan.facilitator):
                self.ask("by", "your name: ")
                return
            self._score(known)
        else:
            self._by = text
            self._score(text)
        prompt.close()
        self.refocus()

    def _score(self, by: str) -> None:
        number, points, reason = self._scored
        self.write(lambda journal: events.score_by_hand(journal, number, points, reason, by))
