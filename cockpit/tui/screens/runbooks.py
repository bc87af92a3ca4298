"""The runbook library. Mode 2."""

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.message import Message

from cockpit.runbooks.model import Runbook
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span
from cockpit.tui.screens.base import MODE_KEYS, MODES
from cockpit.tui.screens.listing import ListScreen
from cockpit.tui.widgets.pick_list import PickList


class LibraryRead(Message):
    """The runbooks were read, with what could not be."""

    def __init__(self, runbooks: tuple[Runbook, ...], problems: tuple[str, ...]) -> None:
        super().__init__()
        self.runbooks, self.problems = runbooks, problems


class RunbooksScreen(ListScreen):
    """All runbooks with owner, queries, commands and review date; enter opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [*MODES]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("pick.choose", "open"),
        ("list.filter", "filter"),
        ("app.command", "command"),
        MODE_KEYS,
    )

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[Runbook, ...] | None = None
        self._shown: tuple[Runbook, ...] = ()
        self._problems: tuple[str, ...] = ()

    def on_mount(self) -> None:
        """Read the library."""
        super().on_mount()
        self._read()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        library = await asyncio.to_thread(lambda: self.cockpit.session.library)
        runbooks = await asyncio.to_thread(library.all)
        self.post_message(LibraryRead(runbooks, library.problems))

    def on_library_read(self, event: LibraryRead) -> None:
        """Show them."""
        self._all = tuple(sorted(event.runbooks, key=lambda r: r.path.lower().endswith("readme.md")))
        self._problems = event.problems
        self.draw()

    def draw(self) -> None:
        """Show the runbooks that have the words of the filter."""
        known = self._all or ()
        self._shown = tuple(r for r in known if self.has_words(r.path, r.title, *r.alerts))
        count = "" if self._all is None else f"{len(self._shown)} of {len(known)}"
        skipped = f"{len(self._problems)} could not be read: {self._problems[0]}" if self._problems else ""
        columns = self._row("RUNBOOK", "FILE", "OWNER", "QUERIES", "COMMANDS", "REVIEWED", kind="dim")
        rows = tuple(
            self._row(
                r.title, r.path, r.owner or "-", str(len(r.queries)), str(len(r.commands)), r.reviewed or "-"
            )
            for r in self._shown
        )
        self.show_list("RUNBOOKS", count, skipped, columns, rows, self._nothing())

    def _row(self, *cells: str, kind: str = "plain") -> Line:
        width, dots = self.size.width, self.glyphs.ellipsis
        owner, numbers = (16 if width >= 100 else 0), 9
        title = max(20, (width - owner - 2 * numbers - 14) // 2)
        path = max(16, width - owner - 2 * numbers - 14 - title)
        name, where, who, queries, commands, reviewed = cells
        return line(
            Span(" "),
            span(fit(name, title - 1, ellipsis=dots) + " ", "strong" if kind == "plain" else kind),
            span(fit(where, path - 1, ellipsis=dots) + " ", "dim"),
            span(fit(who, owner, ellipsis=dots), kind),
            span(fit(queries, numbers - 1, right=True) + fit(commands, numbers, right=True) + "  ", kind),
            span(reviewed, "dim"),
        )

    def _nothing(self) -> tuple[Line, ...]:
        if self._all is None:
            return (EMPTY, line(span(f"  Reading{self.glyphs.ellipsis}", "dim")))
        if self.words:
            return (EMPTY, line("  No runbook has these words."), EMPTY, line("  esc clears the filter."))
        folders = ", ".join(str(f) for f in self.cockpit.session.context.runbooks)
        return (
            EMPTY,
            line(span(f"  No Markdown files in {folders}")),
            EMPTY,
            line("  --runbooks DIR names another."),
        )

    def on_pick_list_picked(self, event: PickList.Picked) -> None:
        """Open a runbook without an alert."""
        self.cockpit.open_runbook(self._shown[event.index])
