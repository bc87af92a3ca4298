"""What a report of an exercise has, as JSON has it: times are RFC 3339 in UTC, durations seconds."""

from typing import Any

from msgspec import Struct

from cockpit.drills.state import Mode, Outcome, State


class Said(Struct, frozen=True, kw_only=True):
    """What happened, and when."""

    at: str
    said: str


class WrongTurn(Said, frozen=True, kw_only=True):
    """A wrong answer or a wrong first runbook, in the phase of that number."""

    phase: int


class Note(Said, frozen=True, kw_only=True):
    """What the operator or the facilitator wrote down."""

    by: str


class Checked(Struct, frozen=True, kw_only=True):
    """A condition: its verb, what it verifies, what came of it, and what was seen. Evidence is raw."""

    verb: str
    verifies: str
    outcome: Outcome
    said: str
    at: str | None
    evidence: dict[str, Any]


class Asking(Struct, frozen=True, kw_only=True):
    """A task: what it asks and what was done; the accepted answers once the exercise is over."""

    asks: str
    outcome: Outcome
    said: str
    at: str | None
    accepts: tuple[str, ...] = ()


class ByHand(Struct, frozen=True, kw_only=True):
    """Points that the facilitator gave, and why."""

    points: float
    reason: str
    by: str
    at: str


class Part(Struct, frozen=True, kw_only=True):
    """A phase. Its limit is that at the speed played; `points` is None where it is not scored."""

    number: int
    name: str
    limit_seconds: float
    took_seconds: float | None
    outcome: Outcome
    points: float | None
    why: tuple[str, ...]
    conditions: tuple[Checked, ...]
    tasks: tuple[Asking, ...]
    hints: int
    wrong_turns: tuple[WrongTurn, ...]
    by_hand: ByHand | None
    debrief: str | None


class Points(Struct, frozen=True, kw_only=True):
    """The score; `passed` is None where it cannot be told (yet)."""

    points: float
    of: int
    pass_mark: float
    grade: str | None
    passed: bool | None
    unscored: int
    inconclusive: int


class ActionItem(Struct, frozen=True, kw_only=True):
    """What has to be done after the exercise, and by whom."""

    text: str
    owner: str


class Report(Struct, frozen=True, kw_only=True):
    """All of it. `verdict` is in words; `left_behind` is None as long as nothing was cleaned up."""

    id: str
    drill: dict[str, str]
    verdict: str
    context: str
    speed: float
    mode: Mode
    blind: bool
    participants: dict[str, Any]
    state: State
    cause: str
    started_at: str | None
    ended_at: str | None
    took_seconds: float | None
    score: Points
    times: dict[str, float | None]
    phases: tuple[Part, ...]
    timeline: tuple[Said, ...]
    wrong_turns: tuple[WrongTurn, ...]
    notes: tuple[Note, ...]
    went_wrong: tuple[str, ...]
    debrief: str | None
    action_items: tuple[ActionItem, ...]
    left_behind: tuple[str, ...] | None
