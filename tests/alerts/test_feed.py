import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from cockpit.alerts.feed import KEEP_RESOLVED, carry_over, fetch_board, watch
from cockpit.alerts.join import Joined
from cockpit.alerts.model import Alert, AlertState, Board
from cockpit.clients.source import Failure, Fetched, Source, SourceError
from cockpit.clients.wire import Relabelling, RuleGroups, WireAlert
from cockpit.config import Context
from cockpit.runbooks.model import RunbookRef
from cockpit.session import Session
from tests.alerts.make import NOW, alert, fired, peer, rules, source, wire


class FakePrometheus:
    """A Prometheus that says what it is given; `error` makes it fail, `held` makes it hang."""

    configured = True

    def __init__(self, answer: Fetched[RuleGroups]) -> None:
        self.answer = answer
        self.error: SourceError | None = None
        self.held = asyncio.Event()
        self.held.set()
        self.asked = 0

    async def alerting_rules(self) -> Fetched[RuleGroups]:
        self.asked += 1
        await self.held.wait()
        if self.error:
            raise self.error
        return self.answer

    async def external_labels(self) -> Fetched[Relabelling]:
        return Fetched(Relabelling(), "prom-a", NOW)

    def sources(self) -> tuple[Source, ...]:
        if self.error:
            return (source(failure=self.error.failure, error=self.error.message),)
        return (source(),)

    async def close(self) -> None: ...


class FakeAlertmanager:
    """An Alertmanager that has what it is given."""

    def __init__(self, name: str, *alerts: WireAlert) -> None:
        self.name = name
        self.answer = peer(*alerts, name=name)
        self.asked = 0

    async def alerts(self) -> Fetched[tuple[WireAlert, ...]]:
        self.asked += 1
        return self.answer

    def source(self) -> Source:
        return source("alertmanager", self.name)

    async def close(self) -> None: ...


class FakeLibrary:
    def resolve(self, labels: Any, annotations: Any) -> RunbookRef | None:
        return RunbookRef(f"{labels['alertname']}.md")


DOG = {"alertname": "Watchdog"}


def a_session(prometheus: FakePrometheus, *peers: FakeAlertmanager, **context: Any) -> Session:
    made = Session(
        Context(poll_interval=0.01, timeout=10, **context),
        cast(Any, prometheus),
        cast(Any, peers),
        lambda: NOW,
    )
    made.__dict__["library"] = FakeLibrary()
    return made


def healthy() -> tuple[FakePrometheus, FakeAlertmanager]:
    prometheus = FakePrometheus(rules(fired(), fired(alertname="Watchdog")))
    return prometheus, FakeAlertmanager("am-a", wire(), wire("w", DOG))


@asynccontextmanager
async def watching(
    session: Session, refresh: asyncio.Event | None = None
) -> AsyncIterator[AsyncIterator[Board]]:
    async with asyncio.timeout(10), aclosing(watch(session, refresh=refresh)) as boards:
        yield boards


async def until(boards: AsyncIterator[Board], wanted: Any) -> Board:
    async for board in boards:
        if wanted(board):
            return board
    raise AssertionError("the feed ended")


async def test_one_shot_has_both_servers_and_the_runbook() -> None:
    board = await fetch_board(a_session(*healthy()))
    (row,) = board.alerts
    assert row.seen_by == ("prom-a", "am-a")
    assert row.runbook == RunbookRef("A.md")
    assert [dog.name for dog in board.watchdogs] == ["Watchdog"]
    assert board.doubts == ()
    assert board.rules == 1


async def test_a_failing_source_keeps_its_last_data_and_is_a_doubt() -> None:
    prometheus, manager = healthy()
    async with watching(a_session(prometheus, manager)) as boards:
        await until(boards, lambda b: b.alerts and "prom-a" in b.alerts[0].seen_by)
        prometheus.error = SourceError(Failure.REFUSED, "connection refused")
        board = await until(boards, lambda b: b.doubts)
    assert board.alerts[0].seen_by == ("prom-a", "am-a")
    assert "connection refused" in board.doubts[0]
    assert not board.all_clear


async def test_first_board_does_not_wait_for_a_source_that_hangs() -> None:
    prometheus, manager = healthy()
    prometheus.held.clear()
    async with watching(a_session(prometheus, manager)) as boards:
        board = await anext(boards)
    assert board.alerts[0].seen_by == ("am-a",)


