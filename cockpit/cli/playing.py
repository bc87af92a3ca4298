"""`cockpit scenario run` at work: questions before the first push, progress, signals, and what came of it."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, TextIO

import typer

from cockpit.cli.leftovers import warn
from cockpit.cli.output import write, write_json
from cockpit.errors import UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.run.checks import check
from cockpit.scenarios.run.mixing import Mixed
from cockpit.scenarios.run.run import DELETED, Progress, Result, Run
from cockpit.scenarios.run.standing import Standing, spoken
from cockpit.scenarios.run.verdict import Hole, Verdict
from cockpit.session import Session
from cockpit.text import one_line

if TYPE_CHECKING:
    from cockpit.config import Context

_LISTED = 12
_INDENT = "  "
_SIGN = {"passed": "PASS", "failed": "FAIL", "inconclusive": "INCONCLUSIVE"}
_EXIT = {True: 0, False: 1, None: 3}


async def play(
    context: "Context",
    scenario: Scenario,
    *,
    until_fired: bool,
    consent: bool,
    as_json: bool,
    until_stdin_ends: bool,
) -> int:
    """Check, play and judge `scenario`; return the exit code."""
    async with Session.open(context) as session:
        journal = Journal()
        checked = await check(session, scenario)
        terminal = Terminal()
        warn(journal)
        for note in checked.notes:
            terminal.say(note)
        ask(checked.mixing, terminal, consent=consent)
        run = Run(
            session,
            scenario,
            checked,
            journal=journal,
            until_fired=until_fired,
            say=terminal.say,
        )
        ending = Ending(run, terminal)
        ending.listen(stdin=until_stdin_ends)
        narration = Narration(terminal, _beginning(scenario, context), context.speed)
        async with aclosing(run.play()) as looks:
            async for progress in looks:
                narration.tell(progress)
    assert run.result is not None
    terminal.end(partial(_show, run.result, as_json=as_json))
    if ending.by is not None:
        return 128 + ending.by
    return exit_code(run.result)


def exit_code(result: Result) -> int:
    """Return 0 for a run that holds and has left nothing behind, 1 for one that does not hold, else 3."""
    return _EXIT[result.passed] or (0 if result.left == DELETED else 3)


class Terminal:
    """Where a person is told: standard error. Once it is gone, nothing is said, and `lost` is called."""

    def __init__(self) -> None:
        self.gone = False
        self.lost: Callable[[], None] = lambda: None

    def say(self, line: str, indent: str = "") -> None:
        """Write one cleaned line behind `indent`, which is wrapped between words where it is too long."""
        if self.gone:
            return
        try:
            typer.echo(wrapped(line, sys.stderr, indent), err=True)
        except OSError:
            self.gone = True
            _leave(sys.stderr)
            self.lost()

    def end(self, show: Callable[[], None]) -> None:
        """Write what came of it, unless nobody is there to read it."""
        try:
            show()
        except OSError:
            self.gone = True
            _leave(sys.stdout)
            self.lost()


def _leave(stream: TextIO) -> None:
    """Let `stream` lead nowhere: what is still buffered must not fail aloud at the end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def listen(take: Callable[[int], None], terminal: Terminal) -> None:
    """Let `take` have the signals that end a command from now on, and SIGHUP once `terminal` is gone."""
    terminal.lost = lambda: take(signal.SIGHUP)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, take, number)
    if terminal.gone:
        take(signal.SIGHUP)


def signal_name(number: int) -> str:
    """Return what a person calls a signal."""
    return "ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


class Ending:
    """What ends a run early: the first signal recovers and deletes, a second one deletes at once.

    `by` is the number of the signal; a lost terminal counts as SIGHUP.
    """

    def __init__(self, run: Run, terminal: Terminal) -> None:
        self.run = run
        self.terminal = terminal
        self.by: int | None = None

    def listen(self, *, stdin: bool) -> None:
        """Take signals from now on and, with `stdin`, the end of standard input."""
        listen(self.take, self.terminal)
        if stdin:
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._read, args=(loop,), daemon=True).start()

    def take(self, number: int) -> None:
        """Take one signal."""
        if self.by is None:
            self.by = number
            self._recover(signal_name(number))
        elif number != signal.SIGHUP:
            self.terminal.say("deleting at once")
            self.run.stop()

    def _recover(self, why: str) -> None:
        lasts = spoken(self.run.scenario.recover * self.run.session.context.speed)
        what = {
            "unhealthy": f"healthy values for {lasts}, then the series are deleted",
            "recovering": f"the series are deleted after {lasts} of healthy values",
        }.get(self.run.phase, "the series are deleted")
        self.terminal.say(f"{why}: {what}; once more deletes them at once")
        self.run.recover()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._recover, "standard input has ended")


