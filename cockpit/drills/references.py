"""The names that a drill speaks of: scenarios, alerts, runbooks and receivers, each with its key. Pure."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from enum import StrEnum

from msgspec import Struct

from cockpit.drills.model import Drill
from cockpit.scenarios.fields import Model


class Kind(StrEnum):
    """What a name is of."""

    SCENARIO = "scenario"
    ALERT = "alert"
    RUNBOOK = "runbook"
    RECEIVER = "receiver"


class Reference(Struct, frozen=True):
    """A name that the drill's file has under `keys`."""

    kind: Kind
    name: str
    keys: tuple[int | str, ...]


_KINDS = {
    "play": Kind.SCENARIO,
    "pushed": Kind.SCENARIO,
    "firing": Kind.ALERT,
    "quiet": Kind.ALERT,
    "alert": Kind.ALERT,
    "inhibited": Kind.ALERT,
    "by": Kind.ALERT,
    "silenced": Kind.ALERT,
    "resolved": Kind.ALERT,
    "notified": Kind.RECEIVER,
    "opened": Kind.RUNBOOK,
}


def references(drill: Drill, kind: Kind) -> tuple[Reference, ...]:
    """Return the names of that kind that `drill` speaks of, in the order of its phases."""
    return tuple(each for each in _references(drill) if each.kind is kind)


def _references(drill: Drill) -> Iterator[Reference]:
    for index, phase in enumerate(drill.phases):
        yield from _named(phase, "phases", index)
        for number, condition in enumerate(phase.verify):
            yield from _named(condition, "phases", index, "verify", number)
        for number, task in enumerate(phase.operator):
            yield from _named(task, "phases", index, "operator", number)


def _named(model: Model, *keys: int | str) -> Iterator[Reference]:
    for key, kind in _KINDS.items():
        if isinstance(name := getattr(model, key, None), str):
            yield Reference(kind, name, (*keys, key))


def unknown(reference: Reference, where: str, known: Collection[str]) -> str:
    """Return what is wrong with a name that `where` does not have; `known` are those it has."""
    near = get_close_matches(reference.name, sorted(known), n=1, cutoff=0.6)
    there = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known)[:12]) or 'none'}"
    return f"no {reference.kind} {reference.name!r} in {where}: {there}"
