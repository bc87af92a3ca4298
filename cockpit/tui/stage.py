"""What a user does with scenarios: play, stop and prove them, and see in every mode what plays."""

import asyncio
from collections.abc import Awaitable, Callable

from textual import work

from cockpit.errors import CockpitError
from cockpit.tui.navigation import Navigation
from cockpit.tui.plays import Plays


class Stage(Navigation):
    """Plays and proves in workers; whatever fails is told. The app says how it tells and reports."""

    plays: Plays

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
                await self.plays.look()
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

    async def _tried(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except CockpitError as error:
            self.tell(str(error), severity="error")
        except Exception as error:
            self.report(error, "it could not be done")
