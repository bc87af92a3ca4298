"""The library of drills: how each went when it was last run, and what was interrupted. Mode 4."""

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.drills import events, files
from cockpit.drills.library import Item, library
from cockpit.drills.model import Drill
from cockpit.drills.running import interrupted
from cockpit.drills.state import Exercise
from cockpit.errors import CockpitError
from cockpit.tui import drill_page
from cockpit.tui.drills import Wanted
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span
from cockpit.tui.score_page import stamp
from cockpit.tui.screens.base import MODE_KEYS, MODES
from cockpit.tui.screens.listing import FilesScreen
from cockpit.tui.screens.page import PageScreen

TRENDS = {"better": "ok", "worse": "warn"}


class LibraryRead(Message):
    """The drills and what was interrupted were read, or could not be."""

    def __init__(
        self, items: tuple[Item, ...], interrupted: tuple[Exercise, ...] = (), problem: str = ""
    ) -> None:
        super().__init__()
        self.items, self.interrupted, self.problem = items, interrupted, problem


class DrillsScreen(FilesScreen[Item]):
    """All drills of the context's folder; enter opens one. Nothing says which one a blind exercise is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("b", "begin", "begin", id="drills.begin", tooltip="Begin the drill, here and alone"),
        Binding("s", "card", "score card", id="drills.card", tooltip="Show what came of its last run"),
        Binding("R", "resume", "resume", id="drills.resume", tooltip="Go on with one that was interrupted"),
        Binding("A", "abort", "abort", id="drills.abort", tooltip="Abort one that was interrupted"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("pick.choose", "open"),
        ("drills.begin", "begin"),
        ("list.filter", "filter"),
        MODE_KEYS,
    )

    def __init__(self) -> None:
        super().__init__()
        self._interrupted: tuple[Exercise, ...] = ()

    def help_keys(self) -> tuple[tuple[str, str], ...]:
        """Name what is done with interrupted ones where there are any."""
        more = (("drills.resume", "resume"), ("drills.abort", "abort")) if self._interrupted else ()
        card = (("drills.card", "score card"),) if any(item.last for item in self.items or ()) else ()
        return (*self.KEYS[:2], *card, *more, *self.KEYS[2:])

    def on_screen_resume(self) -> None:
        """Read the library anew: a drill may have been run."""
        super().on_screen_resume()
        self.read()

    @work(exclusive=True, group="library", exit_on_error=False)
    async def read(self) -> None:
        """Read the files and the journals."""
        try:
            items = await asyncio.to_thread(library, self.cockpit.drills.folder())
            left = await asyncio.to_thread(interrupted)
        except CockpitError as error:
            self.post_message(LibraryRead((), problem=str(error)))
        else:
            self.post_message(LibraryRead(items, left))

    def on_library_read(self, event: LibraryRead) -> None:
        """Show them."""
        self.items, self._interrupted, self.problem = event.items, event.interrupted, event.problem
        self.draw()
        self.show_frame()

    def words_of(self, item: Item) -> tuple[str, ...]:
        """Search name and title."""
        return (item.name, _title(item))

    def draw(self) -> None:
        """Show the drills that have the words of the filter."""
        count = self.choose()
        left = f"{len(self._interrupted)} interrupted: R goes on, A aborts" if self._interrupted else ""
        columns = self._row("DRILL", "TITLE", "LAST RUN", "SCORE", "TREND", "STATE", kind="dim")
        rows = tuple(map(self._item_row, self.shown))
        empty = self.nothing("drill", f"{self.cockpit.session.context.scenarios}/drills")
        self.show_list("DRILLS", count, self.problem or left, columns, rows, empty)

    def _item_row(self, item: Item) -> Line:
        if item.problem:
            return self.unusable(item, 17)
        last = item.last
        if last is None:
            return self._row(item.name, _title(item), "never", "-", "-", item.goes_on or "-")
        result = last.score
        scored = f"{result.points:g}/{result.of:g} {result.grade}"
        trend = last.trend or "-"
        return self._row(item.name, _title(item), stamp(last.at), scored, trend, item.goes_on or "-")

    def _row(self, *cells: str, kind: str = "") -> Line:
        dots, width = self.glyphs.ellipsis, self.size.width
        name, title, at, score, trend, state = cells
        wide = 18 if width >= 100 else 13
        day = 18 if width >= 100 else 11
        fixed = wide + day + 9 + 8 + 12
        shown = {"running": "accent", "interrupted": "warn"}
        return line(
            Span(" "),
            span(fit(name, wide - 1, ellipsis=dots) + " ", kind or "strong"),
            span(fit(title, max(8, width - fixed - 4), ellipsis=dots) + " ", kind or "plain"),
            span(fit(at, day - 1) if width >= 100 else fit(at[:10], day - 1), kind or "dim"),
            span(" " + fit(score, 8) + " ", kind or "plain"),
            span(fit(trend, 7) + " ", kind or TRENDS.get(trend, "dim")),
            span(fit(state, 11), kind or shown.get(state, "dim")),
        )

    def open_item(self, item: Item) -> None:
        """Open one."""
        self.cockpit.open_drill(item.name)

    def action_begin(self) -> None:
        """Begin the drill under the cursor."""
        if self.current is not None:
            self.cockpit.start_drill(self.current.name)

    def action_resume(self) -> None:
        """Choose an exercise to go on with."""
        self._choose("Go on with which exercise?", lambda each: self._go_on(each.id))

    def action_abort(self) -> None:
        """Choose an exercise to abort; it is cleaned up here."""

        def abort(exercise: Exercise) -> None:
            try:
                events.abort(events.journal_of(exercise.id), "by the operator")
            except CockpitError as error:
                self.cockpit.tell(str(error), severity="error")
            else:
                self._go_on(exercise.id)

        self._choose("Abort which exercise? What it played is deleted", abort)

    def _go_on(self, exercise: str) -> None:
        self.cockpit.drill(Wanted(resume=exercise))

    def _choose(self, title: str, chosen: Callable[[Exercise], object]) -> None:
        left = self._interrupted
        if not left:
            self.cockpit.tell("no exercise was interrupted")
            return
        items = [
            ("", "a blind one" if each.is_secret else each.drill.name, f"{_reached(each)}, {each.id}")
            for each in left
        ]
        self.cockpit.pick(title, items, lambda at: chosen(left[at]))

    def action_card(self) -> None:
        """Show the score card of the last run of the drill at the cursor."""
        item = self.current
        if item is None or item.last is None:
            self.cockpit.tell("this drill was never run")
        else:
            self.cockpit.show_score_card(item.last.id)

    def action_refresh(self) -> None:
        """Read the files again."""
        self.read()
        super().action_refresh()


class AboutDrill(PageScreen):
    """What the drill called `name` is, before it begins: its phases by name and limit, and no answers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("b", "begin", "begin", id="drills.begin", tooltip="Begin the drill, here and alone"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("drills.begin", "begin"), ("move.down,move.up", "scroll"))
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("page.back", "back"), ("app.help", "help"))

    def __init__(self, name: str) -> None:
        super().__init__()
        self._called = name
        self._drill: Drill | None = None
        self.problem = ""

    def on_mount(self) -> None:
        """Read the file."""
        super().on_mount()
        self._read()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        try:
            self._drill = await asyncio.to_thread(files.find, self._called, self.cockpit.drills.folder())
        except CockpitError as error:
            self.problem = str(error)
        self.board_changed(self.cockpit.board)

    def page(self) -> tuple[Line, ...]:
        """Return what it is."""
        if self._drill is None:
            said = self.problem or f"reading{self.glyphs.ellipsis}"
            return (EMPTY, line(span(f"  {said}", "crit" if self.problem else "dim")))
        return drill_page.drill_lines(self._drill, self.cockpit.session.context.speed, self.size.width - 2)

    def action_begin(self) -> None:
        """Begin it."""
        self.cockpit.start_drill(self._called)


def _title(item: Item) -> str:
    return item.drill.title if item.drill else item.problem


def _reached(exercise: Exercise) -> str:
    return f"phase {exercise.current} of {len(exercise.phases)}" if exercise.current else "not begun"
