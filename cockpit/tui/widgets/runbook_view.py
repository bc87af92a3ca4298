"""A runbook to read: wrapped to the width once, drawn by visible line, searched and walked by section."""

from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from cockpit.runbooks.block import Block
from cockpit.runbooks.blocks import blocks
from cockpit.runbooks.links import anchor_line
from cockpit.runbooks.model import Runbook
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, line, span
from cockpit.tui.runbook_lines import Drawn, draw
from cockpit.tui.widgets.line_view import LineView


class RunbookView(LineView):
    """Shows one runbook, or says that there is none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "section(1)", "next section", id="runbook.next_section"),
        Binding("left_square_bracket", "section(-1)", "section before", id="runbook.previous_section"),
        Binding("n", "again(1)", "next match", show=False, id="runbook.next_match"),
        Binding("N", "again(-1)", "match before", show=False, id="runbook.previous_match"),
    ]

    def __init__(self, glyphs: Glyphs, *, id: str = "runbook") -> None:
        super().__init__(id=id)
        self.needle = ""
        self._glyphs = glyphs
        self._blocks: tuple[Block, ...] = ()
        self._drawn_for = 0
        self._page = Drawn((EMPTY, line(span(f" Opening{glyphs.ellipsis}", "dim"))))
        self._anchor: str | None = None
        self._runbook: Runbook | None = None

    def show(self, runbook: Runbook | None, anchor: str | None = None, *, missing: str = "") -> None:
        """Show `runbook` from `anchor` on; without one, say what to do for the alert `missing`."""
        self.needle = ""
        self._anchor, self._runbook = anchor, runbook
        if runbook is None:
            self._blocks = ()
            self._page = Drawn(_no_runbook(missing))
            self.redraw()
            return
        self._blocks = blocks(runbook)
        self._lay_out()
        if anchor is not None:
            self.go_to_anchor(anchor)

    def _lay_out(self) -> None:
        if self._blocks:
            self._drawn_for = self.width
            self._page = draw(self._blocks, max(20, self.width), self._glyphs)
        self.redraw()

    def on_resize(self) -> None:
        """Wrap anew for another width, staying at the section that was on top."""
        if not self._blocks or self._drawn_for == self.width:
            super().on_resize()
            return
        first = self._drawn_for == 0
        place = self.section_at(self.scroll_offset.y)
        self._lay_out()
        if first and self._anchor is not None:
            self.go_to_anchor(self._anchor)
        elif place is not None and place < len(self._page.headings) and self.scroll_offset.y:
            self._to(self._page.headings[place])

    def line_count(self) -> int:
        """All wrapped lines."""
        return len(self._page.lines)

    def line(self, y: int) -> Line:
        """Return line `y`, with what was searched for marked."""
        row = self._page.lines[y]
        return _marked(row, self.needle) if self.needle else row

    def section_at(self, y: int) -> int | None:
        """Return the index of the heading that line `y` stands under."""
        below = [i for i, at in enumerate(self._page.headings) if at <= y]
        return below[-1] if below else None

    def go_to_anchor(self, anchor: str) -> None:
        """Put what `anchor` names on top; an unknown one changes nothing."""
        at = self._page.anchors.get(anchor)
        named = anchor_line(self._runbook, anchor) if at is None and self._runbook else None
        if named is not None:
            at = max((y for start, y in self._page.starts if start <= named), default=None)
        if at is not None:
            self._to(at)

    def action_section(self, step: int) -> None:
        """Go to the next section, or the one before."""
        top = self.scroll_offset.y
        if step > 0:
            found = next((y for y in self._page.headings if y > top), None)
        else:
            found = next((y for y in reversed(self._page.headings) if y < top), None)
        if found is not None:
            self._to(found)

    def search(self, text: str) -> bool:
        """Go to the next line, from the top of the view on, that has `text` in any case; tell if any has."""
        self.needle = text.strip()
        self.redraw()
        return not self.needle or self._find(self.scroll_offset.y, 1)

    def action_again(self, step: int) -> None:
        """The next match, or the one before."""
        if self.needle:
            self._find(self.scroll_offset.y + step, step)

    def _find(self, start: int, step: int) -> bool:
        count, wanted = self.line_count(), self.needle.lower()
        for offset in range(count):
            y = (start + step * offset) % count
            if wanted in "".join(s.text for s in self._page.lines[y]).lower():
                self._to(y)
                return True
        return False

    def _to(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)


def _no_runbook(alert: str) -> tuple[Line, ...]:
    return (
        EMPTY,
        line(Span(" "), span(f"No runbook for {alert}" if alert else "No runbook", "warn")),
        EMPTY,
        line(" An alert finds its runbook by, in this order:"),
        line("  - runbook_paths in the config, which maps a URL onto files"),
        line("  - runbook_url: a path, or the file name its URL ends in"),
        line("  - `alerts:` in a runbook's front matter"),
        line("  - a file named after the alert"),
        EMPTY,
        line(span(" --runbooks DIR names the folder to look in.", "dim")),
    )


def _marked(row: Line, needle: str) -> Line:
    """Return `row` with every occurrence of `needle` inside a span marked."""
    out: list[Span] = []
    wanted = needle.lower()
    for part in row:
        text, rest = part.text, part.text.lower()
        if cell_len(text) == 0 or wanted not in rest or len(rest) != len(text):
            out.append(part)
            continue
        at = 0
        while (found := rest.find(wanted, at)) >= 0:
            out += [Span(text[at:found], part.kind), Span(text[found : found + len(wanted)], "found")]
            at = found + len(wanted)
        out.append(Span(text[at:], part.kind))
    return tuple(out)
