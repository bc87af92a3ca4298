"""Whether Prometheus sees what is pushed: before it does, nothing that rises would be noticed."""

import asyncio
from collections.abc import Mapping

from cockpit.clients.prometheus import Prometheus
from cockpit.clients.source import SourceError
from cockpit.errors import InconclusiveError
from cockpit.promql import quote
from cockpit.units import short_duration

WITHIN = 150.0
"""Seconds that Prometheus gets to scrape a new group: two usual intervals, and its own start."""

_EVERY = 0.2


async def until_scraped(prometheus: Prometheus, grouping: Mapping[str, str], within: float = WITHIN) -> None:
    """Wait until Prometheus has a sample of the group, which the gateway's own push_time_seconds tells.

    Raises InconclusiveError where it has none `within` so many seconds.
    """
    expr = f"push_time_seconds{{{','.join(f'{name}={quote(value)}' for name, value in grouping.items())}}}"
    reason = "it has no push_time_seconds of it"
    try:
        async with asyncio.timeout(within):
            while True:
                try:
                    if (await prometheus.query(expr)).data.series:
                        return
                    reason = "it has no push_time_seconds of it"
                except SourceError as error:
                    reason = error.message
                await asyncio.sleep(_EVERY)
    except TimeoutError:
        raise InconclusiveError(
            f"Prometheus does not see what is pushed, after {short_duration(within)}: {reason}",
            remedy="let it scrape the Pushgateway, with `honor_labels: true`",
        ) from None
