"""Asks for silences, and how notifications fare: Prometheus first, which knows the last hour."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.source import SourceError
from cockpit.clients.wire import Silence, WireAlert, WireSeries
from cockpit.contract.live import questions
from cockpit.contract.live.model import HOUR, Delivery, HeldBack
from cockpit.contract.live.series import vector

_SENT, _FAILED = "alertmanager_notifications_total", "alertmanager_notifications_failed_total"


class Held(Struct, frozen=True):
    """The active silences of all Alertmanagers, and the names of the alerts that these have."""

    silences: tuple[HeldBack, ...] = ()
    alerts: frozenset[str] = frozenset()


async def held(peers: Sequence[Alertmanager]) -> Held:
    """Return what every peer together says: they gossip silences, not alerts. Raises SourceError."""
    silences: dict[str, Silence] = {}
    alerts: dict[str, WireAlert] = {}
    for known, present in await asyncio.gather(*map(_held, peers)):
        silences |= {each.id: each for each in known if each.state == "active"}
        alerts |= {each.fingerprint: each for each in present}
    counts = Counter(mark for each in alerts.values() for mark in each.silenced_by)
    return Held(
        tuple(HeldBack(each, counts[each.id]) for each in silences.values()),
        frozenset(each.labels.get("alertname", "") for each in alerts.values()),
    )


async def _held(peer: Alertmanager) -> tuple[tuple[Silence, ...], tuple[WireAlert, ...]]:
    known = await peer.silences()
    return known.data, (await peer.alerts()).data


async def deliveries(
    prometheus: Prometheus, peers: Sequence[Alertmanager], speed: float
) -> tuple[Delivery, ...]:
    """Return how notifications went in the last hour; since their start, of Alertmanagers not scraped.

    Raises SourceError.
    """
    try:
        sent = await vector(prometheus, questions.notifications("total", speed))
        failed = await vector(prometheus, questions.notifications("failed_total", speed)) if sent else ()
    except SourceError:
        sent, failed = (), ()
    if not sent:
        found = await asyncio.gather(*map(_since_start, peers))
        return tuple(each for several in found for each in several)
    fails = _by_integration(failed)
    server = ", ".join(peer.name for peer in peers) or "alertmanager"
    return tuple(
        Delivery(server=server, integration=name, sent=count, failed=fails.get(name, 0.0), window=HOUR)
        for name, count in _by_integration(sent).items()
    )


def _by_integration(found: Sequence[WireSeries]) -> dict[str, float]:
    return {each.labels.get("integration", ""): each.values[-1] for each in found if each.values}


async def _since_start(peer: Alertmanager) -> tuple[Delivery, ...]:
    totals: dict[str, dict[str, float]] = {_SENT: {}, _FAILED: {}}
    for each in (await peer.metrics("alertmanager_notifications")).data:
        if (counts := totals.get(each.name)) is not None:
            name = each.labels.get("integration", "")
            counts[name] = counts.get(name, 0.0) + each.value
    return tuple(
        Delivery(server=peer.name, integration=name, sent=count, failed=totals[_FAILED].get(name, 0.0))
        for name, count in totals[_SENT].items()
    )
