"""Choose one of several: what to copy, which section to go to."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.tui.lines import Line, Span, fit, line, span, wrap
from cockpit.tui.screens.base import BaseScreen
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.pick_list import PickList


class PickScreen(BaseScreen):
    """Shows `items` as (key, title, detail); calls `chosen` with the index and goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "back", id="pick.back")]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("pick.choose", "choose"),
        ("move.down,move.up", "move"),
    )
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("pick.back", "back"),)

    def __init__(
        self, title: str, items: Sequence[tuple[str, str, str]], chosen: Callable[[int], object]
    ) -> None:
        super().__init__()
        self._title, self._items, self._chosen = title, items, chosen

    def compose_body(self) -> ComposeResult:
        """Title and items."""
        yield Pane(id="heading")
        yield PickList(self.glyphs)

    def on_mount(self) -> None:
        """Show the items."""
        super().on_mount()
        title = wrap(line(Span(" "), span(self._title, "title")), self.size.width - 1, indent=1)
        self.query_one("#heading", Pane).show(*title)
        room = min(44, max((len(title) for _, title, _ in self._items), default=0))
        rows: tuple[Line, ...] = tuple(
            line(
                span(f"{key:>3}  " if key else "  ", "key"),
                span(fit(title, room, ellipsis=self.glyphs.ellipsis), "strong"),
                span(f"   {' '.join(detail.split())}", "dim"),
            )
            for key, title, detail in self._items
        )
        shown = self.query_one(PickList)
        shown.show(rows or (line("  There is nothing to choose."),), pickable=bool(rows))
        shown.keys = {key: at for at, (key, _, _) in enumerate(self._items) if len(key) == 1}
        self.refocus()

    def refocus(self) -> None:
        """The items have the focus."""
        self.query_one(PickList).focus()

    def on_pick_list_picked(self, event: PickList.Picked) -> None:
        """Go back, and do it."""
        if self.is_active:
            self.dismiss()
            self._chosen(event.index)

    def action_leave(self) -> None:
        """Back without a choice."""
        self.dismiss()
