"""The ladder from scrape to notification, as both front ends show it."""

from enum import StrEnum

from msgspec import Struct


class RungState(StrEnum):
    """How one rung stands. WAITING: time alone will do it; UNKNOWN: it could not be asked.

    LATER: the ladder did not get that far; the evidence says what is expected.
    """

    OK = "ok"
    BROKEN = "broken"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    LATER = "later"


class Rung(Struct, frozen=True, kw_only=True):
    """One step. `evidence` is one cleaned line, and so is each of `detail`; times are Unix seconds.

    `at` is when the evidence is from, `due` when a waiting or later rung is expected to hold. `hinges_on`
    names a later rung without which this one cannot be judged.
    """

    name: str
    state: RungState
    evidence: str
    detail: tuple[str, ...] = ()
    at: float | None = None
    due: float | None = None
    hinges_on: str | None = None

    @property
    def holds(self) -> bool:
        """Whether this rung is known to hold."""
        return self.state is RungState.OK


class Ladder(Struct, frozen=True, kw_only=True):
    """The rungs of one alert, in the order in which they must hold. `alert` and `labels` are raw.

    `labels` are those of the instance, or of the rule where nothing is pending or firing. `others` counts
    further instances of that name. `speed` is the lab's: its durations are those of the rules divided by it.
    """

    alert: str
    labels: dict[str, str]
    severity: str
    rungs: tuple[Rung, ...]
    asked_at: float
    others: int = 0
    speed: float = 1.0

    @property
    def first_broken(self) -> Rung | None:
        """The first rung that does not hold; where that hinges on a later one, the latter."""
        passed = {RungState.OK, RungState.LATER}
        return next((rung for rung in self.rungs if rung.state not in passed and not rung.hinges_on), None)

    @property
    def holds(self) -> bool:
        """Whether every rung is known to hold: somebody was told."""
        return bool(self.rungs) and all(rung.holds for rung in self.rungs)

    @property
    def sentence(self) -> str:
        """One sentence: the first rung that does not hold and why, or that all of them do."""
        broken = self.first_broken
        if broken is not None:
            what = "is not known" if broken.state is RungState.UNKNOWN else "does not hold"
            return f"first rung that {what}: {broken.name}, {broken.evidence}"
        return f"every rung holds: {self.rungs[-1].evidence}" if self.holds else "nothing was asked"


SERIES, TRUE, RULE, PENDING, FIRING = (
    "series present", "expression true", "rule healthy", "pending", "firing",
)  # fmt: skip
RECEIVED, ROUTED, UNSUPPRESSED, NOTIFIED = "received", "routed", "not suppressed", "notified"
