"""The ladder of one alert as styled lines, in the words that the command line prints. Pure."""

from cockpit.alerts.why.document import NAME, SIGNS, at_speed, said
from cockpit.alerts.why.model import Ladder, Rung, RungState
from cockpit.tui.lines import EMPTY, Line, Span, line, span, wrap

KINDS = {
    RungState.OK: "ok",
    RungState.BROKEN: "crit",
    RungState.WAITING: "warn",
    RungState.UNKNOWN: "warn",
    RungState.LATER: "dim",
}


def ladder_lines(ladder: Ladder, width: int) -> tuple[Line, ...]:
    """Return what the ladder says: the sentence first, then a rung a line, wrapped below its evidence."""
    kind = "ok" if ladder.holds else KINDS[ladder.first_broken.state] if ladder.first_broken else "dim"
    rows: list[Line] = [_indented(r, 1) for r in wrap([span(ladder.sentence, kind)], width - 2)]
    if ladder.speed != 1:
        rows.append(line(span(f" {at_speed(ladder)}", "dim")))
    rows.append(EMPTY)
    for rung in ladder.rungs:
        rows += _rung(rung, width)
    return tuple(rows)


def _rung(rung: Rung, width: int) -> list[Line]:
    later = rung.state is RungState.LATER
    head = line(
        span(f" {SIGNS[rung.state]:<2}  ", KINDS[rung.state]),
        span(f"{rung.name:<{NAME}} ", "dim" if later else "strong"),
    )
    margin = 5 + NAME + 1
    room = max(20, width - margin - 1)
    text = wrap([span(said(rung), "dim" if later else "plain")], room)
    rows = [(*head, *text[0]), *(_indented(row, margin) for row in text[1:])]
    for detail in rung.detail:
        rows += [_indented(row, margin) for row in wrap([span(detail, "dim")], room, indent=2)]
    return rows


def _indented(row: Line, by: int) -> Line:
    return (Span(" " * by), *row)
