"""One scenario: its live view while it plays, else what it plays and expects, and how its last proof went."""

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.alerts.model import Board, SourceState
from cockpit.errors import CockpitError
from cockpit.scenarios import files
from cockpit.scenarios.model import Fires, Scenario
from cockpit.scenarios.play.plays import Play
from cockpit.scenarios.run.live import Live, look
from cockpit.scenarios.signals import series, values_at
from cockpit.tui import scenario_page
from cockpit.tui.lines import EMPTY, Line, line, span
from cockpit.tui.screens.base import MODES
from cockpit.tui.screens.page import PageScreen


class Looked(Message):
    """A look at what plays; an older one still in the queue is superseded."""

    def __init__(self, live: Live, run: str) -> None:
        super().__init__()
        self.live, self.run = live, run

    def can_replace(self, message: Message) -> bool:
        """Only the latest look matters."""
        return isinstance(message, Looked)


class ScenarioScreen(PageScreen):
    """The scenario called `name`. It is played and stopped from here as well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("p", "play", "play", id="scenario.play", tooltip="Play it until its alerts fire and resolve"),
        Binding("s", "stop", "stop", id="scenario.stop", tooltip="End it: heal, drain, delete"),
        Binding("v", "prove", "prove", id="scenario.prove", tooltip="Prove it against the rule files"),
        Binding("w", "why", "why", id="scenario.why", tooltip="Say why an expected alert fires or does not"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("scenario.play", "play"),
        ("scenario.stop", "stop"),
        ("scenario.prove", "prove"),
        ("scenario.why", "why"),
        ("move.down,move.up", "scroll"),
    )
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("page.back", "back"), ("app.help", "help"))

    def __init__(self, name: str) -> None:
        super().__init__()
        self._called = name
        self._scenario: Scenario | None = None
        self._series = 0
        self._problem = ""
        self._live: Live | None = None
        self._run = ""

    def on_mount(self) -> None:
        """Read the file, and look for as long as it plays."""
        super().on_mount()
        self._look()

    @property
    def _play(self) -> Play | None:
        plays = self.cockpit.plays.synthetic.plays
        return next((play for play in plays if play.scenario == self._called), None)

    @work(exit_on_error=False)
    async def _look(self) -> None:
        session = self.cockpit.session
        try:
            folder = self.cockpit.plays.folder()
            self._scenario = await asyncio.to_thread(files.find, self._called, folder)
        except CockpitError as error:
            self._problem = str(error)
        if self._scenario is None:
            self.board_changed(None)
            return
        self._series = sum(1 for _ in series(values_at(self._scenario, 0)))
        self.board_changed(None)
        while True:
            play, board = self._play, self.cockpit.board
            if play is not None and self.is_current:
                before = self._live.standings if self._live and self._run == play.run else ()
                alerts = board.alerts if board and _is_fresh(board, session.now()) else None
                played = self._scenario.at_speed(play.speed)
                self.post_message(Looked(await look(session, played, play, alerts, before), play.run))
            await asyncio.sleep(1.0)

    def on_looked(self, event: Looked) -> None:
        """Show it."""
        self._live, self._run = event.live, event.run
        self.board_changed(self.cockpit.board)

    def tick(self) -> None:
        """The clock of the play goes on."""
        self.board_changed(self.cockpit.board)

    def page(self) -> tuple[Line, ...]:
        """Return the heading, then the live view or the scenario at rest."""
        if self._scenario is None:
            said = self._problem or f"reading{self.glyphs.ellipsis}"
            return (EMPTY, line(span(f"  {said}", "crit" if self._problem else "dim")))
        now, width = self.cockpit.session.now(), max(40, self.size.width - 1)
        play, plays = self._play, self.cockpit.plays
        rows: list[Line] = [scenario_page.heading(self._scenario, play, now, width, self.glyphs)]
        if play is not None and self._live is not None and self._run == play.run:
            rows += scenario_page.live_lines(
                self._live, play, self._series, now, width, self.size.height, self.glyphs
            )
        else:
            rows += scenario_page.still_lines(self._scenario, width)
        rows += scenario_page.proof_lines(
            plays.proofs.get(self._called), self._called in plays.proving, width
        )
        if play is not None:
            return (*rows, *scenario_page.told_lines("SAID", plays.told(self._called), width))
        return (*rows, *scenario_page.told_lines("LAST PLAY", plays.verdicts.get(self._called, ()), width))

    def action_play(self) -> None:
        """Play it."""
        self.cockpit.play(self._called)

    def action_stop(self) -> None:
        """Stop it."""
        self.cockpit.stop_play(self._called)

    def action_prove(self) -> None:
        """Prove it."""
        self.cockpit.prove((self._called,))

    def action_why(self) -> None:
        """Show the ladder of the expected alert, or choose one of several."""
        expected = self._scenario.expect if self._scenario else ()
        names = list(dict.fromkeys(e.alert if isinstance(e, Fires) else e.quiet for e in expected))
        self.cockpit.choose_why(names)


def _is_fresh(board: Board, now: float) -> bool:
    """Whether what `board` has of Prometheus is of now; else the rules, which are asked each time, tell."""
    asked = [each for each in board.sources if each.kind == "prometheus" and not each.standby]
    return all(each.state(now, board.stale_after) is SourceState.FRESH for each in asked)
