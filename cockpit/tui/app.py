"""The terminal application: it owns the session, the latest board and the screens, and fetches in workers.

Screens other than the alerts are imported when they are first opened: the first alert does not wait for them.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen

from cockpit.alerts.feed import watch
from cockpit.alerts.group import Counts, counts
from cockpit.alerts.model import Board
from cockpit.config import Context, Ui
from cockpit.crash import write_crash
from cockpit.errors import CockpitError, UsageError
from cockpit.session import Session
from cockpit.text import one_line
from cockpit.tui import memory
from cockpit.tui.attention import Attention
from cockpit.tui.checks import CHECK_AFTER, Checks
from cockpit.tui.commands import COMMANDS, run_command
from cockpit.tui.contract import Contract
from cockpit.tui.drills import Drills, Wanted
from cockpit.tui.glyphs import choose
from cockpit.tui.keys import known_keys
from cockpit.tui.messages import BoardArrived, DrillLooked
from cockpit.tui.plays import Plays
from cockpit.tui.screens.alerts import AlertsScreen
from cockpit.tui.screens.base import BaseScreen

if TYPE_CHECKING:
    from textual.driver import Driver

Watch = Callable[..., AsyncGenerator[Board, None]]
RESTART_AFTER = 2.0
"""Seconds before a feed that failed by itself is started again."""
OFF_LOOP = 500
"""Alerts from which on a board is counted and compared in a thread, so that no frame waits for it."""
COLLECT_EVERY = 60.0
"""Seconds between garbage collections, which are not left to chance: one takes longer than a frame may."""
SETTLED = 0.2
"""Seconds after which what the first alert need not wait for is done."""
SWITCH_AFTER = 0.0005
"""Seconds for which a thread keeps the interpreter from the loop; a key takes several turns of the loop."""


class Cockpit(Checks):
    """The TUI on one session. It never exits by itself: failures become something to read."""

    TITLE = "cockpit"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "quit", show=False, id="app.interrupt")
    ]
    board: reactive[Board | None] = reactive(None, init=False, always_update=True, repaint=False)

    def __init__(
        self,
        session: Session,
        ui: Ui | None = None,
        *,
        feed: Watch = watch,
        flags: Sequence[str] = (),
        facilitates: str = "",
    ) -> None:
        super().__init__(driver_class=_driver())
        self.ui = ui or Ui()
        self.session = session
        self.glyphs = choose(self.ui.ascii)
        self.counts: Counts | None = None
        self.attention = Attention(session.context.name, self.ui.bell)
        self.plays = Plays(session, flags)
        self.drills = Drills(session, self.tell)
        self.contract = Contract(session, flags)
        self._facilitates = facilitates
        self._feed = feed
        self._ask_now = asyncio.Event()
        self.failure: str | None = None
        self._reported = ""
        self._alerts = AlertsScreen(self.ui.group_by)
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Apply the user's choices, start the feed, and show the alerts."""
        if self.ui.theme not in self.available_themes:
            known = ", ".join(sorted(self.available_themes))
            self.failure = f"config: ui.theme: there is no theme {self.ui.theme!r}: known themes: {known}"
            self.exit(2)
            return
        self.theme = self.ui.theme
        unknown = sorted(set(self.ui.keys) - known_keys()) if self.ui.keys else []
        if unknown:
            self.failure = (
                f"config: ui.keys: there is no key named {unknown[0]!r}: ? in the program shows the names"
            )
            self.exit(2)
            return
        self.set_keymap(self.ui.keys)
        self.set_class(self.glyphs.ascii, "-ascii")
        self.watch_signals()
        # Installed screens stay when another is switched to; else their workers would find no widgets.
        self.install_screen(self._alerts, "alerts")
        self.push_screen(self._alerts)
        self.follow()
        self.set_timer(SETTLED, memory.separate)
        self.set_timer(SETTLED, self.follow_plays)
        if self.drills.runs:
            self.run_drill()
        elif self._facilitates:
            self.facilitate(self._facilitates)
        self.set_interval(COLLECT_EVERY, memory.collect)

    @property
    def place(self) -> str:
        """Return the context's name, with its speed where that is not life's."""
        context = self.session.context
        return context.name if context.speed == 1 else f"{context.name} x{context.speed:g}"

    def keymap_of(self, name: str) -> str | None:
        """Return the keys that the config gives to the binding `name`."""
        return self._keymap.get(name)

    @work(exit_on_error=False)
    async def follow(self) -> None:
        """Feed the board for ever; a failure of the feed itself is shown, and the feed starts again."""
        while True:
            try:
                async with aclosing(self._feed(self.session, refresh=self._ask_now)) as boards:
                    async for board in boards:
                        await self._take(board)
            except CockpitError as error:
                self.tell(str(error), severity="error")
            except Exception as error:
                self.report(error, "the feed failed and starts again")
            await asyncio.sleep(RESTART_AFTER)

    async def _take(self, board: Board) -> None:
        """Count the board, compare it with what was seen, ring for what is new in it, and hand it on."""

        def judge() -> tuple[Counts, bool]:
            return counts(board.alerts), self.attention.take(board)

        counted, rings = await asyncio.to_thread(judge) if len(board.alerts) >= OFF_LOOP else judge()
        self.post_message(BoardArrived(board, counted))
        if rings:
            self.bell()

    def on_board_arrived(self, event: BoardArrived) -> None:
        """Show the new board; after the first, check the contract."""
        if self.board is None:
            self.set_timer(CHECK_AFTER, self.check_first)
        self.counts, self.board = event.counts, event.board

    def ask_now(self) -> None:
        """Ask all sources at once."""
        self._ask_now.set()

    def tell(self, text: str, *, severity: str = "information") -> None:
        """Show a message for a few seconds; its text is data."""
        level = severity if severity in ("error", "warning") else "information"
        lasts = 3 if level == "information" else 8
        self.notify(one_line(text, 300), severity=level, markup=False, timeout=lasts)  # type: ignore[arg-type]

    def report(self, error: Exception, what: str) -> None:
        """Say once that a part of the program failed; the details go to a file."""
        if self._reported == (said := f"{what}: {type(error).__name__}: {error}"):
            return
        self._reported = said
        log = write_crash(error)
        self.tell(f"{said}; {log}", severity="error")

    def copy(self, text: str, what: str) -> None:
        """Put `text` on the terminal's clipboard (OSC 52)."""
        self.copy_to_clipboard(text)
        self.tell(f"copied {what}")

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer the modes and Textual's own commands in the command palette, less those that write files."""
        yield SystemCommand("Alerts", "The list of alerts", self.show_alerts)
        yield SystemCommand("Runbooks", "The runbook library", self.show_runbooks)
        yield SystemCommand("Scenarios", "What can be played, and what plays", self.show_scenarios)
        yield SystemCommand("Drills", "What can be rehearsed, and how it went", self.show_drills)
        yield SystemCommand("Contract", "What no longer agrees in the files", self.show_contract)
        yield SystemCommand("Rules", "The alerting rules, and why they do not fire", self.show_rules)
        yield SystemCommand("Doubts", "What keeps this from an all-clear", self.action_doubts)
        for command in super().get_system_commands(screen):
            if command.title in {"Theme", "Quit"}:
                yield command

    def on_drill_looked(self) -> None:
        """Show how the exercise stands by now."""
        if isinstance(self.screen, BaseScreen):
            self.screen.catch_up()

    def drill_changed(self) -> None:
        """Take note that the exercise was looked at."""
        self.post_message(DrillLooked())

    def command_words(self) -> list[str]:
        """Return what the command line suggests."""
        names = self.session.library.names() if self.session.library_is_read else ()
        return [*COMMANDS, *(f"runbook {name}" for name in names)]

    def run_command(self, text: str) -> str | None:
        """Run a `:` command; return what is wrong with it, if anything is."""
        try:
            run_command(self, text)
        except UsageError as error:
            return str(error)
        return None

    def _fatal_error(self) -> None:
        """End without Textual's traceback, which prints local variables, secrets included."""
        error = self._exception or RuntimeError("unknown")
        log = write_crash(error)
        self.failure = f"internal error: {type(error).__name__}: {one_line(str(error), 200)}; {log}"
        self._close_messages_no_wait()

    def on_unmount(self) -> None:
        """Remember what was seen."""
        self.attention.save()


