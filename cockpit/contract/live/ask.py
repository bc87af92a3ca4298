"""Asks the servers of a context what the live rules need; a failure is a sentence, and the rest goes on."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from cockpit.alerts.why.words import error_text
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.source import Failure, Fetched, SourceError
from cockpit.clients.wire import RuleGroups, Target
from cockpit.contract.live import asked, notifying, questions, series
from cockpit.contract.live.model import Live, Origin, origin_of
from cockpit.contract.repository import Repository
from cockpit.session import Session

T = TypeVar("T")

_MOST_DOWN = 50
"""Targets that are down of which it is asked since when."""


class Asked(Struct, frozen=True):
    """What the servers say, and a sentence for each thing that they could not be asked, or do not offer."""

    live: Live
    failed: tuple[str, ...] = ()
    not_offered: tuple[str, ...] = ()


async def ask(repository: Repository, session: Session) -> Asked:
    """Ask the servers of a session; nothing is raised for what they fail at."""
    asking = _Asking(repository, session)
    await asyncio.gather(asking.prometheus(), asking.alertmanagers())
    await asking.deliveries()
    return Asked(asking.live, tuple(asking.failed), tuple(asking.not_offered))


class _Asking:
    """What is known so far."""

    def __init__(self, repository: Repository, session: Session) -> None:
        context = session.context
        self._repository = repository
        self._session = session
        self._held: notifying.Held | None = None
        self.failed: list[str] = []
        self.not_offered: list[str] = []
        self.live = Live(
            at=session.now(),
            context=context.name,
            speed=context.speed,
            takes_scenarios=context.synthetic,
            alertmanager=", ".join(peer.name for peer in session.alertmanagers) or "alertmanager",
        )

    async def prometheus(self) -> None:
        """Ask Prometheus; one that does not tell the time is asked nothing more."""
        server = self._session.prometheus
        if not server.configured:
            self.failed.append("loaded rules, targets and metrics: no Prometheus is configured")
            return
        now = await self._try(server.query("time()"), "rules, targets and metrics")
        if now is None:
            return
        self.live = replace(self.live, prometheus=now.source)
        for each in now.data.series[:1]:
            self.live = replace(self.live, at=each.values[-1])
        await asyncio.gather(self._rules(server), self._targets(server), self._series(server))

    async def _rules(self, server: Prometheus) -> None:
        found: Fetched[RuleGroups] | None = await self._try(server.rules(), "loaded rules")
        if found is None:
            return
        if self._repository.rules and not any(g.rules or g.recording for g in found.data.groups):
            self.failed.append(
                f"loaded rules: {found.source} has none at all; ask the server that evaluates them"
            )
        self.live = replace(self.live, groups=found.data)

    async def _targets(self, server: Prometheus) -> None:
        found: Fetched[tuple[Target, ...]] | None = await self._try(server.targets(), "targets")
        if found is None:
            return
        self.live = replace(self.live, targets=found.data)
        down = [origin_of(each) for each in found.data if each.health == "down"][:_MOST_DOWN]
        if down:
            query = questions.last_up(down, self.live.speed)
            up = await self._try(server.query(query), "the times at which targets went down")
            self.live = replace(
                self.live,
                up_until={
                    Origin(each.labels.get("job", ""), each.labels.get("instance", "")): each.values[-1]
                    for each in (up.data.series if up else ())
                    if each.values
                },
            )

    async def _series(self, server: Prometheus) -> None:
        at, speed = self.live.at, self.live.speed
        names = asked.metrics(self._repository)
        found = await self._try(series.series(server, names, at, speed), "metrics")
        if found is None:
            return
        by_label = {
            label: wanted & found.present
            for label, wanted in asked.labels(self._repository).items()
            if wanted & found.present
        }
        labels = await self._try(series.labels(server, by_label, at, speed), "labels")
        playing = await self._try(server.query(questions.PLAYING), "scenarios that play")
        self.live = replace(
            self.live,
            metrics=found.metrics,
            present=found.present,
            lost=found.lost,
            declared=found.declared,
            labels=labels or {},
            playing=frozenset(
                each.labels.get("synthetic", "") for each in (playing.data.series if playing else ())
            ),
        )

    async def alertmanagers(self) -> None:
        """Ask every Alertmanager for what is silenced."""
        if not self._session.alertmanagers:
            self.not_offered.append("silences and receivers: no Alertmanager is configured")
            return
        self._held = await self._try(notifying.held(self._session.alertmanagers), "silences and receivers")

    async def deliveries(self) -> None:
        """Ask how notifications fare, once it is known which rules there are, and which alerts."""
        held = self._held
        if held is None:
            return
        session = self._session
        loaded = {rule.name for group in self.live.groups.groups for rule in group.rules}
        asking = notifying.deliveries(session.prometheus, session.alertmanagers, self.live.speed)
        self.live = replace(
            self.live,
            silences=held.silences,
            strangers=bool(held.alerts - loaded - self._repository.alert_names),
            deliveries=await self._try(asking, "receivers") or (),
        )

    async def _try(self, asking: Awaitable[T], what: str) -> T | None:
        """Return an answer; a failure, or a part for the whole, is noted, and None."""
        try:
            found = await asking
        except SourceError as error:
            # Of a server that answers else, a path that is not there is a question that it does not take.
            offered = error.failure is not Failure.WRONG_SERVICE or not self.live.prometheus
            said = self.failed if offered else self.not_offered
            said.append(f"{what}: {error_text(error)}")
            return None
        if isinstance(found, Fetched) and found.warnings:
            self.failed.append(f"{what}: {found.source} answers in part: {found.warnings[0]}")
            return None
        return found
