"""Gaps: the times in which what stood on the gateway was not what a play says."""

from msgspec import Struct
from msgspec.structs import replace


class Gap(Struct, frozen=True):
    """From the last good push to the next (None: not yet), in Unix seconds, and why."""

    start: float
    end: float | None
    reason: str


class Gaps:
    """The gaps of one play, the oldest first."""

    def __init__(self) -> None:
        self.all: tuple[Gap, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the last gap has not ended."""
        return bool(self.all) and self.all[-1].end is None

    def begin(self, start: float, reason: str) -> None:
        """Open a gap; one that is open goes on."""
        if not self.is_open:
            self.all += (Gap(start, None, reason),)

    def end(self, at: float) -> None:
        """Close the gap that is open, if any."""
        if self.is_open:
            self.all = (*self.all[:-1], replace(self.all[-1], end=at))

    def add(self, start: float, end: float, reason: str) -> None:
        """Note a gap that is over; where the last one is of the same time, as another reason for it."""
        last = self.all[-1] if self.all else None
        if last is not None and last.end is not None and last.end >= start:
            self.all = (*self.all[:-1], Gap(last.start, max(end, last.end), f"{last.reason}; {reason}"))
        else:
            self.all += (Gap(start, end, reason),)
