"""A run from its first push to the verdict, with a Prometheus and a gateway in memory."""

import asyncio
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from cockpit.cli.playing import exit_code
from cockpit.errors import CockpitError, InconclusiveError, UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.play.plays import Play, unclosed
from cockpit.scenarios.run import run as module
from cockpit.scenarios.run import watching
from cockpit.scenarios.run.checks import check
from cockpit.scenarios.run.run import DELETED, Progress, Run, changed
from cockpit.scenarios.run.verdict import Outcome
from cockpit.scenarios.run.watching import unscraped
from tests.scenarios.gateway import URL
from tests.scenarios.stage import SCENARIO, STEP, Stage


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(module, "_FASTEST_LOOK", STEP)


async def test_what_fires_and_resolves_in_time_passes_is_deleted_and_journaled() -> None:
    stage = Stage()
    result = await stage.play()
    assert result.passed is True, result
    fires, quiet = result.verdicts
    assert fires.fired_after == pytest.approx(0.1, abs=0.12)
    assert fires.resolved_after is not None
    assert quiet.outcome is Outcome.PASSED
    assert (result.left, result.gaps, stage.gateway.groups) == ("deleted", (), {})
    assert [p.phase for p in stage.seen] == sorted(
        (p.phase for p in stage.seen), key=["baseline", "unhealthy", "recovering", "ended"].index
    )
    assert {"inactive", "firing", "resolved"} <= {p.standing[0].state for p in stage.seen}
    (entry,) = Journal().entries("scenario.played")
    assert (entry.data["scenario"], entry.data["context"], entry.data["passed"]) == ("x", "test", True)
    assert entry.data["verdicts"][0]["alert"] == "A"
    document = result.document()
    assert {
        "scenario",
        "context",
        "speed",
        "started_at",
        "duration_seconds",
        "passed",
        "gaps",
        "left",
    } <= set(document)


async def test_it_waits_for_what_resolves_later_than_it_recovers() -> None:
    result = await Stage(drain=0.3).play()
    assert result.passed is True, result
    assert (result.verdicts[0].resolved_after or 0) > SCENARIO.recover


async def test_it_ends_when_nothing_is_awaited_any_more() -> None:
    patient = SCENARIO.expect[0].model_copy(update={"resolves_within": 600.0})
    async with asyncio.timeout(20):
        result = await Stage().play(SCENARIO.model_copy(update={"expect": (patient,)}))
    assert result.passed is True, result


async def test_what_never_fires_fails() -> None:
    result = await Stage(after=99).play()
    assert result.passed is False
    assert result.verdicts[0].outcome is Outcome.FAILED


async def test_until_fired_recovers_as_soon_as_all_has_fired() -> None:
    long = SCENARIO.model_copy(update={"duration": 60.0})
    result = await Stage().play(long, until_fired=True)
    assert result.passed is True, result
    assert result.duration_seconds < 5


async def test_asked_to_recover_it_heals_deletes_and_says_what_had_no_time() -> None:
    def at(run: Run, progress: Progress) -> None:
        if progress.phase == "unhealthy":
            run.recover()

    stage = Stage(after=99)
    result = await stage.play(SCENARIO.model_copy(update={"duration": 60.0}), at)
    assert result.passed is None
    assert "it was interrupted" in result.verdicts[0].sentence
    assert stage.gateway.groups == {}
    values = stage.gateway.values()
    assert values[-3:] == [values[-1]] * 3


async def test_asked_to_stop_it_deletes_at_once() -> None:
    def at(run: Run, progress: Progress) -> None:
        if progress.phase == "unhealthy":
            run.stop()

    stage = Stage(after=99)
    result = await stage.play(SCENARIO.model_copy(update={"duration": 60.0, "recover": 60.0}), at)
    assert (result.passed, result.left, stage.gateway.groups) == (None, "deleted", {})


async def test_a_prometheus_that_goes_away_is_said_once_and_makes_it_inconclusive() -> None:
    stage = Stage(after=99)

    def at(run: Run, progress: Progress) -> None:
        stage.server.down = progress.phase == "unhealthy"

    result = await stage.play(at=at)
    assert result.passed is None
    assert any("Prometheus did not answer" in gap.reason for gap in result.gaps)
    assert len([line for line in stage.said if "500" in line]) == 1
    assert stage.gateway.groups == {}


