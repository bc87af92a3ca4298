"""A report as Markdown, to hand to a team. What people and servers wrote goes through markdown_text alone."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from cockpit.drills.markdown_text import code, fenced, prose, table
from cockpit.drills.report_model import Checked, Part, Report
from cockpit.drills.state import Mode, State
from cockpit.scenarios.run.standing import spoken

_MODES = {
    Mode.ALONE: "one operator alone",
    Mode.FACILITATED: "with a facilitator",
    Mode.UNATTENDED: "unattended: only the machine's phases are scored",
}
_TIMES = {
    "detect_seconds": "looked at the alert",
    "runbook_seconds": "opened the right runbook",
    "query_seconds": "asked the first useful query",
    "decide_seconds": "decided",
}
_MESSAGES = ("text", "body")
"""Evidence that is a message of many lines; the body only where there is no text."""


def render(report: Report) -> str:
    """Return `report` as Markdown (CommonMark with tables)."""
    blocks = [
        f"# {_headline(report)}",
        *_notice(report),
        _list(_facts(report)),
        "## Score",
        _phases(report),
        _total(report),
        "## Times",
        _times(report),
        "## What went wrong",
        _list(map(prose, report.went_wrong)) or "Nothing.",
        "## Wrong turns",
        _list(f"{_clock(each.at)} phase {each.phase}: {prose(each.said)}" for each in report.wrong_turns)
        or "None.",
        "## Timeline",
        _list(f"{_clock(each.at)} {prose(each.said)}" for each in report.timeline),
        "## Evidence",
        *(block for part in report.phases for block in _evidence(part)),
        "## Debrief",
        *_debrief(report),
        "## Action items",
        _list(f"[ ] {prose(each.text)} (owner: {prose(each.owner)})" for each in report.action_items)
        or "None was written down.",
    ]
    return "\n\n".join(blocks) + "\n"


def _headline(report: Report) -> str:
    score = report.score
    graded = f", grade {prose(score.grade)}" if score.grade else ""
    verdict = report.verdict[0].upper() + report.verdict[1:]
    return f"{verdict}, {score.points:g} of {score.of} points{graded}: {prose(report.drill['title'])}"


def _notice(report: Report) -> Iterator[str]:
    cause = f": {prose(report.cause)}" if report.cause else ""
    if report.verdict == "not over":
        paused = f" It is paused{cause}." if report.state is State.PAUSED else ""
        yield f"**This exercise is not over.** What follows is how it stands.{paused}"
    elif report.state is State.ABORTED:
        yield f"**This exercise was aborted{cause}.** What follows is how far it came."
    elif report.verdict == "inconclusive":
        yield "**This exercise is inconclusive.** What could not be verified decides whether it is passed."
    if report.score.inconclusive:
        yield f"Inconclusive phases: {report.score.inconclusive}. What could not be verified brings no point."
    if report.score.unscored:
        yield f"Unscored phases, for nobody was there to play them: {report.score.unscored}."


def _facts(report: Report) -> Iterator[str]:
    who = report.participants
    yield f"Drill: {code(report.drill['name'])}" + (", played blind" if report.blind else "")
    yield f"Exercise: {code(report.id)}"
    yield f"Began: {report.started_at or 'not yet'}"
    lasted = "" if report.took_seconds is None else f", after {_lasted(report.took_seconds)}"
    yield f"Ended: {report.ended_at or 'not yet'}{lasted}"
    fast = "" if report.speed == 1 else "; how long an alert or a message took is told as of speed 1"
    yield f"Context: {code(report.context)}, at speed {report.speed:g}{fast}"
    yield f"Mode: {_MODES[report.mode]}"
    yield f"Operators: {', '.join(map(prose, who['operators'])) or 'not named'}"
    yield f"Facilitator: {prose(who['facilitator']) if who['facilitator'] else 'none'}"
    yield f"Left behind: {_left(report.left_behind)}"


def _lasted(seconds: float) -> str:
    """Return the whole seconds that were full, as the clocks on the screens show them."""
    return spoken(int(seconds))


def _left(left: tuple[str, ...] | None) -> str:
    if left is None:
        return "not known: it was not cleaned up"
    return ", ".join(map(code, left)) or "nothing"


def _phases(report: Report) -> str:
    rows = [
        (
            str(part.number),
            part.name,
            part.outcome,
            "-" if part.points is None else f"{part.points:g}",
            "-" if part.took_seconds is None else _lasted(part.took_seconds),
            spoken(part.limit_seconds),
            "; ".join(part.why),
        )
        for part in report.phases
    ]
    return table(("No.", "Phase", "Outcome", "Points", "Took", "Limit", "Why not the whole point"), rows)


def _total(report: Report) -> str:
    score = report.score
    return f"Points: **{score.points:g} of {score.of}**, to pass: {score.pass_mark:g}."


def _times(report: Report) -> str:
    rows = [
        (words, "-" if (took := report.times[key]) is None else _lasted(took))
        for key, words in _TIMES.items()
    ]
    return table(("From the first alert's firing until the operator", "Took"), rows)


def _evidence(part: Part) -> Iterator[str]:
    yield f"### Phase {part.number}: {prose(part.name)}"
    lines = [line for each in part.conditions for line in _condition(each)]
    for task in part.tasks:
        accepted = f" (accepted: {', '.join(map(code, task.accepts))})" if task.accepts else ""
        lines.append(f"- **{task.outcome}** {_at(task.at)}{prose(task.asks)}{accepted}{_after(task.said)}")
    if part.hints:
        lines.append(f"- hints taken: {part.hints}")
    if hand := part.by_hand:
        lines.append(f"- scored {hand.points:g} by hand by {prose(hand.by)}: {prose(hand.reason)}")
    yield "\n".join(lines)


def _condition(one: Checked) -> Iterator[str]:
    said = "" if one.said == one.verifies else _after(one.said)
    yield f"- **{one.outcome}** {_at(one.at)}{prose(one.verifies)}{said}"
    shown = ((key, value) for key, value in one.evidence.items() if key not in _MESSAGES)
    yield from (f"  - {prose(key)}: {_shown(value)}" for key, value in shown)
    yield from _message(one.evidence)


def _shown(value: Any) -> str:
    return code(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _message(evidence: dict[str, Any]) -> Iterator[str]:
    message = next((evidence[key] for key in _MESSAGES if evidence.get(key)), None)
    if isinstance(message, str):
        yield fenced(message, indent="  ")
    elif message is not None:
        yield fenced(json.dumps(message, ensure_ascii=False, indent=2), "json", indent="  ")


def _debrief(report: Report) -> Iterator[str]:
    if report.debrief:
        yield prose(report.debrief)
    told = [f"Phase {part.number}: {prose(part.debrief)}" for part in report.phases if part.debrief]
    notes = [f"{_clock(n.at)} {prose(n.by or 'operator')}: {prose(n.said)}" for n in report.notes]
    if told:
        yield _list(told)
    yield "### Notes"
    yield _list(notes) or "None was written down."


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _after(said: str) -> str:
    return f": {prose(said)}" if said else ""


def _at(at: str | None) -> str:
    return f"{_clock(at)} " if at else ""


def _clock(at: str) -> str:
    """Return the time of day of an RFC 3339 time in UTC."""
    return code(at[11:19])
