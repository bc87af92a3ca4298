"""From models to lines: the alert list, the source line, and the faces of an empty list. Pure."""

import time
from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from cockpit.alerts.group import Counts, Group
from cockpit.alerts.model import Alert, AlertState, Board
from cockpit.alerts.phrases import severity_word, state_phrase, value_text, where
from cockpit.clients.source import Failure, Source, SourceState
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, clip, fit, line, span, spread, width_of
from cockpit.units import short_duration

SEVERITY_KINDS = {"CRIT": "crit", "WARN": "warn", "INFO": "info"}
STATE_KINDS = {SourceState.FRESH: "ok", SourceState.FAILED: "crit", SourceState.NEVER: "dim"}
QUIET = (AlertState.SILENCED, AlertState.INHIBITED, AlertState.MUTED, AlertState.RESOLVED)


def clock(now: float) -> str:
    """Return the time of day in UTC of a Unix timestamp: plots and reports are in UTC too."""
    return time.strftime("%H:%M:%SZ", time.gmtime(now))


def coarse_age(seconds: float) -> str:
    """Return an age that changes seldom: seconds under a minute, minutes under an hour, then as usual."""
    if 60 <= seconds < 3600:
        return f"{int(seconds // 60)}m"
    return short_duration(max(0, int(seconds)))


def source_line(
    board: Board | None, context: str, counts: Counts | None, now: float, width: int, glyphs: Glyphs
) -> Line:
    """Return the line that says whether to trust the rest: context, sources with age, counts, clock.

    Where it is too long, counts of quiet alerts go first; fresh sources are counted, one in trouble stays.
    """
    clock_span = Span(f" {clock(now)} ", "dim")
    left: Line = (span(f" {context}", "title"), Span("   "))
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
    return (Span(glyphs.source(state), kind), span(f" {source.name}{word}{age}", kind if word else "plain"))


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
        left.append(Span("  all clear", "ok"))
    if group_key:
        left.append(span(f" by {group_key}", "dim"))
    if filter_text:
        left += [Span("   /", "key"), span(f" {filter_text}", "accent")]
    count = f"{matching} of {total}" if matching != total else f"{total}"
    right = [Span(count, "dim")]
    if new:
        right.append(Span(f" {glyphs.dot} {new} new", "accent"))
    return spread(tuple(left), (*right, Span(" ")), width, ellipsis=glyphs.ellipsis)


class Columns:
    """The widths of the list's columns for a terminal width; they do not depend on the alerts."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.owner = 13 if width >= 110 else 0
        self.value = 9 if width >= 70 else 0
        rest = max(30, width - 3 - 5 - self.value - 7 - self.owner - 1)
        narrow = width < 100
        self.name = min(34, max(12, int(rest * (0.5 if narrow else 0.42))))
        self.state = min(30, max(10, int(rest * 0.34)))
        self.where = max(0, rest - self.name - self.state)

    def header(self, glyphs: Glyphs) -> Line:
        """Return the names of the columns."""
        cells = self._cells("SEV", "ALERT", "WHERE", "STATE", "VALUE", "SINCE", "OWNER", glyphs)
        return (Span("   " + "".join(cells), "dim"),)

    def _cells(self, *texts: "str | Glyphs") -> list[str]:
        *words, glyphs = texts
        assert isinstance(glyphs, Glyphs)
        dots = glyphs.ellipsis
        sev, name, place, state, value, since, owner = (str(w) for w in words)
        return [
            fit(sev, 5),
            fit(name, self.name - 1, ellipsis=dots) + " ",
            fit(place, self.where - 1, ellipsis=dots) + " " if self.where else "",
            fit(state, self.state - 1, ellipsis=dots) + " ",
            fit(value, self.value - 2, right=True, ellipsis=dots) + "  " if self.value else "",
            fit(since, 6, right=True) + " ",
            " " + fit(owner, self.owner - 1, ellipsis=dots) if self.owner else "",
        ]

    def row(
        self,
        alert: Alert,
        now: float,
        names: Mapping[str, str],
        glyphs: Glyphs,
        *,
        mark: str,
        old: float,
        depth: int,
    ) -> Line:
        """Return the line of one alert; `old` is the age in seconds of what is no longer fresh, else 0."""
        word = severity_word(alert)
        phrase = state_phrase(alert, now - old, names)
        if old:
            phrase = f"{coarse_age(old)} ago: {phrase}"
        since = coarse_age(max(0.0, now - alert.since))
        owner = alert.labels.get("owner") or alert.labels.get("team") or ""
        name = ("  " if depth else "") + alert.name
        cells = self._cells(word, name, self._place(alert), phrase, value_text(alert), since, owner, glyphs)
        if old or alert.state in QUIET:
            return (Span(f" {mark} ", "accent"), Span("".join(cells), "dim"))
        severity = SEVERITY_KINDS.get(word, "plain")
        state = "alarm" if alert.state is AlertState.UNDELIVERED else "plain"
        return (
            Span(f" {mark} ", "accent"),
            Span(cells[0], severity),
            Span(cells[1], "strong"),
            Span(cells[2]),
            *_alarm(cells[3], state),
            Span(cells[4]),
            Span(cells[5] + cells[6], "dim"),
        )

    def _place(self, alert: Alert) -> str:
        """Return where it is: labels with their names where they fit, else their values alone."""
        whole = where(alert)
        if cell_len(whole) < self.where:
            return whole
        return " ".join(pair.partition("=")[2] for pair in whole.split(" "))

    def group_row(self, group: Group, now: float, glyphs: Glyphs, *, mark: str, opened: bool) -> Line:
        """Return the line of a group's head: its worst severity, how many, what differs, their states."""
        first = group.alerts[0]
        word = severity_word(first)
        sign = "-" if opened else "+"
        differs = ", ".join(f"{name}: {count}" for name, count in group.differs[:3])
        oldest = min(a.since for a in group.alerts)
        cells = self._cells(
            word,
            f"{sign} {group.value or '(none)'} ({len(group.alerts)})",
            differs,
            states_phrase(group),
            "",
            coarse_age(max(0.0, now - oldest)),
            first.labels.get("owner", ""),
            glyphs,
        )
        return (
            Span(f" {mark} ", "accent"),
            Span(cells[0], SEVERITY_KINDS.get(word, "plain")),
            Span(cells[1], "strong"),
            Span(cells[2], "dim"),
            Span(cells[3] + cells[4]),
            Span(cells[5] + cells[6], "dim"),
        )