def _driver() -> "type[Driver] | None":
    """Return the terminal driver of the cockpit; None, Textual's choice, where it is not for this system."""
    if sys.platform == "win32":
        return None
    from cockpit.tui.driver import Driver

    return Driver


def run(
    context: Context,
    ui: Ui | None = None,
    flags: Sequence[str] = (),
    say: Callable[[str], None] = lambda line: None,
    drill: Wanted | None = None,
) -> int:
    """Show the TUI on `context` until the user leaves; return the exit code.

    `flags` are the words of a command line that choose the same context. `say` is told, once the terminal is
    restored, what goes on without the screen. `drill` says which drill it is opened for, if for one.
    Raises CockpitError for a failure of the program itself, with one line for the user, and for a drill that
    cannot begin.
    """

    async def main() -> tuple[int, str | None]:
        async with Session.open(context) as session:
            app = Cockpit(session, ui, flags=flags, facilitates=drill.facilitate if drill else "")
            if drill and not drill.facilitate:
                await app.drills.start(drill)
            code = await app.run_async(mouse=True)
            for name in app.plays.running:
                say(f"{name} heals in the background now, and is deleted then")
            if (exercise := app.drills.exercise) and not exercise.is_over:
                say(f"the drill is interrupted: `cockpit drill run --resume {exercise.id}` goes on with it")
            return (app.return_code or 0) if code is None else code, app.failure

    # What is loaded by now stays: leave it out of every later collection.
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(SWITCH_AFTER)
    code, failure = asyncio.run(main())
    if failure:
        error = CockpitError(failure)
        error.exit_code = code or 1
        raise error
    return code
