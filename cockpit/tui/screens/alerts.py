"""The alerts: list and preview. Mode 1."""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.alerts.filter import Filter, half_typed, parse
from cockpit.alerts.model import Board
from cockpit.errors import UsageError
from cockpit.tui import faces, frame, present, preview
from cockpit.tui.alerts_view import View, ViewSpec, build
from cockpit.tui.lines import EMPTY, Line, wrap_all
from cockpit.tui.messages import ViewBuilt
from cockpit.tui.screens.base import MODE_KEYS, MODES
from cockpit.tui.screens.past import PastScreen
from cockpit.tui.widgets.alert_list import AlertList
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.prompt import Prompt

GROUP_KEYS = ("", "alertname", "service", "severity", "owner")
INLINE_UP_TO = 1000
"""Boards of more alerts are filtered and sorted in a thread, so that no key waits for it."""


class AlertsScreen(PastScreen):
    """The list of alerts. Enter opens the runbook with its answers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", id="alerts.filter", tooltip="Filter by matchers and words"),
        Binding(
            "b", "group", "group by", id="alerts.group", tooltip="Group by name, service, severity, owner"
        ),
        Binding("y", "copy", "copy", id="alerts.copy", tooltip="Copy the marked alerts, or this one"),
        Binding("o", "links", "links", id="alerts.links", tooltip="Show the links of this alert"),
        Binding("n", "seen", "all seen", id="alerts.seen", tooltip="Nothing is new any more"),
        Binding("escape", "clear", "clear", id="alerts.clear", tooltip="Clear marks, then the filter"),
        Binding("w", "why", "why", id="alerts.why", tooltip="Say why this alert fires, or is not told"),
        *MODES,
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("alerts.open", "open"),
        ("alerts.why", "why"),
        ("alerts.filter", "filter"),
        ("alerts.group", "group"),
        ("alerts.mark", "mark"),
        ("app.command", "command"),
        ("alerts.copy", "copy"),
        ("alerts.links", "links"),
        MODE_KEYS,
    )

    def __init__(self, group_key: str = "") -> None:
        super().__init__()
        self.spec = ViewSpec(group_key=group_key)
        self._wanted = asyncio.Event()
        self._view = View()
        self._is_clear = False

    def compose_body(self) -> ComposeResult:
        """Title, column names, list, preview."""
        yield Pane(id="heading")
        yield Pane(id="columns")
        yield AlertList(self.glyphs, self.cockpit.contract.lacks)
        yield Pane(id="preview")

    def on_mount(self) -> None:
        """Start building views."""
        super().on_mount()
        self.refocus()
        self._build_views()

    def refocus(self) -> None:
        """The list has the focus."""
        self.alert_list.focus()

    @property
    def alert_list(self) -> AlertList:
        """The list."""
        return self.query_one(AlertList)

    def board_changed(self, board: Board | None) -> None:
        """Build the rows anew."""
        self._drop_untrue()
        self._show_heading()
        self._wanted.set()

    def _drop_untrue(self) -> None:
        """Take away an all-clear that holds no more as soon as the banner says so, whatever draws that."""
        board = self.cockpit.board
        if board is None or (self._is_clear and not board.all_clear):
            self._show_faces()

    def set_view(self, *, filter_text: str | None = None, group_key: str | None = None) -> None:
        """Filter or group anew. Raises UsageError for a filter that cannot be read."""
        chosen = self.spec.filter if filter_text is None else parse(filter_text)
        key = self.spec.group_key if group_key is None else group_key
        toggled = self.spec.toggled if key == self.spec.group_key else frozenset()
        self.spec = ViewSpec(filter=chosen, group_key=key, toggled=toggled)
        self.cockpit.attention.filter = chosen
        self._wanted.set()

    @work(exit_on_error=False)
    async def _build_views(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            board, spec, now = self.cockpit.board, self.spec, self.cockpit.session.now()
            if board is None:
                continue
            try:
                if len(board.alerts) > INLINE_UP_TO:
                    view = await asyncio.to_thread(build, board, spec, now)
                else:
                    view = build(board, spec, now)
            except Exception as error:
                self.cockpit.report(error, "the list could not be built, and is old")
                continue
            self.post_message(ViewBuilt(board, spec, view))

    def on_view_built(self, event: ViewBuilt) -> None:
        """Show the rows; the cursor stays on its alert."""
        board = self.cockpit.board
        if event.board.all_clear and not (board and board.all_clear):
            return
        self._view = event.view
        self._is_clear = event.board.all_clear and not event.view.rows
        now = self.cockpit.session.now()
        face = faces.face(
            event.board,
            event.spec.filter.text,
            self.cockpit.session.context.name,
            now,
            self.glyphs,
            before=self.before,
        )
        if self._is_clear:
            self.ask_what_fired()
        new = self.cockpit.attention.new
        self.alert_list.show(event.board, event.view, event.spec, self._wrapped(face), new, now)
        self._show_heading()
        self._show_preview()

    def _show_faces(self) -> None:
        self._is_clear = False
        now = self.cockpit.session.now()
        face = faces.face(None, "", self.cockpit.session.context.name, now, self.glyphs)
        self.alert_list.show(None, View(), self.spec, self._wrapped(face), frozenset(), now)

    def _wrapped(self, face: tuple[Line, ...]) -> tuple[Line, ...]:
        return wrap_all(face, max(20, self.alert_list.width))

    def _show_heading(self) -> None:
        width, view, board = self.size.width, self._view, self.cockpit.board
        self.query_one("#heading", Pane).show(
            frame.heading(
                self.spec.group_key,
                self.spec.filter.text,
                view.matching,
                view.total,
                len(self.cockpit.attention.new),
                width,
                self.glyphs,
                all_clear=board is not None and board.all_clear and bool(view.rows),
            )
        )
        columns = self.query_one("#columns", Pane)
        columns.show(present.Columns(self.alert_list.width).header(self.glyphs) if view.rows else EMPTY)

    def on_resize(self) -> None:
        """Columns depend on the width."""
        super().on_resize()
        self._show_heading()
        self._show_preview()

    def tick(self) -> None:
        """Ages and countdowns go on."""
        self._drop_untrue()
        self.alert_list.tick(self.cockpit.session.now())
        self.ask_detail(self.alert_list.current)
        self._show_preview()

    def on_alert_list_moved(self, event: AlertList.Moved) -> None:
        """Preview the row under the cursor."""
        if event.row is not None and event.row.group is None:
            self.cockpit.attention.look_at(event.row.alert.fingerprint)
        self._show_preview()
        self.ask_detail(event.row)

    def detail_came(self) -> None:
        """Show it below the list."""
        self._show_preview()

    def before_came(self) -> None:
        """Show it on the all-clear."""
        self._wanted.set()

    def _show_preview(self) -> None:
        pane = self.query_one("#preview", Pane)
        row = self.alert_list.current
        pane.display = row is not None
        if row is None:
            return
        width, now = self.size.width, self.cockpit.session.now()
        if row.group is not None:
            pane.show(*preview.group_lines(row.group, width, self.glyphs))
            return
        detail = self.detail_of(row.alert)
        speed = self.cockpit.session.context.speed
        lacks = self.cockpit.contract.lacks(row.alert)
        pane.show(*preview.alert_lines(row.alert, detail, now, speed, width, self.glyphs, lacks=lacks))

    def on_alert_list_opened(self, event: AlertList.Opened) -> None:
        """Open an alert; open or close a group. A second enter before the screen has changed does nothing."""
        row = event.row
        if not self.is_active:
            return
        if row.group is not None:
            self.spec = ViewSpec(
                filter=self.spec.filter, group_key=self.spec.group_key, toggled=self.spec.toggled ^ {row.key}
            )
            self._wanted.set()
            return
        self.cockpit.open_alert(row.alert)

    def action_filter(self) -> None:
        """Ask for a filter; it is applied while it is typed."""
        self.query_one(Prompt).ask("filter", "/", self.spec.filter.text)

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        """Filter while typing; what cannot be read yet leaves the list as it is."""
        if event.purpose != "filter" or half_typed(event.text):
            return
        try:
            self.set_view(filter_text=event.text)
        except UsageError as error:
            self.set_view(filter_text=self.query_one(Prompt).before)
            self.query_one(Prompt).complain(str(error))
        else:
            self.query_one(Prompt).complain("")

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Keep the filter that typing has set, if it can be read.

        It is not set once more: a key right behind enter may have cleared it already.
        """
        if event.purpose != "filter":
            return
        try:
            parse(event.text)
            if half_typed(event.text):
                self.set_view(filter_text=event.text)
        except UsageError as error:
            self.query_one(Prompt).complain(str(error))
            return
        self.query_one(Prompt).close()
        self.refocus()

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Go back to the filter from before."""
        if event.purpose == "filter":
            self.set_view(filter_text=event.before)
        self.refocus()

    def action_clear(self) -> None:
        """Clear the marks, or else the filter."""
        if self.alert_list.marked:
            self.alert_list.marked.clear()
            self.alert_list.reload()
        elif self.spec.filter:
            self.set_view(filter_text=Filter.EMPTY.text)

    def action_group(self) -> None:
        """Group by the next label."""
        at = GROUP_KEYS.index(self.spec.group_key) if self.spec.group_key in GROUP_KEYS else -1
        self.set_view(group_key=GROUP_KEYS[(at + 1) % len(GROUP_KEYS)])

    def action_seen(self) -> None:
        """Nothing is new any more."""
        self.cockpit.attention.look_at_all()
        self._wanted.set()

    def action_copy(self) -> None:
        """Copy the alerts as matchers, one a line."""
        alerts = self.alert_list.selected_alerts()
        if alerts:
            text = "\n".join(preview.as_matchers(a) for a in alerts)
            self.cockpit.copy(text, "1 alert" if len(alerts) == 1 else f"{len(alerts)} alerts")

    def action_why(self) -> None:
        """Show the ladder of the alert under the cursor; with none there, the rules that could fire."""
        row = self.alert_list.current
        if row is None:
            self.cockpit.show_rules()
        elif row.group is None:
            self.cockpit.show_why(row.alert.fingerprint, row.alert.name)

    def action_links(self) -> None:
        """Show the links of the alert under the cursor."""
        row = self.alert_list.current
        if row is not None and row.group is None:
            self.cockpit.show_links(row.alert.name, preview.links(row.alert))
