"""The Alertmanagers' own counters of what they sent, over the looks: where no sink sees it arrive. Pure.

Names: Alertmanager, notify/notify.go; counted by integration, over all alerts and receivers.
"""

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cockpit.clients.wire import Counter

_TOLD, _REQUESTS, _FAILED = "told", "requests", "failed"
_NAMES = {
    "alertmanager_notifications_total": _TOLD,
    "alertmanager_notification_requests_total": _REQUESTS,
    "alertmanager_notifications_failed_total": _FAILED,
    "alertmanager_notification_requests_failed_total": _FAILED,
}


class Count(Struct, frozen=True):
    """What was counted from `at` to `until` (Unix seconds) without a change, by integration."""

    at: float
    until: float
    told: dict[str, float] = {}
    requests: dict[str, float] = {}
    failed: dict[str, float] = {}


class Rise(Struct, frozen=True):
    """What was sent since a moment: between `after` and `by` all integrations were told, if they were."""

    requests: dict[str, float]
    failed: dict[str, float]
    after: float | None = None
    by: float | None = None


def counted(counters: Iterable[Counter], at: float) -> Count:
    """Return the sum of the Alertmanagers' counters."""
    sums: dict[str, dict[str, float]] = {_TOLD: {}, _REQUESTS: {}, _FAILED: {}}
    for each in counters:
        if into := _NAMES.get(each.name):
            kind = each.labels.get("integration", "")
            sums[into][kind] = sums[into].get(kind, 0.0) + each.value
    return Count(at, at, **sums)


def recorded(before: Sequence[Count], new: Count) -> tuple[Count, ...]:
    """Return `before` with one more count, which lengthens the last where nothing changed."""
    if before and replace(before[-1], at=new.at, until=new.until) == new:
        return (*before[:-1], replace(before[-1], until=new.until))
    return (*before, new)


def rise(counts: Sequence[Count], kinds: Collection[str], since: float) -> Rise | None:
    """Return how the counters of `kinds` rose after `since`; None where nobody had counted by then."""
    base = next((each for each in reversed(counts) if each.at <= since), None)
    if base is None:
        return None
    last = counts[-1]
    later = [each for each in counts if each.at > since]
    first = next((each for each in later if all(_risen(each.told, base.told, k) >= 1 for k in kinds)), None)
    before = counts[counts.index(first) - 1] if first else None
    return Rise(
        {kind: _risen(last.requests, base.requests, kind) for kind in kinds},
        {kind: _risen(last.failed, base.failed, kind) for kind in kinds},
        after=before.until if before else None,
        by=first.at if first else None,
    )


def _risen(now: dict[str, float], then: dict[str, float], kind: str) -> float:
    """Return by how much it rose; a counter below what it was began anew."""
    value, before = now.get(kind, 0.0), then.get(kind, 0.0)
    return value - before if value >= before else value
