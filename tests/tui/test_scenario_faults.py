"""Scenarios on the screen while something is wrong: it is said in words, nothing false is, and keys go on."""

import json
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import force_setattr

from cockpit.config import shipped, state_dir
from cockpit.journal.journal import Journal
from cockpit.scenarios.library import note_proof
from cockpit.scenarios.play import plays
from cockpit.tui.plays import Plays
from cockpit.tui.widgets.pick_list import PickList
from tests.tui.driver import Driver, running
from tests.tui.fakes import NOW, Servers, played_incident
from tests.tui.playing import GATEWAY, left_behind, play_of, playing

PLAYED: dict[str, Any] = {"pushgateway": GATEWAY, "sink": "http://sink.example"}


async def opened(driver: Driver, name: str = "error-rate-warn") -> None:
    await driver.type(f":scenario {name}")
    await driver.press("enter")
    await driver.shows(" SCENARIO ", name)


async def answers_keys(driver: Driver) -> None:
    """A key's effect still shows."""
    await driver.press("question_mark")
    await driver.shows("Keys on this screen")
    await driver.press("escape")
    await driver.until(lambda: "Keys on this screen" not in driver.text)


@pytest.mark.parametrize("trouble", ["refused", 503])
async def test_nothing_is_said_to_be_quiet_while_prometheus_is_silent(trouble: int | str) -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), **PLAYED) as driver:
            await opened(driver)
            await driver.shows("quiet, as it should be", "firing, for 1m")
            driver.servers.down = {"prom": trouble}
            await driver.shows("not known: Prometheus does not answer")
            assert "quiet, as it should be" not in driver.text
            assert "firing, for" not in driver.text
            await answers_keys(driver)
            driver.servers.down = {}
            await driver.shows("quiet, as it should be", "firing, for 1m")


async def test_what_was_never_asked_is_not_said_to_be_quiet() -> None:
    servers = played_incident()
    servers.down = {"prom": "refused"}
    with playing("error-rate-warn"):
        async with running(servers, **PLAYED) as driver:
            await opened(driver)
            await driver.shows("next: what follows is not known", "Prometheus does not answer")
            assert "quiet, as it should be" not in driver.text


async def test_an_answer_that_takes_long_is_dated(monkeypatch: pytest.MonkeyPatch) -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), **PLAYED) as driver:
            await opened(driver)
            await driver.shows("quiet, as it should be")
            assert "take long to answer" not in driver.text
            driver.servers.down = {"prom": "stalls"}
            monkeypatch.setattr(driver.app.session, "now", lambda: NOW + 9)
            await driver.shows("old: the servers take long to answer")


async def test_who_was_told_is_unknown_when_the_sink_is_gone() -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), **PLAYED) as driver:
            await opened(driver)
            await driver.shows("slack", "NOTIFICATIONS  1")
            driver.servers.down = {"sink": "refused"}
            await driver.shows("notifications: ", "refused", "no sink tells who was told")
            assert "none yet" not in driver.text
            assert "quiet, as it should be" in driver.text


async def test_who_was_told_is_unknown_where_there_is_no_sink() -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), pushgateway=GATEWAY) as driver:
            await opened(driver)
            await driver.shows("no sink tells who was told")
            assert "none yet" not in driver.text


async def test_torn_lines_and_strange_entries_of_the_journal_change_nothing() -> None:
    good = Journal(now=lambda: NOW - 60)
    note_proof(good, shipped("scenarios"), "latency-warn", passed=True)
    strange = {"latency-warn": "x" * 300, "latency-crit": [1], "controller-stalled": {}}
    with good.path.open("ab") as file:
        for name, passed in strange.items():
            data = {"scenario": name, "context": "prod", "passed": passed}
            file.write(json.dumps({"at": 1, "kind": "scenario.played", "data": data}).encode() + b"\n")
        late = {"at": 1e300, "kind": "scenario.played", "data": {"scenario": "mime-slow", "context": "prod"}}
        file.write(json.dumps(late).encode() + b"\n" + b'{"at": 1, "kind": "group.opened", "da\n\xff\xfe\n')
    async with running(Servers(), **PLAYED) as driver:
        await driver.press("3")
        await driver.shows("SCENARIOS", "latency-warn")
        await driver.row_shows(" latency-warn ", "ok 1m00s", "unclear")
        await driver.row_shows(" mime-slow ", "never")
        await answers_keys(driver)


