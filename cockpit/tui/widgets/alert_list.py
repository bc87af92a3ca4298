"""The list of alerts, drawn by visible line, with a cursor that stays on its alert."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.alerts.model import Alert, Board
from cockpit.tui import present
from cockpit.tui.alerts_view import Row, View, ViewSpec, is_open
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line
from cockpit.tui.widgets.cursor_view import CursorView


class AlertList(CursorView):
    """Shows a View; `lacks` says what an alert lacks. The screen decides what enter and space do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="alerts.open", tooltip="Open the runbook with its answers"),
        Binding("space", "mark", "mark", id="alerts.mark", tooltip="Mark, for copying several"),
    ]

    class Moved(Message):
        """The cursor is on another row, or on none."""

        def __init__(self, row: Row | None) -> None:
            super().__init__()
            self.row = row

    class Opened(Message):
        """Enter on a row."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self, glyphs: Glyphs, lacks: Callable[[Alert], tuple[str, ...]], *, id: str = "alert-list"
    ) -> None:
        super().__init__(id=id)
        self._lacks = lacks
        self.view = View()
        self.marked: set[str] = set()
        self.new: frozenset[str] = frozenset()
        self._glyphs = glyphs
        self._board: Board | None = None
        self._spec = ViewSpec()
        self._faces: tuple[Line, ...] = ()
        self._touched = False
        self._now = 0.0

    def show(
        self,
        board: Board | None,
        view: View,
        spec: ViewSpec,
        faces: tuple[Line, ...],
        new: frozenset[str],
        now: float,
    ) -> None:
        """Show `view`, or `faces` when it has no rows.

        The cursor stays on its alert, or near it; until it was moved it is on the worst.
        """
        before = self.current
        self._board, self.view, self._spec, self._faces, self.new = board, view, spec, faces, new
        if not self._touched:
            self._put(0)
        elif before is not None and before.key in view.index:
            self._put(view.index[before.key])
        else:
            self._put(min(self.cursor, max(0, len(view.rows) - 1)))
        self.tick(now)
        after = self.current
        if after is not before:
            self.post_message(self.Moved(after))

    def tick(self, now: float) -> None:
        """Draw again what changes with the time."""
        self._now = now
        self.reload()

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        rows = self.view.rows
        return rows[self.cursor] if self.cursor < len(rows) else None

    def line_count(self) -> int:
        """One line a row."""
        return len(self.view.rows) or len(self._faces)

    def line(self, y: int) -> Line:
        """Return row `y` as a line."""
        rows = self.view.rows
        if not rows:
            return self._faces[y]
        row = rows[y]
        columns = present.Columns(self.width)
        sign = self._glyphs.cursor if y == self.cursor else "+" if row.key in self.new else " "
        mark = "*" if row.key in self.marked else sign
        if row.group is not None:
            opened = is_open(row.group, row.key, self._spec.toggled)
            return columns.group_row(row.group, self._now, self._glyphs, mark=mark, opened=opened)
        old = present.age_of(row.alert, self._board, self._now) if self._board else 0.0
        return columns.row(
            row.alert,
            self._now,
            self.view.names,
            self._glyphs,
            mark=mark,
            old=old,
            depth=row.depth,
            lacks=self._lacks(row.alert),
        )

    def item_count(self) -> int:
        """One item a row; the faces of an empty list are none."""
        return len(self.view.rows)

    def cursor_moved(self) -> None:
        """Tell the screen; from now on the cursor follows its alert."""
        self._touched = True
        self.post_message(self.Moved(self.current))

    def go_to(self, key: str) -> None:
        """Put the cursor on the row with `key`, if it is shown."""
        if key in self.view.index:
            self.move_to(self.view.index[key])

    def _put(self, at: int) -> None:
        """Set the cursor; the row stays at its height on the screen."""
        shift, self.cursor = at - self.cursor, at
        if shift and self.scroll_offset.y:
            self.scroll_to(y=self.scroll_offset.y + shift, animate=False, force=True)
        self.show_cursor()

    def action_open(self) -> None:
        """Open what is under the cursor."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    def action_mark(self) -> None:
        """Mark or unmark the alert under the cursor, and go on to the next."""
        row = self.current
        if row is None or row.group is not None:
            return
        self.marked ^= {row.key}
        self.action_down()
        self.reload()

    def on_click(self, event: events.Click) -> None:
        """A click selects a row, a second one opens it."""
        at = event.y + self.scroll_offset.y
        if at < len(self.view.rows):
            again = at == self.cursor
            self.move_to(at)
            if again:
                self.action_open()

    def selected_alerts(self) -> tuple[Alert, ...]:
        """Return the marked alerts, or the one under the cursor."""
        marked = tuple(r.alert for r in self.view.rows if r.key in self.marked and r.group is None)
        if marked:
            return marked
        row = self.current
        return row.group.alerts if row and row.group else (row.alert,) if row else ()
