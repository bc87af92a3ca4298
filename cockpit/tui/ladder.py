"""The ladder of one alert as lines: each rung with its sign, its evidence and what is due. Pure."""

from cockpit.alerts.why.model import Ladder, Rung, RungState
from cockpit.tui.frame import clock
from cockpit.tui.lines import EMPTY, Line, Span, line, span, wrap

WORDS = {
    RungState.OK: ("ok", "ok"),
    RungState.BROKEN: (">>", "crit"),
    RungState.WAITING: (">>", "warn"),
    RungState.UNKNOWN: ("?", "warn"),
    RungState.LATER: ("-", "dim"),
}
NAME = 18


def ladder_lines(ladder: Ladder, width: int) -> tuple[Line, ...]:
    """Return what the ladder says: the sentence first, then a rung a line, wrapped below its evidence."""
    kind = "ok" if ladder.holds else WORDS[ladder.first_broken.state][1] if ladder.first_broken else "dim"
    rows: list[Line] = [*(_indented(r, 1) for r in wrap([span(ladder.sentence, kind)], width - 2)), EMPTY]
    for rung in ladder.rungs:
        rows += _rung(rung, width)
    return tuple(rows)


def _rung(rung: Rung, width: int) -> list[Line]:
    sign, kind = WORDS[rung.state]
    due = f", about {clock(rung.due)}" if rung.due is not None and rung.state is RungState.LATER else ""
    head = line(
        span(f" {sign:>2}  ", kind), span(f"{rung.name:<{NAME}} ", "dim" if sign == "-" else "strong")
    )
    margin = 5 + NAME + 1
    room = max(20, width - margin - 1)
    text = wrap([span(rung.evidence + due, "dim" if sign == "-" else "plain")], room)
    rows = [(*head, *text[0]), *(_indented(row, margin) for row in text[1:])]
    for detail in rung.detail:
        rows += [_indented(row, margin) for row in wrap([span(detail, "dim")], room, indent=2)]
    return rows


def _indented(row: Line, by: int) -> Line:
    return (Span(" " * by), *row)
