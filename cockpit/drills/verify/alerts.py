"""Whether an alert of the exercise fires, or stays quiet. Pure."""

from cockpit.alerts.why.words import labels_text
from cockpit.drills.describe import alert_words
from cockpit.drills.model import Firing, Quiet
from cockpit.drills.state import Exercise, Seen
from cockpit.drills.verify import looked
from cockpit.drills.verify.looked import Instance, Look, history, instances
from cockpit.drills.verify.seen import awaited, failed, inconclusive, passed
from cockpit.errors import CockpitError
from cockpit.scenarios.run.standing import Standing, spoken
from cockpit.units import format_value

NO_RULE = "no rule of this name is loaded"


def firing(condition: Firing, look: Look, exercise: Exercise) -> Seen:
    """Return whether an own alert of that name, with at least those labels, fires."""
    if isinstance(look.rules, CockpitError):
        return inconclusive(str(look.rules))
    found = instances(condition.firing, look, exercise, condition.labels)
    fires = next((each for each in found if each.firing), None)
    if fires is None:
        return awaited(f"{alert_words(condition)}: {standing(condition.firing, found, look, speed=1.0)}")
    value = format_value(fires.alert.value)
    return passed(
        f"{alert_words(condition)} fired{after(fires, look)}, its value is {value}", **evidence(fires, look)
    )


def standing(name: str, found: tuple[Instance, ...], look: Look, *, speed: float | None = None) -> str:
    """Return how an alert that does not fire stands: `pending, 3m20s of 10m left`.

    It is told in the rule's own time; with `speed` 1 in that of the clock of the people who wait for it.
    """
    if look.rule(name) is None:
        return NO_RULE
    if not found:
        return "does not fire yet"
    first = found[0]
    pending = Standing(
        alert=name,
        kind="fires",
        state="pending",
        fires_at=first.firing_since,
        for_seconds=first.rule.duration,
    )
    return pending.phrase(look.at, look.speed if speed is None else speed)


def after(instance: Instance, look: Look) -> str:
    """Return ` after 10m45s`, of the scenario's time, where it is known when its series began to rise."""
    start = look.started(instance.labels)
    if start is None:
        return ""
    return f" after {spoken(max(0.0, instance.firing_since - start) * look.speed)}"


def evidence(instance: Instance, look: Look) -> dict[str, object]:
    """Return what is recorded of an alert that fires."""
    start = look.started(instance.labels)
    return {
        "alert": instance.rule.name,
        "labels": instance.labels,
        "annotations": instance.alert.annotations,
        "value": instance.alert.value,
        "active_at": instance.alert.active_at,
        "firing_since": instance.firing_since,
        "started_at": start,
    }


def quiet(condition: Quiet, look: Look, exercise: Exercise) -> Seen:
    """Return that it fired; else it is awaited, for that it stays quiet only the phase's end can tell."""
    name = condition.quiet
    if isinstance(look.rules, CockpitError):
        return inconclusive(str(look.rules))
    if fires := looked.firing(name, look, exercise, condition.labels):
        said = f"{name} fired{after(fires[0], look)}, and was to stay quiet"
        return failed(said, **evidence(fires[0], look))
    fired = look.fired.get(name, ())
    if isinstance(fired, CockpitError):
        return inconclusive(str(fired))
    for labels in history(name, look, exercise):
        if condition.labels.items() <= labels.items():
            said = f"{name} fired for a moment, and was to stay quiet ({labels_text(labels)})"
            return failed(said, alert=name, labels=labels)
    if look.rule(name) is None:
        return inconclusive(f"{name}: {NO_RULE}, so that its silence says nothing")
    if look.rules.warnings:
        return inconclusive(f"Prometheus told a part only: {look.rules.warnings[0]}")
    return awaited(f"{name} has not fired")
