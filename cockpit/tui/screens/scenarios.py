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
from cockpit.tui.lines import Line, Span, fit, line, span
from cockpit.tui.screens.base import MODE_KEYS, MODES
from cockpit.tui.screens.listing import FilesScreen
from cockpit.tui.synthetic import progress
from cockpit.tui.widgets.pick_list import PickList
from cockpit.units import short_duration


class LibraryRead(Message):
    """The scenarios were read, or could not be."""

    def __init__(self, items: tuple[Item, ...], problem: str = "") -> None:
        super().__init__()
        self.items, self.problem = items, problem


class ScenariosScreen(FilesScreen[Item]):
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
        chosen = self.current.name if self.current else ""
        self.items, self.problem = event.items, event.problem
        self.draw()
        names = [item.name for item in self.shown]
        if chosen in names:
            self.query_one(PickList).move_to(names.index(chosen))

    def tick(self) -> None:
        """What plays goes on."""
        self.draw()

    def words_of(self, item: Item) -> tuple[str, ...]:
        """Search name, title and alerts."""
        return (item.name, item.scenario.title if item.scenario else item.problem, *item.fires)

    def draw(self) -> None:
        """Show the scenarios that have the words of the filter."""
        count = self.choose()
        columns = self._row("SCENARIO", "MAKES FIRE", "PROVEN", "PLAYED", "NOW", kind="dim")
        now = self.cockpit.session.now()
        rows = tuple(self._item_row(item, now) for item in self.shown)
        folder = self.cockpit.session.context.scenarios
        empty = self.nothing("scenario", f"{folder}/synthetic")
        self.show_list("SCENARIOS", count, self.problem, columns, rows, empty)

    def _item_row(self, item: Item, now: float) -> Line:
        if item.problem:
            return self.unusable(item, 26)
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

    def open_item(self, item: Item) -> None:
        """Open one."""
        self.cockpit.open_scenario(item.name)

    def action_prove(self) -> None:
        """Prove the one under the cursor."""
        if self.current is not None:
            self.cockpit.prove((self.current.name,), then=self.read)

    def action_prove_all(self) -> None:
        """Prove all that are shown."""
        readable = tuple(item.name for item in self.shown if item.scenario)
        if readable:
            self.cockpit.prove(readable, then=self.read)

    def action_play(self) -> None:
        """Play the one under the cursor."""
        if self.current is not None:
            self.cockpit.play(self.current.name)

    def action_stop(self) -> None:
        """Stop the one under the cursor."""
        if self.current is not None:
            self.cockpit.stop_play(self.current.name)

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
