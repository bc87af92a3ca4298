"""What a user does with scenarios and drills: play, stop and prove, begin and leave, in every mode."""

import asyncio
from collections.abc import Awaitable, Callable

from textual import work
from textual.screen import Screen

from cockpit.drills import events
from cockpit.errors import CockpitError
from cockpit.tui.drills import Wanted
from cockpit.tui.ends import Ends
from cockpit.tui.plays import Plays


class Stage(Ends):
    """Plays, proves and drills in workers; whatever fails is told. The app says how it tells and reports."""

    plays: Plays
    _question: Screen[None] | None = None
    _leaves = False

    def tell(self, text: str, *, severity: str = "information") -> None:
        """Show a message for a few seconds."""
        raise NotImplementedError

    def report(self, error: Exception, what: str) -> None:
        """Say that a part of the program failed."""
        raise NotImplementedError

    @work(exit_on_error=False)
    async def follow_plays(self) -> None:
        """Look for ever what plays and what was left behind; the screens draw it once a second."""
        said = ""
        while True:
            try:
                await self.plays.look(self.drills.hidden)
                # The banner has one line, and goes on to say so.
                before, said = said, self.plays.synthetic.problem
                if said and said != before:
                    self.tell(said, severity="error")
            except Exception as error:
                self.report(error, "what plays is not known")
            await asyncio.sleep(1.0)

    @work(exit_on_error=False)
    async def play(self, name: str) -> None:
        """Play a scenario until it has ended; where real people look on, ask before."""
        try:
            question = await self.plays.question(name)
        except CockpitError as error:
            self.tell(str(error), severity="error")
            return
        if question is None:
            self._play(name)
        else:
            title, detail = question
            self.confirm(title, "yes, play it", detail, lambda: self._play(name))

    @work(exit_on_error=False)
    async def _play(self, name: str) -> None:
        self.tell(f"{name}: begins")
        await self._tried(self.plays.play(name))

    @work(exit_on_error=False)
    async def stop_play(self, name: str) -> None:
        """Stop a scenario: it heals, its windows drain, its series are deleted."""
        await self._tried(self.plays.stop(name, self.tell))

    @work(exit_on_error=False)
    async def prove(self, names: tuple[str, ...], then: Callable[[], object] = lambda: None) -> None:
        """Prove scenarios against their rule files."""
        await self._tried(self.plays.prove(names))
        failed = [name for name in names if (p := self.plays.proofs.get(name)) and not p.passed]
        if failed:
            self.tell(f"not proven: {', '.join(failed)}: enter says why", severity="error")
        then()

    @work(exit_on_error=False)
    async def start_drill(self, name: str) -> None:
        """Ask, and then begin a drill; only where synthetic series are welcome."""
        try:
            title, against = await self.drills.question(name)
        except CockpitError as error:
            self.tell(str(error), severity="error")
        else:
            self.confirm(title, "yes, begin", against, lambda: self.drill(Wanted(name=name)))

    @work(exit_on_error=False)
    async def drill(self, wanted: Wanted) -> None:
        """Begin a drill, or go on with an exercise, and run it to its end."""
        try:
            await self.drills.start(wanted)
        except CockpitError as error:
            self.tell(str(error), severity="error")
        else:
            self.run_drill()

    @work(exit_on_error=False)
    async def run_drill(self) -> None:
        """Run the exercise that was started, and show its score card when it is over."""
        self.show_alerts()
        self.action_drill()
        await self._tried(self.drills.run(self.drill_changed))
        exercise = self.drills.exercise
        if exercise is None or not exercise.is_over:
            return
        if self._leaves:
            self.exit()
            return
        self.leave_drill()
        self.show_score_card(exercise.id)

    def drill_changed(self) -> None:
        """Show at once what came of the exercise."""
        raise NotImplementedError

    def leave(self) -> None:
        """Leave the program; while an exercise runs here, ask what becomes of it, and do not ask twice."""
        exercise = self.drills.exercise
        if not self.drills.runs or exercise is None or self.screen is self._question:
            self.exit()
            return
        items = (
            ("n", "no, go back", ""),
            ("l", "leave it as it stands", "`cockpit drill run --resume` goes on with it"),
            ("a", "abort it", "what it played heals, is deleted; then it ends"),
        )
        self._question = self.pick("A drill runs here. Leave?", items, self._left)

    def _left(self, chosen: int) -> None:
        if chosen == 1:
            self.exit()
        elif chosen == 2:
            self._leaves = self.drills.write(
                lambda journal: events.abort(journal, "by the operator, who left")
            )

    async def action_quit(self) -> None:
        """Leave."""
        self.leave()

    async def _tried(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except CockpitError as error:
            self.tell(str(error), severity="error")
        except Exception as error:
            self.report(error, "it could not be done")
