"""The scenario library: what each proves, when it was last proven and played, and what plays now. Mode 3."""

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.errors import CockpitError
from cockpit.journal.journal import Journal
from cockpit.scenarios.library import Item, Outcome, library
from cockpit.scenarios.play.groups import delete
from cockpit.text import one_line
from cockpit.tui.lines import Line, Span, fit, line, span
from cockpit.tui.screens.base import MODE_KEYS, MODES
from cockpit.tui.screens.listing import ListScreen
from cockpit.tui.synthetic import progress
from cockpit.tui.widgets.pick_list import PickList
from cockpit.units import short_duration


class LibraryRead(Message):
    """The scenarios were read, or could not be."""

    def __init__(self, items: tuple[Item, ...], problem: str = "") -> None:
        super().__init__()
        self.items, self.problem = items, problem


class ScenariosScreen(ListScreen):
    """All scenarios of the context's folder; enter opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("v", "prove", "prove", id="scenarios.prove", tooltip="Prove this one against the rule files"),
        Binding("V", "prove_all", "prove all", id="scenarios.prove_all", tooltip="Prove all that are shown"),
        Binding(
            "p", "play", "play", id="scenarios.play", tooltip="Play it until its alerts fire and resolve"
        ),
        Binding("s", "stop", "stop", id="scenarios.stop", tooltip="End it: heal, drain, delete"),
        Binding("D", "delete", "delete left", id="scenarios.delete", tooltip="Delete groups left behind"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("pick.choose", "open"),
        ("scenarios.play", "play"),
        ("scenarios.stop", "stop"),
        ("scenarios.prove,scenarios.prove_all", "prove/all"),
        ("list.filter", "filter"),
        MODE_KEYS,
    )

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[Item, ...] | None = None
        self._shown: tuple[Item, ...] = ()
        self._problem = ""

    def on_screen_resume(self) -> None:
        """Read the library anew: it may have changed."""
        super().on_screen_resume()
        self.read()

    @work(exclusive=True, group="library", exit_on_error=False)
    async def read(self) -> None:
        """Read the files and the journal."""
        try:
            context = self.cockpit.session.context.name
            items = await asyncio.to_thread(library, self.cockpit.plays.folder(), Journal(), context)
        except CockpitError as error:
            self.post_message(LibraryRead((), str(error)))
        else:
            self.post_message(LibraryRead(items))

    def on_library_read(self, event: LibraryRead) -> None:
        """Show them."""
        chosen = self._current.name if self._current else ""
        self._all, self._problem = event.items, event.problem
        self.draw()
        names = [item.name for item in self._shown]
        if chosen in names:
            self.query_one(PickList).move_to(names.index(chosen))

    def tick(self) -> None:
        """What plays goes on."""
        self.draw()

    def draw(self) -> None:
        """Show the scenarios that have the words of the filter."""
        known = self._all or ()
        self._shown = tuple(i for i in known if self.has_words(i.name, self._title(i), *i.fires))
        count = "" if self._all is None else f"{len(self._shown)} of {len(known)}"
        columns = self._row("SCENARIO", "MAKES FIRE", "PROVEN", "PLAYED", "NOW", kind="dim")
        now = self.cockpit.session.now()
        rows = tuple(self._item_row(item, now) for item in self._shown)
        self.show_list("SCENARIOS", count, self._problem, columns, rows, self._nothing())

    def _title(self, item: Item) -> str:
        return item.scenario.title if item.scenario else item.problem

    def _item_row(self, item: Item, now: float) -> Line:
        if item.problem:
            # The name says which file; its whole path would leave no room for what is wrong with it.
            what = item.problem.rpartition(f"{one_line(item.name)}.yaml")[2].lstrip(",: ")
            name = fit(item.name, 26, ellipsis=self.glyphs.ellipsis)
            return line(Span(" "), span(f"{name} ", "strong"), span(what, "crit"))
        playing = next((p for p in self.cockpit.plays.synthetic.plays if p.scenario == item.name), None)
        proving = "proving" if item.name in self.cockpit.plays.proving else ""
        doing = proving if playing is None else progress(playing, now).removeprefix("playing, ")
        fires = ", ".join(item.fires) or "nothing: healthy traffic"
        # Until it was looked for once, nobody knows that nothing plays.
        idle = "-" if self.cockpit.plays.looked else self.glyphs.ellipsis
        kind = "accent" if playing else "dim"
        outcomes = (_outcome(item.proved, now), _outcome(item.played, now))
        return self._row(item.name, fires, *outcomes, doing or idle, of=kind)

    def _row(self, *cells: str, kind: str = "", of: str = "dim") -> Line:
        dots, width = self.glyphs.ellipsis, self.size.width
        name, fires, proved, played, doing = cells
        outcome = 14 if width >= 100 else 9
        wide = 26
        rest = max(10, width - wide - 2 * outcome - 3)
        said = 30 if width >= 100 else 14
        return line(
            Span(" "),
            span(fit(name, wide - 1, ellipsis=dots) + " ", kind or "strong"),
            span(fit(fires, rest - said - 1, ellipsis=dots) + " ", kind or "plain"),
            *(
                span(fit(text, outcome - 1, ellipsis=dots) + " ", kind or _outcome_kind(text))
                for text in (proved, played)
            ),
            span(fit(doing, said, ellipsis=dots), kind or of),
        )

    def _nothing(self) -> tuple[Line, ...]:
        folder = self.cockpit.session.context.scenarios
        return self.nothing("scenario", f"{folder}/synthetic", self._problem, is_read=self._all is not None)

    @property
    def _current(self) -> Item | None:
        at = self.query_one(PickList).cursor
        return self._shown[at] if at < len(self._shown) else None

    def on_pick_list_picked(self, event: PickList.Picked) -> None:
        """Open one; what is wrong with a file is told in full."""
        item = self._shown[event.index]
        if item.problem:
            self.cockpit.tell(item.problem, severity="error")
        else:
            self.cockpit.open_scenario(item.name)

    def action_prove(self) -> None:
        """Prove the one under the cursor."""
        if self._current is not None:
            self.cockpit.prove((self._current.name,), then=self.read)

    def action_prove_all(self) -> None:
        """Prove all that are shown."""
        readable = tuple(item.name for item in self._shown if item.scenario)
        if readable:
            self.cockpit.prove(readable, then=self.read)

    def action_play(self) -> None:
        """Play the one under the cursor."""
        if self._current is not None:
            self.cockpit.play(self._current.name)

    def action_stop(self) -> None:
        """Stop the one under the cursor."""
        if self._current is not None:
            self.cockpit.stop_play(self._current.name)

    @work(exit_on_error=False)
    async def action_delete(self) -> None:
        """Delete what was left behind."""
        for leftover in self.cockpit.plays.synthetic.leftovers:
            try:
                await delete(self.cockpit.session, leftover, Journal())
            except CockpitError as error:
                self.cockpit.tell(str(error), severity="error")
            else:
                self.cockpit.tell(f"{leftover.scenario}: deleted at {leftover.gateway}")
        self.cockpit.plays.look_for_leftovers()

    def action_refresh(self) -> None:
        """Read the files again."""
        self.read()
        super().action_refresh()


def _outcome(outcome: Outcome | None, now: float) -> str:
    if outcome is None:
        return "never"
    word = {True: "ok", False: "FAILED", None: "unclear"}[outcome.passed]
    if outcome.outdated:
        return "changed"
    return f"{word} {short_duration(max(0, int(now - outcome.at)))}"


def _outcome_kind(text: str) -> str:
    word = text.split(" ", maxsplit=1)[0]
    return {"ok": "ok", "FAILED": "crit", "unclear": "warn", "changed": "warn"}.get(word, "dim")
