"""Whether an alert of the exercise is over, and all who were told of it know. Pure."""

from collections.abc import Iterable

from cockpit.clients.sink import Notification
from cockpit.drills.model import Resolved
from cockpit.drills.state import Exercise, Seen
from cockpit.drills.verify.alerts import NO_RULE
from cockpit.drills.verify.looked import (
    NOT_ASKED,
    Look,
    evidence_of,
    fired_elsewhere,
    firing,
    held,
    history,
    messages,
)
from cockpit.drills.verify.seen import awaited, inconclusive, passed
from cockpit.errors import CockpitError
from cockpit.units import format_value


def resolved(condition: Resolved, look: Look, exercise: Exercise) -> Seen:
    """Return whether it has fired and fires no more, no Alertmanager has it, and all who were told know."""
    name = condition.resolved
    if isinstance(look.rules, CockpitError):
        return inconclusive(str(look.rules))
    if fires := firing(name, look, exercise):
        return awaited(f"{name} still fires, its value is {format_value(fires[0].alert.value)}")
    if look.rules.warnings:
        return inconclusive(f"Prometheus told a part only: {look.rules.warnings[0]}")
    if not has_fired(name, look, exercise):
        fired = look.fired.get(name, NOT_ASKED)
        if isinstance(fired, CockpitError):
            return inconclusive(str(fired))
        if fired_elsewhere(name, exercise):
            return inconclusive(f"{name} fired in a lab that is gone: nobody saw it resolve")
        why = "" if look.rule(name) else f": {NO_RULE}"
        return awaited(f"{name} has not fired, so that it cannot resolve{why}")
    if look.silent:
        return inconclusive(look.silent)
    if having := sorted({peer.name for peer, _ in held(name, look, exercise)}):
        return awaited(f"{name} fires no more, but {', '.join(having)} still has it")
    if isinstance(look.told, CockpitError):
        return inconclusive(str(look.told))
    if untold := not_told(name, look, exercise):
        names = " and ".join(sorted({each.kind for each in untold}))
        return awaited(f"{name} fires no more, {names} not told yet")
    return _over(name, look, exercise)


def has_fired(name: str, look: Look, exercise: Exercise) -> bool:
    """Say whether the exercise's own alert of that name was ever seen to fire."""
    recorded = next(evidence_of(name, exercise), None) is not None
    return recorded or bool(history(name, look, exercise) or messages(name, look, exercise))


def not_told(name: str, look: Look, exercise: Exercise) -> list[Notification]:
    """Return the last message to each receiver that was told of its firing, and not of its end since."""
    return [each for each in _last(messages(name, look, exercise)) if each.status != "resolved"]


def _last(told: Iterable[Notification]) -> list[Notification]:
    """Return the last message of each: to a receiver, about alerts that are alike as far as it tells."""
    found = {(each.kind, each.receiver, tuple(sorted(each.labels.items()))): each for each in told}
    return list(found.values())


def _over(name: str, look: Look, exercise: Exercise) -> Seen:
    last = _last(messages(name, look, exercise))
    if look.told is None:
        said = f"{name} resolved; that anybody was told so cannot be seen without a sink"
        return passed(said, alert=name, by="alertmanager")
    told = [{"kind": each.kind, "receiver": each.receiver, "received_at": each.received_at} for each in last]
    names = " and ".join(sorted({each.kind for each in last}))
    said = f"{name} resolved, {names} told" if last else f"{name} resolved; nobody had been told of it"
    return passed(said, alert=name, by="sink", told=told)
