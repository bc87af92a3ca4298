"""A page of lines to read: help, doubts, links. Escape leaves it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.alerts.model import Board
from cockpit.tui.lines import Line, wrap_all
from cockpit.tui.screens.base import BaseScreen
from cockpit.tui.widgets.line_view import LineView


class Lines(LineView):
    """A scrollable page of given lines."""

    def __init__(self, *, id: str = "page") -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show `lines`."""
        self._lines = lines
        self.reload()

    def line_count(self) -> int:
        """Return how many lines there are."""
        return len(self._lines)

    def line(self, y: int) -> Line:
        """Return line `y`."""
        return self._lines[y]

    def line_width(self) -> int:
        """Return the width of the longest line."""
        return max((sum(len(s.text) for s in row) for row in self._lines), default=0)


class PageScreen(BaseScreen):
    """Shows `page()`; subclasses say what that is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back", id="page.back"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("move.down,move.up", "scroll"),)
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("page.back", "back"),)

    def page(self) -> tuple[Line, ...]:
        """Return the lines to show."""
        raise NotImplementedError

    def compose_body(self) -> ComposeResult:
        """The page."""
        yield Lines()

    def on_mount(self) -> None:
        """Show the page."""
        super().on_mount()
        self.refocus()

    def refocus(self) -> None:
        """The page has the focus."""
        self.query_one(Lines).focus()

    def board_changed(self, board: Board | None) -> None:
        """Pages may depend on the board."""
        page = self.query_one(Lines)
        page.show(wrap_all(self.page(), max(20, page.width)))

    def on_resize(self) -> None:
        """Wrap anew."""
        super().on_resize()
        self.board_changed(self.cockpit.board)

    def action_leave(self) -> None:
        """Back to the screen below."""
        self.dismiss()
