"""Which alert a person means by a name, a fingerprint or a filter."""

import re
from collections.abc import Sequence

from cockpit.alerts import filter as filters
from cockpit.alerts.group import worst_first
from cockpit.alerts.model import Alert, Board
from cockpit.errors import CockpitError, InconclusiveError, UsageError
from cockpit.text import one_line

_PREFIX = re.compile(r"[0-9a-f]{4,16}")
_NAMED = 8


def pick(alerts: Sequence[Alert], text: str, now: float) -> tuple[Alert, ...]:
    """Return the alerts that `text` means, worst first: by exact name, else by fingerprint or a prefix of it
    (from 4 digits), else by filter. All of them have one name, or the text is ambiguous.

    Raises CockpitError, with what is there, when none matches, and UsageError when alerts of several names
    do, when a prefix is not unique, or when the filter cannot be read. `now` is in Unix seconds.
    """
    ordered = worst_first(alerts, now)
    if named := tuple(a for a in ordered if a.name == text):
        return named
    if _PREFIX.fullmatch(text.lower()):
        prefixed = tuple(a for a in ordered if a.fingerprint.startswith(text.lower()))
        if len(prefixed) > 1:
            raise UsageError(f"{text} begins several fingerprints", remedy=_several(prefixed))
        if prefixed:
            return prefixed
    matching = filters.parse(text).select(ordered, now)
    if len({a.name for a in matching}) > 1:
        raise UsageError(f"{one_line(text, 200)} matches several alerts", remedy=_several(matching))
    if not matching:
        there = f"the alerts now: {_several(ordered)}" if ordered else "there are no alerts now"
        raise CockpitError(f"no alert {one_line(text, 200)}", remedy=there)
    return matching


def pick_from(board: Board, text: str) -> tuple[Alert, ...]:
    """Return the alerts of `board` that `text` means, its Watchdogs included; raises as `pick` does.

    Where none is there and not every source was heard, that is what is said: InconclusiveError.
    """
    try:
        return pick((*board.alerts, *board.watchdogs), text, board.generated_at)
    except CockpitError as error:
        silent = [s for s in board.sources if s.failure and not s.standby]
        if not silent or error.exit_code != 1:
            raise
        reasons = "; ".join(f"{s.name}: {s.error}" for s in silent)
        raise InconclusiveError(f"{error.message}, but not every server answered", remedy=reasons) from error


def _several(alerts: Sequence[Alert]) -> str:
    """Return the first few alerts for a person: name, state and fingerprint."""
    shown = [f"{one_line(a.name, 80)} {a.state} ({a.fingerprint})" for a in alerts[:_NAMED]]
    more = [f"{len(alerts) - _NAMED} more"] if len(alerts) > _NAMED else []
    return ", ".join(shown + more)
