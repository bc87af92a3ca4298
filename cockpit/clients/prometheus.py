"""The Prometheus of a context: replicas that stand in for each other."""

import math
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Raw

from cockpit.clients import decode_prometheus as decoding
from cockpit.clients.address import encodable
from cockpit.clients.decode import DecodeError
from cockpit.clients.http import HttpClient
from cockpit.clients.replica import Replica, all_pages
from cockpit.clients.source import Failure, Fetched, Source, SourceError
from cockpit.clients.wire import (
    AlertingRule,
    QueryResult,
    RecordingRule,
    Relabelling,
    RuleAlert,
    RuleGroup,
    RuleGroups,
    Target,
    WireSeries,
)
from cockpit.config import Context
from cockpit.errors import UsageError

if TYPE_CHECKING:
    import httpx

__all__ = [
    "AlertingRule",
    "Prometheus",
    "QueryResult",
    "RecordingRule",
    "Relabelling",
    "RuleAlert",
    "RuleGroup",
    "RuleGroups",
    "Target",
    "WireSeries",
]

T = TypeVar("T")

_RETRY_PREFERRED = 60.0
_RETRY_PREFERRED_MOST = 600.0
_LONG_QUERY = 1500
_DOUBLINGS = 10
_SERVER_SHARE = 0.9


