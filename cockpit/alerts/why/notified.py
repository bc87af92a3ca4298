"""The last rung: was anybody told, when is it due, and does the receiver take it? Pure."""

from cockpit.alerts.routing import Taken
from cockpit.alerts.why.facts import Delivery, Facts
from cockpit.alerts.why.model import NOTIFIED, Rung, RungState
from cockpit.alerts.why.received import holders
from cockpit.alerts.why.routed import routing_of, taken_by
from cockpit.alerts.why.suppressed import silence_ended, suppressed_rung
from cockpit.alerts.why.words import ago, clock, counted, error_text, when
from cockpit.clients.sink import Notification
from cockpit.clients.source import SourceError
from cockpit.clients.wire import WireAlert
from cockpit.units import short_duration

_SAME_WINDOW = 15.0
SAME_MOMENT = 1.0
"""Seconds by which the clocks of two servers may differ."""


def kinds_of(facts: Facts) -> tuple[str, ...]:
    """Return the integrations that must be told, as Alertmanager's metrics name them."""
    routing = routing_of(facts)
    if routing is None:
        return ()
    named = (routing.receiver(each.route.receiver).integrations for each in taken_by(facts))
    return tuple(dict.fromkeys(kind for integrations in named for kind, _ in integrations))


def notified_rung(facts: Facts) -> Rung:
    """Return who was told when; else when that is due, or that the receiver fails."""
    taken, kinds, having = taken_by(facts), kinds_of(facts), holders(facts)
    if not having:
        return _expected(taken, kinds, facts)
    suppressed = suppressed_rung(facts)
    if suppressed.state is RungState.BROKEN:
        evidence = "not before that ends"
        return Rung(name=NOTIFIED, state=RungState.LATER, evidence=evidence, due=suppressed.due)
    if taken and not kinds:
        names = ", ".join(dict.fromkeys(each.route.receiver for each in taken))
        return _rung(RungState.BROKEN, f"receiver {names} reaches nobody: it has no integrations", facts)
    told = _told(having[0][1], facts)
    if told and not (missing := [kind for kind in kinds if kind not in told]):
        return _done(told, kinds, facts)
    missing = [kind for kind in kinds if kind not in told]
    return _outstanding(missing, told, taken, facts)


def _rung(
    state: RungState,
    evidence: str,
    facts: Facts,
    detail: tuple[str, ...] = (),
    due: float | None = None,
) -> Rung:
    return Rung(name=NOTIFIED, state=state, evidence=evidence, detail=detail, at=facts.now, due=due)


def _told(alert: WireAlert, facts: Facts) -> dict[str, Notification]:
    """Return the newest notification of the alert by kind, as the sink of a lab got them."""
    if facts.told is None or isinstance(facts.told, SourceError):
        return {}
    return {
        each.kind: each
        for each in facts.told
        if each.status == "firing"
        and each.received_at >= alert.starts_at - SAME_MOMENT
        and facts.subject.name in each.alerts
        and each.labels.get("synthetic", "") == alert.labels.get("synthetic", "")
        and all(alert.labels.get(name, value) == value for name, value in each.labels.items())
    }


def _done(told: dict[str, Notification], kinds: tuple[str, ...], facts: Facts) -> Rung:
    last = max(each.received_at for each in told.values())
    names = " and ".join(kinds or tuple(told))
    were = "was" if len(kinds or told) == 1 else "were"
    detail = tuple(_failing(kind, facts.delivery, facts.now) for kind in kinds)
    return Rung(
        name=NOTIFIED,
        state=RungState.OK,
        evidence=f"{names} {were} told {ago(last, facts.now)}",
        detail=tuple(f"of late {line}" for line in detail if line),
        at=last,
    )


def _outstanding(
    missing: list[str], told: dict[str, Notification], taken: tuple[Taken, ...], facts: Facts
) -> Rung:
    """Return the rung of what is not known to have been told: due yet, failing, taken, or lost."""
    names = " and ".join(missing) or "the receiver"
    due, why = _due(taken, facts)
    detail = tuple(f"{kind} was told {ago(each.received_at, facts.now)}" for kind, each in told.items())
    if due > facts.now:
        left = short_duration(due - facts.now)
        evidence = f"{names} due in {left}, about {clock(due)} ({why})"
        failing = tuple(filter(None, (_failing(kind, facts.delivery, facts.now) for kind in missing)))
        return _rung(RungState.WAITING, evidence, facts, (*detail, *failing), due)
    failing = tuple(filter(None, (_failing(kind, facts.delivery, facts.now) for kind in missing)))
    if failing:
        hint = "why is in Alertmanager's log"
        return _rung(RungState.BROKEN, failing[0], facts, (*failing[1:], *detail, hint))
    if isinstance(facts.told, SourceError):
        detail = (*detail, f"the sink could not be asked: {error_text(facts.told)}")
    if not _hears_everything(facts):
        counts = _counts_since_it_fires(facts, due)
        if counts and _were_sent(missing, facts.delivery):
            return _taken(missing, facts, detail)
        if not counts:
            return _not_known(missing, due, facts, detail)
    latest = due + max((each.route.group_interval for each in taken), default=300.0)
    was_due = f"{names}: was due {when(due, facts.now)} ({why})"
    if facts.now < latest:
        evidence = f"{was_due}, comes by {when(latest, facts.now)} at the latest"
        return _rung(RungState.WAITING, evidence, facts, detail, latest)
    evidence = f"{was_due}, and nothing was sent"
    hint = "after an inhibition or a mute time it takes one more group_interval"
    return _rung(RungState.BROKEN, evidence, facts, (*detail, hint))


