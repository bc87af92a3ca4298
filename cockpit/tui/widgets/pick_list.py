"""A list of lines to choose one from."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line, Span, clip
from cockpit.tui.widgets.cursor_view import CursorView


class PickList(CursorView):
    """One line an item, a cursor, and enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "pick", "choose", id="pick.choose")]

    class Picked(Message):
        """Enter on item `index`."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Moved(Message):
        """The cursor is on another item."""

    def __init__(self, glyphs: Glyphs, *, id: str = "pick-list") -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self.keys: dict[str, int] = {}
        self._lines: tuple[Line, ...] = ()
        self._pickable = True

    def show(self, lines: tuple[Line, ...], *, pickable: bool = True) -> None:
        """Show `lines`; where they are not `pickable` (an empty state) there is no cursor."""
        self._lines, self._pickable = lines, pickable
        self.cursor = min(self.cursor, max(0, len(lines) - 1))
        self.reload()

    def line_count(self) -> int:
        """One line an item."""
        return len(self._lines)

    def line(self, y: int) -> Line:
        """Return the line of item `y`, cut with an ellipsis, with a sign where the cursor is."""
        row = self._lines[y]
        if self._pickable:
            row = (Span(self._glyphs.cursor if y == self.cursor else " ", "accent"), *row)
        return clip(row, self.width, ellipsis=self._glyphs.ellipsis)

    def item_count(self) -> int:
        """One item a line, where there are items."""
        return len(self._lines) if self._pickable else 0

    def cursor_moved(self) -> None:
        """Tell the screen."""
        self.post_message(self.Moved())

    def on_key(self, event: events.Key) -> None:
        """The sign in front of an item chooses it, whatever else that key does elsewhere."""
        if event.character is not None and event.character in self.keys:
            event.stop()
            event.prevent_default()
            self.post_message(self.Picked(self.keys[event.character]))

    def action_pick(self) -> None:
        """Choose the item under the cursor."""
        if self._pickable and self._lines:
            self.post_message(self.Picked(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second one chooses."""
        at = event.y + self.scroll_offset.y
        if at < len(self._lines):
            again = at == self.cursor
            self.move_to(at)
            if again:
                self.action_pick()
