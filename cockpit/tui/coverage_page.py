"""Which runbook, proof and drill each alert has, as lines, and what a check did not look at. Pure."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from cockpit.contract.covered import NO_RUNBOOK, UNDRILLED, UNPROVEN, Covered, Lack
from cockpit.contract.model import Report
from cockpit.contract.words import several
from cockpit.text import one_line
from cockpit.tui.contract_page import place, unseen_lines
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span


def page(rows: Sequence[Covered], report: Report, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return the table, then what was suppressed, not read and not checked."""
    out = [line(Span(" Coverage", "title"), span(f"  {_totals(rows)}", "dim")), EMPTY]
    names = [Span(name, "dim") for name in ("ALERT", "RUNBOOK", "PROOF", "DRILL")]
    table = [names, *(_cells(each) for each in rows)]
    widths = _widths(table, width - 1)
    out += [_row(each, widths, glyphs) for each in table]
    if report.suppressed:
        out += [EMPTY, line(Span(" Suppressed", "title"))]
    for each in report.suppressed:
        found = each.finding
        out.append(
            line(
                span(f"  {place(found)}", "strong"),
                span(f"  {found.rule}: "),
                span(one_line(each.reason, 300), "dim"),
            )
        )
    return (*out, *unseen_lines(report))


def _totals(rows: Sequence[Covered]) -> str:
    """Return how many alerts there are, and how many lack what, without a stated reason."""
    lacking = ((lack.value, sum(lack in row.lacks for row in rows)) for lack in Lack)
    found = ", ".join(f"{count} {word}" for word, count in lacking if count)
    agreed = "each has its runbook, its proof and its drill, or a reason why not"
    return f"{several(len(rows), 'alert')}: {found or agreed}"


def _cells(row: Covered) -> list[Span]:
    proofs = (f"{name} (fails)" if name in row.failing else name for name in row.scenarios)
    return [
        span(row.alert, "strong"),
        _cell(row, (row.runbook.removesuffix(".md"),) if row.runbook else (), Lack.RUNBOOK, NO_RUNBOOK),
        _cell(row, proofs, Lack.PROOF, UNPROVEN),
        _cell(row, row.drills, Lack.DRILL, UNDRILLED),
    ]


def _cell(row: Covered, has: Iterable[str], lack: Lack, rule: str) -> Span:
    """Return what the alert has, or why not; where nothing says why, what it lacks."""
    text = ", ".join(has)
    if lack in row.lacks:
        return span(text or lack.value, "warn")
    excuse = f"none: {row.reasons[rule]}" if rule in row.reasons else "fires always"
    return span(text) if text else span(excuse, "dim")


def _row(cells: Sequence[Span], widths: Sequence[int], glyphs: Glyphs) -> Line:
    fitted = (
        Span(fit(cell.text, wide, ellipsis=glyphs.ellipsis) + "  ", cell.kind)
        for cell, wide in zip(cells, widths, strict=True)
    )
    return (Span(" "), *fitted)


def _widths(table: Sequence[Sequence[Span]], room: int) -> list[int]:
    """Share `room` cells: alert and short columns get what they need, the others what is left, evenly."""
    alert, *needed = (max(cell_len(row[at].text) for row in table) + 2 for at in range(len(table[0])))
    alert = min(alert, room * 2 // 5)
    left = room - alert
    widths = list(needed)
    for done, at in enumerate(sorted(range(len(needed)), key=needed.__getitem__)):
        widths[at] = min(needed[at], left // (len(needed) - done))
        left -= widths[at]
    return [wide - 2 for wide in (alert, *widths)]
