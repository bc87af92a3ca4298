"""The state of a source: what a server last said, when, and what is wrong if it says nothing."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Generic, ParamSpec, TypeVar

from msgspec import Struct

from cockpit.errors import InconclusiveError

T = TypeVar("T")
P = ParamSpec("P")


class Failure(StrEnum):
    """Why a server gave no usable answer; each has its own remedy."""

    DNS = "dns"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"
    WRONG_SERVICE = "wrong_service"
    TOO_LARGE = "too_large"
    BAD_REQUEST = "bad_request"
    BAD_ANSWER = "bad_answer"
    CREDENTIALS = "credentials"


class SourceError(InconclusiveError):
    """A server that gave no usable answer.

    `failure` tells the kinds apart, `source` names the server, `retry_after` is in seconds where the server
    asked for it, `refused` tells that the server itself turned the question down. The message is cleaned, one
    line, and carries no credentials.
    """

    def __init__(
        self,
        failure: Failure,
        message: str,
        *,
        source: str = "",
        remedy: str | None = None,
        retry_after: float | None = None,
        refused: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.failure = failure
        self.source = source
        self.retry_after = retry_after
        self.refused = refused


async def or_error(ask: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T | SourceError:
    """Return what `ask` returns, or why its server gave no usable answer.

    It is called here: a coroutine made before would never be awaited where this is cancelled first.
    """
    try:
        return await ask(*args, **kwargs)
    except SourceError as error:
        return error


class SourceState(StrEnum):
    """NEVER not asked yet; FRESH answered in time; STALE has data but no longer answers in time;

    PARTIAL answered with warnings; FAILED has never answered, and the last try failed.
    """

    NEVER = "never"
    FRESH = "fresh"
    STALE = "stale"
    PARTIAL = "partial"
    FAILED = "failed"


class Fetched(Struct, Generic[T], frozen=True):
    """An answer: the data, the name of the server that gave it, its warnings, and when (Unix seconds)."""

    data: T
    source: str
    at: float
    warnings: tuple[str, ...] = ()


class Source(Struct, frozen=True, kw_only=True):
    """A configured server and how it stands. `url` has no credentials; times are Unix seconds.

    `answered_at` is the last good answer; `failure` and `error` belong to the last try, if it failed.
    `standby` is a Prometheus replica that need not be asked while another answers.
    """

    name: str
    kind: str
    url: str
    answered_at: float | None = None
    failure: Failure | None = None
    error: str | None = None
    remedy: str | None = None
    warnings: tuple[str, ...] = ()
    standby: bool = False

    def state(self, now: float, stale_after: float) -> SourceState:
        """Return the state at `now`, where an answer older than `stale_after` seconds is stale."""
        if self.answered_at is None:
            return SourceState.FAILED if self.failure else SourceState.NEVER
        if self.failure or now - self.answered_at > stale_after:
            return SourceState.STALE
        return SourceState.PARTIAL if self.warnings else SourceState.FRESH
