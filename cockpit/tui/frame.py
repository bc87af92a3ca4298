"""The frame of every screen: source line, banner, title of the list, and the keys. Pure."""

import time
from collections.abc import Sequence

from cockpit.alerts.group import Counts
from cockpit.alerts.model import Board, Source, SourceState
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line, Span, clip, line, span, spread, width_of
from cockpit.units import short_duration


def clock(now: float) -> str:
    """Return the time of day in UTC of a Unix timestamp: plots and reports are in UTC too.

    A number that a server sent and that is no time comes out as dashes.
    """
    try:
        return time.strftime("%H:%M:%SZ", time.gmtime(now))
    except (OverflowError, ValueError, OSError):
        return "--:--:--Z"


STATE_KINDS = {SourceState.FRESH: "ok", SourceState.FAILED: "crit", SourceState.NEVER: "dim"}


def source_line(
    board: Board | None, context: str, counts: Counts | None, now: float, width: int, glyphs: Glyphs
) -> Line:
    """Return the line that says whether to trust the rest: context, sources with age, counts, clock.

    Where it is too long, counts of quiet alerts go first; fresh sources are counted, one in trouble stays.
    """
    clock_span = Span(f" {clock(now)} ", "dim")
    left: Line = (span(f" {context}", "title"), Span("  "))
    counted = _counts(counts) if counts else []
    if board is not None:
        whole = tuple(
            s for source in board.sources for s in (*_source(source, board, now, glyphs), Span("  "))
        )
        taken = width_of(left) + len(clock_span.text)
        while len(counted) > 2 and taken + width_of(whole) + sum(width_of(c) for c in counted) > width:
            counted.pop()
        if taken + width_of(whole) + sum(width_of(c) for c in counted) > width:
            whole = _troubled(board, now, glyphs)
        left += whole
    right = (*(s for c in counted for s in c), clock_span)
    return spread(left, right, width, ellipsis=glyphs.ellipsis)


def _source(source: Source, board: Board, now: float, glyphs: Glyphs) -> Line:
    if source.standby:
        return (span(f"{glyphs.never} {source.name} standby", "dim"),)
    state = source.state(now, board.stale_after)
    kind = STATE_KINDS.get(state, "warn")
    age = "" if source.answered_at is None else f" {short_duration(max(0, int(now - source.answered_at)))}"
    word = "" if state is SourceState.FRESH else f" {state.value}"
    sign = glyphs.failed if source.failure else glyphs.source(state)
    return (Span(sign, kind), span(f" {source.name}{word}{age}", kind if word else "plain"))


def _troubled(board: Board, now: float, glyphs: Glyphs) -> Line:
    """Return the sources that are not fresh, and how many are."""
    states = [(s, s.state(now, board.stale_after)) for s in board.sources if not s.standby]
    bad = [s for s, state in states if state is not SourceState.FRESH]
    fresh = len(states) - len(bad)
    out = tuple(part for s in bad for part in (*_source(s, board, now, glyphs), Span("  ")))
    return (*out, Span(glyphs.fresh, "ok"), Span(f" {fresh} fresh  ")) if fresh else out


def _counts(counts: Counts) -> list[Line]:
    named = (
        (counts.undelivered, "undelivered", "alarm"),
        (counts.critical, "crit", "crit"),
        (counts.warning, "warn", "warn"),
        (counts.pending, "pending", "plain"),
        (counts.info, "info", "info"),
        (counts.other, "other", "plain"),
        (counts.quiet, "quiet", "dim"),
    )
    return [(Span(f"{number} {word}", kind), Span("  ")) for number, word, kind in named if number]


def banner(board: Board | None, most: int, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return why this is no all-clear besides the alerts themselves, in at most `most` lines."""
    doubts = board.doubts if board else ()
    left_out = len(doubts) - most
    rows = []
    for at, doubt in enumerate(doubts[:most]):
        lead = " Not an all-clear: " if at == 0 else "                    "
        more = f"  (+{left_out} more: press !) " if left_out > 0 and at == most - 1 else ""
        text = line(span(f"{lead}{doubt}", "warn"))
        rows.append(spread(text, line(span(more, "dim")), width, ellipsis=glyphs.ellipsis))
    return tuple(rows)


def heading(
    group_key: str,
    filter_text: str,
    matching: int,
    total: int,
    new: int,
    width: int,
    glyphs: Glyphs,
    *,
    all_clear: bool = False,
) -> Line:
    """Return the title of the list: grouping, filter, and how many of how many are shown."""
    left = [Span(" ALERTS", "title")]
    if all_clear:
        left.append(span("  nothing fires", "ok"))
    if group_key:
        left.append(span(f" by {group_key}", "dim"))
    if filter_text:
        left += [Span("   /", "key"), span(f" {filter_text}", "accent")]
    count = f"{matching} of {total}" if matching != total else f"{total}"
    right = [Span(count, "dim")]
    if new:
        right.append(Span(f" {glyphs.dot} {new} new", "accent"))
    return spread(tuple(left), (*right, Span(" ")), width, ellipsis=glyphs.ellipsis)


def key_line(
    keys: Sequence[tuple[str, str]], last: Sequence[tuple[str, str]], width: int, glyphs: Glyphs
) -> Line:
    """Return the help line: keys and what they do; what does not fit is dropped whole, the last ones stay."""
    right = [s for key, word in last for s in (span(key, "key"), Span(f" {word}  ", "dim"))]
    left: list[Span] = [Span(" ")]
    gap = "   " if width >= 100 else "  "
    room = width - width_of(right) - 1
    for key, word in keys:
        if not key:
            continue
        more = (span(key, "key"), Span(f" {word}{gap}", "dim"))
        if width_of((*left, *more)) > room:
            break
        left += more
    return clip(spread(tuple(left), tuple(right), width, ellipsis=glyphs.ellipsis), width)
