"""The runbook library. Mode 2."""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.runbooks.model import Runbook
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span
from cockpit.tui.screens.base import BaseScreen
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.pick_list import PickList
from cockpit.tui.widgets.prompt import Prompt


class LibraryRead(Message):
    """The runbooks were read, with what could not be."""

    def __init__(self, runbooks: tuple[Runbook, ...], problems: tuple[str, ...]) -> None:
        super().__init__()
        self.runbooks, self.problems = runbooks, problems


class RunbooksScreen(BaseScreen):
    """All runbooks with owner, queries, commands and review date; enter opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", id="runbooks.filter", tooltip="Show runbooks with these words"),
        Binding("escape", "clear", "clear", id="runbooks.clear", tooltip="Clear the filter"),
        Binding("1", "app.mode('alerts')", "alerts", id="mode.alerts"),
        Binding("2", "app.mode('runbooks')", "runbooks", id="mode.runbooks"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("pick.choose", "open"),
        ("runbooks.filter", "filter"),
        ("app.command", "command"),
        ("mode.alerts", "alerts"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[Runbook, ...] | None = None
        self._shown: tuple[Runbook, ...] = ()
        self._problems: tuple[str, ...] = ()
        self._words = ""

    def compose_body(self) -> ComposeResult:
        """Title, column names, runbooks."""
        yield Pane(id="heading")
        yield Pane(id="columns")
        yield PickList(self.glyphs)

    def on_mount(self) -> None:
        """Read the library."""
        super().on_mount()
        self._show()
        self.refocus()
        self._read()

    def refocus(self) -> None:
        """The list has the focus."""
        self.query_one(PickList).focus()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        library = await asyncio.to_thread(lambda: self.cockpit.session.library)
        runbooks = await asyncio.to_thread(library.all)
        self.post_message(LibraryRead(runbooks, library.problems))

    def on_library_read(self, event: LibraryRead) -> None:
        """Show them."""
        self._all = tuple(sorted(event.runbooks, key=lambda r: r.path.lower().endswith("readme.md")))
        self._problems = event.problems
        self._show()

    def on_resize(self) -> None:
        """Columns depend on the width."""
        super().on_resize()
        self._show()

    def _show(self) -> None:
        width = self.size.width
        words = self._words.lower().split()
        self._shown = tuple(
            r
            for r in self._all or ()
            if all(w in f"{r.path} {r.title} {' '.join(r.alerts)}".lower() for w in words)
        )
        count = "" if self._all is None else f"  {len(self._shown)} of {len(self._all)}"
        skipped = f"  {len(self._problems)} could not be read: {self._problems[0]}" if self._problems else ""
        filtered = f"  / {self._words}" if self._words else ""
        self.query_one("#heading", Pane).show(
            line(
                Span(" RUNBOOKS", "title"),
                span(filtered, "accent"),
                span(count, "dim"),
                span(skipped, "warn"),
            )
        )
        owner, numbers = (16 if width >= 100 else 0), 9
        title = max(20, (width - owner - 2 * numbers - 14) // 2)
        path = max(16, width - owner - 2 * numbers - 14 - title)

        def row(*cells: str, kind: str = "plain") -> Line:
            dots = self.glyphs.ellipsis
            name, where, who, queries, commands, reviewed = cells
            return line(
                Span(" "),
                span(fit(name, title - 1, ellipsis=dots) + " ", "strong" if kind == "plain" else kind),
                span(fit(where, path - 1, ellipsis=dots) + " ", "dim"),
                span(fit(who, owner, ellipsis=dots), kind),
                span(fit(queries, numbers - 1, right=True) + fit(commands, numbers, right=True) + "  ", kind),
                span(reviewed, "dim"),
            )

        self.query_one("#columns", Pane).show(
            (Span(" "), *row("RUNBOOK", "FILE", "OWNER", "QUERIES", "COMMANDS", "REVIEWED", kind="dim"))
            if self._shown
            else EMPTY
        )
        rows = tuple(
            row(r.title, r.path, r.owner or "-", str(len(r.queries)), str(len(r.commands)), r.reviewed or "-")
            for r in self._shown
        )
        self.query_one(PickList).show(rows or self._nothing(), pickable=bool(rows))

    def _nothing(self) -> tuple[Line, ...]:
        if self._all is None:
            return (EMPTY, line(span(f"  Reading{self.glyphs.ellipsis}", "dim")))
        if self._words:
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

    def action_filter(self) -> None:
        """Ask for words."""
        self.query_one(Prompt).ask("filter", "/", self._words)

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        """Filter while typing."""
        if event.purpose == "filter":
            self._words = event.text
            self._show()

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Keep the filter."""
        if event.purpose == "filter":
            self.query_one(Prompt).close()
            self.refocus()

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Back to the words from before."""
        if event.purpose == "filter":
            self._words = event.before
            self._show()
        self.refocus()

    def action_clear(self) -> None:
        """Clear the filter."""
        self._words = ""
        self._show()
