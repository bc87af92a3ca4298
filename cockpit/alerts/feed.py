"""The board as it comes in: every source asked at its own pace, one immutable snapshot at a time."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping

from msgspec.structs import replace

from cockpit.alerts.doubts import POOL, doubts, source_doubts
from cockpit.alerts.join import Joined, join, newer
from cockpit.alerts.model import Alert, AlertState, Board
from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.backoff import MAX_RETRY_AFTER, next_delay
from cockpit.clients.source import Failure, Fetched, Source, SourceError, or_error
from cockpit.clients.wire import Relabelling, RuleGroups, WireAlert
from cockpit.runbooks.model import RunbookRef
from cockpit.session import Session

KEEP_RESOLVED = 300.0
"""Seconds that an alert stays on the board after it ended."""

COALESCE = 0.05
"""Seconds to wait for more news before a board is made of it."""

FIRST_FRAME = 0.3
"""Seconds from the start to the reading of runbooks: the first alerts are drawn without waiting for it."""

COSTS_NOTHING = frozenset({Failure.DNS, Failure.REFUSED, Failure.UNREACHABLE})
"""Failures that no server has work with: asking goes on at the same pace, to see at once when it is back."""

OFF_LOOP = 500
"""Alerts from which on the join runs in a thread, so that no frame waits for it."""


async def fetch_board(session: Session) -> Board:
    """Ask every source once, at the same time, and return the board. Never raises for a source's failure.

    The runbooks are read meanwhile, once the questions are on their way.
    """
    known = _Known(session)
    await asyncio.gather(*(poll() for poll in known.polls()), known.read_library())
    await known.ask_again_if_outrun()
    return await known.board()


async def watch(session: Session, *, refresh: asyncio.Event | None = None) -> AsyncGenerator[Board, None]:
    """Yield a new board whenever a source has news, for ever; setting `refresh` asks all of them at once.

    The first comes as soon as any source answered or failed. A source that fails keeps its last data and is
    asked again ever more slowly; one that named a time to come back (Retry-After) is left alone until then,
    whatever `refresh` says. Closing the iterator stops everything it started.
    """
    known = _Known(session)
    news = asyncio.Event()
    wakes: list[asyncio.Event] = []
    tasks = [asyncio.create_task(known.read_library(after=FIRST_FRAME), name="runbooks")]
    for poll in known.polls():
        wake = asyncio.Event()
        wakes.append(wake)
        tasks.append(asyncio.create_task(_keep_polling(session, poll, wake, news), name="poll"))
    if refresh is not None:
        tasks.append(asyncio.create_task(_pass_on(refresh, wakes), name="refresh"))
    for task in tasks:
        task.add_done_callback(lambda _: news.set())
    try:
        if not wakes:
            yield await known.board()
        while True:
            await news.wait()
            for task in tasks:
                if task.done():
                    task.result()
            if known.asked:
                if known.latest is not None:
                    await asyncio.sleep(COALESCE)
                news.clear()
                yield await known.board()
            else:
                news.clear()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(refresh: asyncio.Event, wakes: list[asyncio.Event]) -> None:
    while True:
        await refresh.wait()
        refresh.clear()
        for wake in wakes:
            wake.set()


async def _keep_polling(
    session: Session,
    poll: Callable[[], Awaitable[SourceError | None]],
    wake: asyncio.Event,
    news: asyncio.Event,
) -> None:
    failures = 0
    while True:
        wake.clear()
        error = await poll()
        news.set()
        failures = 0 if error is None or error.failure in COSTS_NOTHING else failures + 1
        delay = next_delay(
            session.context.poll_interval,
            failures,
            error.retry_after if error else None,
            random.random(),  # noqa: S311 - it spreads polls, it keeps no secret
        )
        held = min(error.retry_after or 0.0, MAX_RETRY_AFTER) if error else 0.0
        await asyncio.sleep(held)
        try:
            async with asyncio.timeout(delay - held):
                await wake.wait()
        except TimeoutError:
            pass


class _Known:
    """The last answer of each source, and the last board made of them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.rules: Fetched[RuleGroups] | None = None
        self.relabelling = Relabelling()
        self.peers: dict[str, Fetched[tuple[WireAlert, ...]]] = {}
        self.latest: Board | None = None
        self.asked = False
        self._library_read = False

    def polls(self) -> list[Callable[[], Awaitable[SourceError | None]]]:
        """Return one function per endpoint that asks it once, keeps the answer, and returns the failure."""
        asking: list[Callable[[], Awaitable[SourceError | None]]] = []
        if self.session.prometheus.configured:
            asking.append(self._ask_prometheus)
        asking.extend(self._asker(peer) for peer in self.session.alertmanagers)
        return asking

    async def _ask_prometheus(self) -> SourceError | None:
        prometheus = self.session.prometheus
        rules, relabelling = await asyncio.gather(
            or_error(prometheus.alerting_rules), or_error(prometheus.external_labels)
        )
        self.asked = True
        if isinstance(rules, SourceError):
            return rules
        self.rules = rules
        if isinstance(relabelling, SourceError):
            return relabelling
        self.relabelling = relabelling.data
        return None

    async def ask_again_if_outrun(self) -> None:
        """Ask Prometheus once more where a slow Alertmanager's answer came so late that it tells no lack."""
        if self.rules is not None and newer(self.peers.values(), self.rules):
            await self._ask_prometheus()

    def _asker(self, peer: Alertmanager) -> Callable[[], Awaitable[SourceError | None]]:
        async def ask() -> SourceError | None:
            answer = await or_error(peer.alerts)
            self.asked = True
            if isinstance(answer, SourceError):
                return answer
            self.peers[peer.name] = answer
            return None

        return ask

    async def read_library(self, after: float = 0.0) -> None:
        """Read the runbooks, off the loop, `after` so many seconds; until then no alert has one."""
        await asyncio.sleep(after)
        await asyncio.to_thread(lambda: self.session.library)
        self._library_read = True

    def _runbook(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> RunbookRef | None:
        return self.session.library.resolve(labels, annotations) if self._library_read else None

    def _sources(self) -> tuple[Source, ...]:
        """Return the state of every source; one whose rules are still on their way has not answered yet."""
        asked = self.session.prometheus.sources()
        if self.rules is None:
            asked = tuple(replace(source, answered_at=None) for source in asked)
        return (*asked, *(peer.source() for peer in self.session.alertmanagers))

    async def board(self) -> Board:
        """Make the board of what is known now."""
        size = sum(len(peer.data) for peer in self.peers.values())
        if self.rules is not None:
            size += sum(len(rule.alerts) for group in self.rules.data.groups for rule in group.rules)
        now, sources, peers = self.session.now(), self._sources(), tuple(self.peers.values())
        if size < OFF_LOOP:
            self.latest = self._make(now, sources, self.rules, peers)
        else:
            self.latest = await asyncio.to_thread(self._make, now, sources, self.rules, peers)
        return self.latest

    def _make(
        self,
        now: float,
        sources: tuple[Source, ...],
        rules: Fetched[RuleGroups] | None,
        peers: tuple[Fetched[tuple[WireAlert, ...]], ...],
    ) -> Board:
        context, before = self.session.context, self.latest
        held = {peer.source: peer.at for peer in peers} | ({POOL: rules.at} if rules else {})
        in_doubt = source_doubts(sources, held, now, context.stale_after)
        kinds = {source.kind for source in sources}
        joined = join(
            rules,
            peers,
            all_peers_answered="alertmanager" in kinds
            and all(source.kind != "alertmanager" for source, _ in in_doubt),
            relabelling=self.relabelling,
            ignore_labels=context.ignore_labels,
            watchdog=context.watchdog,
            undelivered_after=context.undelivered_after,
            stale_after=context.stale_after,
            now=now,
            runbook=self._runbook,
            undelivered_before=_undelivered(before.alerts) if before else (),
        )
        return Board(
            generated_at=now,
            alerts=carry_over(before, joined, now, fresh=not in_doubt),
            watchdogs=joined.watchdogs,
            sources=sources,
            doubts=doubts(joined, rules, sources, in_doubt, watchdog=context.watchdog),
            rules=joined.rules,
            stale_after=context.stale_after,
        )


def _undelivered(alerts: Collection[Alert]) -> frozenset[str]:
    return frozenset(alert.fingerprint for alert in alerts if alert.state is AlertState.UNDELIVERED)


def carry_over(before: Board | None, joined: Joined, now: float, *, fresh: bool) -> tuple[Alert, ...]:
    """Return the rows of `joined`, with the very objects of `before` where nothing changed, and what ended.

    An alert that is gone while every source is `fresh` has ended: it stays as RESOLVED for KEEP_RESOLVED
    seconds. One that was only pending just goes: it never fired. One that goes on under another fingerprint,
    which Alertmanager gave it, has not ended. `now` is in Unix seconds.
    """
    if before is None:
        return joined.alerts
    old = {alert.fingerprint: alert for alert in before.alerts}
    rows = []
    for alert in joined.alerts:
        same = old.pop(alert.fingerprint, None)
        rows.append(same if same is not None and same == alert else alert)
    there = {(alert.name, alert.since) for alert in joined.alerts} if old else set()
    for alert in old.values():
        if alert.state is AlertState.RESOLVED:
            if alert.ended_at is not None and now - alert.ended_at <= KEEP_RESOLVED:
                rows.append(alert)
        elif fresh and alert.state is not AlertState.PENDING and (alert.name, alert.since) not in there:
            rows.append(_ended(alert, now))
    return tuple(rows)


def _ended(alert: Alert, now: float) -> Alert:
    return replace(alert, state=AlertState.RESOLVED, ended_at=now, fires_at=None)
