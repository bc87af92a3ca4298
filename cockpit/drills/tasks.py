"""Whether the operator has done what a task asks, by what was observed and answered. Pure."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from cockpit.alerts.routing import Matcher
from cockpit.drills import events
from cockpit.drills.events import text_of
from cockpit.drills.model import (
    Asked,
    Choice,
    Copied,
    Decision,
    Notified,
    Opened,
    Phase,
    RanQuery,
    Silenced,
    Task,
)
from cockpit.errors import CockpitError
from cockpit.expression import Selector, selectors
from cockpit.journal.journal import Entry


class Word(Choice):
    """The operator's word on what no machine sees: whether a message arrived. The first answer settles it."""

    of: tuple[str, ...] = ("yes", "no")
    accept: tuple[str, ...] = ("yes",)


def with_words(phase: Phase) -> Phase:
    """Return `phase` asking the operator as well, for each message that it verifies, whether that arrived."""
    words = tuple(
        Word(choice=f"Did {each.notified} get the message about {phase.alert_told(each)}?")
        for each in phase.verify
        if isinstance(each, Notified)
    )
    return phase.model_copy(update={"operator": (*phase.operator, *words)}) if words else phase


class Judged(Struct, frozen=True):
    """When a task was done (Unix seconds; None: not yet), what was done, and each wrong turn before.

    `denied` is set where the operator's word is that it was not so: that fails the task.
    """

    at: float | None = None
    said: str = ""
    wrong: tuple[tuple[float, str], ...] = ()
    denied: bool = False


def judge(
    task: Task, phase: int, index: int, did: Sequence[Entry], *, metrics: Collection[str] = ()
) -> Judged:
    """Return how `task`, the one at `index` in `phase`, stands after `did`, in order.

    A query bears on the alert when it selects one of `metrics`.
    """
    if isinstance(task, Word):
        return _word(task, [each for each in did if _is_for(each, phase, index)])
    if isinstance(task, Asked | Choice | Decision):
        return _answered(task, [each for each in did if _is_for(each, phase, index)])
    if isinstance(task, Opened):
        return _opened(task, did)
    what = {RanQuery: "ran_query", Copied: "copied", Silenced: "silenced"}[type(task)]
    for each in did:
        if each.data.get("what") != what:
            continue
        if isinstance(task, RanQuery) and not useful(text_of(each.data, "query"), metrics):
            continue
        if isinstance(task, Silenced) and text_of(each.data, "alert") != task.silenced:
            continue
        said = next((text_of(each.data, key) for key in ("query", "command", "silence", "alert")
                     if text_of(each.data, key)), "")  # fmt: skip
        return Judged(each.at, said)
    return Judged()


def useful(query: str, metrics: Collection[str]) -> bool:
    """Say whether `query` selects one of `metrics`, by its name or by conditions on it."""
    try:
        return any(_selects(each, metrics) for each in selectors(query))
    except (CockpitError, ValueError):
        return False


def _selects(selector: Selector, metrics: Collection[str]) -> bool:
    if selector.name:
        return selector.name in metrics
    asked = [Matcher(*each) for each in selector.matchers if each[0] == "__name__"]
    return bool(asked) and any(all(one.matches({"__name__": name}) for one in asked) for name in metrics)


def _is_for(event: Entry, phase: int, index: int) -> bool:
    return (
        event.kind == events.ANSWERED and event.data.get("phase") == phase and event.data.get("task") == index
    )


def _word(task: Word, answers: Sequence[Entry]) -> Judged:
    for each in answers:
        text = text_of(each.data, "text")
        if text in task.of:
            denied = not task.accepts(text)
            return Judged(each.at, f"the operator says {text}: {task.choice}", denied=denied)
    return Judged()


def _answered(task: Asked | Choice | Decision, answers: Sequence[Entry]) -> Judged:
    wrong: list[tuple[float, str]] = []
    for each in answers:
        text = text_of(each.data, "text")
        if bool(text) if isinstance(task, Decision) else task.accepts(text):
            return Judged(each.at, text, tuple(wrong))
        if text:
            wrong.append((each.at, f"wrong answer: {text}"))
    return Judged(wrong=tuple(wrong))


def _opened(task: Opened, did: Sequence[Entry]) -> Judged:
    opened = [each for each in did if each.data.get("what") == "opened"]
    right = next((each for each in opened if text_of(each.data, "runbook") == task.opened), None)
    wrong: tuple[tuple[float, str], ...] = ()
    if opened and opened[0] is not right:
        first = text_of(opened[0].data, "runbook") or "a runbook without a name"
        wrong = ((opened[0].at, f"wrong runbook first: {first}"),)
    return Judged(right.at, task.opened, wrong) if right else Judged(wrong=wrong)
