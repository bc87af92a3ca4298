"""Asks every server for what one ladder needs, as much as possible at once, and puts the rungs together."""

import asyncio

from msgspec.structs import replace

from cockpit.alerts.feed import fetch_board
from cockpit.alerts.labels import Labels
from cockpit.alerts.model import Board
from cockpit.alerts.routing import Routing, parse
from cockpit.alerts.why import evidence, questions
from cockpit.alerts.why.facts import Delivery, Facts, Peer, Sending, Subject
from cockpit.alerts.why.model import Ladder, Rung, RungState
from cockpit.alerts.why.notified import kinds_of, notified_rung
from cockpit.alerts.why.received import received_rung
from cockpit.alerts.why.routed import routed_rung
from cockpit.alerts.why.rule import firing_rung, pending_rung, rule_rung
from cockpit.alerts.why.series import series_rung
from cockpit.alerts.why.subject import recording, subject
from cockpit.alerts.why.suppressed import suppressed_rung
from cockpit.alerts.why.truth import truth_rung
from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.sink import Notification
from cockpit.clients.source import Failure, Fetched, SourceError, or_error
from cockpit.clients.wire import QueryResult, Relabelling, RuleGroups
from cockpit.errors import UsageError
from cockpit.session import Session
from cockpit.text import one_line

_SILENT = {Failure.REFUSED, Failure.DNS, Failure.UNREACHABLE, Failure.TLS, Failure.TIMEOUT}

SHORTEST_WINDOW = 2.0
LONGEST_WINDOW = 7 * 86_400.0
"""Seconds between which requests are counted over the time that an alert fires."""

SENDING_WINDOW = 300.0
"""Seconds at most over which Prometheus's failures to send count: older ones may be mended."""


async def why(session: Session, text: str, *, board: Board | None = None) -> Ladder:
    """Return the ladder of the alert that `text` means: a name, a fingerprint or its start, a filter, or the

    name of a rule that does not fire. Without a `board` one is asked for. Raises UsageError for a text that
    means several alerts, CockpitError for a filter that means none; what a server fails to tell is said.
    """
    (known, rules, relabelling) = await asyncio.gather(
        _board(session, board),
        or_error(session.prometheus.rules),
        or_error(session.prometheus.external_labels),
    )
    changes = Relabelling() if isinstance(relabelling, SourceError) else relabelling.data
    meant = subject(text, known, rules, Labels(changes, session.context.ignore_labels))
    facts = await _facts(session, meant, known, rules, changes)
    return Ladder(
        alert=meant.name,
        labels=meant.labels,
        severity=meant.labels.get("severity", ""),
        rungs=ladder(facts),
        asked_at=facts.now,
        others=meant.others,
        speed=session.context.speed,
    )


def ladder(facts: Facts) -> tuple[Rung, ...]:
    """Return the rungs in order; beyond one that breaks the rest that does not hold is only expected."""
    rungs = [
        series_rung(facts),
        truth_rung(facts),
        rule_rung(facts),
        pending_rung(facts),
        firing_rung(facts),
        received_rung(facts),
        routed_rung(facts),
        suppressed_rung(facts),
        notified_rung(facts),
    ]
    broken = False
    for at, rung in enumerate(rungs):
        if broken and rung.state is not RungState.OK:
            rungs[at] = replace(rung, state=RungState.LATER, hinges_on=None)
        broken = broken or rung.state in {RungState.BROKEN, RungState.WAITING}
    return tuple(map(_cleaned, rungs))


def _cleaned(rung: Rung) -> Rung:
    """Return the rung with what others wrote made visible, each line on one line."""
    return replace(rung, evidence=one_line(rung.evidence), detail=tuple(map(one_line, rung.detail)))


async def _board(session: Session, board: Board | None) -> Board:
    return board if board is not None else await fetch_board(session)


async def _facts(
    session: Session,
    meant: Subject,
    board: Board,
    rules: Fetched[RuleGroups] | SourceError,
    relabelling: Relabelling,
) -> Facts:
    """Ask the servers beside each other; what their answers lead to is asked in a second round."""
    recorded = recording(rules.data.groups) if not isinstance(rules, SourceError) else {}
    window = _window(session, meant)
    found, sending, told, peers = await asyncio.gather(
        evidence.series(session.prometheus, meant, recorded, session.context.speed),
        _sending(session.prometheus, relabelling, min(window, SENDING_WINDOW)),
        _told(session, meant),
        asyncio.gather(*(_peer(each, meant.name) for each in session.alertmanagers)),
    )
    facts = Facts(
        now=session.now(),
        subject=meant,
        series=found,
        peers=tuple(peers),
        sending=sending,
        told=told,
        known=board.alerts,
        grace=session.context.undelivered_after,
    )
    return replace(facts, delivery=await _delivery(session.prometheus, facts, window))


