"""The events of an exercise, and how each is written into its journal: the only way that anything happens.

An exercise has a journal of its own, so that any process on this machine that may write there (the operator's
screen, the facilitator's, the engine) takes part in it. Times are Unix seconds; phases count from 1, what is
verified and asked in them from 0.
"""

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cockpit import config
from cockpit.journal.journal import Entry, Journal
from cockpit.text import one_line

PLANNED = "drill.planned"
BEGUN = "drill.begun"
PAUSED = "drill.paused"
PROCEEDED = "drill.proceeded"
RESUMED = "drill.resumed"
FINISHED = "drill.finished"
ABORTED = "drill.aborted"
PHASE_BEGUN = "phase.begun"
WAITING = "phase.waiting"
PHASE_ENDED = "phase.ended"
SCORED = "phase.scored"
SEEN = "condition.seen"
BLIND = "condition.blind"
SIGHTED = "condition.sighted"
DONE = "operator.done"
ANSWERED = "operator.answered"
HINT = "operator.hint"
NOTE = "operator.note"
ACTION_ITEM = "debrief.action"
CLEANED = "drill.cleaned"

MAX_TEXT = 2000
"""Characters of what a person writes that are kept."""

_MAX_DEPTH = 30


def new_id(now: float | None = None) -> str:
    """Return the id of a new exercise: its date and time in UTC, and four characters; not its name."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(2)}"


def folder() -> Path:
    """Return the folder with the journals of all exercises."""
    return config.state_dir() / "drills"


def journal_of(exercise: str) -> Journal:
    """Return the journal of the exercise with the id `exercise`."""
    return Journal(folder() / f"{exercise}.jsonl")


def pause(journal: Journal, cause: str) -> Entry:
    """Stop the clock. Raises CockpitError, as all of these do, where it cannot be written."""
    return journal.append(PAUSED, cause=_text(cause))


def proceed(journal: Journal, cause: str) -> Entry:
    """Let a paused clock go on."""
    return journal.append(PROCEEDED, cause=_text(cause))


def abort(journal: Journal, cause: str) -> Entry:
    """End the exercise before its time; whoever runs it cleans up."""
    return journal.append(ABORTED, cause=_text(cause))


def done(journal: Journal, what: str, **data: str) -> Entry:
    """Note that the operator did something: `what` is opened_alert, opened, ran_query, copied or silenced.

    `data` says what: `alert`, `runbook` (its file name without .md), `query`, `command`, `silence`.
    """
    return journal.append(DONE, what=what, **{key: _text(value) for key, value in data.items()})


def answer(journal: Journal, phase: int, task: int, text: str) -> Entry:
    """Note the operator's answer, decision or choice."""
    return journal.append(ANSWERED, phase=phase, task=task, text=_text(text))


def hint(journal: Journal, phase: int) -> Entry:
    """Take the next hint of a phase."""
    return journal.append(HINT, phase=phase)


def note(journal: Journal, text: str, by: str = "operator") -> Entry:
    """Write something down; `by` is operator or facilitator."""
    return journal.append(NOTE, text=_text(text), by=by)


def score_by_hand(journal: Journal, phase: int, points: float, reason: str, by: str) -> Entry:
    """Score a phase by hand: 0, 0.5 or 1, with the reason, by the facilitator named `by`."""
    return journal.append(SCORED, phase=phase, points=points, reason=_text(reason), by=_text(by))


def action_item(journal: Journal, text: str, owner: str) -> Entry:
    """Write down what has to be done after the exercise, and by whom."""
    return journal.append(ACTION_ITEM, text=_text(text), owner=_text(owner))


def text_of(data: Mapping[str, Any], key: str) -> str:
    """Return a text of an entry as one clean line; anything else in a journal that anybody wrote is empty."""
    value = data.get(key)
    return one_line(value, MAX_TEXT) if isinstance(value, str) else ""


def evidence_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the evidence of an entry; none where it is nested deeper than whoever shows it can follow."""
    evidence = data.get("evidence")
    return evidence if isinstance(evidence, dict) and _is_shallow(evidence) else {}


def _is_shallow(value: Any, depth: int = 0) -> bool:
    if depth > _MAX_DEPTH:
        return False
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_is_shallow(each, depth + 1) for each in within)


def _text(text: str) -> str:
    return one_line(text.strip(), MAX_TEXT)
