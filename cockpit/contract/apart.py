"""A check in a process of its own, `cockpit check -o json`, for a front end that must not wait for it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

import msgspec
from msgspec import Struct, convert

from cockpit.children import environment
from cockpit.config import Context
from cockpit.contract.covered import Covered
from cockpit.contract.model import Finding, NotRead, Report, Suppressed
from cockpit.errors import InconclusiveError
from cockpit.text import one_line

NICENESS = 10
"""How far what a person waits for goes before a check."""
PATIENCE = 2.0
"""Seconds that a check has to end when it is interrupted."""


class Checked(Struct, frozen=True, kw_only=True):
    """What came of a check: the report, a row for each alert, and how long it took in seconds."""

    report: Report
    covered: tuple[Covered, ...]
    seconds: float


def command(context: Context, flags: Sequence[str]) -> tuple[str, ...]:
    """Return the command line that checks the folders of `context`, which the words `flags` choose."""
    paths = context.own_folders
    given = () if "--runbooks" in flags else [each for each in context.runbooks if each in paths]
    runbooks = (word for folder in given for word in ("--runbooks", str(folder)))
    asked = ("check", "-o", "json", "--coverage", *runbooks, "--", *map(str, paths))
    return (sys.executable, "-P", "-m", "cockpit", *flags, *asked)


async def check_apart(context: Context, flags: Sequence[str]) -> Checked:
    """Check the folders of `context`, proofs included; a check that nobody waits for any more is ended.

    Raises CockpitError with the words of a check that could not be made.
    """
    began = monotonic()
    process = _started(command(context, flags))
    try:
        # A thread goes on reading when nobody waits any more, so that nothing of the check is left behind.
        written, said = await asyncio.to_thread(process.communicate)
    except asyncio.CancelledError:
        _end(process)
        raise
    try:
        report, covered = decoded(written)
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise InconclusiveError(_reason(said, process.returncode)) from error
    return Checked(report=report, covered=covered, seconds=monotonic() - began)


def decoded(document: bytes) -> tuple[Report, tuple[Covered, ...]]:
    """Return what the JSON of `cockpit check --coverage` says.

    Raises MsgspecError, KeyError or TypeError for anything else.
    """
    held = msgspec.json.decode(document)
    report = Report(
        findings=tuple(_lined(each, Finding) for each in held["findings"]),
        suppressed=tuple(Suppressed(_lined(each, Finding), each["reason"]) for each in held["suppressed"]),
        not_read=tuple(_lined(each, NotRead) for each in held["not_read"]),
        not_checked=convert(held["not_checked"], tuple[str, ...]),
        counts=convert(held["counts"], dict[str, int]),
        consequences=tuple(_lined(each, Finding) for each in held["consequences"]),
    )
    return report, tuple(_covered(each) for each in held["coverage"])


def _lined(written: Mapping[str, Any], kind: Any) -> Any:
    """Return a thing with a line; null is one that is not known."""
    return convert({**written, "line": written["line"] or 0}, kind)


def _covered(written: Mapping[str, Any]) -> Covered:
    known = {key: value for key, value in written.items() if value is not None}
    return convert({**known, "always": written["always_fires"]}, Covered)


def _reason(said: bytes, code: int | None) -> str:
    lines = said.decode("utf-8", "replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), f"`cockpit check` ended with {code}")
    return one_line(last.strip().removeprefix("cockpit: "), 400)


def _started(words: Sequence[str]) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment(),
    )
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PGRP, process.pid, NICENESS)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a check that still runs: interrupted, it tidies up behind the proofs that it runs."""

    def send(number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if process.returncode is None:
                os.killpg(process.pid, number)

    send(signal.SIGINT)
    killer = threading.Timer(PATIENCE, send, (signal.SIGKILL,))
    killer.daemon = True
    killer.start()
