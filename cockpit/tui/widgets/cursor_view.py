"""A view by line with a cursor on one of its items."""

from cockpit.tui.widgets.line_view import LineView


class CursorView(LineView):
    """Moves `cursor` over `item_count()` items and keeps it in view. An item is a line by default."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0

    def item_count(self) -> int:
        """Return how many items the cursor can be on."""
        raise NotImplementedError

    def item_lines(self, item: int) -> range:
        """Return the lines of `item`."""
        return range(item, item + 1)

    def cursor_moved(self) -> None:
        """Take note that the user moved the cursor."""

    def cursor_lines(self) -> range:
        """Return the first line of the item under the cursor."""
        if not 0 <= self.cursor < self.item_count():
            return range(0)
        start = self.item_lines(self.cursor).start
        return range(start, start + 1)

    def move_to(self, item: int) -> None:
        """Put the cursor on `item`, or the nearest there is."""
        to = max(0, min(item, self.item_count() - 1))
        if to == self.cursor or not self.item_count():
            return
        before, self.cursor = self.cursor_lines(), to
        self.show_cursor()
        for y in (*before, *self.cursor_lines()):
            self.refresh_line(y)
        self.cursor_moved()

    def show_cursor(self) -> None:
        """Scroll as little as it takes to see the item under the cursor."""
        if not self.item_count():
            return
        lines, top, height = self.item_lines(self.cursor), self.scroll_offset.y, max(1, self.size.height)
        if lines.start < top:
            self.scroll_to(y=lines.start, animate=False, force=True)
        elif lines.stop > top + height:
            self.scroll_to(y=min(lines.start, lines.stop - height), animate=False, force=True)

    def item_at(self, y: int) -> int | None:
        """Return the item that line `y` belongs to."""
        return next((i for i in range(self.item_count()) if y in self.item_lines(i)), None)

    def action_up(self) -> None:
        """One item up."""
        self.move_to(self.cursor - 1)

    def action_down(self) -> None:
        """One item down."""
        self.move_to(self.cursor + 1)

    def action_top(self) -> None:
        """The first item."""
        self.move_to(0)

    def action_bottom(self) -> None:
        """The last item."""
        self.move_to(self.item_count() - 1)

    def action_page_down(self) -> None:
        """A page down, or in tall items the next one."""
        self._page(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        """A page up, or in tall items the one before."""
        self._page(-max(1, self.size.height - 1))

    def _page(self, lines: int) -> None:
        here = self.item_lines(self.cursor)
        if len(here) == 1:
            self.move_to(self.cursor + lines)
            return
        there = self.item_at(max(0, min(here.start + lines, self.line_count() - 1)))
        step = 1 if lines > 0 else -1
        self.move_to(self.cursor + step if there in (None, self.cursor) else there or 0)
