"""The exercise that this screen runs, if any: what the operator did and said goes from here into its journal.

Parsers of files, and the engine, are imported when a user first asks for a drill.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from cockpit.drills import events
from cockpit.errors import CockpitError, UsageError
from cockpit.journal.journal import Entry, Journal
from cockpit.session import Session
from cockpit.text import one_line
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line

if TYPE_CHECKING:
    from cockpit.drills.engine import Engine
    from cockpit.drills.state import Exercise, Seen


class Wanted(Struct, frozen=True, kw_only=True):
    """What the screen is opened for: to begin the drill `name`, to go on with the exercise `resume`, or to
    show the exercise `facilitate` to its facilitator.

    `mode` is alone or facilitated; `lab` is the pid of the owner of the lab that the exercise brought.
    """

    name: str = ""
    resume: str = ""
    facilitate: str = ""
    mode: str = "alone"
    operators: tuple[str, ...] = ()
    facilitator: str = ""
    blind: bool = False
    lab: int | None = None


class Tell(Protocol):
    """Shows a message for a few seconds."""

    def __call__(self, text: str, *, severity: str = ...) -> None:
        """Show `text`."""


class Drills:
    """Holds the engine of this screen's exercise. What cannot be written into the journal is told.

    `runs` is true from its beginning until it was cleaned up; `failure` says why it stopped before that.
    """

    def __init__(self, session: Session, tell: Tell) -> None:
        self._session = session
        self._tell = tell
        self.engine: Engine | None = None
        self._folded: Exercise | None = None
        self.runs = False
        self.failure = ""

    @property
    def exercise(self) -> "Exercise | None":
        """The exercise that runs here, or was the last that did, as its journal has it by now."""
        if self.engine is None:
            return None
        # The engine may be looking at the servers while the operator acts.
        known, folded = self.engine.exercise, self._folded
        return folded if folded and len(folded.events) > len(known.events) else known

    @property
    def live(self) -> "tuple[Seen, ...]":
        """How the current phase's conditions stood at the last look."""
        return self.engine.live if self.engine else ()

    @property
    def trouble(self) -> tuple[str, ...]:
        """What keeps the exercise from being looked at."""
        said = (f"it stopped: {self.failure}",) if self.failure else ()
        unseen = self.engine.trouble if self.engine else ()
        if unseen and self.exercise and self.exercise.is_secret:
            unseen = ("not all can be looked at; what, and why, is told at the end",)
        return (*said, *unseen)

    @property
    def hidden(self) -> frozenset[str]:
        """The scenarios whose names would give a blind exercise away."""
        exercise = self.exercise
        return (
            frozenset(exercise.drill.scenarios)
            if self.runs and exercise and exercise.is_secret
            else frozenset()
        )

    async def question(self, name: str) -> tuple[str, str]:
        """Return what to ask before the drill `name` begins here, and what speaks against it.

        Raises CockpitError where it may not begin.
        """
        from cockpit.drills import files, planning
        from cockpit.scenarios.run.checks import require_allowed

        context, folder = self._session.context, self.folder()
        try:
            require_allowed(context)
        except UsageError as error:
            remedy = f"`cockpit drill run {name}` brings its own lab"
            raise UsageError(error.message, remedy=remedy) from error
        title = f"Begin {name} in {context.name}?"
        if context.sink is not None:
            return title, ""
        drill = await asyncio.to_thread(files.find, name, folder)
        found = await planning.concerns(self._session, drill)
        against = ["real people are told of what fires"]
        for what, names in (
            ("mixes into real series", (each.rule for each in found.mixing)),
            ("active already", found.active),
        ):
            if named := ", ".join(dict.fromkeys(one_line(name, 80) for name in names)):
                against.append(f"{what}: {named}")
        return title, "; ".join(against)

    async def start(self, wanted: Wanted) -> None:
        """Begin a drill, or go on with an exercise; `run` then runs it.

        Raises CockpitError where it cannot be: a file, a name in it, or another exercise is in the way.
        """
        from cockpit.drills import files
        from cockpit.drills.engine import Engine
        from cockpit.drills.state import Mode

        if self.runs:
            raise UsageError("a drill runs here already", remedy="0 shows it, and A there aborts it")
        if wanted.resume:
            self.engine = await Engine.resume(self._session, wanted.resume, lab=wanted.lab)
        else:
            drill = await asyncio.to_thread(files.find, wanted.name, self.folder())
            # A second drill on this screen runs in the lab that the first one brought, and takes it over.
            before = self.exercise
            lab = wanted.lab if before is None else before.plan.lab
            self.engine = await Engine.begin(
                self._session,
                drill,
                mode=Mode(wanted.mode),
                operators=wanted.operators,
                facilitator=wanted.facilitator,
                blind=wanted.blind,
                lab=lab,
            )
        self._folded, self.runs, self.failure = None, True, ""

    async def run(self, changed: Callable[[], object]) -> None:
        """Run what was started to its end, its clean-up included; `changed` is called after each look.

        Raises what the engine raises.
        """
        engine = self.engine
        if engine is None or not self.runs:
            return
        try:
            async with aclosing(engine.run()) as looks:
                async for _ in looks:
                    changed()
        except Exception as error:
            self.failure = str(error) or type(error).__name__
            raise
        finally:
            self.runs = False

    def observed(self, what: str, **data: str) -> None:
        """Note what the operator did (cockpit.drills.events.done), while an exercise's clock goes here."""
        exercise = self.exercise
        phase = exercise.phase if exercise and self.runs else None
        if phase and phase.ticking_since is not None:
            self.write(lambda journal: events.done(journal, what, **data))

    def write(self, append: Callable[[Journal], Entry]) -> bool:
        """Append to the exercise's journal, and wake the engine; return whether it was written."""
        from cockpit.drills.fold import fold

        if self.engine is None or not self.runs:
            self._tell("no drill runs here: 4 lists them", severity="warning")
            return False
        try:
            append(self.engine.journal)
            self._folded = fold(self.engine.exercise.id, self.engine.journal.entries())
        except CockpitError as error:
            self._tell(str(error), severity="error")
            return False
        self.engine.wake()
        return True

    def line(self, key: str, now: float, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
        """Return the line that tells every screen how the exercise stands; none where none runs."""
        exercise = self.exercise
        if exercise is None or not self.runs:
            return ()
        from cockpit.tui.drill_page import status

        return (status(exercise, key, now, width, glyphs),)

    def folder(self) -> Path:
        """Return the folder of the context's drills. Raises UsageError where there is none."""
        folder = self._session.context.scenarios
        if folder is None:
            raise UsageError("no folder of drills is configured", remedy="pass --scenarios DIR")
        return folder