@pytest.mark.parametrize(
    "strange",
    [
        {"speed": 0.0},
        {"speed": 1e-300},
        {"speed": -1.0},
        {"interval": 0.0},
        {"recover": 1e300},
        {"duration": 1e300},
        {"started_at": 1e300},
        {"opened_at": -1.0},
    ],
)
async def test_a_lock_with_impossible_numbers_is_no_play(strange: dict[str, Any]) -> None:
    # Its own fields would divide by nothing, or be no time.
    play = play_of("latency-warn")
    for name, value in strange.items():
        # As a file that another wrote may have it.
        force_setattr(play, name, value)
    with playing("error-rate-warn"), plays.claim(Journal(now=lambda: NOW - 700), play):
        async with running(played_incident(), **PLAYED) as driver:
            await driver.shows("SYNTHETIC", "error-rate-warn playing")
            await opened(driver, "latency-warn")
            await driver.shows("not playing")
            await answers_keys(driver)


async def test_a_scenario_file_that_cannot_be_read_any_more_leaves_the_screen() -> None:
    with folder_of("error-rate-warn") as folder:
        async with running(played_incident(), **PLAYED, scenarios=folder) as driver:
            await opened(driver)
            await driver.shows("fires within")
            (folder / "synthetic" / "error-rate-warn.yaml").write_text("name: [")
            await driver.press("v")
            await driver.tells("error-rate-warn.yaml")
            assert "fires within" in driver.text
            await driver.press("p")
            await driver.press("escape", "3")
            await driver.shows("1 of 1", "error-rate-warn ")
            await driver.row_shows("> error-rate-warn", "line 1")
            await answers_keys(driver)


@contextmanager
def folder_of(*names: str) -> Iterator[Path]:
    """Give a folder with some of the shipped scenarios, and all rules."""
    folder = state_dir() / "scenarios"
    (folder / "synthetic").mkdir(parents=True)
    for name in names:
        shutil.copy(shipped("scenarios") / "synthetic" / f"{name}.yaml", folder / "synthetic")
    shutil.copytree(shipped("scenarios") / "rules", folder / "rules")
    yield folder


async def test_one_file_that_cannot_be_read_does_not_keep_the_others_from_their_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, ...]] = []

    async def prove(self: Plays, names: tuple[str, ...]) -> None:
        asked.append(names)

    monkeypatch.setattr(Plays, "prove", prove)
    with folder_of("error-rate-warn", "latency-warn") as folder:
        (folder / "synthetic" / "aaa.yaml").write_text("name: [")
        async with running(Servers(), **PLAYED, scenarios=folder) as driver:
            await driver.press("3")
            await driver.shows(" aaa ", "latency-warn")
            await driver.press("V")
            await driver.until(lambda: asked == [("error-rate-warn", "latency-warn")])


async def test_without_promtool_a_proof_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("COCKPIT_PROMTOOL_BIN", raising=False)
    async with running(Servers(), **PLAYED) as driver:
        await opened(driver)
        await driver.press("v")
        await driver.tells("promtool is not installed")
        await driver.until(lambda: "promtool runs" not in driver.text)
        await answers_keys(driver)


async def test_a_context_without_leave_refuses_a_play_and_says_what_to_write() -> None:
    async with running(played_incident(), pushgateway=GATEWAY) as driver:
        await opened(driver)
        await driver.press("p")
        await driver.tells("takes no synthetic series", "synthetic = true")
        await answers_keys(driver)


