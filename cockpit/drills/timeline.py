"""What happened in an exercise, event by event, in words. Pure; cleaned, for front ends and the report."""

from collections.abc import Callable

from msgspec import Struct

from cockpit.drills import events
from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.events import text_of
from cockpit.drills.state import Exercise, Outcome, PhaseState
from cockpit.journal.journal import Entry
from cockpit.text import one_line


class Moment(Struct, frozen=True):
    """One event: when (Unix seconds), and what happened."""

    at: float
    said: str


def timeline(exercise: Exercise) -> tuple[Moment, ...]:
    """Return what happened in `exercise`, in the order in which it was written down."""
    said = ((each.at, _WORDS[each.kind](exercise, each)) for each in exercise.events if each.kind in _WORDS)
    return tuple(Moment(at, words) for at, words in said if words)


def phase_name(phase: PhaseState) -> str:
    """Return how a phase is called: `phase 2, Alert fires`."""
    return one_line(f"phase {phase.number}, {phase.phase.name}", 200)


def _phase(exercise: Exercise, entry: Entry) -> PhaseState | None:
    number = entry.data.get("phase")
    return next((each for each in exercise.phases if each.number == number), None)


def _because(words: str, entry: Entry, key: str = "cause") -> str:
    cause = text_of(entry.data, key)
    return f"{words}: {cause}" if cause else words


def _of_phase(words: str, key: str = "") -> Callable[[Exercise, Entry], str]:
    def told(exercise: Exercise, entry: Entry) -> str:
        phase = _phase(exercise, entry)
        return _because(f"{phase_name(phase)}, {words}", entry, key) if phase else ""

    return told


def _plain(words: str) -> Callable[[Exercise, Entry], str]:
    return lambda _, entry: _because(words, entry)


def _condition(exercise: Exercise, entry: Entry) -> str:
    """Return what the condition that `entry` is about verifies; empty where there is none."""
    phase, index = _phase(exercise, entry), entry.data.get("condition")
    if phase is None or not isinstance(index, int) or index not in range(len(phase.phase.verify)):
        return ""
    return condition_words(phase.phase.verify[index], phase.phase)


def _of_condition(words: str) -> Callable[[Exercise, Entry], str]:
    def told(exercise: Exercise, entry: Entry) -> str:
        verifies = _condition(exercise, entry)
        return _because(f"{words}: {verifies}", entry, "said") if verifies else ""

    return told


def _seen(exercise: Exercise, entry: Entry) -> str:
    verifies, outcome = _condition(exercise, entry), text_of(entry.data, "outcome")
    if not verifies or outcome == Outcome.AWAITED:
        return ""
    said = text_of(entry.data, "said")
    if outcome == Outcome.PASSED or said == verifies:
        return f"{outcome}: {said or verifies}"
    return _because(f"{outcome}: {verifies}", entry, "said")


def _did(_: Exercise, entry: Entry) -> str:
    what = text_of(entry.data, "what")
    words, key = _DID.get(what, ("", ""))
    return _because(words, entry, key) if words else ""


def _answered(exercise: Exercise, entry: Entry) -> str:
    phase, index = _phase(exercise, entry), entry.data.get("task")
    if phase is None or not isinstance(index, int) or index not in range(len(phase.phase.operator)):
        return ""
    return f"{task_words(phase.phase.operator[index])} The operator: {text_of(entry.data, 'text')}"


def _scored(exercise: Exercise, entry: Entry) -> str:
    phase, points = _phase(exercise, entry), entry.data.get("points")
    if phase is None or points not in (0, 0.5, 1):
        return ""
    words = f"{phase_name(phase)}, scored {points:g} by hand by {text_of(entry.data, 'by') or 'somebody'}"
    return _because(words, entry, "reason")


def _noted(_: Exercise, entry: Entry) -> str:
    return f"note of the {text_of(entry.data, 'by') or 'operator'}: {text_of(entry.data, 'text')}"


def _action_item(_: Exercise, entry: Entry) -> str:
    owner = text_of(entry.data, "owner") or "nobody yet"
    return f"action item for {owner}: {text_of(entry.data, 'text')}"


def _cleaned(exercise: Exercise, entry: Entry) -> str:
    left = entry.data.get("left")
    names = [one_line(str(each), 200) for each in left] if isinstance(left, list) else []
    return f"cleaned up, but for {', '.join(names)}" if names else "cleaned up: nothing is left"


_DID = {
    "opened_alert": ("the operator opened the alert", "alert"),
    "opened": ("the operator opened the runbook", "runbook"),
    "ran_query": ("the operator asked", "query"),
    "copied": ("the operator copied a command", "command"),
    "silenced": ("the operator silenced", "alert"),
}
_WORDS: dict[str, Callable[[Exercise, Entry], str]] = {
    events.PLANNED: _plain("planned"),
    events.BEGUN: _plain("begun"),
    events.PHASE_BEGUN: _of_phase("begins"),
    events.BLIND: _of_condition("cannot be looked at"),
    events.SIGHTED: _of_condition("can be looked at again"),
    events.SEEN: _seen,
    events.WAITING: _of_phase("waits for the operator"),
    events.PHASE_ENDED: _of_phase("ends", "cause"),
    events.PAUSED: _plain("paused"),
    events.PROCEEDED: _plain("goes on"),
    events.RESUMED: _plain("taken up again after an interruption"),
    events.DONE: _did,
    events.ANSWERED: _answered,
    events.HINT: _of_phase("a hint is taken"),
    events.SCORED: _scored,
    events.NOTE: _noted,
    events.ACTION_ITEM: _action_item,
    events.FINISHED: _plain("finished"),
    events.ABORTED: _plain("aborted"),
    events.CLEANED: _cleaned,
}
