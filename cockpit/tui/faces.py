"""What stands where the list would be when it has no rows. Pure."""

from cockpit.alerts.model import Board, Failure
from cockpit.tui.frame import clock
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, line, span
from cockpit.units import short_duration


def fired_last(last: tuple[str, float] | None, now: float, hours: float) -> str:
    """Return in words which alert fired last, and when it ended."""
    if last is None:
        return f"nothing fired in the last {short_duration(hours * 3600)}"
    return f"last fired: {last[0]}, until {short_duration(max(0, now - last[1]))} ago"


def face(
    board: Board | None, filter_text: str, context: str, now: float, glyphs: Glyphs, *, before: str = ""
) -> tuple[Line, ...]:
    """Return what stands where the list would be when it has no rows: each case says what to do next.

    `before` says what fired last, where that is known.
    """
    if board is None:
        return (EMPTY, line(span(f"  Asking the servers of {context}{glyphs.ellipsis}", "dim")))
    if filter_text and board.alerts:
        return (
            EMPTY,
            line(
                span(f"  None of {len(board.alerts)} alerts matches ", "strong"), span(filter_text, "accent")
            ),
            EMPTY,
            line("  esc clears the filter, / changes it."),
        )
    if board.all_clear:
        return _all_clear(board, now, glyphs, before)
    return _unknown(board, now)


def _all_clear(board: Board, now: float, glyphs: Glyphs, before: str) -> tuple[Line, ...]:
    asked = [
        line(
            Span(f"  {glyphs.fresh} ", "ok"),
            span(f"{s.name} ({s.kind})  answered {short_duration(max(0, now - (s.answered_at or now)))} ago"),
        )
        for s in board.sources
        if not s.standby
    ]
    watchdog = (
        [
            line(
                Span(f"  {glyphs.fresh} ", "ok"),
                span(f"{board.watchdogs[0].name} is firing, as it always must"),
            )
        ]
        if board.watchdogs
        else []
    )
    return (
        EMPTY,
        line(Span("  All clear", "ok"), span(f"  {clock(now)}", "dim")),
        EMPTY,
        *asked,
        line(
            Span(f"  {glyphs.fresh} ", "ok"),
            span(f"alerting rules evaluated without error: {board.rules}"),
        ),
        *watchdog,
        *((EMPTY, line(span(f"  {before}", "dim"))) if before else ()),
    )


def _unknown(board: Board, now: float) -> tuple[Line, ...]:
    answered = [s for s in board.sources if s.answered_at is not None]
    title = "No alerts known, and that is not an all-clear" if answered else "No server has answered"
    rows: list[Line] = [EMPTY, line(span(f"  {title}", "warn")), EMPTY]
    rows += [line(span(f"  - {doubt}")) for doubt in board.doubts]
    rows += [EMPTY, *(line(span(f"  {s.name}  {s.url}", "dim")) for s in board.sources)]
    remedies = dict.fromkeys(s.remedy for s in board.sources if s.remedy)
    if remedies:
        rows += [EMPTY, line(span("  What to do", "strong"))]
        rows += [line(span(f"  - {text}")) for text in remedies]
    if any(s.failure in (Failure.UNAUTHORIZED, Failure.FORBIDDEN) for s in board.sources):
        rows.append(
            line("  - `cockpit config check` reads http_config and the headers of this context again")
        )
    return (*rows, EMPTY, line(span("  It keeps asking; r asks now.", "dim")))
