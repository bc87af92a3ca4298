"""The answers beside a runbook: a column of cards, drawn by visible line."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.triage.model import Answer
from cockpit.tui.cards import card_lines
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, line, span
from cockpit.tui.widgets.line_view import LineView


class Cards(LineView):
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
        self._cursor = 0
        self._built: list[Line] = []
        self._starts: list[int] = []

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
        self._cursor = min(self._cursor, max(0, len(answers) - 1))
        self._build()
        self.reload()

    def _build(self) -> None:
        width = max(20, self.width)
        self._built, self._starts = [], []
        for answer in self._answers:
            self._starts.append(len(self._built))
            self._built += card_lines(
                answer, width, self._glyphs, now=self._now, plot_height=self._plot_height, marks=self._marks
            )
        if not self._answers:
            self._built = list(self._empty)

    def on_resize(self) -> None:
        """Cards depend on the width."""
        self._build()
        super().on_resize()

    @property
    def current(self) -> Answer | None:
        """The answer under the cursor."""
        return self._answers[self._cursor] if self._answers else None

    def line_count(self) -> int:
        """All cards' lines."""
        return len(self._built)

    def line(self, y: int) -> Line:
        """Return line `y` of all cards."""
        return self._built[y]

    def cursor_lines(self) -> range:
        """The title of the card under the cursor."""
        if not self._starts:
            return range(0)
        at = self._starts[self._cursor]
        return range(at, at + 1)

    def go_to(self, number: int) -> bool:
        """Put the cursor on query `number` (from 1); return whether there is one."""
        for at, answer in enumerate(self._answers):
            if answer.number == number:
                self._move(at)
                return True
        return False

    def _move(self, to: int) -> None:
        if not self._answers:
            return
        self._cursor = max(0, min(to, len(self._answers) - 1))
        start = self._starts[self._cursor]
        follows = self._starts[self._cursor + 1] if self._cursor + 1 < len(self._starts) else len(self._built)
        top, height = self.scroll_offset.y, self.size.height
        if start < top:
            self.scroll_to(y=start, animate=False, force=True)
        elif follows > top + height:
            self.scroll_to(y=min(start, follows - height), animate=False, force=True)
        self.refresh()

    def action_up(self) -> None:
        """The card above."""
        self._move(self._cursor - 1)

    def action_down(self) -> None:
        """The card below."""
        self._move(self._cursor + 1)

    def action_top(self) -> None:
        """The first card."""
        self._move(0)

    def action_bottom(self) -> None:
        """The last card."""
        self._move(len(self._answers) - 1)

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
