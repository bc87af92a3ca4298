"""The order of the board, its groups and its counts: pure functions over the alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct

from cockpit.alerts.model import Alert, AlertState
from cockpit.alerts.severity import Severity, severity, severity_of

QUIET = frozenset({AlertState.INHIBITED, AlertState.SILENCED, AlertState.MUTED})
"""States in which somebody, or a rule, has decided that nobody is told."""

_LIVE = frozenset({AlertState.UNDELIVERED, AlertState.FIRING, AlertState.PENDING})
_STATE_RANK = {state: rank for rank, state in enumerate(AlertState)}
# One number orders tier, severity and state; each has fewer than ten values.
_RANK = {
    (state, level): (0 if state in _LIVE else 2 if state is AlertState.RESOLVED else 1) * 100
    + level * 10
    + _STATE_RANK[state]
    for state in AlertState
    for level in Severity
}


def worst_first(alerts: Iterable[Alert], now: float) -> tuple[Alert, ...]:
    """Return the alerts in the order in which somebody who was just woken should read them.

    First what needs a decision now (undelivered, firing, pending), then what is quiet by decision (inhibited,
    silenced, muted), then what is over. Within each: worst severity first, then state (undelivered before
    firing before pending), then the newest, then by name and labels. So a silenced critical never
    hides a firing warning.
    A `since` ahead of `now` (Unix seconds; a clock that is wrong) counts as now.
    """
    # Rank and time first, text only among equals: one big sort would hold the interpreter for a frame.
    equals: dict[tuple[int, float], list[Alert]] = {}
    for alert in alerts:
        level = _RANK[alert.state, severity_of(alert.labels.get("severity", ""))]
        equals.setdefault((level, -min(alert.since, now)), []).append(alert)
    ordered: list[Alert] = []
    for rank in sorted(equals):
        ordered += sorted(equals[rank], key=_text)
    return tuple(ordered)


def _text(alert: Alert) -> str:
    return "\0".join((alert.name, *alert.labels.values()))


@dataclass(frozen=True)
class Group:
    """Alerts that agree on one label. `value` is raw; `alerts` keep the order they came in, so with
    `worst_first` the first is the worst.
    """

    value: str
    alerts: tuple[Alert, ...]

    @property
    def worst(self) -> Alert:
        """The first alert of the group."""
        return self.alerts[0]

    @cached_property
    def differs(self) -> tuple[tuple[str, int], ...]:
        """The labels that have more than one value in the group, with how many; the most telling first."""
        return differing(self.alerts)

    @cached_property
    def states(self) -> tuple[tuple[AlertState, int], ...]:
        """How many alerts of the group are in each state, in the order of AlertState."""
        found = dict.fromkeys(AlertState, 0)
        for alert in self.alerts:
            found[alert.state] += 1
        return tuple((state, count) for state, count in found.items() if count)


def differing(alerts: Sequence[Alert]) -> tuple[tuple[str, int], ...]:
    """Return the label names with more than one value among `alerts`, absent being a value, with how many."""
    values: dict[str, set[str]] = {}
    present: dict[str, int] = {}
    for alert in alerts:
        for name, value in alert.labels.items():
            if name in values:
                values[name].add(value)
                present[name] += 1
            else:
                values[name] = {value}
                present[name] = 1
    counted = {name: len(found) + (present[name] < len(alerts)) for name, found in values.items()}
    telling = [(name, count) for name, count in counted.items() if count > 1]
    return tuple(sorted(telling, key=lambda pair: (-pair[1], pair[0])))


def group_by(alerts: Iterable[Alert], key: str) -> tuple[Group, ...]:
    """Return the alerts grouped by the label `key`, groups in the order of their first alert.

    An alert without the label is in the group of the empty value. An empty `key` leaves each alert alone.
    """
    if not key:
        return tuple(Group(alert.name, (alert,)) for alert in alerts)
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(alert.labels.get(key, ""), []).append(alert)
    return tuple(Group(value, tuple(members)) for value, members in groups.items())


class Counts(Struct, frozen=True):
    """How many alerts there are: by severity those that fire (undelivered ones too), and the others by state.

    `undelivered` are counted in their severity as well; `quiet` are inhibited, silenced and muted.
    """

    critical: int = 0
    warning: int = 0
    info: int = 0
    other: int = 0
    undelivered: int = 0
    pending: int = 0
    quiet: int = 0
    resolved: int = 0

    def __str__(self) -> str:
        """Return the line of the header, `2 crit  3 warn  1 pending  4 quiet`; zeros are left out."""
        named = (
            ("crit", self.critical), ("warn", self.warning), ("info", self.info), ("other", self.other),
            ("pending", self.pending), ("quiet", self.quiet), ("resolved", self.resolved),
        )  # fmt: skip
        return "  ".join(f"{count} {word}" for word, count in named if count)


_FIELD = {
    Severity.CRITICAL: "critical",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
    Severity.OTHER: "other",
    Severity.NONE: "other",
}


def counts(alerts: Iterable[Alert]) -> Counts:
    """Return how many alerts fire by severity, and how many are pending, quiet and resolved."""
    found = dict.fromkeys(Counts.__struct_fields__, 0)
    for alert in alerts:
        state = alert.state
        if state in QUIET:
            found["quiet"] += 1
        elif state is AlertState.PENDING or state is AlertState.RESOLVED:
            found[state.value] += 1
        else:
            found[_FIELD[severity(alert)]] += 1
            found["undelivered"] += state is AlertState.UNDELIVERED
    return Counts(**found)
