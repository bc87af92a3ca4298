"""One alert: its runbook, and beside it the triage queries answered for it. Or a runbook without an alert."""

import asyncio
from pathlib import PurePosixPath
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from cockpit.alerts.model import Alert, Board
from cockpit.runbooks.model import Runbook
from cockpit.triage.model import Answer, AnswerState
from cockpit.tui import facts
from cockpit.tui.messages import Opened
from cockpit.tui.screens.answering import AnsweringScreen
from cockpit.tui.screens.query import QueryScreen
from cockpit.tui.widgets.cards import Cards
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.prompt import Prompt
from cockpit.tui.widgets.runbook_view import RunbookView

WIDE = 100
"""Columns from which runbook and answers stand side by side; below they are two tabs."""


class IncidentScreen(AnsweringScreen):
    """Runbook left, answers right; below WIDE columns one of them at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back", id="incident.back"),
        Binding("tab", "pane", "pane", id="incident.pane", tooltip="Runbook or answers"),
        Binding("slash", "search", "search", id="runbook.search", tooltip="Search in the runbook"),
        Binding("y", "copy", "copy", id="incident.copy", tooltip="Copy a command or a query"),
        Binding("o", "links", "links", id="incident.links", tooltip="Show the links of alert and runbook"),
        Binding("w", "why", "why", id="incident.why", tooltip="Say why this alert fires, or is not told"),
        Binding("t", "outline", "outline", id="runbook.outline", tooltip="The runbook's sections"),
        *(Binding(str(n), f"query({n})", f"query {n}", show=False, id=f"query.{n}") for n in range(1, 10)),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("incident.pane", "pane"),
        ("query.1,query.2,query.9", "query"),
        ("triage.zoom", "zoom"),
        ("incident.copy", "copy"),
        ("runbook.search", "search"),
        ("runbook.previous_section,runbook.next_section", "section"),
        ("triage.fill", "fill"),
        ("incident.why", "why"),
        ("incident.links", "links"),
        ("app.refresh", "refresh"),
    )
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("incident.back", "back"), ("app.help", "help"))

    def __init__(
        self, alert: Alert | None, runbook: Runbook | None = None, anchor: str | None = None
    ) -> None:
        super().__init__(alert, runbook)
        self._anchor = alert.runbook.anchor if alert and alert.runbook else anchor
        self._to_fill: list[str] = []

    def compose_body(self) -> ComposeResult:
        """Facts, tabs, and the two panes."""
        yield Pane(id="facts")
        yield Pane(id="tabs")
        with Horizontal(id="panes"):
            yield RunbookView(self.glyphs)
            yield Cards(self.glyphs)

    def on_mount(self) -> None:
        """Read the runbook, then ask its queries for as long as the screen is there."""
        super().on_mount()
        self._show_panes()
        self.refocus()
        self._open()
        if self.alert is not None:
            self.ask_when_fired(self.alert)

    @property
    def _wide(self) -> bool:
        return self.size.width >= WIDE

    def refocus(self) -> None:
        """Back to the pane that was shown."""
        (self.query_one(Cards) if self.has_class("answers") else self.query_one(RunbookView)).focus()

    @work(exit_on_error=False)
    async def _open(self) -> None:
        runbook = self.runbook
        if runbook is None and self.alert is not None:
            ref = self.alert.runbook
            library = await asyncio.to_thread(lambda: self.cockpit.session.library)
            ref = ref or library.resolve(self.alert.labels, self.alert.annotations)
            if ref is not None:
                self._anchor = ref.anchor
                runbook = await asyncio.to_thread(library.get, ref.path)
        self.post_message(Opened(runbook))

    def on_opened(self, event: Opened) -> None:
        """Show the runbook, and start to ask."""
        self.runbook = event.runbook
        self.loaded = True
        if self.runbook is not None:
            self.cockpit.drills.observed("opened", runbook=PurePosixPath(self.runbook.path).stem)
        missing = "" if self.runbook else self.alert.name if self.alert else ""
        self.query_one(RunbookView).show(self.runbook, self._anchor, missing=missing)
        self._show_facts()
        self.prepare()
        self.keep_asking()

    def board_changed(self, board: Board | None) -> None:
        """Follow the alert on the board."""
        if board is not None and self.alert is not None:
            found = next((a for a in board.alerts if a.fingerprint == self.alert.fingerprint), None)
            if found is not None:
                self.alert = found
        self._show_facts()

    def tick(self) -> None:
        """Ages go on."""
        self._show_facts()
        self.show_answers()

    def on_resize(self) -> None:
        """Side by side, or tabs."""
        super().on_resize()
        self._show_panes()
        self._show_facts()
        self.show_answers()

    def _show_facts(self) -> None:
        width, now = self.size.width, self.cockpit.session.now()
        board = self.cockpit.board
        row = (
            facts.alert_line(
                self.alert,
                board,
                self.runbook,
                now,
                width,
                self.glyphs,
                lacks=self.cockpit.contract.lacks(self.alert),
            )
            if self.alert
            else facts.runbook_line(self.runbook, width, self.glyphs)
        )
        self.query_one("#facts", Pane).show(row)
        tabs = facts.tabs(tuple(self.answers.values()), second=self.has_class("answers"))
        self.query_one("#tabs", Pane).show(tabs)

    def _show_panes(self) -> None:
        wide = self._wide
        answers_first = self.has_class("answers")
        self.set_class(not wide, "-narrow")
        self.query_one("#tabs").display = not wide
        self.query_one(RunbookView).display = wide or not answers_first
        self.query_one(Cards).display = wide or answers_first

    def action_pane(self) -> None:
        """The other pane."""
        self.toggle_class("answers")
        self._show_panes()
        self._show_facts()
        self.refocus()
        self.show_frame()

    def action_query(self, number: int) -> None:
        """Go to a query's card."""
        if self.query_one(Cards).go_to(number):
            self._asked(self.answers[number])
            if not self.has_class("answers"):
                self.action_pane()

    def action_refresh(self) -> None:
        """Ask everything again."""
        self.again.set()
        if looked_at := self.query_one(Cards).current:
            self._asked(looked_at)
        super().action_refresh()

    def action_leave(self) -> None:
        """Back to the list."""
        self.dismiss()

    def on_cards_chosen(self, event: Cards.Chosen) -> None:
        """Zoom, edit or fill in a query."""
        if not self.is_active:
            return
        if event.action == "fill":
            self._to_fill = list(event.answer.unfilled)
            if self._to_fill:
                self._ask_fill()
            else:
                self.cockpit.tell("nothing to fill in: every placeholder has its label")
            return
        self.app.push_screen(QueryScreen(event.answer, marks=self.marks, edit=event.action == "edit"))

    def _ask_fill(self) -> None:
        name = self._to_fill[0]
        self.query_one(Prompt).ask("fill", f"{name} = ", self.fills.get(name, ""))

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Take a value for a placeholder, or search."""
        prompt = self.query_one(Prompt)
        if event.purpose == "fill" and self._to_fill:
            self.fills[self._to_fill.pop(0)] = event.text
            if self._to_fill:
                self._ask_fill()
                return
            prompt.close()
            self.refocus()
            self.prepare()
        elif event.purpose == "search":
            if not self.query_one(RunbookView).search(event.text):
                prompt.complain("not found")
                return
            prompt.close()
            self.refocus()

    def action_search(self) -> None:
        """Search in the runbook."""
        if self.has_class("answers"):
            self.action_pane()
        self.query_one(Prompt).ask("search", "/", self.query_one(RunbookView).needle)

    def action_copy(self) -> None:
        """Choose a command or a query to copy."""
        asked = tuple(self.answers.values())
        items = facts.copies(asked, self.runbook)

        def copied(at: int) -> None:
            if at < len(asked):
                self._asked(asked[at])
            else:
                self.cockpit.drills.observed("copied", command=items[at][2])

        self.cockpit.show_copies("Copy a query or a command: its sign, or enter", items, copied)

    def _asked(self, answer: Answer) -> None:
        """Take note that the user asked for a query's answer."""
        if answer.state is not AnswerState.UNFILLED:
            self.cockpit.drills.observed("ran_query", query=answer.expr)

    def action_outline(self) -> None:
        """Choose a section to go to."""
        if self.runbook is not None:
            self.cockpit.show_outline(self.runbook, self.query_one(RunbookView).go_to_anchor)

    def action_why(self) -> None:
        """Show the ladder of the alert."""
        if self.alert is not None:
            self.cockpit.show_why(self.alert.fingerprint, self.alert.name)

    def action_links(self) -> None:
        """Show the links of the alert and of its runbook."""
        self.cockpit.show_links(
            self.alert.name if self.alert else "the runbook", facts.all_links(self.alert, self.runbook)
        )