async def test_a_source_that_looks_fresh_before_its_alerts_are_here_is_no_all_clear() -> None:
    prometheus, _ = healthy()
    prometheus.held.clear()
    manager = FakeAlertmanager("am-a", wire("w", DOG))
    async with watching(a_session(prometheus, manager)) as boards:
        board = await anext(boards)
    assert board.alerts == ()
    assert board.doubts == ("prom-a has not answered yet",)
    assert not board.all_clear


async def test_unchanged_alerts_are_the_same_objects() -> None:
    async with watching(a_session(*healthy())) as boards:
        first = await until(
            boards, lambda b: b.alerts and b.alerts[0].runbook and len(b.alerts[0].seen_by) == 2
        )
        second = await anext(boards)
    assert second is not first
    assert second.alerts[0] is first.alerts[0]


async def test_refresh_asks_at_once() -> None:
    prometheus, manager = healthy()
    session = a_session(prometheus, manager)
    session.context = replace(session.context, poll_interval=3600.0)
    refresh = asyncio.Event()
    async with watching(session, refresh) as boards:
        await until(boards, lambda b: b.alerts and len(b.alerts[0].seen_by) == 2)
        refresh.set()
        await until(boards, lambda b: prometheus.asked == 2 and manager.asked == 2)


async def test_refresh_leaves_a_server_alone_that_said_when_to_come_back() -> None:
    prometheus, manager = healthy()
    prometheus.error = SourceError(Failure.RATE_LIMITED, "too many requests", retry_after=3600.0)
    session = a_session(prometheus, manager)
    session.context = replace(session.context, poll_interval=3600.0)
    refresh = asyncio.Event()
    async with watching(session, refresh) as boards:
        await until(boards, lambda b: prometheus.asked and manager.asked)
        for count in (2, 3):
            refresh.set()
            await until(boards, lambda b, count=count: manager.asked == count)
    assert prometheus.asked == 1


async def test_one_shot_asks_prometheus_again_after_a_slow_alertmanager() -> None:
    prometheus, manager = healthy()
    prometheus.answer = rules(fired(alertname="Lost"), at=NOW - 4)
    await fetch_board(a_session(prometheus, manager))
    assert prometheus.asked == 2
    prometheus.answer = rules(fired(alertname="Lost"))
    board = await fetch_board(a_session(prometheus, manager))
    assert prometheus.asked == 3
    assert AlertState.UNDELIVERED in {a.state for a in board.alerts}


async def test_closing_leaves_no_task_behind() -> None:
    before = asyncio.all_tasks()
    prometheus, manager = healthy()
    prometheus.held.clear()
    async with watching(a_session(prometheus, manager), asyncio.Event()) as boards:
        await anext(boards)
        assert asyncio.all_tasks() > before
    assert asyncio.all_tasks() == before


async def test_cancelling_leaves_no_task_behind() -> None:
    before = asyncio.all_tasks()
    prometheus, manager = healthy()
    seen = asyncio.Event()

    async def follow() -> None:
        async with aclosing(watch(a_session(prometheus, manager))) as boards:
            async for _ in boards:
                seen.set()

    task = asyncio.create_task(follow())
    async with asyncio.timeout(10):
        await seen.wait()
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()
    assert asyncio.all_tasks() == before


def board(*alerts: Alert) -> Board:
    return Board(generated_at=NOW, alerts=alerts)


def test_what_vanished_while_all_was_fresh_has_ended() -> None:
    (row,) = carry_over(board(alert()), Joined(()), NOW, fresh=True)
    assert (row.state, row.ended_at, row.name) == (AlertState.RESOLVED, NOW, "A")


def test_what_vanished_while_a_source_was_away_is_not_called_resolved() -> None:
    assert carry_over(board(alert()), Joined(()), NOW, fresh=False) == ()


def test_what_was_only_pending_never_ended() -> None:
    assert carry_over(board(alert(AlertState.PENDING)), Joined(()), NOW, fresh=True) == ()


def test_resolved_stays_five_minutes_and_gives_way_when_it_fires_again() -> None:
    over = board(alert(AlertState.RESOLVED, ended_at=NOW))
    assert carry_over(over, Joined(()), NOW + KEEP_RESOLVED, fresh=False) == over.alerts
    assert carry_over(over, Joined(()), NOW + KEEP_RESOLVED + 1, fresh=True) == ()
    again = alert()
    assert carry_over(over, Joined((again,)), NOW, fresh=True) == (again,)


def test_what_goes_on_under_alertmanagers_fingerprint_has_not_ended() -> None:
    computed, given = alert(fingerprint="1" * 16), alert(fingerprint="2" * 16)
    assert carry_over(board(computed), Joined((given,)), NOW, fresh=True) == (given,)
