"""A ladder as `cockpit why -o json` prints it, as text, and the words that the screen shares. Pure."""

import textwrap
from typing import Any

from cockpit.alerts.why.model import FIRING, Ladder, Rung, RungState
from cockpit.alerts.why.words import clock, counted, labels_text, shown
from cockpit.units import rfc3339

SIGNS = {
    RungState.OK: "ok",
    RungState.BROKEN: ">>",
    RungState.WAITING: ">>",
    RungState.UNKNOWN: "?",
    RungState.LATER: "-",
}
NAME = 17
"""Cells of the column of names."""


def document(ladder: Ladder) -> dict[str, Any]:
    """Return the ladder for JSON: times are RFC 3339, text that others wrote is raw where it is a value."""
    broken = ladder.first_broken
    return {
        "alert": ladder.alert,
        "labels": ladder.labels,
        "asked_at": rfc3339(ladder.asked_at),
        "speed": ladder.speed,
        "holds": ladder.holds,
        "first_broken": _rung(broken) if broken else None,
        "sentence": ladder.sentence,
        "rungs": [_rung(rung) for rung in ladder.rungs],
    }


def _rung(rung: Rung) -> dict[str, Any]:
    return {
        "name": rung.name,
        "state": rung.state.value,
        "evidence": rung.evidence,
        "detail": list(rung.detail),
        "at": None if rung.at is None else rfc3339(rung.at),
        "due": None if rung.due is None else rfc3339(rung.due),
    }


def lines(ladder: Ladder, width: int) -> list[str]:
    """Return the ladder as text within `width` cells: what is asked, the sentence, then a rung each."""
    found = [f"{shown(ladder.alert)}: {question(ladder)}"]
    if labels := labels_text(ladder.labels):
        found += _wrapped(labels, width, "  ")
    found += _wrapped(ladder.sentence, width, "  ")
    if ladder.speed != 1:
        found += _wrapped(at_speed(ladder), width, "  ")
    found.append("")
    for rung in ladder.rungs:
        found += _lines(rung, width)
    return found


def question(ladder: Ladder) -> str:
    """Return what the ladder answers."""
    if ladder.holds:
        return "who was told?"
    fires = any(rung.name == FIRING and rung.holds for rung in ladder.rungs)
    broken = ladder.first_broken
    if broken is None or broken.state is RungState.UNKNOWN:
        return "is anybody told?" if fires else "does it fire?"
    return "why is nobody told?" if fires else "why is it not firing?"


def at_speed(ladder: Ladder) -> str:
    """Return what a lab does to times."""
    return f"a lab at speed {ladder.speed:g}: its times are that much shorter"


def others(ladder: Ladder) -> str:
    """Return how many alerts of the name the ladder is not about; empty without any."""
    if not ladder.others:
        return ""
    return f"and {counted(ladder.others, 'more alert')} of this name; this is the worst"


def said(rung: Rung) -> str:
    """Return the rung's evidence, with when it is due where the ladder did not get that far."""
    if rung.due is None or rung.state is not RungState.LATER:
        return rung.evidence
    return f"{rung.evidence}, about {clock(rung.due)}"


def _lines(rung: Rung, width: int) -> list[str]:
    margin = " " * (6 + NAME)
    first, *rest = _wrapped(said(rung), width, margin)
    head = f"  {SIGNS[rung.state]:<2}  {rung.name:<{NAME}}"
    found = [f"{head}{first.removeprefix(margin)}".rstrip(), *rest]
    for line in rung.detail:
        found += _wrapped(line, width, margin + "  ")
    return found


def _wrapped(text: str, width: int, margin: str) -> list[str]:
    """Return `text` in lines of at most `width` cells, each after `margin`; a long word is broken."""
    room = max(20, width - len(margin))
    return [margin + line for line in textwrap.wrap(text, room, break_on_hyphens=False)] or [margin]
