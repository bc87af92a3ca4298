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
    """Alerts that are new, or in another state, since the user last looked.

    Without a record of an earlier look nothing is new. `bell` is `off`, `on`, or the least severity that
    rings; `filter` limits what rings.
    """

    def __init__(self, context: str, bell: str = "off") -> None:
        self.bell = bell
        self.filter = Filter.EMPTY
        self._path = _path(context)
        self._seen = _read(self._path)
        self._on_board: dict[str, str] = {}
        self._rung = {f for f, state in (self._seen or {}).items() if state in LOUD}

    @property
    def new(self) -> frozenset[str]:
        """Return the fingerprints on the board that the user has not looked at in their present state."""
        seen = self._seen or {}
        return frozenset(f for f, state in self._on_board.items() if seen.get(f) != state)

    def take(self, board: Board) -> bool:
        """Note what is on `board`; return whether the bell rings for it."""
        present = {a.fingerprint: a.state.value for a in board.alerts if a.state is not AlertState.RESOLVED}
        first = self._seen is None
        if first and board.sources and all(s.answered_at or s.failure or s.standby for s in board.sources):
            self._seen = dict(present)
        self._on_board = present
        if self._seen is not None:
            self._seen = {f: state for f, state in self._seen.items() if f in present}
        loud = {a.fingerprint: a for a in board.alerts if a.state in LOUD}
        fresh = [a for f, a in loud.items() if f not in self._rung]
        self._rung = set(loud)
        if first or self.bell == "off":
            return False
        limit = {"critical": Severity.CRITICAL, "warning": Severity.WARNING}.get(self.bell, Severity.NONE)
        matches = self.filter.matches
        return any(severity(a) <= limit and matches(a, board.generated_at) for a in fresh)

    def look_at(self, *fingerprints: str) -> None:
        """Take note that the user has seen these as they are now."""
        if self._seen is not None:
            self._seen.update({f: self._on_board[f] for f in fingerprints if f in self._on_board})

    def look_at_all(self) -> None:
        """Take note that the user has seen the whole board."""
        self.look_at(*self._on_board)

    def save(self) -> None:
        """Keep what was seen for the next run; a disk that refuses costs nothing but this memory."""
        if self._seen is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(json.encode(self._seen))
        except OSError:
            return


def _path(context: str) -> Path:
    return state_dir() / "seen" / f"{hashlib.sha256(context.encode()).hexdigest()[:16]}.json"


def _read(path: Path) -> dict[str, str] | None:
    try:
        return json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, MsgspecError):
        return None
