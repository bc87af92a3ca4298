"""What a screen of alerts asks about the past: when the one under the cursor fired, and what fired last."""

import asyncio

from textual import work

from cockpit.alerts.history import last_fired
from cockpit.alerts.model import Alert
from cockpit.errors import CockpitError
from cockpit.tui import faces, preview
from cockpit.tui.alerts_view import Row
from cockpit.tui.messages import DetailArrived, FiredLast
from cockpit.tui.preview import Detail
from cockpit.tui.screens.base import BaseScreen

DETAIL_FOR = 60.0
"""Seconds for which the history of an alert is not asked again."""


class PastScreen(BaseScreen):
    """Subclasses ask, and are told when an answer came. `before` says in words what fired last."""

    def __init__(self) -> None:
        super().__init__()
        self.before = ""
        self._details: dict[str, tuple[float, Detail]] = {}
        self._asked_detail = ""
        self._before_asked = 0.0

    def detail_came(self) -> None:
        """Take note that `detail_of` an alert has changed."""
        raise NotImplementedError

    def before_came(self) -> None:
        """Take note that `before` has changed."""
        raise NotImplementedError

    def detail_of(self, alert: Alert) -> Detail | None:
        """Return what is known of the past of `alert`; None while nothing is."""
        return self._details.get(alert.fingerprint, (0.0, None))[1]

    def ask_detail(self, row: Row | None) -> None:
        """Ask for the past of the alert on `row`, unless it is known, or asked for already."""
        if row is None or row.group is not None or self._asked_detail == row.alert.fingerprint:
            return
        known = self._details.get(row.alert.fingerprint)
        kept = DETAIL_FOR / self.cockpit.session.context.speed
        outdated = known is None or known[1].runbook != row.alert.runbook
        if known is None or outdated or self.cockpit.session.now() - known[0] > kept:
            self._asked_detail = row.alert.fingerprint
            self._fetch_detail(row.alert)

    @work(exclusive=True, group="detail", exit_on_error=False)
    async def _fetch_detail(self, alert: Alert) -> None:
        await asyncio.sleep(0.2)
        try:
            detail = await preview.fetch(self.cockpit.session, alert)
        except BaseException:
            self._detail_over(alert.fingerprint)
            raise
        self.post_message(DetailArrived(alert.fingerprint, detail))

    def _detail_over(self, fingerprint: str) -> None:
        if self._asked_detail == fingerprint:
            self._asked_detail = ""

    def on_detail_arrived(self, event: DetailArrived) -> None:
        """Keep it for a while."""
        if len(self._details) > 500:
            self._details.clear()
        self._details[event.fingerprint] = (self.cockpit.session.now(), event.detail)
        self._detail_over(event.fingerprint)
        self.detail_came()

    def ask_what_fired(self) -> None:
        """Ask what fired last, unless that was asked a short while ago."""
        now, speed = self.cockpit.session.now(), self.cockpit.session.context.speed
        if now - self._before_asked > DETAIL_FOR / speed:
            self._before_asked = now
            self._fetch_what_fired(now, 24 / speed)

    @work(exclusive=True, group="before", exit_on_error=False)
    async def _fetch_what_fired(self, now: float, hours: float) -> None:
        try:
            last = await last_fired(self.cockpit.session, hours=hours, end=now)
        except CockpitError as error:
            self.post_message(FiredLast(f"what fired last is not known: {error}"))
            return
        self.post_message(FiredLast(faces.fired_last(last, now, hours)))

    def on_fired_last(self, event: FiredLast) -> None:
        """Keep it."""
        self.before = event.words
        self.before_came()
