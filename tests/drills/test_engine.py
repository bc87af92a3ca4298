"""Running an exercise to its end, with servers and plays that are made up."""

import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.config import Context
from cockpit.drills import events, running
from cockpit.drills.engine import Engine, clean_up
from cockpit.drills.model import Silenced, verb_of
from cockpit.drills.score import lost, score
from cockpit.drills.state import Exercise, Mode, Outcome, State
from cockpit.errors import CockpitError, UsageError
from cockpit.journal.journal import Journal
from tests.drills.world import ALL, BLIND, URL, Plays, World, begun, in_phase, run, session, stand_in


@pytest.fixture(name="world")
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    return stand_in(monkeypatch)


async def test_all_phases_are_verified_what_they_say_is_played_and_nothing_is_left(world: World) -> None:
    world.holds(*ALL)
    exercise = await run(await begun(world))
    assert exercise.state is State.FINISHED
    assert (score(exercise).points, score(exercise).of, score(exercise).passed) == (3, 3, True)
    assert world.log == ["start x", "stop x"]
    assert exercise.left == ()
    assert running.running() == ()


async def test_neither_disk_nor_journals_hold_up_whoever_presses_keys_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.holds(*ALL)
    engine = await begun(world)
    on_the_loop: list[str] = []

    def watch(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def called(*of: object, **more: object) -> object:
            if threading.current_thread() is threading.main_thread():
                on_the_loop.append(name)
            return real(*of, **more)

        monkeypatch.setattr(owner, name, called)

    for owner, name in ((Journal, "append"), (Journal, "entries"), (Plays, "going"), (Plays, "starts")):
        watch(owner, name)
    exercise = await run(engine)
    assert (exercise.state, exercise.left, on_the_loop) == (State.FINISHED, (), [])


async def test_what_did_not_hold_in_time_is_explained_and_the_drill_goes_on(world: World) -> None:
    world.holds("pushed", "leftovers")
    exercise = await run(await begun(world), world.late_in(2))
    assert lost(exercise.phases[1], Mode.UNATTENDED) == ("no rule defines it",)
    assert exercise.phases[3].outcome(Mode.UNATTENDED) is Outcome.PASSED


async def test_a_server_that_dies_makes_its_phase_inconclusive_and_is_told_at_once(world: World) -> None:
    world.holds("pushed", "leftovers")
    world.seen["firing"] = BLIND
    engine = await begun(world)
    exercise = await run(engine, in_phase(2))
    assert engine.trouble == (BLIND.said,)
    assert world.said == [BLIND.said]
    exercise = await run(await Engine.resume(session(world), exercise.id), world.late_in(2))
    assert exercise.phases[1].outcome(Mode.UNATTENDED) is Outcome.INCONCLUSIVE
    assert lost(exercise.phases[1], Mode.UNATTENDED) == (BLIND.said,)
    assert exercise.state is State.FINISHED


async def test_what_does_not_hold_once_somebody_ended_the_play_tells_nothing_of_the_chain(
    world: World,
) -> None:
    world.holds("pushed", "leftovers")
    engine = await begun(world)

    def ended(exercise: Exercise) -> bool:
        if exercise.current == 2:
            world.playing.clear()
            world.ahead = 100.0 if "x is played no more" in engine.trouble else 0.0
        else:
            world.ahead = 0.0
        return False

    done = await run(engine, ended)
    fires = done.phases[1].conditions[0]
    assert (fires.outcome, fires.said) == (Outcome.INCONCLUSIVE, "x is played no more")
    assert score(done).passed is not True


async def test_what_the_operator_does_ends_the_phase(world: World) -> None:
    world.holds(*ALL)
    engine = await begun(world, Mode.ALONE)

    def act(exercise: Exercise) -> bool:
        if exercise.state is State.WAITING and not exercise.did:
            events.done(engine.journal, "opened", runbook="down")
            engine.wake()
        return False

    exercise = await run(engine, act)
    assert score(exercise).points == 4


async def test_a_silence_that_is_asked_for_is_seen_by_the_engine(world: World) -> None:
    task = [{"name": "Silence", "limit": 30, "operator": [{"silenced": "Down"}]}]
    engine = await begun(world, Mode.ALONE, task)

    def silence(exercise: Exercise) -> bool:
        if exercise.state is State.WAITING:
            world.holds(verb_of(Silenced(silenced="Down")))
        return False

    exercise = await run(engine, silence)
    assert [each.data for each in exercise.did] == [{"what": "silenced", "alert": "Down"}]
    assert score(exercise).points == 1


async def test_a_silence_from_before_the_exercise_is_not_the_operators(world: World) -> None:
    task = [{"name": "Silence", "limit": 30, "operator": [{"silenced": "Down"}]}]
    world.silenced = False
    world.holds("silenced")
    exercise = await run(await begun(world, Mode.ALONE, task), world.late_in(1))
    assert exercise.did == ()
    assert score(exercise).points == 0


async def test_an_abort_from_anywhere_cleans_up_like_the_end(world: World) -> None:
    world.holds("pushed")
    engine = await begun(world)

    def abort(exercise: Exercise) -> bool:
        if exercise.current == 2 and not exercise.is_over:
            events.abort(events.journal_of(exercise.id), "enough")
        return False

    exercise = await run(engine, abort)
    assert (exercise.state, exercise.cause) == (State.ABORTED, "enough")
    assert world.log == ["start x", "stop x"]
    assert exercise.left == ()
    with pytest.raises(UsageError, match="is over"):
        await Engine.resume(session(world), exercise.id)


async def test_paused_the_plays_go_on_and_nothing_is_settled(world: World) -> None:
    world.holds("pushed")
    engine = await begun(world)
    looks = 0

    def pause(exercise: Exercise) -> bool:
        nonlocal looks
        looks += exercise.state is State.PAUSED
        if looks == 3:
            events.proceed(engine.journal, "back")
        if exercise.current == 2 and not looks:
            world.holds(*ALL)
            events.pause(engine.journal, "coffee")
        return False

    exercise = await run(engine, pause)
    kinds = [each.kind for each in exercise.events]
    assert kinds[kinds.index(events.PAUSED) + 1] == events.PROCEEDED
    assert world.log == ["start x", "stop x"]
    assert score(exercise).points == 3


@pytest.mark.parametrize("number", [1, 2, 4])
async def test_a_screen_that_is_gone_loses_nothing(world: World, number: int) -> None:
    if number > 1:
        world.holds("pushed")
    if number > 2:
        world.holds("firing")
    exercise = await run(await begun(world), in_phase(number))
    assert not exercise.is_over
    world.holds(*ALL)
    if number == 2:
        world.playing.clear()
    exercise = await run(await Engine.resume(session(world), exercise.id))
    assert score(exercise).points == 3
    again = ["start x"] if number == 2 else []
    assert world.log == ["start x", *again, "stop x"]


async def test_time_in_which_nobody_ran_it_is_left_out_of_the_clock(world: World) -> None:
    engine = await begun(world)
    exercise = await run(engine, in_phase(1))
    running.beat(exercise.id, (exercise.begun_at or 0) + 0.001)
    world.holds(*ALL)
    exercise = await run(await Engine.resume(session(world), exercise.id))
    assert exercise.phases[0].ran < (exercise.phases[0].ended_at or 0) - (exercise.phases[0].begun_at or 0)


async def test_time_in_which_the_machine_slept_is_left_out_of_the_clock(world: World) -> None:
    engine = await begun(world)

    def sleep(exercise: Exercise) -> bool:
        if not world.seen:
            running.beat(exercise.id, 1000.0)
            world.holds(*ALL)
        return False

    exercise = await run(engine, sleep)
    resumed = [each.data for each in exercise.events if each.kind == events.RESUMED]
    assert resumed == [{"lost_at": 1000.0}]
    assert score(exercise).points == 3


async def test_two_at_once_on_one_gateway_are_refused_and_elsewhere_not(world: World) -> None:
    first = await begun(world)
    with pytest.raises(
        UsageError, match=f"runs on {URL} already: .*`cockpit drill abort {first.exercise.id}"
    ):
        await begun(world)
    elsewhere = await begun(world, gateway="http://other")
    world.holds(*ALL)
    assert (await run(first)).state is (await run(elsewhere)).state is State.FINISHED
    assert (await run(await begun(world))).state is State.FINISHED


async def test_one_beside_an_interrupted_one_is_refused_with_the_remedies(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = await run(await begun(world), in_phase(1))
    monkeypatch.setattr(running, "is_gone", lambda exercise: False)
    with pytest.raises(UsageError, match=f"--resume {exercise.id}.*drill abort {exercise.id}"):
        await begun(world)
    monkeypatch.setattr(running, "is_gone", lambda exercise: True)
    await begun(world)


async def test_it_goes_on_in_a_new_lab_where_its_own_is_gone(world: World) -> None:
    exercise = await run(await begun(world), in_phase(1))
    world.playing.clear()
    world.holds(*ALL)
    engine = await Engine.resume(session(world, "http://new"), exercise.id, lab=7)
    assert (engine.exercise.plan.gateway, engine.exercise.plan.lab) == ("http://new", 7)
    assert score(await run(engine)).points == 3


async def test_it_does_not_go_on_elsewhere_than_it_was_begun(world: World) -> None:
    exercise = await run(await begun(world), in_phase(1))
    other = session(world, "http://other")
    other.context = Context(name="real", pushgateway="http://other", synthetic=True)
    with pytest.raises(UsageError, match=f"{exercise.id} runs on {URL}"):
        await Engine.resume(other, exercise.id)


async def test_without_a_journal_nothing_begins_and_nothing_is_held(world: World) -> None:
    folder = events.folder()
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    with pytest.raises(CockpitError, match=r"journal .*COCKPIT_STATE_DIR"):
        await begun(world)
    folder.unlink()
    world.holds(*ALL)
    assert (await run(await begun(world))).state is State.FINISHED


async def test_a_journal_that_fails_in_the_middle_stops_the_plays_and_can_be_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.holds("pushed")
    engine = await begun(world)

    def full(*of: object, **data: object) -> None:
        raise CockpitError("no space left")

    def fill(exercise: Exercise) -> bool:
        if exercise.current == 2:
            world.holds(*ALL)
            monkeypatch.setattr(engine.journal, "append", full)
        return False

    with pytest.raises(CockpitError, match=r"no space left: .*--resume"):
        await run(engine, fill)
    assert world.log == ["start x", "stop x"]
    exercise = await run(await Engine.resume(session(world), engine.exercise.id))
    assert score(exercise).points == 3
    assert world.log[2:] == ["start x", "stop x"]


async def test_who_aborts_one_that_nobody_runs_cleans_up_without_any_server(world: World) -> None:
    world.holds("pushed")
    engine = await begun(world)
    await run(engine, in_phase(2))
    events.abort(engine.journal, "enough")
    assert [each.id for each in running.interrupted()] == [engine.exercise.id]
    await clean_up(replace(engine.exercise, state=State.ABORTED), engine.journal)
    assert world.log == ["start x", "stop x"]
    assert running.interrupted() == ()