@pytest.mark.parametrize(
    ("health", "late", "reason"),
    [("err", 0.0, "the rule A could not be evaluated"), ("ok", 60.0, "the rule A was not evaluated")],
)
async def test_a_rule_that_is_not_evaluated_is_said_and_makes_it_inconclusive(
    health: str, late: float, reason: str
) -> None:
    stage = Stage(after=99)

    def at(run: Run, progress: Progress) -> None:
        if progress.phase == "unhealthy":
            stage.server.health, stage.server.late = health, late

    result = await stage.play(at=at)
    assert result.passed is None
    assert any(gap.reason.startswith(reason) for gap in result.gaps)
    assert len([line for line in stage.said if reason in line]) == 1


async def test_a_prometheus_that_slept_between_two_answers_makes_it_inconclusive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "_UNSCRAPED", 0.1)
    stage = Stage(after=99)

    def at(run: Run, progress: Progress) -> None:
        if progress.phase == "unhealthy" and not stage.server.slept:
            stage.server.slept.append((progress.at, progress.at + 0.2))

    result = await stage.play(at=at)
    assert result.passed is None, result
    assert any("Prometheus had nothing of what was pushed" in gap.reason for gap in result.gaps), result


async def test_where_nobody_tells_what_was_scraped_it_is_inconclusive() -> None:
    stage = Stage()
    stage.server.forgetful = True
    result = await stage.play()
    assert result.passed is None, result
    assert any("could not be read" in gap.reason for gap in result.gaps)


async def test_silence_that_is_told_in_part_is_inconclusive() -> None:
    stage = Stage()
    stage.server.partial = True
    _, quiet = (await stage.play()).verdicts
    assert quiet.outcome is Outcome.INCONCLUSIVE
    assert quiet.sentence == "quiet, but Prometheus told a part of what fired only (no store)"


async def test_a_gateway_that_goes_before_anything_rose_ends_it_without_a_verdict() -> None:
    stage = Stage()

    def fails(method: str, path: str) -> httpx.Response | None:
        return httpx.Response(503) if method == "PUT" and stage.gateway.bodies()[1:] else None

    stage.gateway.fails = fails
    async with asyncio.timeout(20):
        result = await stage.play()
    assert (result.passed, result.left, stage.gateway.groups) == (None, "deleted", {})
    assert result.verdicts[0].sentence == "its series never began to rise"


async def test_a_run_that_pushes_seldom_waits_for_its_next_push() -> None:
    short = SCENARIO.model_copy(update={"duration": 0.25, "interval": 0.25})
    stage, gateway_delay = Stage(), 0.05

    async def slowly(*given: Any, **more: Any) -> None:
        await asyncio.sleep(gateway_delay)
        await push(*given, **more)

    push, stage.gateway.client.push = stage.gateway.client.push, slowly  # type: ignore[method-assign]
    result = await stage.play(short)
    assert result.started_at is not None, result


async def test_what_becomes_active_before_anything_rose_is_inconclusive() -> None:
    stage = Stage()

    def at(run: Run, progress: Progress) -> None:
        if progress.phase == "baseline":
            stage.server.first, stage.server.after = time.time() - 10, 0.0

    result = await stage.play(at=at)
    assert result.passed is None
    assert result.verdicts[0].sentence == "it was pending or firing before its series began to rise"


async def test_without_a_prometheus_it_is_said_before_and_everything_is_inconclusive() -> None:
    stage = Stage(prometheus=False)
    checked = await check(stage.session, SCENARIO)
    assert checked.notes == ("no Prometheus is configured: whatever comes of it is inconclusive",)
    assert not stage.gateway.calls
    result = await stage.play()
    assert {each.outcome for each in result.verdicts} == {Outcome.INCONCLUSIVE}
    assert stage.gateway.groups == {}


async def test_a_defect_in_the_middle_recovers_and_deletes_before_it_is_raised() -> None:
    stage = Stage()

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("a defect")

    checked = await check(stage.session, SCENARIO)
    run = Run(stage.session, SCENARIO, checked, journal=Journal())

    async def play() -> None:
        async with aclosing(run.play()) as looks:
            async for progress in looks:
                if progress.phase == "unhealthy":
                    run._watch.look = broken  # type: ignore[assignment]

    with pytest.raises(ValueError, match="a defect"):
        await play()
    assert stage.gateway.groups == {}
    assert unclosed(Journal()) == ()
    assert Journal().entries("group.recovering")


