"""What no longer agrees: the findings of the last check of the context's files. Mode 5."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.contract.model import Finding
from cockpit.tui import contract_page
from cockpit.tui.lines import EMPTY, wrap_all
from cockpit.tui.screens.base import MODE_KEYS, MODES
from cockpit.tui.screens.finding import CoverageScreen, FindingScreen, same
from cockpit.tui.screens.listing import ListScreen
from cockpit.tui.widgets.line_view import Pane
from cockpit.tui.widgets.pick_list import PickList

DETAIL = 4
"""Lines below the list for the finding under the cursor."""


class ContractScreen(ListScreen):
    """All findings, worst first; enter opens one, `e` its file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("e", "edit", "edit", id="contract.edit", tooltip="Open file and line in $VISUAL or $EDITOR"),
        Binding("y", "copy", "copy", id="contract.copy", tooltip="Copy file and line"),
        Binding("c", "coverage", "coverage", id="contract.coverage", tooltip="What each alert has, or lacks"),
        Binding("r", "refresh", "check", id="app.refresh", tooltip="Check again, and ask the servers"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("pick.choose", "open"),
        ("contract.edit", "edit"),
        ("contract.coverage", "coverage"),
        ("app.refresh", "check"),
        ("list.filter", "filter"),
        ("contract.copy", "copy"),
        MODE_KEYS,
    )

    IDLE_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("contract.coverage", "coverage"),
        ("app.refresh", "check"),
        ("app.command", "command"),
        MODE_KEYS,
    )

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Finding, ...] = ()

    def compose_body(self) -> ComposeResult:
        """Title, what was looked at, column names, findings, and the one under the cursor in full."""
        yield Pane(id="heading")
        yield Pane(id="looked")
        yield Pane(id="columns")
        yield PickList(self.glyphs)
        yield Pane(id="preview")

    def on_screen_resume(self) -> None:
        """Check, where that was not done yet."""
        super().on_screen_resume()
        self.cockpit.check_first()

    def help_keys(self) -> tuple[tuple[str, str], ...]:
        """Leave out what is done with a finding where there is none."""
        return self.KEYS if self._shown or self.words else self.IDLE_KEYS

    def tick(self) -> None:
        """A check goes on, or has come."""
        self.draw()

    @property
    def current(self) -> Finding | None:
        """The finding under the cursor."""
        at = self.query_one(PickList).cursor
        return self._shown[at] if at < len(self._shown) else None

    def draw(self) -> None:
        """Show the findings that have the words of the filter; the cursor stays on its finding."""
        contract, before, width = self.cockpit.contract, self.current, self.size.width
        report = contract.checked.report if contract.checked else None
        known = contract_page.worst_first(report.findings) if report else ()
        self._shown = tuple(
            each for each in known if self.has_words(each.severity, each.rule, each.path, each.message)
        )
        rows = tuple(contract_page.row(each, width - 2, self.glyphs) for each in self._shown)
        self.show_list(
            "CONTRACT",
            self._count(known),
            contract.problem if known else "",
            contract_page.columns(width - 2),
            rows,
            wrap_all(contract_page.face(contract, self.cockpit.session.now(), self.glyphs), width - 2),
        )
        looked = self.query_one("#looked", Pane)
        looked.display = report is not None and bool(known)
        looked.show(contract_page.looked_at(report, width, self.glyphs) if report else EMPTY)
        if before is not None and before != self.current:
            here = next((at for at, each in enumerate(self._shown) if same(each, before)), None)
            if here is not None:
                self.query_one(PickList).move_to(here)
        self._show_detail()

    def _count(self, known: tuple[Finding, ...]) -> str:
        contract, now = self.cockpit.contract, self.cockpit.session.now()
        if contract.checked is None:
            return ""
        when = contract_page.when(contract, contract.checked.seconds, now)
        shown = f"{len(self._shown)} of " if self.words else ""
        return f"{shown}{contract_page.tally(known)}  {self.glyphs.dot}  {when}"

    def _show_detail(self) -> None:
        pane, finding = self.query_one("#preview", Pane), self.current
        pane.display = finding is not None
        if finding is not None:
            pane.show(*contract_page.detail(finding, self.size.width, DETAIL, self.glyphs))

    def on_pick_list_moved(self) -> None:
        """Show the finding under the cursor in full."""
        self._show_detail()

    def on_pick_list_picked(self, event: PickList.Picked) -> None:
        """Open one."""
        if event.index < len(self._shown):
            self.app.push_screen(FindingScreen(self._shown[event.index]))

    def action_edit(self) -> None:
        """Open the file of the one under the cursor."""
        if self.current is not None:
            self.cockpit.edit(self.current.path, self.current.line)

    def action_copy(self) -> None:
        """Copy file and line of the one under the cursor."""
        if self.current is not None:
            self.cockpit.copy(contract_page.place(self.current), "file and line")

    def action_coverage(self) -> None:
        """Show what each alert has, and what was not looked at."""
        if self.cockpit.contract.checked is None:
            self.cockpit.tell("nothing is checked yet", severity="warning")
        else:
            self.app.push_screen(CoverageScreen())

    def action_refresh(self) -> None:
        """Check again."""
        if self.cockpit.contract.has_folders:
            self.cockpit.check_contract()
        super().action_refresh()