class Narration:
    """Tells progress: each minute of the scenario's time, and whenever something changed.

    `beginning` is told once something was pushed.
    """

    def __init__(self, terminal: Terminal, beginning: str, speed: float) -> None:
        self.terminal = terminal
        self.beginning = beginning
        self.speed = speed
        self._next = float("-inf")
        self._last: tuple[object, ...] = ()

    def tell(self, progress: Progress) -> None:
        """Say how it stands, if it is time to."""
        state = (progress.phase, *(each.state for each in progress.standing))
        begun = progress.series > 0 and progress.phase != "ended"
        if not begun or (state == self._last and progress.t < self._next):
            return
        if not self._last:
            self.terminal.say(self.beginning)
        self._last = state
        self._next = progress.t + 60
        first, *alerts = lines(progress, self.speed)
        self.terminal.say(first)
        for alert in alerts:
            self.terminal.say(alert, indent=_INDENT)


def lines(progress: Progress, speed: float) -> tuple[str, ...]:
    """Return how a run stands, in the scenario's time: what is pushed and due, then a line for each alert.

    What is to stay quiet, and does, is left out.
    """
    at = spoken(progress.t) if progress.t >= 0 else f"-{spoken(-progress.t)}"
    shown = [each for each in progress.standing if each.kind == "fires" or each.state != "inactive"]
    every = f"{progress.series} series every {spoken(progress.interval)}"
    due = progress.due.phrase(progress.at, speed)
    return (
        f"{at} {progress.phase}, {every}; next: {due}",
        *(f"{_named(each, shown)} {each.phrase(progress.at, speed)}" for each in shown),
    )


def _named(one: Standing | Verdict, among: Sequence[Standing | Verdict]) -> str:
    """Return an alert's name, with the labels that tell it from others of that name."""
    others = [each.labels for each in among if each.alert == one.alert and each is not one]
    return one_line(one.alert, 80) + _differing(one.labels, others)


def _differing(labels: Mapping[str, str], others: Sequence[Mapping[str, str]]) -> str:
    if not others or not labels:
        return ""
    own = {k: v for k, v in labels.items() if any(other.get(k, v) != v for other in others)} or labels
    return one_line("{" + ", ".join(f"{name}={value}" for name, value in sorted(own.items())) + "}", 200)


def wrapped(line: str, stream: TextIO, indent: str = "") -> str:
    """Return a cleaned line behind `indent`, wrapped between words where `stream` is a terminal."""
    text = indent + one_line(line, 2000)
    if not stream.isatty():
        return text
    width = max(40, shutil.get_terminal_size().columns)
    hang = indent + _INDENT
    return textwrap.fill(text, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)


def _beginning(scenario: Scenario, context: "Context") -> str:
    clock = "" if context.speed == 1 else f" at speed {context.speed:g} (times below are the scenario's)"
    unhealthy, well = spoken(scenario.duration or 0.0), spoken(scenario.recover)
    return (
        f"playing {scenario.name} in {context.name}{clock}: unhealthy for {unhealthy}, "
        f"then healthy for at least {well}; ctrl-C ends it sooner"
    )


def ask(mixing: Sequence[Mixed], terminal: Terminal, *, consent: bool) -> None:
    """Say which rules would mix synthetic series into real ones. Raises UsageError without consent."""
    if not mixing:
        return
    for each in mixing[:_LISTED]:
        why = f"it selects {each.selector}" if each.selector else "it names a metric and cannot be read here"
        where = f"{each.kind} rule {each.rule} (group {each.group})"
        terminal.say(f"would mix synthetic series into real ones: {where}: {why}")
    if (more := len(mixing) - _LISTED) > 0:
        terminal.say(f"and {more} more rules")
    if consent:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        count = len(mixing)
        rules = "a rule" if count == 1 else f"{count} rules"
        raise UsageError(
            f"nothing is pushed: {rules} would mix synthetic series into real ones",
            remedy="have them keep the label `synthetic`, or pass --yes to accept it",
        )
    with _ctrl_c():
        agreed = typer.confirm("Play it all the same?", err=True)
    if not agreed:
        raise UsageError("nothing is pushed: it was not agreed to")


@contextlib.contextmanager
def _ctrl_c() -> Iterator[None]:
    """Let ctrl-C end what waits for a line: the event loop would only take note of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _show(result: Result, *, as_json: bool) -> None:
    if as_json:
        write_json(result.document(), pretty=sys.stdout.isatty())
        return
    write("\n".join(wrapped(row, sys.stdout) for row in outcome(result)))


def outcome(result: Result) -> list[str]:
    """Return what came of a run, a line each: the verdicts, the gaps, and what is left behind."""
    rows = [
        f"{_SIGN[each.outcome]} {_named(each, result.verdicts)}: {each.sentence}" for each in result.verdicts
    ]
    rows += [f"gap{_when(gap, result)}: {gap.reason}" for gap in result.gaps]
    if not result.verdicts:
        rows.append("INCONCLUSIVE the scenario expects nothing")
    if result.left != DELETED:
        rows.append(f"left on the gateway: {result.left}")
    return rows


def _when(gap: Hole, result: Result) -> str:
    """Return when a gap began, counted from the start, and how long it was."""
    if result.started_at is None:
        return ""
    after = spoken(max(0.0, gap.start - result.started_at) * result.speed)
    lasted = "to the end" if gap.end is None else f"for {spoken((gap.end - gap.start) * result.speed)}"
    return f" at {after}, {lasted}"
