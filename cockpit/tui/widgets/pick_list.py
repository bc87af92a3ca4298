"""A list of lines to choose one from."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.tui.lines import Line
from cockpit.tui.widgets.line_view import LineView


class PickList(LineView):
    """One line an item, a cursor, and enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "pick", "choose", id="pick.choose")]

    class Picked(Message):
        """Enter on item `index`."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str = "pick-list") -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._pickable = True
        self._cursor = 0

    def show(self, lines: tuple[Line, ...], *, pickable: bool = True) -> None:
        """Show `lines`; where they are not `pickable` (an empty state) there is no cursor."""
        self._lines, self._pickable = lines, pickable
        self._cursor = min(self._cursor, max(0, len(lines) - 1))
        self.reload()

    def line_count(self) -> int:
        """One line an item."""
        return len(self._lines)

    def line(self, y: int) -> Line:
        """Return the line of item `y`."""
        return self._lines[y]

    def cursor_lines(self) -> range:
        """The item under the cursor."""
        return range(self._cursor, self._cursor + 1) if self._pickable else range(0)

    def _move(self, to: int) -> None:
        self._cursor = max(0, min(to, len(self._lines) - 1))
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, force=True)
        self.refresh()

    def action_up(self) -> None:
        """One item up."""
        self._move(self._cursor - 1)

    def action_down(self) -> None:
        """One item down."""
        self._move(self._cursor + 1)

    def action_top(self) -> None:
        """The first item."""
        self._move(0)

    def action_bottom(self) -> None:
        """The last item."""
        self._move(len(self._lines) - 1)

    def action_page_down(self) -> None:
        """A page down."""
        self._move(self._cursor + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        """A page up."""
        self._move(self._cursor - max(1, self.size.height - 1))

    def action_pick(self) -> None:
        """Choose the item under the cursor."""
        if self._pickable and self._lines:
            self.post_message(self.Picked(self._cursor))

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second one chooses."""
        at = event.y + self.scroll_offset.y
        if at < len(self._lines):
            again = at == self._cursor
            self._move(at)
            if again:
                self.action_pick()
