"""What comes next in an exercise, whatever is seen and done, and in whatever order."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, to_builtins

from cockpit.drills import events
from cockpit.drills.fold import fold
from cockpit.drills.model import Drill
from cockpit.drills.score import lost, points_of, score
from cockpit.drills.state import Exercise, Mode, Outcome, Plan, Seen, State
from cockpit.drills.step import due, step
from cockpit.journal.journal import Entry

PHASES = [
    {"name": "Inject", "limit": 20, "play": "x", "verify": [{"pushed": "x"}]},
    {"name": "Fires", "limit": 20, "verify": [{"firing": "Down"}, {"quiet": "Up"}], "hints": ["Wait."]},
    {
        "name": "Triage",
        "limit": 30,
        "operator": [{"opened": "down"}, {"answer": "Which code?", "accept": ["500"]}],
        "hints": ["Look.", "Look again."],
    },
    {
        "name": "Resolved",
        "limit": 20,
        "stop": "all",
        "verify": [{"resolved": "Down"}],
        "operator": [{"decision": "What next?"}],
    },
]
AWAITED, PASSED = Seen(said="not yet"), Seen(outcome=Outcome.PASSED, said="it is so")
FAILED = Seen(outcome=Outcome.FAILED, said="it is not so")
BLIND = Seen(outcome=Outcome.INCONCLUSIVE, said="no answer")

EDGES = {
    State.PLANNED: {State.RUNNING, State.ABORTED, State.FINISHED},
    State.RUNNING: {State.WAITING, State.PAUSED, State.FINISHED, State.ABORTED},
    State.WAITING: {State.RUNNING, State.PAUSED, State.FINISHED, State.ABORTED},
    State.PAUSED: {State.RUNNING, State.WAITING, State.FINISHED, State.ABORTED},
    State.FINISHED: set(),
    State.ABORTED: set(),
}


class Script(Struct, frozen=True, kw_only=True):
    """What happens in a phase, by its clock: when each condition is settled and how, and what people do."""

    settled: tuple[tuple[int, Seen], ...] = ((2, PASSED), (2, PASSED))
    blind: tuple[int, int] = (0, 0)
    done: tuple[tuple[int, str, dict[str, Any]], ...] = ()

    def judged(self, index: int, clock: float) -> Seen:
        if self.blind[0] <= clock < self.blind[1]:
            return BLIND
        at, seen = self.settled[index]
        return seen if clock >= at else AWAITED


class KilledError(Exception):
    """The engine was killed."""


class Play:
    """An exercise in memory, a look a second, which people and servers go through as the scripts say."""

    def __init__(
        self,
        scripts: Sequence[Script] = (Script(),) * 4,
        *,
        mode: Mode = Mode.ALONE,
        speed: float = 1.0,
        phases: Sequence[dict[str, Any]] = PHASES,
        sink: bool = True,
    ) -> None:
        drill = {"name": "t", "title": "T", "rubric": {1: "A"}, "pass": 1, "phases": phases}
        self.scripts, self.now, self.cut = scripts, 1000.0, 0
        document = Drill.model_validate(drill).document()
        plan = to_builtins(Plan(context="lab", mode=mode, speed=speed, sink=sink))
        self.entries = [Entry(self.now, events.PLANNED, {"drill": document, "plan": plan})]
        self.states: list[State] = []
        self._fold()

    def add(self, kind: str, /, **data: Any) -> None:
        if len(self.entries) == self.cut:
            self.cut = 0
            raise KilledError
        self.entries.append(Entry(self.now, kind, to_builtins(data)))
        self._fold()

    def _fold(self) -> None:
        found = fold("x", self.entries)
        assert found is not None
        self.exercise = found
        self.states.append(found.state)

    def judged(self) -> tuple[Seen, ...]:
        phase = self.exercise.phase
        if phase is None:
            return ()
        script, clock = self.scripts[phase.number - 1], phase.elapsed(self.now)
        return tuple(script.judged(index, clock) for index in range(len(phase.conditions)))

    def look(self) -> None:
        """Append all that follows now."""
        for _ in range(50):
            following = step(self.exercise, self.judged(), self.now)
            for each in following:
                before = self.exercise
                self.add(each.kind, **each.data)
                assert self.exercise != before
            if not following:
                return
        raise AssertionError("it goes on and on")

    def act(self) -> None:
        """Do what is due of the script, unless it is done already."""
        phase = self.exercise.phase
        if phase is None:
            return
        done = [each.data.get("nth") for each in self.entries if each.data.get("at") == phase.number]
        for nth, (clock, kind, data) in enumerate(self.scripts[phase.number - 1].done):
            if nth not in done and phase.elapsed(self.now) >= clock:
                self.add(kind, **data, phase=phase.number, at=phase.number, nth=nth)

    def run(self, cut: int = 0, until: float = 1e9) -> Exercise:
        """Run to the end, killed once before the event of that number, and resumed much later."""
        self.cut = cut
        until += self.now
        while not self.exercise.is_over and self.now < until:
            try:
                self.look()
                self.act()
                self.look()
                self.now += 1
            except KilledError:
                lost_at = self.entries[-1].at
                self.now = lost_at + 500
                self.add(events.RESUMED, lost_at=lost_at)
        return self.exercise


OPENED = (events.DONE, {"what": "opened", "runbook": "down"})
WRONG = (events.DONE, {"what": "opened", "runbook": "up"})
ANSWERS = [(events.ANSWERED, {"task": task, "text": text}) for task in (0, 1) for text in ("500", "404")]
ACTS = st.sampled_from([OPENED, WRONG, *ANSWERS, (events.HINT, {}), (events.NOTE, {"text": "hm"})])
SCRIPTS = st.builds(
    Script,
    settled=st.tuples(*[st.tuples(st.integers(0, 30), st.sampled_from([PASSED, FAILED, AWAITED]))] * 2),
    blind=st.tuples(st.integers(0, 25), st.integers(0, 25)),
    done=st.lists(st.tuples(st.integers(0, 40), ACTS).map(lambda x: (x[0], *x[1])), max_size=5).map(tuple),
)
MODES = st.sampled_from(Mode)


@settings(max_examples=60, deadline=None)
@given(scripts=st.tuples(*[SCRIPTS] * 4), mode=MODES, sink=st.booleans(), cut=st.integers(1, 40))
def test_a_loss_at_any_point_changes_no_score(
    scripts: tuple[Script, ...], mode: Mode, sink: bool, cut: int
) -> None:
    whole = Play(scripts, mode=mode, sink=sink).run()
    resumed = Play(scripts, mode=mode, sink=sink).run(cut)
    assert score(resumed) == score(whole)
    assert [lost(each, mode) for each in resumed.phases] == [lost(each, mode) for each in whole.phases]
    assert [each.cause for each in resumed.phases] == [each.cause for each in whole.phases]


EVENTS = st.one_of(
    ACTS,
    st.sampled_from(
        [
            (events.PAUSED, {"cause": ""}),
            (events.PROCEEDED, {"cause": ""}),
            (events.RESUMED, {"lost_at": 1003}),
            (events.WAITING, {"phase": 2}),
            (events.BEGUN, {}),
            (events.PHASE_ENDED, {"phase": 1, "cause": ""}),
            (events.PHASE_BEGUN, {"phase": 3}),
            (events.SEEN, {"phase": 2, "condition": 0, "outcome": "passed", "said": ""}),
            (events.SCORED, {"points": 0.5, "reason": "so", "by": "Kim"}),
            (events.SCORED, {"points": 9, "reason": "so", "by": "Kim"}),
            (events.FINISHED, {}),
            (events.ABORTED, {"cause": "enough"}),
        ]
    ),
)


@settings(max_examples=80, deadline=None)
@given(
    scripts=st.tuples(*[SCRIPTS] * 4),
    mode=MODES,
    order=st.lists(st.tuples(st.integers(0, 12), EVENTS, st.integers(0, 5)), max_size=25),
)
def test_whatever_is_appended_in_whatever_order_every_transition_and_score_is_valid(
    scripts: tuple[Script, ...], mode: Mode, order: list[tuple[int, tuple[str, dict[str, Any]], int]]
) -> None:
    play = Play(scripts, mode=mode)
    for seconds, (kind, data), phase in order:
        play.run(until=seconds)
        play.add(kind, **{"phase": phase, **data})
    play.run(until=500)
    moves = [(old, new) for old, new in pairwise(play.states) if old is not new]
    assert [move for move in moves if move[1] not in EDGES[move[0]]] == []
    assert 0 <= score(play.exercise).points <= len(PHASES)
    given_points = [points_of(each, mode) for each in play.exercise.phases]
    assert all(each is None or 0 <= each <= 1 for each in given_points)


def outcomes(exercise: Exercise) -> list[Outcome]:
    return [each.outcome(exercise.plan.mode) for each in exercise.phases]


def one(phase: dict[str, Any], script: Script, **how: Any) -> Exercise:
    return Play((script,), phases=[{"name": "P", "limit": 30, **phase}], **how).run()


def test_what_does_not_come_about_in_time_fails_its_phase_and_the_drill_goes_on() -> None:
    scripts = (Script(), Script(settled=((99, PASSED), (0, AWAITED))), Script(), Script())
    exercise = Play(scripts, mode=Mode.UNATTENDED).run()
    assert outcomes(exercise) == [Outcome.PASSED, Outcome.FAILED, Outcome.UNSCORED, Outcome.UNSCORED]
    assert exercise.state is State.FINISHED
    fires = exercise.phases[1]
    assert fires.ended_at == (fires.begun_at or 0) + 20


def test_the_machines_limit_is_divided_by_the_speed_and_the_peoples_is_not() -> None:
    phase = {"verify": [{"firing": "Down"}], "operator": [{"decision": "What?"}]}
    never = one(phase, Script(settled=((99, PASSED),)), speed=3.0).phases[0]
    begun = never.begun_at or 0
    assert never.conditions[0].at == begun + 30 / 3 + 10
    assert never.ended_at == begun + 20 + 30


def test_a_look_that_cannot_see_in_the_end_is_inconclusive_with_its_reason() -> None:
    phase = one({"verify": [{"firing": "Down"}]}, Script(settled=((99, PASSED),), blind=(30, 31))).phases[0]
    assert (phase.conditions[0].outcome, phase.conditions[0].said) == (Outcome.INCONCLUSIVE, "no answer")


def test_what_was_unseen_for_more_than_a_tenth_of_the_limit_is_inconclusive_unless_it_was_seen_to_hold() -> (
    None
):
    fires = {"verify": [{"firing": "Down"}]}
    late = one(fires, Script(settled=((99, PASSED),), blind=(5, 9)))
    assert outcomes(late) == [Outcome.INCONCLUSIVE]
    assert late.phases[0].conditions[0].said == "it could not be looked at for 4s of 30s: no answer"
    assert outcomes(one(fires, Script(settled=((99, PASSED),), blind=(5, 8)))) == [Outcome.FAILED]
    assert outcomes(one(fires, Script(settled=((20, PASSED),), blind=(5, 9)))) == [Outcome.PASSED]


def test_an_alert_stays_quiet_until_all_else_is_settled_or_fails_at_once() -> None:
    verify = {"verify": [{"firing": "Down"}, {"quiet": "Up"}]}
    held = one(verify, Script(settled=((12, PASSED), (0, PASSED)))).phases[0]
    assert [each.at for each in held.conditions] == [(held.begun_at or 0) + 12] * 2
    broken = one(verify, Script(settled=((12, PASSED), (5, FAILED))))
    assert broken.phases[0].conditions[1].at == (broken.phases[0].begun_at or 0) + 5
    assert outcomes(broken) == [Outcome.FAILED]
    alone = one({"verify": [{"quiet": "Up"}]}, Script(settled=((99, FAILED),))).phases[0]
    assert (alone.ended_at, alone.outcome(Mode.ALONE)) == ((alone.begun_at or 0) + 30, Outcome.PASSED)


def test_a_phase_ends_as_soon_as_all_is_done() -> None:
    done = ((4, *OPENED), (7, *ANSWERS[2]))
    phase = one(PHASES[2], Script(done=done)).phases[0]
    assert (phase.ended_at, phase.cause) == ((phase.begun_at or 0) + 7, "all of it was done")


def test_the_operators_clock_begins_when_the_machine_is_settled() -> None:
    play = Play((Script(settled=((15, PASSED),)),), phases=[PHASES[3] | {"stop": None}])
    play.run(until=18)
    phase = play.exercise.phase
    assert phase is not None
    assert play.exercise.state is State.WAITING
    clock = phase.clock(play.now, play.exercise.plan)
    assert (clock.elapsed, clock.limit, clock.operators) == (3, 20, True)
    assert play.run().phases[0].cause == "the time is up"


def test_where_no_sink_tells_the_operators_word_is_asked_and_no_fails_the_phase() -> None:
    verify = {"verify": [{"firing": "Down"}, {"notified": "slack"}]}
    said = {text: ((5, events.ANSWERED, {"task": 0, "text": text}),) for text in ("yes", "no")}
    agreed = one(verify, Script(done=said["yes"]), sink=False)
    assert outcomes(agreed) == [Outcome.PASSED]
    denied = one(verify, Script(done=(*said["no"], *said["yes"])), sink=False)
    assert outcomes(denied) == [Outcome.FAILED]
    why = "the operator says no: Did slack get the message about Down?"
    assert lost(denied.phases[0], Mode.ALONE) == (why,)
    assert one(verify, Script(), sink=False, mode=Mode.UNATTENDED).phases[0].tasks == ()
    assert one(verify, Script()).phases[0].tasks == ()


def test_paused_nothing_follows_and_the_clock_stands() -> None:
    play = Play((Script(settled=((99, PASSED),)),), phases=[PHASES[0]])
    play.run(until=5)
    play.add(events.PAUSED, cause="coffee")
    play.run(until=100)
    assert play.exercise.state is State.PAUSED
    play.add(events.PROCEEDED, cause="back")
    phase = play.run().phases[0]
    assert phase.ended_at == (phase.begun_at or 0) + 20 + 100


def test_what_is_due_to_play_follows_the_phases() -> None:
    play = Play()
    assert due(play.exercise) == set()
    play.run(until=1)
    assert due(play.exercise) == {"x"}
    while play.exercise.current < 4:
        play.run(until=1)
    assert due(play.exercise) == set()