class Prometheus:
    """The replicas of a context: the one that answered last is asked; when it fails, the next one at once.

    The first one is preferred: after a failure it is tried again after a minute, then ever more rarely.
    Every method raises SourceError when none answers.
    """

    def __init__(self, replicas: tuple[HttpClient, ...], timeout: float) -> None:
        self._replicas = tuple(Replica(http) for http in replicas)
        self._timeout = timeout
        self._active = 0
        self._preferred_failures = 0
        self._preferred_at = 0.0

    @classmethod
    def of(cls, context: Context, transport: "httpx.AsyncBaseTransport | None" = None) -> "Prometheus":
        """Build the pool of `context`. Raises UsageError for a URL or an http_config that cannot be used."""
        clients = tuple(
            HttpClient.of(context, "prometheus", url, transport) for url in dict.fromkeys(context.prometheus)
        )
        return cls(clients, context.timeout)

    @property
    def configured(self) -> bool:
        """Whether the context has a Prometheus at all."""
        return bool(self._replicas)

    def sources(self) -> tuple[Source, ...]:
        """Return how each replica stands; one that need not be asked is on standby.

        A failure of one behind the active replica is dropped once that one answers: nobody asks it again, so
        it would count as failed for ever. One before the active replica stays failed until it answers.
        """
        answers = bool(self._replicas) and self._replicas[self._active].http.source.failure is None
        found = []
        for index, replica in enumerate(self._replicas):
            source = replica.http.source
            if index > self._active and answers:
                source = msgspec.structs.replace(source, failure=None, error=None, remedy=None)
            standby = index != self._active and source.failure is None
            found.append(msgspec.structs.replace(source, standby=standby))
        return tuple(found)

    async def close(self) -> None:
        """Close all connections."""
        for replica in self._replicas:
            await replica.http.close()

    async def alerting_rules(self) -> Fetched[RuleGroups]:
        """Return every alerting rule with its instances; its warnings make the source partial."""

        async def ask(replica: Replica) -> Fetched[RuleGroups]:
            groups, warnings = await all_pages(replica)
            at = replica.http.answered(warnings)
            return Fetched(RuleGroups(groups), replica.http.name, at, warnings)

        return await self._ask(ask)

    async def rules(self) -> Fetched[RuleGroups]:
        """Return every rule, those that record included; a side question, apart from the poll above."""

        async def ask(replica: Replica) -> Fetched[RuleGroups]:
            groups, warnings = await all_pages(replica, recording=True)
            return Fetched(RuleGroups(groups), replica.http.name, replica.http.answered(), warnings)

        return await self._ask(ask)

    async def external_labels(self) -> Fetched[Relabelling]:
        """Return what is done to labels on sending; empty where the server does not tell. Kept 5 minutes."""

        return await self._ask(Replica.external_labels)

    async def targets(self) -> Fetched[tuple[Target, ...]]:
        """Return every target that is scraped now, and how its last scrape went."""
        return await self._side("/api/v1/targets", {"state": "active"}, decoding.targets)

    async def exposing(self, metric: str) -> Fetched[tuple[dict[str, str], ...]]:
        """Return the labels of the targets whose last good scrape had the metric family `metric`."""
        return await self._side("/api/v1/targets/metadata", {"metric": metric}, decoding.exposing)

    async def metric_names(self, start: float, end: float) -> Fetched[tuple[str, ...]]:
        """Return the names of all metrics with series from `start` to `end` (Unix seconds), or about then.

        Where blocks of storage reach further, so do the names.
        """
        params = {"start": _time(start), "end": _time(end)}
        return await self._side("/api/v1/label/__name__/values", params, decoding.texts)

    async def label_names(self, selector: str, start: float, end: float) -> Fetched[tuple[str, ...]]:
        """Return the names of the labels that series of `selector` had, about that time (Unix seconds)."""
        params = {"match[]": selector, "start": _time(start), "end": _time(end)}
        return await self._side("/api/v1/labels", params, decoding.texts)

    async def declares(self, family: str) -> Fetched[bool]:
        """Say whether a target tells the type of the metric `family`, be it without any series."""
        return await self._side("/api/v1/metadata", {"metric": family}, decoding.is_known)

    async def alertmanagers(self) -> Fetched[tuple[str, ...]]:
        """Return the URLs that it sends alerts to."""
        return await self._side("/api/v1/alertmanagers", {}, decoding.alertmanagers)

    async def _side(
        self, path: str, params: dict[str, str], read: Callable[[Raw], Awaitable[T]]
    ) -> Fetched[T]:
        """Return what `read` makes of an answer to a side question, which cannot fail the poll."""

        async def ask(replica: Replica) -> Fetched[T]:
            reply = await replica.api(path, params, mark=False)
            try:
                data = await read(reply.data)
            except DecodeError as error:
                raise replica.undecodable(error, reply.data) from error
            return Fetched(data, replica.http.name, replica.http.answered(), reply.warnings)

        return await self._ask(ask)

    async def query(
        self, expr: str, at: float | None = None, timeout: float | None = None
    ) -> Fetched[QueryResult]:
        """Return the value of `expr` at a Unix time in seconds, or now. `timeout` is in seconds.

        A refused query is SourceError(BAD_REQUEST) in Prometheus's own words; UsageError for one that is no
        Unicode text.
        """
        params = {"query": expr}
        if at is not None:
            params["time"] = _time(at)
        return await self._query("/api/v1/query", params, timeout)

    async def query_range(
        self, expr: str, start: float, end: float, step: float, timeout: float | None = None
    ) -> Fetched[QueryResult]:
        """Return the values of `expr` from `start` to `end` (Unix seconds) every `step` seconds."""
        params = {"query": expr, "start": _time(start), "end": _time(end), "step": _time(max(step, 0.001))}
        return await self._query("/api/v1/query_range", params, timeout)

    async def _query(self, path: str, params: dict[str, str], timeout: float | None) -> Fetched[QueryResult]:
        if not encodable(params["query"]):
            raise UsageError("the query is not UTF-8 text")
        limit = timeout or self._timeout
        # The server gives up a little earlier, and so tells a heavy query from a server that hangs.
        form = {**params, "timeout": f"{math.ceil(limit * _SERVER_SHARE * 1000)}ms"}
        post = len(urlencode(form)) > _LONG_QUERY

        async def ask(replica: Replica) -> Fetched[QueryResult]:
            # A query that is too heavy says nothing about the server: only what is amiss with it is noted.
            # One that hangs fails the next poll.
            try:
                reply = await replica.api(
                    path, form, timeout=limit, mark=False, post=post, allow=frozenset({500, 503})
                )
            except SourceError as error:
                if error.failure is not Failure.TIMEOUT and not _about_the_query(error):
                    replica.http.note(error)
                raise
            try:
                result = await decoding.query_result(reply.data)
            except DecodeError as error:
                raise replica.undecodable(error, reply.data) from error
            return Fetched(result, replica.http.name, replica.http.answered(), reply.warnings)

        return await self._ask(ask, _about_the_query)

    async def _ask(
        self,
        call: Callable[[Replica], Awaitable[T]],
        final: Callable[[SourceError], bool] = lambda error: False,
    ) -> T:
        """Return the first answer, asking the replicas in turn; a `final` failure is not asked again."""
        errors: list[SourceError] = []
        for index in self._order():
            try:
                answer = await call(self._replicas[index])
            except SourceError as error:
                if final(error):
                    raise
                errors.append(error)
                if index == 0:
                    self._preferred_failed()
            else:
                self._active = index
                if index == 0:
                    self._preferred_failures, self._preferred_at = 0, 0.0
                return answer
        raise _together(errors)

    def _preferred_failed(self) -> None:
        """Put off the next try; calls that fail together, or before it is due, count as one failure."""
        now = time.monotonic()
        if now < self._preferred_at:
            return
        wait = _RETRY_PREFERRED * 2.0 ** min(self._preferred_failures, _DOUBLINGS)
        self._preferred_failures += 1
        self._preferred_at = now + min(wait, _RETRY_PREFERRED_MOST)

    def _order(self) -> list[int]:
        first = self._active
        if first != 0 and time.monotonic() >= self._preferred_at:
            first = 0
        others = [self._active, *range(len(self._replicas))]
        return list(dict.fromkeys([first, *others])) if self._replicas else []


def _about_the_query(error: SourceError) -> bool:
    return error.refused or error.failure in {Failure.BAD_REQUEST, Failure.TOO_LARGE}


def _together(errors: list[SourceError]) -> SourceError:
    if not errors:
        return SourceError(
            Failure.WRONG_SERVICE, "no Prometheus is configured", remedy="pass --prometheus URL"
        )
    if len(errors) == 1:
        return errors[0]
    waits = [error.retry_after for error in errors if error.retry_after is not None]
    return SourceError(
        errors[0].failure,
        "; ".join(error.message for error in errors),
        source=errors[0].source,
        remedy=errors[0].remedy,
        retry_after=min(waits) if len(waits) == len(errors) else None,
    )


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
