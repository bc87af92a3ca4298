"""A world for engines, with servers and plays that are made up."""

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import aclosing
from typing import Any

import pytest

from cockpit.clients.prometheus import Prometheus
from cockpit.clients.pushgateway import Pushgateway
from cockpit.config import Context
from cockpit.drills import engine as engines
from cockpit.drills import planning
from cockpit.drills.engine import Engine
from cockpit.drills.model import Condition, Drill, verb_of
from cockpit.drills.state import Exercise, Mode, Outcome, PhaseState, Plan, Seen
from cockpit.drills.verify import Look
from cockpit.session import Session

URL = "http://gateway"
PHASES: list[dict[str, Any]] = [
    {"name": "Inject", "limit": 30, "play": "x", "verify": [{"pushed": "x"}]},
    {"name": "Fires", "limit": 30, "verify": [{"firing": "Down"}]},
    {"name": "Triage", "limit": 30, "operator": [{"opened": "down"}]},
    {"name": "Resolved", "limit": 30, "stop": "all", "verify": [{"leftovers": "none"}]},
]
BLIND = Seen(outcome=Outcome.INCONCLUSIVE, said="Prometheus does not answer")
ALL = ("pushed", "firing", "leftovers")


class World:
    """What servers say, by verb, and what plays there, with or without an engine: whether it heals."""

    def __init__(self) -> None:
        self.seen: dict[str, Seen] = {}
        self.playing: dict[str, bool] = {}
        self.log: list[str] = []
        self.said: list[str] = []
        self.ahead = 0.0
        self.silenced = True

    def late_in(self, number: int) -> Callable[[Exercise], bool]:
        """Return what lets the limit of a phase be over as soon as it has begun; it lets no screen go."""

        def hurry(exercise: Exercise) -> bool:
            self.ahead = 100.0 if exercise.current == number else 0.0
            return False

        return hurry

    def holds(self, *verbs: str) -> None:
        self.seen |= {verb: Seen(outcome=Outcome.PASSED, said=f"{verb} holds") for verb in verbs}

    async def look(self, *of: object) -> Look:
        return Look(at=0.0)

    def judge(self, condition: Condition, phase: PhaseState, look: Look, exercise: Exercise) -> Seen:
        return self.seen.get(verb_of(condition), Seen(said="not yet"))

    async def silenced_lately(self, *of: object) -> bool:
        return self.silenced

    async def explain(self, *of: object) -> str:
        return "no rule defines it"

    async def plan(self, session: Session, drill: Drill, **how: Any) -> Plan:
        return Plan(context="lab", gateway=session.context.pushgateway or "", sink=True, **how)


class Plays:
    """The plays of an exercise in the world; what heals is gone a moment later."""

    def __init__(self, world: World) -> None:
        self.world = world

    def going(self) -> dict[str, bool]:
        now = dict(self.world.playing)
        self.world.playing = {name: False for name, heals in now.items() if not heals}
        return now

    def start(self, scenario: str, context: Context) -> None:
        self.world.playing[scenario] = False
        self.world.log.append(f"start {scenario}")

    def stop(self, scenarios: Collection[str]) -> None:
        for name in scenarios:
            if self.world.playing.get(name) is False:
                self.world.playing[name] = True
                self.world.log.append(f"stop {name}")

    def starts(self, exercise: Exercise) -> dict[str, float | None]:
        return {}

    def heals_for(self) -> float:
        return 0.0

    def said(self, scenario: str, since: float) -> str:
        return ""

    def left(self) -> tuple[str, ...]:
        return tuple(self.world.playing)


def stand_in(monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world in which all engines are, and look often."""
    made = World()
    for name in ("look", "judge", "explain", "silenced_lately"):
        monkeypatch.setattr(engines, name, getattr(made, name))
    monkeypatch.setattr(planning, "plan", made.plan)
    monkeypatch.setattr(engines, "Plays", lambda exercise: Plays(made))
    monkeypatch.setattr(engines, "_FASTEST_LOOK", 0.01)
    monkeypatch.setattr(engines, "_NEWS_EVERY", 0.01)
    return made


def session(world: World, gateway: str = URL) -> Session:
    context = Context(name="lab", pushgateway=gateway, sink="http://sink", poll_interval=0.01)
    now = lambda: time.time() + world.ahead  # noqa: E731
    return Session(context, Prometheus.of(context), (), now, pushgateway=Pushgateway.of(context))


async def begun(
    world: World, mode: Mode = Mode.UNATTENDED, phases: list[dict[str, Any]] = PHASES, **where: str
) -> Engine:
    text = {"name": "t", "title": "T", "rubric": {1: "A"}, "pass": 1, "phases": phases}
    drill = Drill.model_validate(text)
    return await Engine.begin(session(world, **where), drill, mode=mode, say=world.said.append)


async def run(engine: Engine, at: Callable[[Exercise], bool] = lambda exercise: False) -> Exercise:
    """Run it to its end, or until `at` says that the screen goes."""
    async with asyncio.timeout(20), aclosing(engine.run()) as looks:
        async for exercise in looks:
            if at(exercise):
                break
    return engine.exercise


def in_phase(number: int) -> Callable[[Exercise], bool]:
    return lambda exercise: exercise.current == number
