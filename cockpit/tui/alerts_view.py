"""What the alert list shows of a board: filtered, grouped and sorted rows. Pure, so a thread may run it."""

from typing import NamedTuple

from msgspec import Struct

from cockpit.alerts.filter import Filter
from cockpit.alerts.group import Group, group_by, worst_first
from cockpit.alerts.model import Alert, Board

COLLAPSE_FROM = 4
"""A group of at least so many starts collapsed; fewer are easier to read one by one."""


class Row(NamedTuple):
    """A line of the list: an alert, or the head of a group. `depth` is 1 for an alert inside a group."""

    key: str
    alert: Alert
    group: Group | None = None
    depth: int = 0


class ViewSpec(Struct, frozen=True):
    """What the user chose to see. `toggled` holds the keys of groups that are not in their first state."""

    filter: Filter = Filter.EMPTY
    group_key: str = ""
    toggled: frozenset[str] = frozenset()


class View(Struct, frozen=True):
    """The rows, where each key stands, and how many alerts there are before and after the filter.

    `names` tells the name of an alert by its fingerprint, for what inhibits what.
    """

    rows: tuple[Row, ...] = ()
    index: dict[str, int] = {}
    names: dict[str, str] = {}
    matching: int = 0
    total: int = 0


def build(board: Board, spec: ViewSpec, now: float) -> View:
    """Return the rows that `spec` shows of `board`, worst first."""
    matches = spec.filter.matches
    chosen = [a for a in board.alerts if matches(a, now)]
    ordered = worst_first(chosen, now)
    rows = _grouped(ordered, spec) if spec.group_key else tuple(Row(a.fingerprint, a) for a in ordered)
    return View(
        rows=rows,
        index={row.key: at for at, row in enumerate(rows)},
        names={a.fingerprint: a.name for a in board.alerts},
        matching=len(chosen),
        total=len(board.alerts),
    )


def _grouped(ordered: tuple[Alert, ...], spec: ViewSpec) -> tuple[Row, ...]:
    rows: list[Row] = []
    for group in group_by(ordered, spec.group_key):
        if len(group.alerts) == 1 and spec.group_key == "alertname":
            rows.append(Row(group.alerts[0].fingerprint, group.alerts[0]))
            continue
        key = f"group\0{group.value}"
        rows.append(Row(key, group.alerts[0], group))
        if is_open(group, key, spec.toggled):
            rows.extend(Row(a.fingerprint, a, None, 1) for a in group.alerts)
    return tuple(rows)


def is_open(group: Group, key: str, toggled: frozenset[str]) -> bool:
    """Return whether the group's alerts are listed: small groups are, until they are toggled."""
    return (len(group.alerts) < COLLAPSE_FROM) != (key in toggled)
