"""The answers beside a runbook: a column of cards, drawn by visible line."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.triage.model import Answer, AnswerState
from cockpit.tui.cards import card_body, card_head
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, line, span
from cockpit.tui.widgets.cursor_view import CursorView


class Cards(CursorView):
    """Shows answers in their order; the cursor is on one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "zoom", "zoom", id="triage.zoom", tooltip="Open the query large"),
        Binding("f", "fill", "fill in", id="triage.fill", tooltip="Fill in what no label fills"),
        Binding("e", "edit", "edit", id="triage.edit", tooltip="Edit the query and run it"),
    ]

    class Chosen(Message):
        """Something is to be done with the card under the cursor: `zoom`, `fill` or `edit`."""

        def __init__(self, answer: Answer, action: str) -> None:
            super().__init__()
            self.answer, self.action = answer, action

    def __init__(self, glyphs: Glyphs, *, id: str = "cards") -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self._answers: tuple[Answer, ...] = ()
        self._marks: tuple[float, ...] = ()
        self._empty: tuple[Line, ...] = ()
        self._plot_height = 0
        self._now = 0.0
        self._built: list[Line] = []
        self._starts: list[int] = []
        self._bodies: dict[int, tuple[Answer, object, tuple[Line, ...]]] = {}

    def show(
        self,
        answers: tuple[Answer, ...],
        now: float,
        *,
        marks: tuple[float, ...] = (),
        plot_height: int = 0,
        empty: str = "",
    ) -> None:
        """Show `answers`, or the words `empty` where there are none."""
        self._answers, self._marks, self._now, self._plot_height = answers, marks, now, plot_height
        self._empty = (EMPTY, line(span(f" {empty}", "dim"))) if empty else ()
        self.cursor = min(self.cursor, max(0, len(answers) - 1))
        self._build()
        self.reload()

    def _build(self) -> None:
        """Lay out the cards; the body of one whose answer is the same as before is kept, plots cost time."""
        width = max(20, self.width)
        look = (width, self._plot_height, self._marks)
        kept, self._bodies = self._bodies, {}
        self._built, self._starts = [], []
        for answer in self._answers:
            before = kept.get(answer.number)
            if before is not None and before[0] is answer and before[1] == look:
                body = before[2]
            else:
                body = card_body(
                    answer, width, self._glyphs, plot_height=self._plot_height, marks=self._marks
                )
            self._bodies[answer.number] = (answer, look, body)
            self._starts.append(len(self._built))
            self._built += [card_head(answer, width, self._glyphs, now=self._now), *body]
        if not self._answers:
            self._built = list(self._empty)

    def on_resize(self) -> None:
        """Cards depend on the width."""
        self._build()
        super().on_resize()

    @property
    def current(self) -> Answer | None:
        """The answer under the cursor."""
        return self._answers[self.cursor] if self._answers else None

    @property
    def settled(self) -> bool:
        """Whether every query that can be asked has been answered, or has failed."""
        return bool(self._answers) and all(a.state is not AnswerState.ASKING for a in self._answers)

    def line_count(self) -> int:
        """All cards' lines."""
        return len(self._built)

    def line(self, y: int) -> Line:
        """Return line `y` of all cards."""
        return self._built[y]

    def item_count(self) -> int:
        """One item a card."""
        return len(self._starts)

    def item_lines(self, item: int) -> range:
        """All lines of a card."""
        follows = self._starts[item + 1] if item + 1 < len(self._starts) else len(self._built)
        return range(self._starts[item], follows)

    def go_to(self, number: int) -> bool:
        """Put the cursor on query `number` (from 1); return whether there is one."""
        for at, answer in enumerate(self._answers):
            if answer.number == number:
                self.move_to(at)
                return True
        return False

    def _choose(self, action: str) -> None:
        if self.current is not None:
            self.post_message(self.Chosen(self.current, action))

    def action_zoom(self) -> None:
        """Open the query large."""
        self._choose("zoom")

    def action_fill(self) -> None:
        """Fill in placeholders by hand."""
        self._choose("fill")

    def action_edit(self) -> None:
        """Edit the query."""
        self._choose("edit")
