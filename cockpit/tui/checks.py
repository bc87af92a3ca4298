"""What a user does about the contract, in every mode: check it, and mend a file in an editor of their own."""

import asyncio
import subprocess
from pathlib import Path

from textual import work
from textual.app import SuspendNotSupported

from cockpit.errors import CockpitError
from cockpit.tui import editor
from cockpit.tui.contract import Contract
from cockpit.tui.messages import ContractChecked
from cockpit.tui.screens.base import BaseScreen
from cockpit.tui.stage import Stage

CHECK_AFTER = 1.0
"""Seconds from the first board to the first check: alerts are drawn first."""
SETTLES = 0.1
"""Seconds in which a key, or a signal, has had its effect."""


class Checks(Stage):
    """Checks and edits. The app says how it tells, and asks its sources again."""

    contract: Contract

    def ask_now(self) -> None:
        """Ask all sources at once."""
        raise NotImplementedError

    def check_first(self) -> None:
        """Check the contract, unless that was done or there is nothing to check."""
        if self.contract.has_folders and not self.contract.is_begun:
            self.check_contract()

    @work(exit_on_error=False)
    async def check_contract(self) -> None:
        """Check the contract, and show what came of it."""
        try:
            await self.contract.check()
        except Exception as error:
            self.report(error, "the contract could not be checked")
        self.post_message(ContractChecked())

    def on_contract_checked(self) -> None:
        """Show what came."""
        if isinstance(self.screen, BaseScreen):
            self.screen.catch_up()

    @work(exit_on_error=False)
    async def edit(self, path: str, line: int) -> None:
        """Open `path` at `line` in the user's editor, to which the terminal is left; then check again."""
        try:
            words = editor.command(Path(path), line)
            # Textual's driver waits for the thread that waits for the key to have had its effect.
            await asyncio.sleep(SETTLES)
            self._left_to(words)
        except CockpitError as error:
            self.tell(str(error), severity="error")
            return
        finally:
            await asyncio.sleep(SETTLES)
            self.edits = False
        self.ask_now()
        self.check_contract()

    def _left_to(self, words: tuple[str, ...]) -> None:
        """Leave the terminal to a command until it has ended. Raises CockpitError where that fails.

        Nothing is drawn and nothing asked meanwhile: the screen would draw over the editor.
        """
        self.edits, problem, code = True, "", 0
        try:
            with self.suspend():
                # What is raised in here would leave the terminal as it is.
                try:
                    code = subprocess.call(words)
                except (OSError, ValueError) as error:
                    problem = getattr(error, "strerror", None) or str(error)
        except SuspendNotSupported as error:
            raise CockpitError("no editor can be opened from this terminal") from error
        if problem:
            raise CockpitError(f"{words[0]}: {problem}", remedy="set EDITOR, and start again")
        if code:
            self.tell(f"{words[0]} ended with {code}", severity="warning")
