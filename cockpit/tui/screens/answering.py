"""What keeps a runbook's queries answered for as long as a screen is there."""

import asyncio
from contextlib import aclosing

from msgspec.structs import replace
from textual import work

from cockpit.alerts.history import fired_before
from cockpit.alerts.model import Alert
from cockpit.errors import CockpitError
from cockpit.runbooks.model import Runbook
from cockpit.triage.model import Answer, AnswerState
from cockpit.triage.run import answers, prepare
from cockpit.tui.messages import Answered, Fired
from cockpit.tui.screens.base import TALL, BaseScreen
from cockpit.tui.widgets.cards import Cards


class AnsweringScreen(BaseScreen):
    """Asks the queries of `runbook`, bound to the labels of `alert`, and shows the answers as cards.

    `answers` are by number, `fills` what the user gave for a placeholder, `marks` the times at which the
    alert began to fire; `loaded` says that the runbook was looked for, `again` asks at once.
    """

    def __init__(self, alert: Alert | None, runbook: Runbook | None) -> None:
        super().__init__()
        self.alert = alert
        self.runbook = runbook
        self.answers: dict[int, Answer] = {}
        self.fills: dict[str, str] = {}
        self.marks: tuple[float, ...] = ()
        self.again = asyncio.Event()
        self.loaded = False

    @property
    def labels(self) -> dict[str, str]:
        """The labels that fill placeholders."""
        return self.alert.labels if self.alert else {}

    def prepare(self) -> None:
        """Bind the queries to the labels and to what was filled in; those that are another are asked anew."""
        speed = self.cockpit.session.context.speed
        prepared = prepare(self.runbook, self.labels, self.fills, speed=speed)
        for one in prepared:
            before = self.answers.get(one.number)
            if before is None or before.expr != one.expr:
                self.answers[one.number] = one
        self.show_answers()
        self.again.set()

    @work(exit_on_error=False)
    async def keep_asking(self) -> None:
        """Ask all that can be asked, again and again while the screen is shown."""
        context = self.cockpit.session.context
        every = max(context.poll_interval, 15 / context.speed)
        while True:
            self.again.clear()
            if self.is_current:
                sendable = [
                    replace(a, state=AnswerState.ASKING)
                    for a in self.answers.values()
                    if a.state is not AnswerState.UNFILLED
                ]
                async with aclosing(answers(self.cockpit.session, sendable)) as coming:
                    async for one in coming:
                        self.post_message(Answered(one))
            try:
                async with asyncio.timeout(every):
                    await self.again.wait()
            except TimeoutError:
                continue

    @work(exit_on_error=False)
    async def ask_when_fired(self, alert: Alert) -> None:
        """Ask when the alert began to fire in the last day; where that is not known nothing is marked."""
        session = self.cockpit.session
        try:
            spans = await fired_before(session, alert, hours=24 / session.context.speed, end=session.now())
        except CockpitError:
            return
        self.post_message(Fired(tuple(s.start for s in spans if s.firing)))

    def on_answered(self, event: Answered) -> None:
        """Take an answer, unless the query was bound anew; a failure leaves the values, and their age."""
        came, known = event.answer, self.answers.get(event.answer.number)
        if known is None or known.expr != came.expr:
            return
        if came.state is AnswerState.FAILED and known.samples:
            came = replace(known, warnings=(f"not answered again: {came.error}",))
        self.answers[came.number] = came
        self.show_answers()

    def on_fired(self, event: Fired) -> None:
        """Mark the times in the plots."""
        self.marks = event.starts
        self.show_answers()

    def show_answers(self) -> None:
        """Draw the cards."""
        plot = 7 if self.size.height >= TALL else 0
        numbered = tuple(self.answers[n] for n in sorted(self.answers))
        empty = (
            ""
            if not self.loaded
            else "This runbook asks no query."
            if self.runbook
            else "No runbook, no queries."
        )
        self.query_one(Cards).show(
            numbered, self.cockpit.session.now(), marks=self.marks, plot_height=plot, empty=empty
        )
