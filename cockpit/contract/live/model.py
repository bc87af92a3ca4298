"""What the servers of a context say, as the live rules look at it. Pure; times are Unix seconds."""

from collections.abc import Mapping

from msgspec import Struct

from cockpit.clients.wire import RuleGroups, Silence, Target

WEEK, DAY, HOUR = 604_800.0, 86_400.0, 3600.0
"""Seconds at speed 1."""


class Origin(Struct, frozen=True):
    """Whose series they are: the labels `job` and `instance`, empty where they lack one."""

    job: str
    instance: str


def origin_of(target: Target) -> Origin:
    """Return whose series those of a target are."""
    return Origin(target.labels.get("job", ""), target.labels.get("instance", ""))


class Lost(Struct, frozen=True, kw_only=True):
    """A metric that was there within the week and is not any more: its last sample, and where it came from.

    `marks` are the scenarios that its last series were of, an empty text for series of none. `longest_gap` is
    how many seconds it was away before, at most, and came back. A counter rose every `rises_every` seconds on
    average, never where that is None; `from_zero` says that it is there before it counts anything.
    """

    since: float
    origins: tuple[Origin, ...] = ()
    marks: frozenset[str] = frozenset()
    longest_gap: float = 0.0
    rises_every: float | None = None
    from_zero: bool = False


class HeldBack(Struct, frozen=True):
    """An active silence, and how many alerts it holds back now."""

    silence: Silence
    alerts: int = 0


class Delivery(Struct, frozen=True, kw_only=True):
    """Notifications of one integration, such as `slack`, by an Alertmanager or several: all, and the failed.

    They are counted over `window` seconds, or where that is None since the server's start. `server` counted.
    """

    server: str
    integration: str
    sent: float
    failed: float
    window: float | None = None


class Live(Struct, frozen=True, kw_only=True):
    """What was asked at `at`, by Prometheus's clock, of a `context` whose clock runs `speed` times as fast.

    What could not be asked is empty. `prometheus` and `alertmanager` are the names of who answered.

    `metrics` are the names of all series of the last week, `present` those of the metrics asked for that are
    there now, `lost` those that were there within the week; `declared` have a type but no series. `labels`
    are those among the labels asked for that series of a metric have had within the week. `takes_scenarios`
    says that scenarios may be played here, and `playing` which are.

    `up_until` is when targets that are down were last up. `strangers` says that alerts of rules come in that
    neither the files nor this Prometheus have.
    """

    at: float
    context: str
    speed: float = 1.0
    prometheus: str = "prometheus"
    alertmanager: str = "alertmanager"
    groups: RuleGroups = RuleGroups()
    targets: tuple[Target, ...] = ()
    up_until: Mapping[Origin, float] = {}
    metrics: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    lost: Mapping[str, Lost] = {}
    declared: frozenset[str] = frozenset()
    labels: Mapping[str, frozenset[str]] = {}
    takes_scenarios: bool = False
    playing: frozenset[str] = frozenset()
    silences: tuple[HeldBack, ...] = ()
    strangers: bool = False
    deliveries: tuple[Delivery, ...] = ()

    def scaled(self, seconds: float) -> float:
        """Return a length of time as this clock, which may be a lab's, passes it."""
        return seconds / self.speed
