"""Whether a message has what it takes to act: the link to the runbook, the summary. Pure; text is raw."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from cockpit.clients.sink import Notification
from cockpit.drills.model import Part
from cockpit.drills.state import Exercise
from cockpit.drills.verify.looked import Look, evidence_of, held, instances

_WHAT = {"runbook": "a link to the runbook", "summary": "a summary"}


def annotations(
    name: str, told: Mapping[str, str], look: Look, exercise: Exercise
) -> Mapping[str, str] | None:
    """Return the annotations of the exercise's own alert of that name that has the labels `told`.

    None where nobody has it, nor had it when it was seen to fire.
    """
    found: list[tuple[Any, Any]] = [
        (each.labels, each.alert.annotations) for each in instances(name, look, exercise)
    ]
    found += [(alert.labels, alert.annotations) for _, alert in held(name, look, exercise)]
    found += [(each.get("labels"), each.get("annotations")) for each in evidence_of(name, exercise)]
    for labels, notes in found:
        if not isinstance(labels, dict) or not isinstance(notes, dict):
            continue
        if all(labels.get(key, value) == value for key, value in told.items()):
            return notes
    return None


def lacks(parts: Collection[Part], notes: Mapping[str, str], links: Collection[str]) -> str:
    """Return which of `parts` no message can carry, for the alert itself lacks it; empty for none.

    `links` are the annotations that lead to a runbook.
    """
    for part in parts:
        if not any(_wanted(part, notes, links)):
            names = " or ".join(links) if part == "runbook" else "summary"
            return f"without {_WHAT[part]}: the alert's annotation {names} is missing or empty"
    return ""


def lacking(
    parts: Collection[Part], message: Notification, notes: Mapping[str, str], links: Collection[str]
) -> str:
    """Return which of `parts` the message does not carry, and whose fault it is; empty for none."""
    if said := lacks(parts, notes, links):
        return said
    texts = [_plain(text) for text in (*_texts(message.body), message.runbook or "")]
    for part in parts:
        wanted = [_plain(each) for each in _wanted(part, notes, links) if each]
        if not any(each in text for each in wanted for text in texts):
            return f"without {_WHAT[part]}: the alert has it, and the receiver's template leaves it out"
    return ""


def _wanted(part: Part, notes: Mapping[str, str], links: Collection[str]) -> list[str]:
    names = links if part == "runbook" else ("summary",)
    return [notes.get(name, "").strip() for name in names]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _texts(body: Any) -> Iterator[str]:
    """Yield every text in a message's body."""
    left = [body]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
