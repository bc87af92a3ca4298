"""One query, large: plot, all values, its range, and editing it for an ad hoc question."""

import asyncio
from typing import ClassVar

from msgspec.structs import replace
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.alerts.model import Board
from cockpit.runbooks.model import Query
from cockpit.triage.model import Answer, AnswerState
from cockpit.triage.run import answer
from cockpit.tui import query_page
from cockpit.tui.screens.base import BaseScreen
from cockpit.tui.screens.page import Lines
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.prompt import Prompt
from cockpit.units import prometheus_duration

RANGES = (300.0, 900.0, 3600.0, 10_800.0, 21_600.0, 86_400.0, 259_200.0, 604_800.0)
"""The ranges that < and > go through: 5 minutes to 7 days."""


class Came(Message):
    """An answer came for the query as it was asked."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def ad_hoc(expr: str) -> Answer:
    """Return a query that no runbook has, ready to be asked."""
    return Answer(number=0, query=Query("ad hoc", expr, 0), expr=expr, state=AnswerState.ASKING)


class QueryScreen(BaseScreen):
    """Plot above, table below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back", id="query.back"),
        Binding("e", "edit", "edit", id="query.edit", tooltip="Edit the expression and run it"),
        Binding("s", "sort", "sort", id="query.sort", tooltip="Sort by value, then by each label"),
        Binding("less_than_sign", "range(-1)", "shorter range", id="query.shorter"),
        Binding("greater_than_sign", "range(1)", "longer range", id="query.longer"),
        Binding("y", "copy", "copy", id="query.copy", tooltip="Copy the expression"),
        Binding("Y", "copy_table", "copy table", id="query.copy_table", tooltip="Copy the values as a table"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("query.edit", "edit"),
        ("query.shorter,query.longer", "range"),
        ("query.sort", "sort"),
        ("query.copy", "copy"),
        ("query.copy_table", "copy table"),
        ("app.refresh", "refresh"),
    )
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("query.back", "back"), ("app.help", "help"))

    def __init__(self, shown: Answer, *, marks: tuple[float, ...] = (), edit: bool = False) -> None:
        super().__init__()
        self._answer = shown
        self._marks = marks
        self._edit_first = edit
        self._range = shown.query.range_seconds or 3600.0
        self._sort = 0

    def compose_body(self) -> ComposeResult:
        """Head with the expression, plot, table."""
        yield Pane(id="query-head")
        yield Pane(id="query-plot")
        yield Lines()

    def on_mount(self) -> None:
        """Ask at once, unless it is known already."""
        super().on_mount()
        self.refocus()
        self._note()
        if self._answer.state is AnswerState.ASKING:
            self._ask()
        self._keep_asking()
        if self._edit_first:
            self.call_after_refresh(self.action_edit)

    def refocus(self) -> None:
        """The table has the focus."""
        self.query_one(Lines).focus()

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def _ask(self) -> None:
        session = self.cockpit.session
        prepared = replace(self._answer, state=AnswerState.ASKING)
        points = max(60, min(480, 2 * self.size.width))
        came = await answer(session, prepared, range_seconds=self._range, points=points)
        await asyncio.sleep(0)
        self.post_message(Came(came))

    @work(exit_on_error=False)
    async def _keep_asking(self) -> None:
        """Ask again for as long as the query is looked at."""
        context = self.cockpit.session.context
        while True:
            await asyncio.sleep(max(context.poll_interval, 15 / context.speed))
            if self.is_current and self._answer.state not in (AnswerState.ASKING, AnswerState.UNFILLED):
                self._ask()

    def _note(self) -> None:
        """Take note that the user asked this."""
        if self._answer.state is not AnswerState.UNFILLED:
            self.cockpit.drills.observed("ran_query", query=self._answer.expr)

    def on_came(self, event: Came) -> None:
        """Show the answer, unless another was asked for since."""
        if event.answer.expr == self._answer.expr:
            self._answer = event.answer
            self.board_changed(None)

    def board_changed(self, board: Board | None) -> None:
        """Draw everything."""
        width, height = self.size.width, self.size.height
        now = self.cockpit.session.now()
        head = query_page.head(self._answer, self._range, now, width, self.glyphs)
        plot_height = max(5, (height - len(head) - 4) // 2)
        self.query_one("#query-head", Pane).show(*head)
        self.query_one("#query-plot", Pane).show(
            *query_page.plot(self._answer, width, plot_height, self.glyphs, self._marks)
        )
        self.query_one(Lines).show(query_page.table(self._answer, self._sort, width, self.glyphs))

    def tick(self) -> None:
        """The age of the answer goes on."""
        now = self.cockpit.session.now()
        head = query_page.head(self._answer, self._range, now, self.size.width, self.glyphs)
        self.query_one("#query-head", Pane).show(*head)

    def on_resize(self) -> None:
        """Everything depends on the size."""
        super().on_resize()
        self.board_changed(None)

    def action_range(self, step: int) -> None:
        """Ask over the next shorter or longer range; in a lab the ranges are as much shorter."""
        ranges = [r / self.cockpit.session.context.speed for r in RANGES]
        nearest = min(range(len(ranges)), key=lambda i: abs(ranges[i] - self._range))
        self._range = ranges[max(0, min(len(ranges) - 1, nearest + step))]
        self._ask()
        self.tick()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sort += 1
        self.board_changed(None)

    def action_edit(self) -> None:
        """Edit the expression."""
        self.query_one(Prompt).ask("edit", "promql ", " ".join(self._answer.expr.split()))

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Ask what was typed; its thresholds are no longer those of the runbook."""
        if event.purpose != "edit":
            return
        self.refocus()
        if not event.text.strip():
            return
        if event.text != self._answer.expr:
            self._answer = ad_hoc(event.text)
        self._note()
        self._ask()
        self.board_changed(None)

    def action_refresh(self) -> None:
        """Ask again."""
        if self._answer.state is not AnswerState.UNFILLED:
            self._note()
            self._ask()
        super().action_refresh()

    def action_copy(self) -> None:
        """Copy the expression as it was sent."""
        self.cockpit.copy(self._answer.expr, f"the query, {prometheus_duration(self._range)} range")

    def action_copy_table(self) -> None:
        """Copy the values, tab-separated."""
        self.cockpit.copy(query_page.as_tsv(self._answer, self._sort), f"{len(self._answer.samples)} rows")

    def action_leave(self) -> None:
        """Back to the cards."""
        self.dismiss()
