"""Blocks of lines below each other, a cursor on one of them: phases of an exercise, sections of a card."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line, Span, clip
from cockpit.tui.widgets.cursor_view import CursorView


class Blocks(CursorView):
    """Each block is an item of one line or more; the cursor stands at its first line."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", "open", id="block.open")]

    class Opened(Message):
        """Enter on block `index`."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, glyphs: Glyphs, *, id: str = "blocks") -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self._rows: list[Line] = []
        self._starts: list[int] = []

    def show(self, blocks: Sequence[Sequence[Line]]) -> None:
        """Show `blocks`, none of them empty; each line is drawn behind a column for the cursor."""
        self._rows, self._starts = [], []
        for block in blocks:
            self._starts.append(len(self._rows))
            self._rows += block
        self.cursor = min(self.cursor, max(0, len(blocks) - 1))
        self.reload()

    def line_count(self) -> int:
        """All lines of all blocks."""
        return len(self._rows)

    def line(self, y: int) -> Line:
        """Return line `y`, cut with an ellipsis, with a sign where the cursor is."""
        sign = self._glyphs.cursor if y in self.cursor_lines() else " "
        return clip((Span(sign, "accent"), *self._rows[y]), self.width, ellipsis=self._glyphs.ellipsis)

    def item_count(self) -> int:
        """One item a block."""
        return len(self._starts)

    def item_lines(self, item: int) -> range:
        """All lines of a block."""
        follows = self._starts[item + 1] if item + 1 < len(self._starts) else len(self._rows)
        return range(self._starts[item], follows)

    def bring(self, item: int) -> None:
        """Put the cursor on block `item`, and as much of it in view as there is room for."""
        self.move_to(item)
        if self._rows:
            self.scroll_to(y=self.item_lines(self.cursor).start, animate=False, force=True)

    def action_open(self) -> None:
        """Open the block under the cursor."""
        if self._starts:
            self.post_message(self.Opened(self.cursor))

    def action_down(self) -> None:
        """One block down, or what is still below of one taller than the view."""
        if self._hidden_below():
            super(CursorView, self).action_down()
        else:
            super().action_down()

    def action_up(self) -> None:
        """One block up, or what is still above of one taller than the view."""
        if self._rows and self.item_lines(self.cursor).start < self.scroll_offset.y:
            super(CursorView, self).action_up()
        else:
            super().action_up()

    def action_page_down(self) -> None:
        """A page down."""
        if self._hidden_below():
            super(CursorView, self).action_page_down()
        else:
            super().action_page_down()

    def _hidden_below(self) -> bool:
        bottom = self.scroll_offset.y + self.size.height
        return bool(self._rows) and self.item_lines(self.cursor).stop > bottom
