"""One replica of a Prometheus: calls of its HTTP API, their pages, and what it says of its own set-up."""

import asyncio
import time

import msgspec
from msgspec import Raw, Struct

from cockpit.clients import decode_prometheus as decoding
from cockpit.clients import failures
from cockpit.clients.decode import DecodeError, Memo, decode
from cockpit.clients.failures import Trouble
from cockpit.clients.http import Answer, HttpClient
from cockpit.clients.relabelling import relabelling
from cockpit.clients.source import Failure, Fetched, SourceError
from cockpit.clients.wire import Relabelling, RuleGroup
from cockpit.text import one_line

_IN_FLIGHT = 5
_RELABELLING_FOR = 300.0
_RESTARTS = 2
_PAGES = 1000
_QUERY_ERRORS = {"bad_data", "execution", "timeout", "canceled"}
_NOT_OFFERED = {Failure.FORBIDDEN, Failure.UNAUTHORIZED, Failure.WRONG_SERVICE, Failure.BAD_REQUEST}


class Reply(Struct, frozen=True):
    """A good answer of the API: its data still packed, its warnings cleaned."""

    data: Raw
    warnings: tuple[str, ...]


class _ConfigData(Struct):
    yaml: str = ""


_CONFIG = msgspec.json.Decoder(_ConfigData)


class Replica:
    """One server of the pool, at most five requests in flight."""

    def __init__(self, http: HttpClient) -> None:
        self.http = http
        self.memo = Memo[decoding.Page]()
        self._relabelling: Fetched[Relabelling] | None = None
        self._slots = asyncio.Semaphore(_IN_FLIGHT)

    async def api(
        self,
        path: str,
        params: dict[str, str],
        *,
        timeout: float | None = None,
        mark: bool = True,
        post: bool = False,
        allow: frozenset[int] = frozenset(),
    ) -> Reply:
        """Return the data of one call. A refusal in Prometheus's own JSON is BAD_REQUEST and never marks."""
        async with self._slots:
            answer = await self.http.request(
                "POST" if post else "GET",
                path,
                params=None if post else params,
                form=params if post else None,
                allow=allow | {400, 422},
                timeout=timeout,
                mark=mark,
            )
        try:
            envelope = decoding.envelope(answer.body)
        except DecodeError as error:
            trouble = failures.of_status(
                answer.status, answer.headers, answer.body, kind="prometheus", path=path
            )
            if trouble is None:
                trouble = failures.of_decode(error.cause, answer.body, kind="prometheus")
            elif trouble.failure is Failure.BAD_REQUEST:
                reason = f"this is not a Prometheus: status {answer.status}: {trouble.reason}"
                trouble = Trouble(Failure.WRONG_SERVICE, reason, "check the URL and its prefix")
            raise self.http.failed(trouble, mark=mark) from error
        if envelope.status == "success" and answer.status == 200 and bytes(envelope.data):
            said = [*(envelope.warnings or ()), *(envelope.infos or ())]
            return Reply(envelope.data, tuple(dict.fromkeys(one_line(text, 500) for text in said)))
        raise self._refusal(answer, envelope, path, mark)

    def _refusal(self, answer: Answer, envelope: decoding.Envelope, path: str, mark: bool) -> SourceError:
        status = answer.status
        words = one_line(envelope.error, 1000) or f"it refuses the request ({status})"
        if envelope.error_type == "timeout":
            trouble = Trouble(Failure.TIMEOUT, words, "ask for less, or a shorter range", refused=True)
            return self.http.failed(trouble, mark=False)
        if envelope.error_type in _QUERY_ERRORS or status in {400, 422}:
            return self.http.failed(Trouble(Failure.BAD_REQUEST, words, refused=True), mark=False)
        found = failures.of_status(status, answer.headers, words.encode(), kind="prometheus", path=path)
        if found is None:
            found = Trouble(
                Failure.SERVER_ERROR, f"it answers with an error: {words}", "see the server's log"
            )
        return self.http.failed(found, mark=mark)

    def undecodable(self, error: DecodeError, body: bytes | Raw, *, mark: bool = False) -> SourceError:
        """Return the error of data in another shape."""
        return self.http.failed(failures.of_decode(error.cause, bytes(body), kind="prometheus"), mark=mark)

    async def external_labels(self) -> Fetched[Relabelling]:
        """Return what is done to labels on sending, asked again after 5 minutes."""
        if self._relabelling is None or time.time() - self._relabelling.at >= _RELABELLING_FOR:
            self._relabelling = await _relabelling(self)
        return self._relabelling


async def all_pages(
    replica: Replica, *, recording: bool = False
) -> tuple[tuple[RuleGroup, ...], tuple[str, ...]]:
    """Return the groups of every page. A group that vanished meanwhile is a 400: start again then.

    With `recording` the rules that record are there too; that is a side question, which takes nothing over
    from the polls and leaves them nothing.
    """
    memo = Memo[decoding.Page]() if recording else replica.memo
    asked = {} if recording else {"type": "alert"}
    for attempt in range(_RESTARTS + 1):
        memo.next_poll()
        groups: list[RuleGroup] = []
        warnings: dict[str, None] = {}
        tokens: set[str] = set()
        params = dict(asked)
        try:
            for _ in range(_PAGES):
                reply = await replica.api("/api/v1/rules", params, mark=not recording)
                try:
                    page, token = await decoding.rules(reply.data, memo)
                except DecodeError as error:
                    raise replica.undecodable(error, reply.data, mark=not recording) from error
                groups += page
                warnings |= dict.fromkeys(reply.warnings)
                if not token:
                    memo.end_poll()
                    return tuple(groups), tuple(warnings)
                if token in tokens:
                    break
                tokens.add(token)
                params = {**asked, "group_limit": str(max(len(page), 1)), "group_next_token": token}
            break
        except SourceError as error:
            if error.failure is not Failure.BAD_REQUEST:
                raise
            if "group_next_token" not in params or attempt == _RESTARTS:
                trouble = Trouble(Failure.BAD_REQUEST, error.message)
                raise replica.http.failed(trouble, mark=not recording) from error
    trouble = Trouble(Failure.BAD_ANSWER, "its rules have no last page", "ask again")
    raise replica.http.failed(trouble, mark=not recording)


async def _relabelling(replica: Replica) -> Fetched[Relabelling]:
    name = replica.http.name
    try:
        reply = await replica.api("/api/v1/status/config", {}, mark=False)
        text = decode(_CONFIG, reply.data).yaml
    except SourceError as error:
        if error.failure not in _NOT_OFFERED:
            replica.http.note(error)
            raise
        return Fetched(Relabelling(), name, time.time())
    except DecodeError:
        return Fetched(Relabelling(), name, time.time())
    return Fetched(await asyncio.to_thread(relabelling, text), name, replica.http.answered())