@pytest.mark.parametrize(("pushgateway", "says"), [(None, "has no Pushgateway"), (GATEWAY, "refused")])
async def test_a_play_that_cannot_be_is_refused_with_its_reason(pushgateway: str | None, says: str) -> None:
    servers = played_incident()
    if pushgateway:
        servers.down = {"prom": "refused"}
    async with running(servers, pushgateway=pushgateway, synthetic=True) as driver:
        await opened(driver)
        await driver.press("p")
        await driver.tells(says)
        assert not any("begins" in message for message in driver.told)


async def test_a_player_that_gives_up_before_it_begins_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'error: nothing is pushed: the gateway is closed' >&2\nexit 3\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program))
    async with running(played_incident(), **PLAYED) as driver:
        await opened(driver)
        await driver.press("p")
        await driver.tells("the gateway is closed")


async def test_a_play_that_was_stopped_tells_its_verdicts_and_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'its last words' >&2\necho 'INCONCLUSIVE A: stopped'\nexit 143\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program))
    async with running(played_incident(), **PLAYED) as driver:
        await opened(driver)
        await driver.press("p")
        await driver.until(lambda: ("INCONCLUSIVE A: stopped",) in driver.app.plays.verdicts.values())
        assert not any("its last words" in message for message in driver.told)


async def test_without_a_folder_the_library_says_how_to_name_one() -> None:
    async with running(Servers(), scenarios=None) as driver:
        await driver.press("3")
        await driver.shows("no folder of scenarios is configured", "--scenarios DIR")
        assert "Reading" not in driver.text
        await driver.press("p", "v", "V", "s", "enter")
        await answers_keys(driver)


async def test_an_empty_folder_says_where_it_looked(tmp_path: Path) -> None:
    async with running(Servers(), scenarios=tmp_path) as driver:
        await driver.press("3")
        await driver.shows("No scenarios in", "another folder")
        await driver.press("p", "v", "V", "s", "enter")
        await answers_keys(driver)


async def test_a_journal_that_cannot_be_read_leaves_it_open_what_plays() -> None:
    state_dir().mkdir(parents=True)
    (state_dir() / "journal.jsonl").mkdir()
    async with running(Servers(), **PLAYED) as driver:
        await driver.shows("SYNTHETIC?", "is not known", "journal")
        await driver.press("3")
        await driver.shows("SCENARIOS", "journal")
        await answers_keys(driver)


async def test_what_plays_is_shown_although_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Journal, line: bytes) -> None:
        raise OSError(30, "Read-only file system")

    left_behind("latency-warn", gateway="http://127.0.0.1:9", context="lab")
    with playing("error-rate-warn"), monkeypatch.context() as patched:
        patched.setattr(Journal, "_write", refused)
        async with running(Servers(), **PLAYED) as driver:
            await driver.shows("error-rate-warn playing", "SYNTHETIC?", "is not known")
            await driver.tells("Read-only file system")
            await opened(driver)
            await driver.shows("EXPECTED")


async def test_the_cursor_stays_on_its_scenario_when_the_folder_changes() -> None:
    with folder_of("error-rate-warn", "latency-warn", "mime-slow") as folder:
        async with running(Servers(), **PLAYED, scenarios=folder) as driver:
            await driver.press("3")
            await driver.shows("mime-slow")
            await driver.press("down")
            await driver.row_shows(" latency-warn ", "> ")
            shutil.copy(shipped("scenarios") / "synthetic" / "baseline.yaml", folder / "synthetic")
            await driver.press("r")
            await driver.shows("4 of 4", " baseline ")
            await driver.row_shows(" latency-warn ", "> ")
            await driver.press("down")
            await driver.type("/latency")
            await driver.press("enter")
            await driver.shows("1 of 4")
            await driver.until(lambda: driver.app.screen.query_one(PickList).cursor == 0)
