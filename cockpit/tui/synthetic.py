"""What is played at this moment, and what earlier plays have left behind: the banner of every mode."""

from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.alerts.model import AlertState, Board
from cockpit.config import Context
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line, Span, clip, line, span
from cockpit.tui.present import BADGE, SYNTHETIC
from cockpit.units import prometheus_duration, short_duration

if TYPE_CHECKING:
    from cockpit.scenarios.play.groups import Leftover
    from cockpit.scenarios.play.plays import Play

BASELINE = "baseline"
"""The lab's healthy traffic."""
DRILL = "drill"
"""The player of an exercise: its plays end with their phases."""


class Synthetic(Struct, frozen=True):
    """The plays of this machine that push to this context, and the groups that nobody pushes any more.

    The banner leaves out the lab's baseline, which is no scenario that anybody plays.

    `problem` says why they may not be all. `secret` is set while a blind drill plays: nothing is named then.
    """

    plays: "tuple[Play, ...]" = ()
    leftovers: "tuple[Leftover, ...]" = ()
    problem: str = ""
    secret: bool = False

    def lines(self, board: Board | None, now: float, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
        """Return the banner: a line for what plays, for what was left, for what is not known; else none."""
        rows = []
        said = self._playing(now) or self._elsewhere(board)
        if said := "a drill is playing" if self.secret else said:
            rows.append(line(Span(" "), Span(f" {BADGE} ", "synthetic"), span(f"  {said}", "accent")))
        if self.leftovers:
            rows.append(line(Span(" "), Span(" LEFT BEHIND ", "found"), span(f"  {self._left(now)}", "warn")))
        if self.problem:
            said = f"what plays, or was left behind, is not known: {self.problem}"
            rows.append(line(Span(" "), Span(" SYNTHETIC? ", "found"), span(f"  {said}", "warn")))
        return tuple(clip(row, width, ellipsis=glyphs.ellipsis) for row in rows)

    def _playing(self, now: float) -> str:
        plays = [play for play in self.plays if play.scenario != BASELINE]
        if len(plays) == 1:
            return f"{plays[0].scenario} {progress(plays[0], now, plays[0].context)}"
        by_context = dict.fromkeys(play.context for play in plays)
        return "; ".join(
            f"in {context}: {', '.join(play.scenario for play in plays if play.context == context)}"
            for context in by_context
        )

    def _elsewhere(self, board: Board | None) -> str:
        names = {
            alert.labels[SYNTHETIC]
            for alert in (board.alerts if board else ())
            if SYNTHETIC in alert.labels and alert.state is not AlertState.RESOLVED
        }
        named = ", ".join(sorted(names - {BASELINE}))
        return f"alerts here come from {named}, which nobody plays on this machine" if named else ""

    def _left(self, now: float) -> str:
        first, more = self.leftovers[0], len(self.leftovers) - 1
        pushed = (
            f", last pushed {short_duration(max(0, now - first.pushed_at))} ago" if first.pushed_at else ""
        )
        several = f" and {more} more" if more else ""
        return f"3, then D deletes it: {first.scenario} at {first.gateway}{pushed}{several}"


def of_context(plays: "tuple[Play, ...]", context: Context) -> "tuple[Play, ...]":
    """Return those of `plays` that push to what `context` looks at."""
    return tuple(
        play for play in plays if play.context == context.name or play.gateway == context.pushgateway
    )


def progress(play: "Play", now: float, where: str = "") -> str:
    """Return how far `play` is, in scenario time: `playing in lab, 6m10s of 15m`."""
    phase, t = play.phase(now), play.t(now) * play.speed
    place = f" in {where}" if where else ""
    if phase == "baseline":
        return f"begins{place}"
    if phase == "recovering":
        since = now - (play.recovering_at or now)
        of = f" of {_limit(play.recover, play)}" if play.recover else ""
        return f"recovering{place}, {short_duration(max(0, since * play.speed))}{of}"
    if play.duration is None or play.player == DRILL:
        return f"playing{place} for {short_duration(t)}"
    return f"playing{place}, {short_duration(t)} of {_limit(play.duration, play)}"


def _limit(seconds: float, play: "Play") -> str:
    return prometheus_duration(round(seconds * play.speed))
