"""A scrollable view drawn by visible line: as fast with 100 000 lines as with a hundred."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cockpit.text import clean
from cockpit.tui.lines import EMPTY, KINDS, Line


class LineView(ScrollView, can_focus=True):
    """Draws `line(y)` for each visible y of `line_count()`. Subclasses say what the lines are.

    `reload` is called when the lines changed; only lines that look different are drawn again.
    `cursor_lines` are drawn as selected.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {*KINDS, "selected", "selected-blurred"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "up", "Up", show=False, id="move.up"),
        Binding("down,j", "down", "Down", show=False, id="move.down"),
        Binding("g,home", "top", "Top", show=False, id="move.top"),
        Binding("G,end", "bottom", "Bottom", show=False, id="move.bottom"),
        Binding("ctrl+f,pagedown", "page_down", "Page down", show=False, id="move.page_down"),
        Binding("ctrl+b,pageup", "page_up", "Page up", show=False, id="move.page_up"),
        Binding("left,h", "scroll_left", "Scroll left", show=False, id="move.left"),
        Binding("right,l", "scroll_right", "Scroll right", show=False, id="move.right"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: dict[int, Line] = {}

    def line_count(self) -> int:
        """Return how many lines there are."""
        raise NotImplementedError

    def line(self, y: int) -> Line:
        """Return line `y`, from 0, whole; it is cut to the view here."""
        raise NotImplementedError

    def line_width(self) -> int:
        """Return the cells that the longest line takes; more than the view scrolls sideways."""
        return 0

    @property
    def width(self) -> int:
        """The cells of a line; one is always kept for the scroll bar."""
        return self.scrollable_content_region.width

    def cursor_lines(self) -> range:
        """Return the lines that are selected; empty where there is no cursor."""
        return range(0)

    def reload(self) -> None:
        """Take note of changed lines: size, and those visible lines whose text or style is another."""
        self.virtual_size = Size(self.line_width(), self.line_count())
        top = self.scroll_offset.y
        count = self.line_count()
        for y in range(top, top + self.size.height):
            fresh = self.line(y) if y < count else EMPTY
            if self._drawn.get(y) != fresh:
                self.refresh_line(y)

    def redraw(self) -> None:
        """Draw everything again: after a new cursor, a resize, or a new theme."""
        self.virtual_size = Size(self.line_width(), self.line_count())
        self.refresh()

    def on_resize(self) -> None:
        """Lines depend on the width."""
        self._drawn.clear()
        self.redraw()

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Put the bar where the view is: Textual moves only one that is there when the view scrolls."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def render_line(self, y: int) -> Strip:
        """Draw the visible line `y`."""
        left, top = self.scroll_offset
        width = self.width
        at = top + y
        row = self.line(at) if at < self.line_count() else EMPTY
        if len(self._drawn) > 1000:
            self._drawn.clear()
        self._drawn[at] = row
        segments = [
            Segment(clean(text), self.get_component_rich_style(kind, partial=True)) for text, kind in row
        ]
        base = self.rich_style
        if at in self.cursor_lines():
            name = "selected" if self.has_focus else "selected-blurred"
            chosen = self.get_component_rich_style(name, partial=True)
            segments = [Segment(s.text, _over(s.style, chosen)) for s in segments]
            base += chosen
        strip = Strip(segments).apply_style(self.rich_style)
        return strip.crop_extend(left, left + width, base)

    def action_up(self) -> None:
        """Scroll one line up."""
        self.scroll_to(y=self.scroll_offset.y - 1, animate=False)

    def action_down(self) -> None:
        """Scroll one line down."""
        self.scroll_to(y=self.scroll_offset.y + 1, animate=False)

    def action_top(self) -> None:
        """Go to the first line."""
        self.scroll_to(y=0, animate=False)

    def action_bottom(self) -> None:
        """Go to the last line."""
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_page_down(self) -> None:
        """Scroll a page down."""
        self.scroll_to(y=self.scroll_offset.y + max(1, self.size.height - 1), animate=False)

    def action_page_up(self) -> None:
        """Scroll a page up."""
        self.scroll_to(y=self.scroll_offset.y - max(1, self.size.height - 1), animate=False)

    def action_scroll_left(self) -> None:
        """Scroll sideways, where a line is wider than the view."""
        self.scroll_to(x=self.scroll_offset.x - 8, animate=False)

    def action_scroll_right(self) -> None:
        """Scroll sideways, where a line is wider than the view."""
        self.scroll_to(x=self.scroll_offset.x + 8, animate=False)


def _over(style: Style | None, chosen: Style) -> Style:
    """Return a span's own style on the background of the selection, unless it has a background itself."""
    own = style or Style()
    return own + Style(bgcolor=own.bgcolor or chosen.bgcolor, bold=chosen.bold, dim=False)


class Pane(LineView, can_focus=False):
    """A fixed piece of screen: the lines it was given last."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()

    def show(self, *lines: Line) -> None:
        """Show `lines`; the same as before draws nothing."""
        if lines != self._lines:
            resized = len(lines) != len(self._lines)
            self._lines = lines
            self.reload()
            if resized:
                self.refresh(layout=True)

    def line_count(self) -> int:
        """Return how many lines it was given."""
        return len(self._lines)

    def line(self, y: int) -> Line:
        """Return line `y` as it was given."""
        return self._lines[y]
