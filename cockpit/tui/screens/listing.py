"""A list that is filtered by words: heading, column names, rows, and the filter at the foot."""

from typing import ClassVar, Generic, Protocol, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.text import one_line
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span
from cockpit.tui.screens.base import BaseScreen
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.pick_list import PickList
from cockpit.tui.widgets.prompt import Prompt


class ListScreen(BaseScreen):
    """Subclasses draw themselves in `draw`: they choose their rows with `has_words`, and call `show_list`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", id="list.filter", tooltip="Show rows with these words"),
        Binding("escape", "clear", "clear", id="list.clear", tooltip="Clear the filter"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def compose_body(self) -> ComposeResult:
        """Title, column names, rows."""
        yield Pane(id="heading")
        yield Pane(id="columns")
        yield PickList(self.glyphs)

    def on_mount(self) -> None:
        """Draw what is there."""
        super().on_mount()
        self.draw()
        self.refocus()

    def refocus(self) -> None:
        """The list has the focus."""
        self.query_one(PickList).focus()

    def on_resize(self) -> None:
        """Columns depend on the width."""
        super().on_resize()
        self.draw()

    def draw(self) -> None:
        """Show heading, columns and rows for the words at hand."""
        raise NotImplementedError

    def has_words(self, *texts: str) -> bool:
        """Say whether all words of the filter are in `texts`."""
        whole = " ".join(texts).lower()
        return all(word in whole for word in self.words.lower().split())

    def show_list(
        self,
        title: str,
        count: str,
        trouble: str,
        columns: Line,
        rows: tuple[Line, ...],
        empty: tuple[Line, ...],
    ) -> None:
        """Show `rows` below `columns`, or `empty` where there are none; what is cleaned already stays so."""
        filtered = f"  / {self.words}" if self.words else ""
        counted, troubled = (f"  {text}" if text else "" for text in (count, trouble))
        self.query_one("#heading", Pane).show(
            line(
                Span(f" {title}", "title"),
                span(filtered, "accent"),
                span(counted, "dim"),
                span(troubled, "warn"),
            )
        )
        self.query_one("#columns", Pane).show((Span(" "), *columns) if rows else EMPTY)
        self.query_one(PickList).show(rows or empty, pickable=bool(rows))

    def action_filter(self) -> None:
        """Ask for words."""
        self.query_one(Prompt).ask("filter", "/", self.words)

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        """Filter while typing."""
        if event.purpose == "filter":
            self._filter(event.text)

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Keep the filter."""
        if event.purpose == "filter":
            self.query_one(Prompt).close()
            self.refocus()

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Back to the words from before."""
        if event.purpose == "filter":
            self._filter(event.before)
        self.refocus()

    def action_clear(self) -> None:
        """Clear the filter."""
        self._filter("")

    def _filter(self, words: str) -> None:
        self.words = words
        self.draw()


class FileItem(Protocol):
    """A file of a folder; `problem` says why it cannot be used."""

    @property
    def name(self) -> str:
        """Its name without the ending."""

    @property
    def problem(self) -> str:
        """What is wrong with it, with its whole path; empty where nothing is."""


Item = TypeVar("Item", bound=FileItem)


class FilesScreen(ListScreen, Generic[Item]):
    """A list of files. `items` is None until they were read; `problem` says why they could not be.

    Subclasses say what the filter searches in `words_of`, and what enter does in `open_item`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.items: tuple[Item, ...] | None = None
        self.shown: tuple[Item, ...] = ()
        self.problem = ""

    def words_of(self, item: Item) -> tuple[str, ...]:
        """Return what the filter searches."""
        raise NotImplementedError

    def open_item(self, item: Item) -> None:
        """Open a file that can be used."""
        raise NotImplementedError

    def choose(self) -> str:
        """Choose what is shown by the words at hand; return how many of how many that is."""
        known = self.items or ()
        self.shown = tuple(item for item in known if self.has_words(*self.words_of(item)))
        return "" if self.items is None else f"{len(self.shown)} of {len(known)}"

    @property
    def current(self) -> Item | None:
        """The file under the cursor."""
        at = self.query_one(PickList).cursor
        return self.shown[at] if at < len(self.shown) else None

    def on_pick_list_picked(self, event: PickList.Picked) -> None:
        """Open one; what is wrong with a file is told in full."""
        item = self.shown[event.index]
        if item.problem:
            self.cockpit.tell(item.problem, severity="error")
        else:
            self.open_item(item)

    def unusable(self, item: Item, wide: int) -> Line:
        """Return the row of a file that cannot be used; its name takes `wide` cells.

        The name says which file; its whole path would leave no room for what is wrong with it.
        """
        what = item.problem.rpartition(f"{one_line(item.name)}.yaml")[2].lstrip(",: ")
        name = fit(item.name, wide, ellipsis=self.glyphs.ellipsis)
        return line(Span(" "), span(f"{name} ", "strong"), span(what, "crit"))

    def nothing(self, what: str, where: str) -> tuple[Line, ...]:
        """Return why no row is shown of files in the folder `where`, each one a `what`."""
        if self.problem:
            return (EMPTY, line(span(f"  {self.problem}", "crit")))
        if self.items is None:
            return (EMPTY, line(span(f"  Reading{self.glyphs.ellipsis}", "dim")))
        if self.words:
            return (EMPTY, line(f"  No {what} has these words."), EMPTY, line("  esc clears the filter."))
        there = line(span(f"  No {what}s in {where}"))
        return (EMPTY, there, EMPTY, line("  --scenarios DIR names another folder."))