def states_phrase(group: Group) -> str:
    """Return how many of a group are in which state: `210 firing, 2 silenced`."""
    return ", ".join(f"{count} {state.value}" for state, count in group.states)


def _alarm(cell: str, kind: str) -> tuple[Span, ...]:
    """Return the cell with only its words highlighted, not the padding."""
    words = cell.rstrip(" ")
    return (Span(words, kind), Span(" " * (len(cell) - len(words))))


def age_of(alert: Alert, board: Board, now: float) -> float:
    """Return how old in seconds the news of `alert` are if any source that has it is stale; 0 when fresh."""
    oldest = 0.0
    for source in board.sources:
        if source.name in alert.seen_by and source.state(now, board.stale_after) is SourceState.STALE:
            oldest = max(oldest, now - (source.answered_at or now))
    return oldest


def fired_last(last: tuple[str, float] | None, now: float, hours: float) -> str:
    """Return in words which alert fired last, and when it ended."""
    if last is None:
        return f"nothing fired in the last {short_duration(hours * 3600)}"
    return f"last fired: {last[0]}, until {short_duration(max(0, now - last[1]))} ago"


def faces(
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
    remedies = dict.fromkeys(s.remedy for s in board.sources if s.remedy)
    if remedies:
        rows += [EMPTY, line(span("  What to do", "strong"))]
        rows += [line(span(f"  - {text}")) for text in remedies]
    if any(s.failure in (Failure.UNAUTHORIZED, Failure.FORBIDDEN) for s in board.sources):
        rows.append(
            line("  - `cockpit config check` reads http_config and the headers of this context again")
        )
    return (*rows, EMPTY, line(span("  It keeps asking; r asks now.", "dim")))


def key_line(
    keys: Sequence[tuple[str, str]], last: Sequence[tuple[str, str]], width: int, glyphs: Glyphs
) -> Line:
    """Return the help line: keys and what they do; what does not fit is dropped whole, the last ones stay."""
    right = [s for key, word in last for s in (Span(key, "key"), Span(f" {word}  ", "dim"))]
    left: list[Span] = [Span(" ")]
    room = width - sum(len(s.text) for s in right) - 2
    for key, word in keys:
        if not key:
            continue
        if sum(len(s.text) for s in left) + len(key) + len(word) + 4 > room:
            break
        left += [Span(key, "key"), Span(f" {word}   ", "dim")]
    return clip(spread(tuple(left), tuple(right), width, ellipsis=glyphs.ellipsis), width)
