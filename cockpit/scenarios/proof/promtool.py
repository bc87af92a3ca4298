"""The program promtool: where it is, running it, and what it says where it cannot be used."""

import asyncio
import contextlib
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from cockpit.errors import InconclusiveError, UsageError
from cockpit.text import one_line

VARIABLE = "COCKPIT_PROMTOOL_BIN"
"""The environment variable that names the program."""

PATIENCE = 120.0
"""Seconds that one run gets; a proof takes a fraction of one."""

_NOISE = re.compile(r"^\s*(Unit Testing:.*|Checking .*|FAILED:|SUCCESS.*)?\s*$")


class Ran(Struct, frozen=True):
    """What came of a run: its exit code, and all it wrote, stdout first."""

    code: int
    output: str

    def words(self, limit: int = 400) -> str:
        """Return what it complains of, cleaned and on one line."""
        lines = [line.strip() for line in self.output.splitlines() if not _NOISE.match(line)]
        # Some of it is said twice, on stderr too.
        return one_line(" ".join(dict.fromkeys(lines)), limit) or f"exit code {self.code} and no word"


def find(env: Mapping[str, str] = os.environ) -> str:
    """Return the promtool that COCKPIT_PROMTOOL_BIN names, else the one on PATH.

    Raises UsageError for a variable that names no program, InconclusiveError where there is none.
    """
    path = env.get("PATH")
    if chosen := env.get(VARIABLE):
        program = shutil.which(chosen, path=path)
        if program is None:
            raise UsageError(f"{VARIABLE}={one_line(chosen, 300)}: there is no such program")
        return program
    program = shutil.which("promtool", path=path)
    if program is None:
        raise InconclusiveError("promtool is not installed", remedy=how_to_install())
    return program


def how_to_install(platform: str = sys.platform, *, apt: bool | None = None) -> str:
    """Return how to get promtool on `platform`; `apt` says whether apt-get is there."""
    has_apt = shutil.which("apt-get") is not None if apt is None else apt
    if platform == "linux" and has_apt:
        return "install it with `sudo apt-get install prometheus`"
    if platform == "darwin":
        return "install it with `brew install prometheus`"
    return f"unpack Prometheus from prometheus.io/download and put it on PATH, or name it in {VARIABLE}"


async def run(promtool: str, arguments: Sequence[str], folder: Path | None = None) -> Ran:
    """Run promtool in `folder`. Raises InconclusiveError where it cannot be started, or does not end."""
    # One core each: several run at once, and more threads only share the garbage of one.
    environment = {"GOMAXPROCS": "1", "GOGC": "400", **os.environ}
    try:
        process = await asyncio.create_subprocess_exec(
            promtool,
            *arguments,
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise InconclusiveError(f"{_shown(promtool)}: {error.strerror}", remedy=how_to_install()) from error
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
    except TimeoutError as error:
        raise InconclusiveError(f"{_shown(promtool)} did not end within {PATIENCE:g} s") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return Ran(process.returncode or 0, b"\n".join((out, err)).decode("utf-8", "replace"))


async def version(promtool: str) -> str:
    """Return how promtool names itself and its version."""
    words = (await run(promtool, ["--version"])).output.strip().partition("\n")[0]
    return one_line(re.sub(r"\s*\(.*", "", words).replace(", version", ""), 80) or _shown(promtool)


def _shown(promtool: str) -> str:
    return one_line(promtool, 300)
