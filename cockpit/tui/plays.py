"""Plays and proofs that a user starts on the screen.

A play is a process of its own, `cockpit scenario run`, that ends its scenario properly when the screen goes,
however it goes: its standard input ends then.
"""

import asyncio
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.errors import CockpitError, UsageError
from cockpit.journal.journal import Journal
from cockpit.session import Session
from cockpit.text import one_line
from cockpit.tui.synthetic import Synthetic, of_context

if TYPE_CHECKING:
    from cockpit.scenarios.proof.prove import Proof

KEPT = 6
"""Lines of what a play says that are kept."""
PROVED = "scenario.proved"
LEFTOVERS_EVERY = 60
"""Looks at what plays, one a second, from one search for leftovers to the next."""


class Plays:
    """What plays and is proved. `flags` choose the context for a process of its own.

    Parsers of files are imported when a user first asks for what needs them.
    """

    def __init__(self, session: Session, flags: Sequence[str]) -> None:
        self._session = session
        self._flags = tuple(flags)
        self._journal = Journal()
        self._said: dict[str, deque[str]] = {}
        self._started: set[str] = set()
        self._looks = 0
        self._unsearched = ""
        self.synthetic = Synthetic()
        self.proofs: dict[str, Proof] = {}
        self.verdicts: dict[str, tuple[str, ...]] = {}
        self.proving: set[str] = set()

    async def look(self) -> None:
        """Look what plays here, and now and then what was left behind; what cannot be told is said."""
        from cockpit.scenarios.play.groups import leftovers
        from cockpit.scenarios.play.plays import playing

        before, problem = self.synthetic, ""
        found, left = before.plays, before.leftovers
        try:
            found = of_context(await asyncio.to_thread(playing, self._journal), self._session.context)
        except CockpitError as error:
            problem = str(error)
        if self._looks % LEFTOVERS_EVERY == 0 or len(found) < len(before.plays):
            self._unsearched = ""
            try:
                left = await leftovers(self._session, self._journal)
            except CockpitError as error:
                self._unsearched = str(error)
        self._looks += 1
        self.synthetic = Synthetic(found, left, problem or self._unsearched)

    def look_for_leftovers(self) -> None:
        """Search for leftovers at the next look."""
        self._looks = 0

    def told(self, name: str) -> tuple[str, ...]:
        """Return the last lines that the process playing `name` said, if the screen started it."""
        return tuple(self._said.get(name, ()))

    async def question(self, name: str) -> tuple[str, str] | None:
        """Return what to ask before `name` is played, and what speaks against it; None in a lab.

        Raises CockpitError where it may not or cannot be played here.
        """
        from cockpit.scenarios import files
        from cockpit.scenarios.run.checks import check

        context = self._session.context
        scenario = await asyncio.to_thread(files.find, name, self.folder())
        found = await check(self._session, scenario)
        if context.sink is not None:
            return None
        mixing = ", ".join(one_line(each.rule, 80) for each in found.mixing)
        against = [f"mixes into real series: {mixing}"] if mixing else []
        return f"Play {name} in {context.name}?", "; ".join((*against, *found.notes))

    async def play(self, name: str) -> None:
        """Play `name` until it has ended. Raises CockpitError with its own words where it fails."""
        if name in self._started:
            raise UsageError(f"{name} plays already", remedy="s stops it")
        words = ("scenario", "run", name, "--yes", "--until-stdin-ends")
        self.verdicts.pop(name, None)
        said = self._said[name] = deque(maxlen=KEPT)
        self._started.add(name)
        try:
            self.verdicts[name] = await self._run(words, said, stdin=asyncio.subprocess.PIPE)
        finally:
            self._started.discard(name)

    async def stop(self, name: str) -> None:
        """Stop `name`, whoever plays it on this machine. Raises CockpitError with the reason if it cannot."""
        await self._run(("scenario", "stop", name), deque(maxlen=KEPT), stdin=asyncio.subprocess.DEVNULL)

    async def _run(self, words: tuple[str, ...], said: deque[str], *, stdin: int) -> tuple[str, ...]:
        """Run a command of the cockpit: what it narrates goes to `said`, the lines it prints are returned."""
        from cockpit.lab.keeping import environment

        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "cockpit", *self._flags, *words),
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env=environment(),
        )
        assert process.stdout is not None
        assert process.stderr is not None
        # What is printed is a few lines at the end: it waits in the pipe.
        async for raw in process.stderr:
            said.append(_line(raw))
        printed = (await process.stdout.read()).splitlines()
        code = await process.wait()
        if code and not printed:
            raise CockpitError(said[-1] if said else f"`cockpit {' '.join(words)}` ended with {code}")
        return tuple(map(_line, printed))

    async def prove(self, names: Sequence[str]) -> None:
        """Prove the scenarios `names`. Raises CockpitError where one cannot be judged."""
        from cockpit.scenarios import files
        from cockpit.scenarios.proof import promtool
        from cockpit.scenarios.proof.prove import prove_all
        from cockpit.scenarios.proof.rulefiles import Rules

        folder = self.folder()
        self.proving |= set(names)
        try:
            rules = await asyncio.to_thread(Rules.read, [folder / "rules"])
            scenarios = [await asyncio.to_thread(files.find, name, folder) for name in names]
            proofs = await prove_all(scenarios, rules, program=promtool.find())
            self.proofs.update((proof.scenario, proof) for proof in proofs)
            for proof in proofs:
                self._journal.append(PROVED, scenario=proof.scenario, passed=proof.passed)
        finally:
            self.proving -= set(names)

    def folder(self) -> Path:
        """Return the folder of the context's scenarios. Raises UsageError where there is none."""
        folder = self._session.context.scenarios
        if folder is None:
            raise UsageError("no folder of scenarios is configured", remedy="pass --scenarios DIR")
        return folder


def _line(raw: bytes) -> str:
    return one_line(raw.decode("utf-8", "replace").strip(), 400)
