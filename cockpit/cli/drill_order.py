"""What `cockpit drill run` was told, and doing it: choosing, bringing a lab, running, taking it down."""

import asyncio
import contextlib
import random
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.cli import drilling
from cockpit.cli import flags as told
from cockpit.cli.drill_ending import delete_at_once, leave
from cockpit.cli.drill_ground import (
    SPEED,
    Ground,
    again,
    chosen,
    files_of,
    folder_of,
    is_chosen,
    of_running,
    own_lab,
)
from cockpit.cli.lab import end_on_signals
from cockpit.cli.output import narrate
from cockpit.cli.playing import Terminal
from cockpit.cli.screen import require_terminal
from cockpit.drills import files, history, planning, running
from cockpit.drills.engine import Engine
from cockpit.drills.model import Drill
from cockpit.drills.state import Exercise, Mode
from cockpit.errors import CockpitError, UsageError
from cockpit.lab import lab as labs
from cockpit.session import Session

if TYPE_CHECKING:
    from cockpit.tui.drills import Wanted

_CHOSEN_AT_ITS_BEGIN = ("speed", "random", "blind", "operators", "facilitator")


class Order(Struct, frozen=True, kw_only=True):
    """The flags of `cockpit drill run`; `name` is a drill's or, to go on with one, an exercise's."""

    name: str
    flags: told.Flags
    unattended: bool = False
    speed: float | None = None
    random: bool = False
    blind: bool = False
    operators: tuple[str, ...] = ()
    facilitator: str = ""
    consent: bool = False
    as_json: bool = False

    @property
    def mode(self) -> Mode:
        """Who takes part."""
        if self.unattended:
            return Mode.UNATTENDED
        return Mode.FACILITATED if self.facilitator else Mode.ALONE


def begin(order: Order) -> int:
    """Begin a drill and run it to its end; return the exit code. Raises UsageError for flags that clash."""
    from cockpit.tui.drills import Wanted

    _require_consistent(order)
    _require_screen(order.mode)
    where = chosen(order.flags, order.speed) if is_chosen(order.flags) else None
    files_in = where.context if where else files_of(order.flags)
    folder = folder_of(files_in)
    drill = pick(order.name, folder)
    if where is None:
        # Before a lab is brought up for nothing.
        labs.require_speed(SPEED if order.speed is None else order.speed)
        planning.require_known(drill, folder, Session.open(files_in).library)
    with _held(lambda: where or own_lab(order.flags, order.speed, folder)) as ground:
        wanted = Wanted(
            name=drill.name,
            mode=order.mode,
            operators=order.operators,
            facilitator=order.facilitator,
            blind=order.blind,
            lab=ground.lab,
        )
        return _run(ground, order, wanted, drill)


def resume(order: Order) -> int:
    """Go on with an exercise that was interrupted; return the exit code.

    Raises UsageError where there is none, or where a flag would change what it began as.
    """
    from cockpit.tui.drills import Wanted

    exercise = _interrupted(order.name)
    mode = exercise.plan.mode
    if any(getattr(order, name) for name in _CHOSEN_AT_ITS_BEGIN) or (
        order.unattended and order.mode != mode
    ):
        raise UsageError("an exercise goes on as it began", remedy="give no flags but -o with --resume")
    _require_screen(mode)
    if running.is_gone(exercise):
        # What still plays for it pushes to a gateway that is no more.
        delete_at_once(exercise)
    with _held(lambda: again(exercise, order.flags)) as ground:
        wanted = Wanted(resume=exercise.id, mode=mode, lab=ground.lab)
        return _run(ground, order, wanted, exercise.drill)


def facilitate(identified: str, flags: told.Flags) -> int:
    """Show the facilitator's screen of an exercise until the user leaves; return the exit code."""
    from cockpit.tui.app import run
    from cockpit.tui.drills import Wanted

    require_terminal("look at it with `cockpit drill history`")
    exercise = history.find(identified or next((each.id for each in running.running()), ""))
    ground = of_running(exercise, flags)
    wanted = Wanted(facilitate=exercise.id, mode=exercise.plan.mode)
    return run(ground.context, told.config_of(flags).ui, ground.words, say=narrate, drill=wanted)


def _run(ground: Ground, order: Order, wanted: "Wanted", drill: Drill) -> int:
    if wanted.mode == Mode.UNATTENDED:
        begin = partial(_begun, wanted=wanted, drill=drill, consent=order.consent)
        return asyncio.run(drilling.unattended(ground, begin, as_json=order.as_json))
    if not wanted.resume:
        asyncio.run(_agreed(ground, drill, order))
    ui = told.config_of(order.flags).ui
    return drilling.on_screen(ground, ui, wanted, as_json=order.as_json)


async def _begun(
    session: Session, terminal: Terminal, *, wanted: "Wanted", drill: Drill, consent: bool
) -> Engine:
    if wanted.resume:
        return await Engine.resume(session, wanted.resume, lab=wanted.lab, say=terminal.say)
    await drilling.ask_consent(session, drill, terminal, given=consent)
    return await Engine.begin(session, drill, mode=Mode(wanted.mode), lab=wanted.lab, say=terminal.say)


async def _agreed(ground: Ground, drill: Drill, order: Order) -> None:
    async with Session.open(ground.context) as session:
        given, blind = order.consent, order.blind
        await drilling.ask_consent(session, drill, Terminal(), given=given, blind=blind)


@contextlib.contextmanager
def _held(ground: Callable[[], Ground]) -> Iterator[Ground]:
    """Have a place to run in; a lab that was brought goes in the end, unless a screen was left early."""
    end_on_signals(term=drilling.INTERRUPTED)
    here = ground()
    try:
        yield here
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if here.lab is not None and not _is_awaited(here):
            leave(here)


def _is_awaited(ground: Ground) -> bool:
    """Say whether an exercise that people took part in is to be gone on with there."""
    return any(
        each.plan.mode is not Mode.UNATTENDED
        and each.plan.gateway == ground.context.pushgateway
        and not each.is_over
        for each in history.exercises()
    )


def _require_consistent(order: Order) -> None:
    if bool(order.name) == order.random:
        remedy = "`cockpit drill list` has their names; --random takes any"
        raise UsageError("name one drill" if order.random else "which drill?", remedy=remedy)
    for flag, given in (
        ("--blind", order.blind),
        ("--operator", order.operators),
        ("--facilitator", order.facilitator),
    ):
        if order.unattended and given:
            raise UsageError(f"{flag} with --unattended", remedy="nobody takes part then: leave one out")


def _require_screen(mode: Mode) -> None:
    if mode is not Mode.UNATTENDED:
        require_terminal("without one use `cockpit drill run --unattended`")


def pick(name: str, folder: Path) -> Drill:
    """Return the drill called `name` or, where that is empty, any that can be used.

    Raises UsageError where there is none.
    """
    if name:
        return files.find(name, folder)
    names = list(files.names(folder))
    random.shuffle(names)
    for each in names:
        with contextlib.suppress(CockpitError):
            return files.find(each, folder)
    raise UsageError(f"no drill in {folder / 'drills'} can be used", remedy="`cockpit drill list` says why")


def _interrupted(name: str) -> Exercise:
    """Return the exercise to go on with: the one named, or the last that was interrupted."""
    found = [history.find(name)] if name else running.interrupted()[-1:]
    exercise = next((each for each in found if not each.is_over or each.left is None), None)
    if exercise is None:
        what = f"the exercise {found[0].id} is over" if found else "no exercise was interrupted"
        raise UsageError(what, remedy="`cockpit drill history` lists them")
    return exercise