def _hears_everything(facts: Facts) -> bool:
    """Whether a lab's sink answered, which hears of every notification."""
    return facts.told is not None and not isinstance(facts.told, SourceError)


def _counts_since_it_fires(facts: Facts, due: float) -> bool:
    """Whether requests are counted over the time that the alert fires: no longer, and no shorter.

    Counters of an Alertmanager that started after that, but before the first notification was `due`, have it
    all; one that started later may have told somebody in its life before.
    """
    fires_at, delivery = facts.subject.fires_at, facts.delivery
    if fires_at is None or delivery.error is not None:
        return False
    if delivery.window is not None:
        return abs(facts.now - delivery.window - fires_at) <= _SAME_WINDOW
    if delivery.since is None or delivery.since < fires_at - _SAME_WINDOW:
        return False
    return (delivery.restarted or delivery.since) <= due


def _were_sent(kinds: list[str], delivery: Delivery) -> bool:
    return bool(kinds) and all(delivery.requests.get(kind, 0.0) >= 0.5 for kind in kinds)


def _not_known(missing: list[str], due: float, facts: Facts, detail: tuple[str, ...]) -> Rung:
    """Return the rung where only counters since a server's start are there: they tell of no single alert."""
    delivery = facts.delivery
    if delivery.error is not None:
        detail = (*detail, error_text(delivery.error))
    for kind in missing if delivery.error is None else ():
        sent, failed = round(delivery.requests.get(kind, 0.0)), round(delivery.failed.get(kind, 0.0))
        counts = f"{counted(sent, 'request')} to {kind}, {failed} failed"
        detail = (*detail, f"{counts}, {_since(delivery, facts.now)}")
    names = " and ".join(missing) or "the receiver"
    evidence = f"{names}: was due {when(due, facts.now)}; whether it was sent is not told"
    hint = "let Prometheus scrape the Alertmanager: then its counters tell more"
    return _rung(RungState.UNKNOWN, evidence, facts, (*detail, hint))


def _taken(missing: list[str], facts: Facts, detail: tuple[str, ...]) -> Rung:
    """Return the rung of receivers that took what they were sent: Alertmanager tells no more than that.

    Where requests failed, it does not tell whose they were.
    """
    said = [
        f"{kind} took {round(facts.delivery.requests[kind] - facts.delivery.failed.get(kind, 0))} of "
        f"{counted(round(facts.delivery.requests[kind]), 'request')}"
        for kind in missing
    ]
    evidence = f"{', '.join(said)} {_since(facts.delivery, facts.now)}"
    detail = (*detail, "counted over all alerts of these receivers")
    if any(round(facts.delivery.failed.get(kind, 0.0)) for kind in missing):
        hint = "whether this alert's failed is in Alertmanager's log, and in what the receiver shows"
        return _rung(RungState.UNKNOWN, evidence, facts, (*detail, hint))
    return _rung(RungState.OK, evidence, facts, detail)


def _failing(kind: str, delivery: Delivery, now: float) -> str:
    """Return that requests to `kind` fail, all of them, or nothing."""
    requests, failed = delivery.requests.get(kind, 0.0), delivery.failed.get(kind, 0.0)
    if round(failed) < 1 or round(failed) < round(requests):
        return ""
    total = max(round(requests), round(failed))
    return f"{kind} fails: {round(failed)} of {counted(total, 'request')} {_since(delivery, now)}"


def _since(delivery: Delivery, now: float) -> str:
    if delivery.window is not None:
        return f"since {when(now - delivery.window, now)}"
    return "since Alertmanager's start" + (f" at {when(delivery.since, now)}" if delivery.since else "")


def _due(taken: tuple[Taken, ...], facts: Facts) -> tuple[float, str]:
    """Return when the receiver is told at the latest, and by which of the route's times."""
    peer, alert = holders(facts)[0]
    wait = max((each.route.group_wait for each in taken), default=30.0)
    interval = max((each.route.group_interval for each in taken), default=300.0)
    groups = peer.groups if not isinstance(peer.groups, SourceError) else ()
    others = [
        other.starts_at
        for group in groups
        if any(each.fingerprint == alert.fingerprint for each in group.alerts)
        for other in group.alerts
    ]
    if (ended := silence_ended(facts)) > alert.starts_at:
        return ended + interval, f"group_interval {short_duration(interval)} after its silence"
    if others and min(others) + wait < alert.starts_at:
        return alert.starts_at + interval, f"group_interval {short_duration(interval)}"
    return alert.starts_at + wait, f"group_wait {short_duration(wait)}"


def _expected(taken: tuple[Taken, ...], kinds: tuple[str, ...], facts: Facts) -> Rung:
    """Return when somebody will be told of an alert that no Alertmanager has yet."""
    wait = max((each.route.group_wait for each in taken), default=None)
    names = " and ".join(kinds) or "the receiver"
    subject = facts.subject
    are = "is" if len(kinds) < 2 else "are"
    if wait is None or (subject.rule is None and subject.alert is None):
        return Rung(name=NOTIFIED, state=RungState.LATER, evidence="then its receiver is told")
    due = None
    if subject.instance is not None and subject.fires_at is not None:
        due = max(subject.fires_at, facts.now) + wait if subject.firing else subject.fires_at + wait
    evidence = f"then {names} {are} told, group_wait {short_duration(wait)}"
    return Rung(name=NOTIFIED, state=RungState.LATER, evidence=evidence, due=due)
