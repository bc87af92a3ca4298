"""From alerts and groups to the rows of the list. Pure."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from cockpit.alerts.group import Group
from cockpit.alerts.model import Alert, AlertState, Board, SourceState
from cockpit.alerts.phrases import severity_word, state_phrase, value_text, where
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line, Span, fit, span
from cockpit.units import short_duration

SEVERITY_KINDS = {"CRIT": "crit", "WARN": "warn", "INFO": "info"}


QUIET = (AlertState.SILENCED, AlertState.INHIBITED, AlertState.MUTED, AlertState.RESOLVED)

SYNTHETIC = "synthetic"
"""The label of what scenarios play; it holds the scenario's name."""
BADGE = "SYNTHETIC"
SHORT_BADGE = "SYNTH"
ROOMY = 20
"""Cells of a column from which the whole word leaves room for the labels."""


def coarse_age(seconds: float) -> str:
    """Return an age that changes seldom: seconds under a minute, minutes under an hour, then as usual."""
    if 60 <= seconds < 3600:
        return f"{int(seconds // 60)}m"
    return short_duration(max(0, int(seconds)))


def badge(alert: Alert, width: int) -> tuple[Span, ...]:
    """Return that a scenario caused `alert` and, on a wide line, which; nothing for a real one."""
    if SYNTHETIC not in alert.labels:
        return ()
    if width < 100:
        return (Span(BADGE, "synthetic"), Span(" "))
    return (Span(BADGE, "synthetic"), span(f" {alert.labels[SYNTHETIC]} ", "accent"), Span(" "))


def lack_spans(lacks: Sequence[str]) -> tuple[Span, ...]:
    """Return what an alert lacks, each with room behind it: without a runbook the night is longest."""
    return tuple(
        part for word in lacks for part in (Span(word, "warn" if "runbook" in word else "dim"), Span("  "))
    )


class Columns:
    """The widths of the list's columns for a terminal width; they do not depend on the alerts."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.owner = 13 if width >= 110 else 0
        self.value = 9 if width >= 70 else 0
        rest = max(30, width - 3 - 5 - self.value - 7 - self.owner - 1)
        narrow = width < 100
        self.name = min(34, max(12, int(rest * (0.5 if narrow else 0.36))))
        self.state = min(30, max(10, int(rest * (0.34 if narrow else 0.28))))
        self.where = max(0, rest - self.name - self.state)
        self.lacks = width >= 110

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
        lacks: Sequence[str] = (),
    ) -> Line:
        """Return the line of one alert; `old` is the age in seconds of what is no longer fresh, else 0.

        On a wide line the first thing that it `lacks` stands behind where it is, and how many more.
        """
        word = severity_word(alert)
        phrase = state_phrase(alert, now - old, names)
        if old:
            phrase = f"{coarse_age(old)} ago: {phrase}"
        since = coarse_age(max(0.0, now - alert.since))
        owner = alert.labels.get("owner") or alert.labels.get("team") or ""
        name = ("  " if depth else "") + alert.name
        lack = _first_of(lacks) if self.lacks else ""
        place = self._place(alert, len(lack))
        badge = "" if SYNTHETIC not in alert.labels else BADGE if self.where > ROOMY else SHORT_BADGE
        place = f"{badge} {place}" if badge else place
        if lack:
            room = self.where - len(lack) - 4
            place = f"{fit(place, min(room, cell_len(place)), ellipsis=glyphs.ellipsis)}  {lack}"
        cells = self._cells(word, name, place, phrase, value_text(alert), since, owner, glyphs)
        if old or alert.state in QUIET:
            return (Span(f" {mark} ", "accent"), Span("".join(cells), "dim"))
        severity = SEVERITY_KINDS.get(word, "plain")
        state = "alarm" if alert.state is AlertState.UNDELIVERED else "plain"
        return (
            Span(f" {mark} ", "accent"),
            Span(cells[0], severity),
            Span(cells[1], "strong"),
            *_where(cells[2], badge, lack),
            *_alarm(cells[3], state),
            Span(cells[4]),
            Span(cells[5] + cells[6], "dim"),
        )

    def _place(self, alert: Alert, less: int) -> str:
        """Return where it is: labels with their names where they fit (`less` cells), else values alone."""
        whole = where(alert, without=(SYNTHETIC,))
        taken = (len(BADGE) + 1 if SYNTHETIC in alert.labels else 0) + (less + 3 if less else 0)
        if cell_len(whole) + taken < self.where:
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


def _where(cell: str, badge: str, lack: str) -> tuple[Span, ...]:
    """Return the cell that begins with `badge` and, but for spaces, ends with `lack`; each may be empty."""
    end = cell.rindex(lack) if lack else len(cell)
    return (Span(badge, "synthetic"), Span(cell[len(badge) : end]), Span(cell[end:], "dim"))


def _first_of(lacks: Sequence[str]) -> str:
    more = f" +{len(lacks) - 1}" if len(lacks) > 1 else ""
    return f"{lacks[0]}{more}" if lacks else ""


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
