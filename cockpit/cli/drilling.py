"""`cockpit drill run` at work: with a screen or without, what is said of it, signals, and what came of it."""

import re
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from cockpit.cli.drill_ground import Ground
from cockpit.cli.drill_words import card
from cockpit.cli.output import narrate, write, write_json
from cockpit.cli.playing import Terminal, ask, listen, signal_name, wrapped
from cockpit.config import Ui
from cockpit.drills import events, history, planning
from cockpit.drills.engine import Engine
from cockpit.drills.model import Drill
from cockpit.drills.report import document
from cockpit.drills.score import score
from cockpit.drills.state import Exercise, Mode, Outcome, Seen, State
from cockpit.drills.timeline import timeline
from cockpit.errors import CockpitError
from cockpit.session import Session

if TYPE_CHECKING:
    from cockpit.tui.drills import Wanted

INTERRUPTED = 130
_EXIT = {True: 0, False: 1, None: 3}
_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+)?[a-z%]*")

Begin = Callable[[Session, Terminal], Coroutine[Any, Any, Engine]]
"""Begins an exercise, or goes on with one."""


async def unattended(ground: Ground, begin: Begin, *, as_json: bool) -> int:
    """Run an exercise without a screen to its end; return the exit code."""
    terminal = Terminal()
    async with Session.open(ground.context) as session:
        engine = await begin(session, terminal)
        listen(Ending(engine, terminal).take, terminal)
        narration = Narration(terminal)
        narration.begin(engine.exercise)
        async with aclosing(engine.run()) as looks:
            async for exercise in looks:
                narration.tell(exercise, engine.live)
        narration.tell(engine.exercise, ())
    terminal.say(f"`cockpit drill report {engine.exercise.id}` is its report")
    terminal.end(partial(show, engine.exercise, as_json=as_json))
    return exit_code(engine.exercise)


def on_screen(ground: Ground, ui: Ui, wanted: "Wanted", *, as_json: bool) -> int:
    """Run an exercise on the screen, until the user leaves; return the exit code."""
    from cockpit.tui.app import run

    known = {each.id for each in history.exercises()} - {wanted.resume}
    code = run(ground.context, ui, ground.words, say=narrate, drill=wanted)
    gateway = ground.context.pushgateway
    new = [e for e in history.exercises() if e.id not in known and e.plan.gateway == gateway]
    if not new:
        return code
    exercise = new[-1]
    if not exercise.is_over:
        kept = "the lab is left running for it; " if ground.lab else ""
        narrate(f"{kept}`cockpit drill abort {exercise.id}` ends it")
        return code or INTERRUPTED
    show(exercise, as_json=as_json)
    return code or exit_code(exercise)


async def ask_consent(
    session: Session, drill: Drill, terminal: Terminal, *, given: bool, blind: bool = False
) -> None:
    """Ask before synthetic series mix into real ones; unless `blind` say which alerts are active already.

    Raises as planning does for a drill that cannot be run there, and UsageError without consent.
    """
    if session.context.sink is not None:
        return
    await planning.plan(session, drill, mode=Mode.UNATTENDED)
    found = await planning.concerns(session, drill)
    for alert in () if blind else found.active:
        terminal.say(f"{alert} is active already")
    ask(found.mixing, terminal, consent=given)


def exit_code(exercise: Exercise) -> int:
    """Return 0 for passed with nothing left behind, 1 for below the mark, 3 for inconclusive, else 130."""
    if exercise.state is not State.FINISHED:
        return INTERRUPTED
    return _EXIT[score(exercise).passed] or (3 if exercise.left else 0)


def show(exercise: Exercise, *, as_json: bool) -> None:
    """Write what came of it to stdout."""
    if as_json:
        write_json(document(exercise), pretty=sys.stdout.isatty())
    else:
        write("\n".join(wrapped(row, sys.stdout, indent) for indent, row in card(exercise)))


class Ending:
    """What ends it early: the first signal aborts it, which heals and deletes; a second one deletes at once.

    A lost terminal counts as SIGHUP.
    """

    def __init__(self, engine: Engine, terminal: Terminal) -> None:
        self.engine = engine
        self.terminal = terminal
        self.taken = False

    def take(self, number: int) -> None:
        """Take one signal."""
        if not self.taken:
            self.taken = True
            cause = signal_name(number)
            self.terminal.say(f"{cause}: the drill is aborted and cleans up; once more deletes at once")
            self._abort(cause)
        elif number != signal.SIGHUP:
            self.terminal.say("deleting at once")
            self.engine.hurry()

    def _abort(self, cause: str) -> None:
        try:
            events.abort(self.engine.journal, cause)
        except CockpitError as error:
            # Nobody would ever know of it: what plays is told here, and this is the end.
            self.terminal.say(str(error))
            self.engine.hurry()
            raise SystemExit(INTERRUPTED) from error
        self.engine.wake()


class Narration:
    """Tells what happens in an exercise, and how what its phase awaits stands whenever that changes."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._told = 0
        self._awaited: dict[tuple[int, int], str] = {}

    def begin(self, exercise: Exercise) -> None:
        """Say what runs where."""
        plan = exercise.plan
        self.terminal.say(
            f"exercise {exercise.id}: {exercise.drill.name} in {plan.context}, speed {plan.speed:g}"
        )

    def tell(self, exercise: Exercise, live: tuple[Seen, ...]) -> None:
        """Say what is new; `live` is how what the current phase verifies stood at the last look."""
        moments = timeline(exercise)
        for each in moments[self._told :]:
            self.terminal.say(each.said)
        self._told = len(moments)
        phase = exercise.phase
        for index, seen in enumerate(live if phase else ()):
            if seen.outcome is not Outcome.AWAITED or not seen.said:
                continue
            # A countdown alone is no news.
            key, news = (exercise.current, index), _NUMBERS.sub("", seen.said)
            if self._awaited.get(key) != news:
                self._awaited[key] = news
                self.terminal.say(seen.said, indent="  ")
