"""What a run of the cockpit works with: built once, passed in, closed at the end. There are no globals."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.pushgateway import Pushgateway
from cockpit.clients.sink import Sink
from cockpit.config import Context

if TYPE_CHECKING:
    from cockpit.runbooks.library import Library


@dataclass
class Session:
    """The context, its clients, its runbooks and a clock (Unix seconds). An async context manager.

    A Pushgateway is there where the context has one, a notification sink where it is a lab's.
    """

    context: Context
    prometheus: Prometheus
    alertmanagers: tuple[Alertmanager, ...]
    now: Callable[[], float] = field(default=time.time)
    pushgateway: Pushgateway | None = None
    sink: Sink | None = None

    @classmethod
    def open(cls, context: Context) -> Self:
        """Build the clients of `context`; nothing is asked yet."""
        gateway = Pushgateway.of(context) if context.pushgateway else None
        sink = Sink.of(context) if context.sink else None
        peers = Alertmanager.all_of(context)
        return cls(context, Prometheus.of(context), peers, pushgateway=gateway, sink=sink)

    @cached_property
    def library(self) -> "Library":
        """The runbooks of the context, read at first use. Only then are the parsers imported."""
        from cockpit.runbooks.library import Library

        return Library.read(
            self.context.runbooks,
            annotations=self.context.runbook_annotations,
            paths=self.context.runbook_paths,
        )

    @property
    def library_is_read(self) -> bool:
        """Whether asking for the library costs nothing any more."""
        return "library" in self.__dict__

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.prometheus.close()
        for client in self.alertmanagers:
            await client.close()
        for other in (self.pushgateway, self.sink):
            if other is not None:
                await other.close()
