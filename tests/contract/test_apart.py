import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.config import Context
from cockpit.contract.apart import check_apart, command, decoded
from cockpit.contract.covered import Lack
from cockpit.errors import CockpitError
from tests.contract.healthy import Team
from tests.waiting import until


def _context(team: Team) -> Context:
    return Context(runbooks=(team.folder / "runbooks",), scenarios=team.folder)


async def test_what_the_command_finds_is_what_comes_back(team: Team) -> None:
    (team.folder / "drills/shop-night.yaml").unlink()
    (team.folder / "runbooks/watchdog.md").unlink()

    checked = await check_apart(_context(team), ())

    assert checked.report.findings
    assert all(each.message and each.remedy and each.line for each in checked.report.findings)
    assert checked.report.counts["alerts"] == 3
    lacks = {row.alert: row.lacks for row in checked.covered}
    assert lacks["ShopErrors"] == (Lack.DRILL,)
    assert Lack.RUNBOOK in lacks["Watchdog"]
    assert checked.seconds > 0


async def test_a_check_that_cannot_be_made_says_why_on_one_line(team: Team) -> None:
    with pytest.raises(CockpitError, match="nope") as caught:
        await check_apart(_context(team), ("--context", "nope"))
    assert "\n" not in str(caught.value)
    assert "Traceback" not in str(caught.value)


async def test_a_check_that_nobody_waits_for_is_ended(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    make = subprocess.Popen

    def noted(*words: Any, **how: Any) -> "subprocess.Popen[bytes]":
        started.append(make(*words, **how))
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", noted)
    task = asyncio.create_task(check_apart(_context(team), ()))
    await until(lambda: bool(started))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: started[0].returncode is not None)
    with pytest.raises(ProcessLookupError):
        os.killpg(started[0].pid, 0)


def test_the_folders_of_the_context_are_asked_for_once() -> None:
    context = Context(runbooks=(Path("/r"),), scenarios=Path("/s"))
    assert command(context, ("--config", "f"))[5:] == (
        "f", "check", "-o", "json", "--coverage", "--runbooks", "/r", "--", "/r", "/s",
    )  # fmt: skip
    assert command(context, ("--runbooks", "r"))[4:8] == ("--runbooks", "r", "check", "-o")


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"findings": 1}', b'{"findings": [{"line": 1}]}'])
def test_what_is_no_report_is_an_error(document: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, KeyError, TypeError)):
        decoded(document)
