"""What every screen has: the source line on top, the banner below it, the prompt and the keys at the foot."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from cockpit.alerts.model import Board
from cockpit.tui import frame
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.keys import key_word
from cockpit.tui.widgets.line_view import LineView, Pane
from cockpit.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit


TALL = 30
"""Rows from which there is room for a third line of the banner, and for plots on cards."""

MODES = tuple(
    Binding(str(key), f"app.mode('{name}')", name, id=f"mode.{name}", tooltip=f"Go to the {name}", show=False)
    for key, name in enumerate(("alerts", "runbooks", "scenarios", "drills", "contract"), start=1)
)
"""The keys that go from one mode to another; each mode's screen binds them."""
MODE_KEYS = (",".join(str(binding.id) for binding in MODES), "modes")
"""What the help line of a mode's screen says of them."""


class BaseScreen(Screen[None]):
    """Frame of a screen. Subclasses yield what stands between in `compose_body` and name their keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon", "command", "command", key_display=":", id="app.command"),
        Binding("question_mark", "app.help", "help", key_display="?", id="app.help"),
        Binding("exclamation_mark", "app.doubts", "doubts", key_display="!", id="app.doubts"),
        Binding("0", "app.drill", "drill", id="app.drill", tooltip="To the drill that runs, and back"),
        Binding("r", "refresh", "refresh", id="app.refresh", tooltip="Ask the servers now"),
        Binding("q", "leave", "quit", id="app.quit"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = ()
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("app.help", "help"), ("app.quit", "quit"))
    NAMES_DRILL: ClassVar[bool] = True
    """Whether a line says how the drill stands that runs here."""

    @property
    def cockpit(self) -> "Cockpit":
        """The app, by its own type."""
        return cast("Cockpit", self.app)

    @property
    def glyphs(self) -> Glyphs:
        """The signs of this terminal."""
        return self.cockpit.glyphs

    def compose(self) -> ComposeResult:
        """Frame and body."""
        yield Pane(id="source-line")
        yield Pane(id="drill")
        yield Pane(id="synthetic")
        yield Pane(id="banner")
        yield from self.compose_body()
        yield Prompt()
        yield Pane(id="key-line")

    def compose_body(self) -> ComposeResult:
        """What stands between the banner and the key line."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Follow the board, and redraw what ages once a second."""
        self.watch(self.app, "board", self._board_changed, init=False)
        self.set_interval(1.0, self.catch_up)
        self.call_after_refresh(self._board_changed)

    async def _dispatch_message(self, message: Message) -> None:
        """Let the last messages of a screen that was left come to nothing: its parts are gone before."""
        try:
            await super()._dispatch_message(message)
        except NoMatches:
            if self.is_there:
                raise

    @property
    def is_there(self) -> bool:
        """Whether it is shown, or may be again; not so once it has been left."""
        return self in self.app.screen_stack or self.app.is_screen_installed(self)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say so when a worker of this screen failed: what it was to bring will not come."""
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            self.cockpit.report(event.worker.error, f"{event.worker.name} failed")

    def _board_changed(self) -> None:
        if not self.is_there or not self.children:
            return
        self.show_frame()
        self.board_changed(self.cockpit.board)

    @property
    def is_current(self) -> bool:
        """Whether it is on top. Textual draws the one below as well, and then the whole terminal anew."""
        return self.is_active

    def on_screen_resume(self) -> None:
        """Catch up with what has changed meanwhile."""
        self.catch_up()

    def catch_up(self) -> None:
        """Draw anew what changes without the board, where it is looked at."""
        if self.is_active and self.query("#source-line"):
            self.show_frame()
            self.tick()

    def board_changed(self, board: Board | None) -> None:
        """Show a new board."""

    def tick(self) -> None:
        """Redraw what changes with the time alone."""

    def on_resize(self) -> None:
        """The frame depends on the width."""
        self.show_frame()

    def show_frame(self) -> None:
        """Draw source line, banner and key line."""
        app, width = self.cockpit, self.size.width
        now = app.session.now()
        board = app.board
        source = self.query_one("#source-line", Pane)
        source.show(frame.source_line(board, app.place, app.counts, now, width, self.glyphs))
        doubts = frame.banner(board, 3 if self.size.height >= TALL else 2, width, self.glyphs)
        self._show_drill(now)
        played = self.query_one("#synthetic", Pane)
        lines = app.plays.synthetic.lines(board, now, width, self.glyphs)
        played.display = bool(lines)
        played.show(*lines)
        warning = self.query_one("#banner", Pane)
        warning.display = bool(doubts)
        warning.show(*doubts)
        bound = {b.id: b for b in self.all_bindings()}
        keys = [(self._keys(names, bound), word) for names, word in self.help_keys()]
        last = [(self._keys(names, bound), word) for names, word in self.LAST_KEYS]
        self.query_one("#key-line", Pane).show(frame.key_line(keys, last, width, self.glyphs))

    def help_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys of the help line, and what each does: those that help now."""
        return self.KEYS

    def _show_drill(self, now: float) -> None:
        """Say on every screen but its own that a drill runs, and which key leads back to it."""
        key = self._keys("app.drill", {b.id: b for b in self.all_bindings()})
        shown = self.query_one("#drill", Pane)
        rows = self.cockpit.drills.line(key, now, self.size.width, self.glyphs) if self.NAMES_DRILL else ()
        shown.display = bool(rows)
        shown.show(*rows)

    def _keys(self, names: str, bound: "dict[str | None, Binding]") -> str:
        """Return how the keys of `names` (ids of bindings, comma-separated) are shown, as mapped now."""
        words = [key_word(self.keys_of(bound[name])) for name in names.split(",") if name in bound]
        if len(words) > 2:
            return f"{words[0]}-{words[-1]}"
        return ("/" if any(len(word) > 1 for word in words) else "").join(words)

    def keys_of(self, binding: Binding) -> str:
        """Return the keys of `binding` as they are mapped now, comma-separated."""
        return (self.cockpit.keymap_of(binding.id) if binding.id else None) or binding.key

    def all_bindings(self) -> list[Binding]:
        """Return what can be pressed on this screen, each id once, the focused part first."""
        found: dict[str, Binding] = {}
        for node in [*([self.focused] if self.focused else []), *self.query(LineView), self]:
            for binding in (b for cls in type(node).__mro__ for b in cls.__dict__.get("BINDINGS", ())):
                if isinstance(binding, Binding) and binding.id:
                    found.setdefault(binding.id, binding)
        return list(found.values())

    def action_refresh(self) -> None:
        """Ask all sources now."""
        self.cockpit.ask_now()

    def action_leave(self) -> None:
        """Quit from a mode; screens above one go back instead."""
        self.cockpit.leave()

    def action_command(self) -> None:
        """Open the command line."""
        self.query_one(Prompt).ask("command", ":", suggestions=self.cockpit.command_words())

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Run a command; other purposes are the screens' own."""
        if event.purpose == "command":
            problem = self.cockpit.run_command(event.text)
            prompt = self.query_one(Prompt)
            if problem:
                prompt.complain(problem)
            else:
                prompt.close()
                self.refocus()

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Give the focus back."""
        self.refocus()

    def refocus(self) -> None:
        """Put the focus on the screen's main part."""