def _window(session: Session, meant: Subject) -> float:
    """Return the seconds over which requests are counted: as long as it fires, within bounds."""
    age = session.now() - meant.fires_at if meant.firing and meant.fires_at is not None else 0.0
    return min(max(age, SHORTEST_WINDOW), LONGEST_WINDOW)


async def _sending(prometheus: Prometheus, relabelling: Relabelling, window: float) -> Sending:
    peers, failed, dropped = await asyncio.gather(
        or_error(prometheus.alertmanagers),
        or_error(prometheus.query, questions.sending_failed(window)),
        or_error(prometheus.query, questions.sending_dropped(window)),
    )
    return Sending(
        peers=None if isinstance(peers, SourceError) else peers.data,
        failed={}
        if isinstance(failed, SourceError)
        else {each.labels.get("alertmanager", ""): each.values[-1] for each in failed.data.series},
        dropped=0.0
        if isinstance(dropped, SourceError)
        else sum(each.values[-1] for each in dropped.data.series),
        relabelling_drops=relabelling.drops,
        window=window,
    )


async def _told(session: Session, meant: Subject) -> tuple[Notification, ...] | SourceError | None:
    if session.sink is None:
        return None
    since = meant.fires_at - 5 if meant.firing and meant.fires_at is not None else session.now()
    return await or_error(session.sink.notifications, since)


async def _peer(client: Alertmanager, name: str) -> Peer:
    """Ask one Alertmanager; the client sends one request at a time."""
    groups = await or_error(client.groups_of, name)
    if isinstance(groups, SourceError) and groups.failure in _SILENT:
        return Peer(name=client.name, url=client.url, groups=groups, routing=groups, silences=groups,
                    counters=groups)  # fmt: skip
    status = await or_error(client.status)
    silences = await or_error(client.silences)
    counters = await or_error(client.metrics)
    return Peer(
        name=client.name,
        url=client.url,
        groups=groups if isinstance(groups, SourceError) else groups.data,
        routing=status if isinstance(status, SourceError) else await _routing(status.data.config),
        started_at=0.0 if isinstance(status, SourceError) else status.data.started_at,
        tells_mutes=not isinstance(status, SourceError) and status.data.tells_mutes,
        silences=silences if isinstance(silences, SourceError) else silences.data,
        counters=counters if isinstance(counters, SourceError) else counters.data,
    )


async def _routing(config: str) -> Routing | SourceError:
    try:
        return await asyncio.to_thread(parse, config)
    except UsageError as error:
        return SourceError(Failure.BAD_ANSWER, error.message)


async def _delivery(prometheus: Prometheus, facts: Facts, window: float) -> Delivery:
    """Return how requests to the receivers went, over time where Prometheus scrapes the Alertmanagers."""
    kinds = kinds_of(facts)
    if not kinds or not facts.subject.firing:
        return Delivery()
    requests, failed = await asyncio.gather(
        or_error(prometheus.query, questions.requests(kinds, window, failed=False)),
        or_error(prometheus.query, questions.requests(kinds, window, failed=True)),
    )
    if isinstance(requests, SourceError) or isinstance(failed, SourceError) or not requests.data.series:
        return _totals(facts, kinds)

    def by_kind(answer: Fetched[QueryResult]) -> dict[str, float]:
        return {each.labels.get("integration", ""): each.values[-1] for each in answer.data.series}

    return Delivery(requests=by_kind(requests), failed=by_kind(failed), window=window)


def _totals(facts: Facts, kinds: tuple[str, ...]) -> Delivery:
    """Return the counters of the Alertmanagers themselves, which count since their start."""
    requests, failed = dict.fromkeys(kinds, 0.0), dict.fromkeys(kinds, 0.0)
    error: SourceError | None = None
    uncounted = SourceError(Failure.WRONG_SERVICE, "its metrics do not count notifications")
    heard = []
    for peer in facts.peers:
        if isinstance(peer.counters, SourceError):
            error = peer.counters
            continue
        if not any(each.name == "alertmanager_notification_requests_total" for each in peer.counters):
            error = uncounted
            continue
        heard.append(peer.started_at)
        for each in peer.counters:
            kind = each.labels.get("integration", "")
            for name, into in (("requests", requests), ("requests_failed", failed)):
                if kind in into and each.name == f"alertmanager_notification_{name}_total":
                    into[kind] += each.value
    if not heard:
        return Delivery(error=error)
    since, restarted = min(heard) or None, max(heard) or None
    return Delivery(requests=requests, failed=failed, since=since, restarted=restarted, error=error)
