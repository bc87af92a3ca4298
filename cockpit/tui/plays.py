"""Plays and proofs that a user starts on the screen.

A play is a process of its own, `cockpit scenario run`, that ends its scenario properly when the screen goes,
however it goes: its standard input ends then.
"""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.children import environment
from cockpit.errors import CockpitError, UsageError
from cockpit.journal.journal import Journal
from cockpit.session import Session
from cockpit.text import one_line
from cockpit.tui.synthetic import Synthetic, of_context

if TYPE_CHECKING:
    from cockpit.scenarios.proof.prove import Proof

KEPT = 6
"""Lines of what a play says that are kept."""
LEFTOVERS_EVERY = 60
"""Looks at what plays, one a second, from one search for leftovers to the next."""


class Plays:
    """What plays and is proved. `flags` choose the context for a process of its own.

    `looked` is false until it was looked once what plays.
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
        self.looked = False
        self.synthetic = Synthetic()
        self.proofs: dict[str, Proof] = {}
        self.verdicts: dict[str, tuple[str, ...]] = {}
        self.proving: set[str] = set()

    async def look(self, hidden: Collection[str] = ()) -> None:
        """Look what plays here, and now and then what was left behind; what cannot be told is said.

        The plays of the scenarios `hidden` are left out: a blind drill plays them.
        """
        from cockpit.scenarios.play.groups import leftovers
        from cockpit.scenarios.play.plays import playing

        before, problem = self.synthetic, ""
        found, left = before.plays, before.leftovers
        try:
            plays = of_context(await asyncio.to_thread(playing, self._journal), self._session.context)
            found = tuple(play for play in plays if play.scenario not in hidden)
        except CockpitError as error:
            problem = str(error)
        if self._looks % LEFTOVERS_EVERY == 0 or len(found) < len(before.plays):
            self._unsearched = ""
            try:
                left = await leftovers(self._session, self._journal)
            except CockpitError as error:
                self._unsearched = str(error)
        self._looks += 1
        self.looked = True
        self.synthetic = Synthetic(found, left, problem or self._unsearched, bool(hidden))

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
        if any(play.scenario == name for play in self.synthetic.plays) or name in self._started:
            raise UsageError(f"{name} plays already", remedy="s stops it")
        scenario = await asyncio.to_thread(files.find, name, self.folder())
        if scenario.duration is None:
            raise UsageError(f"{name} has no end", remedy="only a lab plays it, from its start")
        found = await check(self._session, scenario)
        if context.sink is not None:
            return None
        mixing = ", ".join(one_line(each.rule, 80) for each in found.mixing)
        against = [f"mixes into real series: {mixing}"] if mixing else []
        return f"Play {name} in {context.name}?", "; ".join((*against, *found.notes))

    async def play(self, name: str) -> None:
        """Play `name` until it has ended. Raises CockpitError with its own words where it fails."""
        words = ("scenario", "run", name, "--yes", "--until-stdin-ends")
        self.verdicts.pop(name, None)
        said = self._said[name] = deque(maxlen=KEPT)
        self._started.add(name)
        try:
            self.verdicts[name] = await self._run(words, said)
        except Exception:
            self._started.discard(name)
            raise
        # Cancelled, because the screen goes, it stays among what has started: it goes on to its end.
        self._started.discard(name)

    async def stop(self, name: str, tell: Callable[[str], None]) -> None:
        """Stop `name`, whoever plays it on this machine. Raises CockpitError with the reason if it cannot."""
        play = next((each for each in self.synthetic.plays if each.scenario == name), None)
        if play is None:
            raise UsageError(f"{name} does not play")
        if play.player == "lab":
            raise UsageError(f"{name} is played by the lab itself", remedy="it ends with the lab")
        tell(f"{name}: stopping: it heals first, then its series are deleted")
        await self._run(("scenario", "stop", name), deque(maxlen=KEPT))

    @property
    def running(self) -> tuple[str, ...]:
        """What the screen has started that still plays, and goes on to its end without it."""
        return tuple(sorted(self._started))

    async def _run(self, words: tuple[str, ...], said: deque[str]) -> tuple[str, ...]:
        """Run a command of the cockpit: what it narrates goes to `said`, the lines it prints are returned.

        It is read by a thread that nobody waits for: an event loop's own subprocess is killed with the loop,
        but a play has to end its scenario after the screen has gone.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[tuple[int, tuple[str, ...]]] = loop.create_future()

        def settle(result: tuple[int, tuple[str, ...]]) -> None:
            if not done.cancelled():
                done.set_result(result)

        def listen() -> None:
            result = _listened((*self._flags, *words), said)
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, result)

        threading.Thread(target=listen, daemon=True).start()
        code, printed = await done
        if code and not printed:
            raise CockpitError(said[-1] if said else f"`cockpit {' '.join(words)}` ended with {code}")
        return printed

    async def prove(self, names: Sequence[str]) -> None:
        """Prove the scenarios `names`. Raises CockpitError where one cannot be judged."""
        from cockpit.scenarios import files
        from cockpit.scenarios.library import note_proof
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
                note_proof(self._journal, folder, proof.scenario, passed=proof.passed)
        finally:
            self.proving -= set(names)

    def folder(self) -> Path:
        """Return the folder of the context's scenarios. Raises UsageError where there is none."""
        folder = self._session.context.scenarios
        if folder is None:
            raise UsageError("no folder of scenarios is configured", remedy="pass --scenarios DIR")
        return folder


def _listened(words: Sequence[str], said: deque[str]) -> tuple[int, tuple[str, ...]]:
    """Run the cockpit with `words`, its standard input open until then; return its exit code and output."""
    with subprocess.Popen(
        (sys.executable, "-P", "-m", "cockpit", *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # What is printed is a few lines at the end: it waits in the pipe.
        said.extend(map(_line, process.stderr))
        printed = tuple(map(_line, process.stdout))
    return process.returncode, printed


def _line(raw: bytes) -> str:
    return one_line(raw.decode("utf-8", "replace").strip(), 400)
