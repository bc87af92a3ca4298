"""Pages above mode 5: one finding with its lines and its rule, and the coverage of all alerts."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.contract.model import Finding
from cockpit.files import read_regular
from cockpit.runbooks.block import Block
from cockpit.tui import contract_page, coverage_page, finding_page
from cockpit.tui.finding_page import Excerpt
from cockpit.tui.lines import Line
from cockpit.tui.screens.base import MODES
from cockpit.tui.screens.page import PageScreen

if TYPE_CHECKING:
    from cockpit.contract.apart import Checked

AROUND = 5
"""Lines that are shown before and behind the one of a finding."""
MAX_BYTES = 2**24
LONGEST_LINE = 1000


def same(one: Finding, other: Finding) -> bool:
    """Say whether two checks found the same; lines move when a file is edited."""
    return (one.rule, one.path, one.message) == (other.rule, other.path, other.message)


def excerpt(path: str, line: int) -> Excerpt:
    """Return the lines around a line of a file, or why they cannot be read."""
    if not line:
        return Excerpt(problem="no line of a file is known")
    try:
        lines = read_regular(Path(path), MAX_BYTES).split(b"\n")
    except (OSError, ValueError) as error:
        return Excerpt(problem=f"cannot be read: {getattr(error, 'strerror', None) or error}")
    first = max(1, line - AROUND)
    shown = lines[first - 1 : line + AROUND]
    return Excerpt(first, tuple(each[:LONGEST_LINE].decode("utf-8", "replace") for each in shown))


def rule_page(name: str) -> tuple[Block, ...]:
    """Return the page of a rule; nothing for one that is not known here."""
    from cockpit.contract.rule import all_rules
    from cockpit.runbooks.blocks import blocks
    from cockpit.runbooks.parse import parse

    rule = next((rule for rule in all_rules() if rule.id == name), None)
    if rule is None:
        return ()
    text = f"## {rule.title}\n" + rule.page.partition("\n")[2]
    # Its queries are examples, and have no number to press.
    return blocks(replace(parse(text, path=name, folder=Path()), queries=(), commands=()))


class FileRead(Message):
    """The lines of a finding's file, and the page of its rule."""

    def __init__(self, excerpt: Excerpt, rule: tuple[Block, ...]) -> None:
        super().__init__()
        self.excerpt, self.rule = excerpt, rule


class FindingScreen(PageScreen):
    """One finding. After a check it is the one that was found again, or it is gone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("e", "edit", "edit", id="finding.edit", tooltip="Open file and line in $VISUAL or $EDITOR"),
        Binding("y", "copy", "copy", id="finding.copy", tooltip="Copy file and line"),
        Binding("r", "refresh", "check", id="app.refresh", tooltip="Check again, and ask the servers"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("finding.edit", "edit"),
        ("finding.copy", "copy"),
        ("app.refresh", "check"),
        ("move.down,move.up", "scroll"),
    )
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("page.back", "back"), ("app.help", "help"))

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        self._excerpt: Excerpt | None = None
        self._rule: tuple[Block, ...] = ()
        self._gone = False
        self._by: Checked | None = None

    def on_mount(self) -> None:
        """Read the file."""
        super().on_mount()
        self._by = self.cockpit.contract.checked
        self._read()

    @work(exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        found = await asyncio.to_thread(excerpt, self._finding.path, self._finding.line)
        rule = self._rule or await asyncio.to_thread(rule_page, self._finding.rule)
        self.post_message(FileRead(found, rule))

    def on_file_read(self, event: FileRead) -> None:
        """Show it."""
        self._excerpt, self._rule = event.excerpt, event.rule
        self.board_changed(self.cockpit.board)

    def tick(self) -> None:
        """Look for the finding in a new check."""
        checked = self.cockpit.contract.checked
        if checked is None or checked is self._by:
            return
        self._by = checked
        again = next((each for each in checked.report.findings if same(each, self._finding)), None)
        self._gone = again is None
        self._finding = again or self._finding
        self._read()

    def page(self) -> tuple[Line, ...]:
        """Return the finding, its lines, and the page of its rule."""
        return finding_page.page(
            self._finding,
            self._excerpt,
            self._rule,
            max(40, self.size.width - 1),
            self.glyphs,
            gone=self._gone,
        )

    def action_edit(self) -> None:
        """Open the file."""
        self.cockpit.edit(self._finding.path, self._finding.line)

    def action_copy(self) -> None:
        """Copy file and line."""
        self.cockpit.copy(contract_page.place(self._finding), "file and line")

    def action_refresh(self) -> None:
        """Check again."""
        self.cockpit.check_contract()
        super().action_refresh()


class CoverageScreen(PageScreen):
    """What each alert has and lacks, and what the last check did not look at."""

    BINDINGS: ClassVar[list[BindingType]] = [*MODES]

    def tick(self) -> None:
        """A new check may have come."""
        self.board_changed(self.cockpit.board)

    def page(self) -> tuple[Line, ...]:
        """Return the table and the lists below it."""
        checked = self.cockpit.contract.checked
        if checked is None:
            return ()
        return coverage_page.page(checked.covered, checked.report, max(40, self.size.width - 1), self.glyphs)
