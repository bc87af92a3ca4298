"""The few signs on the screen, each with a twin for terminals without UTF-8."""

import locale
import os
from dataclasses import dataclass

from cockpit.alerts.model import SourceState


@dataclass(frozen=True)
class Glyphs:
    """One set of signs; every field is one cell wide, `ellipsis` up to three."""

    ascii: bool
    fresh: str
    stale: str
    failed: str
    never: str
    passed: str
    ellipsis: str
    rule: str
    bar: str
    corner_top: str
    corner_bottom: str
    corner_top_right: str
    corner_bottom_right: str
    bullet: str
    checked: str
    unchecked: str
    dot: str
    cursor: str

    def source(self, state: SourceState) -> str:
        """Return the sign of a source's state."""
        return {
            SourceState.FRESH: self.fresh,
            SourceState.STALE: self.stale,
            SourceState.PARTIAL: self.stale,
            SourceState.FAILED: self.failed,
            SourceState.NEVER: self.never,
        }[state]


UNICODE = Glyphs(False, "●", "◐", "✗", "○", "✓", "…", "─", "│", "┌", "└", "┐", "┘", "•", "☑", "☐", "·", ">")
ASCII = Glyphs(
    True, "*", "~", "x", ".", "+", "...", "-", "|", "+", "+", "+", "+", "-", "[x]", "[ ]", "-", ">"
)


def choose(ascii_wanted: bool | None) -> Glyphs:
    """Return the set asked for; None asks the locale, and anything but UTF-8 gets ASCII."""
    if ascii_wanted is None:
        ascii_wanted = not _utf8()
    return ASCII if ascii_wanted else UNICODE


def _utf8() -> bool:
    """Say whether the locale is UTF-8. Python takes C for it (PEP 538, PEP 540): LC_ALL and LANG tell."""
    if chosen := os.environ.get("LC_ALL"):
        return "utf" in chosen.lower()
    if os.environ.get("LANG") in {"C", "POSIX"} and os.environ.get("LC_CTYPE", "C") in _COERCED:
        return False
    return "utf" in locale.getpreferredencoding(do_setlocale=False).lower()


_COERCED = {"", "C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8"}
