"""What the user has seen, and what is worth a bell. Kept between runs, per context."""

import hashlib
from pathlib import Path

from msgspec import MsgspecError, json

from cockpit.alerts.filter import Filter
from cockpit.alerts.model import AlertState, Board
from cockpit.alerts.severity import Severity, severity
from cockpit.config import state_dir

LOUD = (AlertState.FIRING, AlertState.UNDELIVERED)


class Attention:
    """Alerts that are new since the user last looked. Without a record of an earlier look nothing is new.

    `bell` is `off`, `on`, or the least severity that rings. `filter` limits what rings.
    """

    def __init__(self, context: str, bell: str = "off") -> None:
        self.bell = bell
        self.filter = Filter.EMPTY
        self._path = _path(context)
        self._seen = _read(self._path)
        self._on_board: set[str] = set()
        self._rung: set[str] = set()

    @property
    def new(self) -> frozenset[str]:
        """Return the fingerprints on the board that the user has not looked at."""
        return frozenset(self._on_board - (self._seen or set()))

    def take(self, board: Board) -> bool:
        """Note what is on `board`; return whether the bell rings for it."""
        present = {a.fingerprint for a in board.alerts if a.state is not AlertState.RESOLVED}
        first = self._seen is None
        if first and board.sources and all(s.answered_at or s.failure or s.standby for s in board.sources):
            self._seen = set(present)
        self._on_board = present
        if self._seen is not None:
            self._seen &= present
        fresh = {
            a.fingerprint: a
            for a in board.alerts
            if a.state in LOUD
            and a.fingerprint not in self._rung
            and self.filter.matches(a, board.generated_at)
        }
        self._rung = {f for f in self._rung if f in present} | set(fresh)
        if first or self.bell == "off":
            return False
        limit = {"critical": Severity.CRITICAL, "warning": Severity.WARNING}.get(self.bell, Severity.NONE)
        return any(severity(a) <= limit for a in fresh.values())

    def look_at(self, *fingerprints: str) -> None:
        """Take note that the user has seen these."""
        if self._seen is not None:
            self._seen.update(fingerprints)

    def look_at_all(self) -> None:
        """Take note that the user has seen the whole board."""
        self.look_at(*self._on_board)

    def save(self) -> None:
        """Keep what was seen for the next run; a disk that refuses costs nothing but this memory."""
        if self._seen is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(json.encode(sorted(self._seen)))
        except OSError:
            return


def _path(context: str) -> Path:
    return state_dir() / "seen" / f"{hashlib.sha256(context.encode()).hexdigest()[:16]}.json"


def _read(path: Path) -> set[str] | None:
    try:
        return set(json.decode(path.read_bytes(), type=list[str]))
    except (OSError, MsgspecError):
        return None