async def test_whoever_stops_watching_leaves_nothing_behind() -> None:
    stage = Stage()
    run = Run(stage.session, SCENARIO, await check(stage.session, SCENARIO), journal=Journal())
    async with aclosing(run.play()) as looks:
        async for progress in looks:
            if progress.phase == "unhealthy":
                break
    assert stage.gateway.groups == {}
    assert unclosed(Journal()) == ()


async def test_a_gateway_that_never_takes_a_push_ends_it_without_a_verdict() -> None:
    stage = Stage()
    stage.gateway.fails = lambda method, path: httpx.Response(503)
    result = await stage.play()
    assert (result.passed, result.left) == (None, "nothing was pushed")
    assert result.verdicts[0].sentence == "its series never began to rise"
    assert any("503" in line for line in stage.said)


async def test_a_run_that_holds_but_leaves_its_series_does_not_end_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    monkeypatch.setattr("cockpit.scenarios.play.player.delete_group", refused)
    result = await stage.play()
    assert (result.passed, result.left) == (True, "403")
    assert exit_code(result) == 3
    assert exit_code(replace(result, left=DELETED)) == 0
    assert exit_code(replace(result, passed=False)) == 1


async def refused(*_: Any, **__: Any) -> str:
    return "403"


async def test_what_is_active_already_is_said_before_the_first_push() -> None:
    stage = Stage()
    stage.server.first, stage.server.after = time.time() - 10, 0.0
    stage.server.healed, stage.server.drain = time.time(), 99
    checked = await check(stage.session, SCENARIO)
    assert checked.notes == ("A is active already: what comes of it is inconclusive",)
    assert not stage.gateway.calls


async def test_a_run_that_may_be_too_short_is_said_before_the_first_push() -> None:
    long = SCENARIO.expect[0].model_copy(update={"fires_within": 780.0})
    short = SCENARIO.model_copy(update={"duration": 300.0, "expect": (long,)})
    checked = await check(Stage().session, short)
    assert checked.notes == ("A may take 13m to fire: if it has not after 5m, that is inconclusive",)


async def test_an_alert_that_no_rule_defines_is_refused() -> None:
    other = SCENARIO.model_copy(update={"expect": (SCENARIO.expect[0].model_copy(update={"alert": "C"}),)})
    with pytest.raises(UsageError, match="no rule of context 'test' defines the alert 'C'"):
        await check(Stage().session, other)


async def test_rules_that_cannot_be_read_are_inconclusive() -> None:
    stage = Stage()
    stage.server.down = True
    with pytest.raises(InconclusiveError, match="nothing is pushed: the rules cannot be read"):
        await check(stage.session, SCENARIO)


def test_other_times_are_taken_or_refused() -> None:
    assert changed(SCENARIO, duration=9.0, interval=3.0).interval == 3
    with pytest.raises(CockpitError, match="longer than the duration"):
        changed(SCENARIO, interval=3.0)
    with pytest.raises(CockpitError, match="pass --duration"):
        changed(SCENARIO.held())


@pytest.mark.parametrize(
    ("times", "holes"),
    [
        (range(100, 400, 15), []),
        (range(110, 400, 70), []),
        ([], [(70, None)]),
        (range(190, 400, 15), [(100, 190)]),
        ([*range(100, 200, 15), *range(300, 400, 15)], [(190, 300)]),
        (range(100, 300, 15), [(295, 400)]),
    ],
    ids=["all the time", "seldom", "never", "late", "lost in the middle", "lost at the end"],
)
def test_what_prometheus_did_not_scrape_is_a_hole(times: Any, holes: list[Any]) -> None:
    play = Play(
        run="r",
        scenario="x",
        title="t",
        context="c",
        gateway=URL,
        grouping={},
        pid=1,
        host="h",
        interval=15,
        duration=600,
        recover=60,
        speed=1,
        opened_at=70,
        started_at=100,
    )
    found = unscraped([float(at) for at in times], play, end=400, step=15)
    assert [(hole.start, hole.end) for hole in found] == holes
