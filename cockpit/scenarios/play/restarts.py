"""Noticing that a Pushgateway was restarted, and has lost what was pushed."""

from collections.abc import Callable

from cockpit.clients.pushgateway import Pushgateway
from cockpit.clients.source import SourceError

LOOK_EVERY = 1.0
"""Seconds between two looks, at least."""


class Restarts:
    """Watches one gateway; `clock` is in seconds. One that does not say when it was started is believed."""

    def __init__(self, gateway: Pushgateway, clock: Callable[[], float]) -> None:
        self._gateway, self._clock = gateway, clock
        self._looked: float | None = None
        self._born: float | None = None

    async def noticed(self, timeout: float, *, now: bool = False) -> bool:
        """Return whether it is another process than at the look before; without `now`, if a look is due."""
        at = self._clock()
        if not now and self._looked is not None and at - self._looked < LOOK_EVERY:
            return False
        self._looked = at
        try:
            born = await self._gateway.started_at(timeout=timeout)
        except SourceError:
            return False
        before, self._born = self._born, born
        return before is not None and before != born
