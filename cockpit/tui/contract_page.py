"""The findings of a check as lines: the row of each, what they come to, or why there are none. Pure."""

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from cockpit.contract.model import Finding, Report, Severity
from cockpit.contract.words import counted, several
from cockpit.text import one_line
from cockpit.tui.contract import Contract
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, clip, fit, line, span, spread, wrap
from cockpit.units import short_duration

KINDS = {Severity.ERROR: "crit", Severity.WARNING: "warn", Severity.INFO: "info"}
WIDE = 100
"""Columns from which a row has room for its rule; below, the line above the finding below names it."""
LONGEST = 300


def worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, errors first, and within a severity by file and line.

    Whoever is on call wants to know what does not work; `/` with a path shows all of a file.
    """
    return tuple(sorted(findings, key=lambda each: (each.severity.rank, each.path, each.line, each.rule)))


def place(finding: Finding) -> str:
    """Return file and line, as editors take them."""
    return one_line(finding.path, LONGEST) + (f":{finding.line}" if finding.line else "")


def columns(width: int) -> Line:
    """Return the names of the columns."""
    _, rule, where = _widths(width)
    return (Span(f"{'SEVERITY':<9}{fit('RULE', rule)}{'FILE:LINE':<{where}}MESSAGE", "dim"),)


def row(finding: Finding, width: int, glyphs: Glyphs) -> Line:
    """Return the line of a finding; of a long path its end is kept, which says most."""
    said, rule, where = _widths(width)
    dots = glyphs.ellipsis
    return line(
        Span(f"{finding.severity.value:<9}", KINDS[finding.severity]),
        Span(fit(finding.rule, rule - 2, ellipsis=dots) + "  ") if rule else Span(""),
        Span(_end(place(finding), where - 2, dots) + "  ", "dim"),
        Span(fit(finding.message, said, ellipsis=dots), "strong"),
    )


def _widths(width: int) -> tuple[int, int, int]:
    """Return the cells of message, rule, and place."""
    rule, where = (32, 34) if width >= WIDE else (0, 24)
    return max(10, width - 2 - 9 - rule - where), rule, where


def _end(text: str, width: int, dots: str) -> str:
    """Return the end of `text` in exactly `width` cells."""
    if cell_len(text) <= width:
        return fit(text, width)
    while cell_len(text) > width - len(dots):
        text = text[1:]
    return fit(dots + text, width)


def tally(findings: Sequence[Finding]) -> str:
    """Return how many there are of each severity."""
    named = Counter(each.severity for each in findings)
    words = [several(named[each], each.value) for each in Severity if named[each]]
    return ", ".join(words) or "no findings"


def when(contract: Contract, seconds: float, now: float) -> str:
    """Return when the last check was, and that it took `seconds`; or for how long the next one runs."""
    if contract.since is not None:
        return f"checking again, {_age(contract.since, now)}"
    return f"checked {_age(contract.at, now)} ago in {seconds:.1f} s"


def looked_at(report: Report, width: int, glyphs: Glyphs) -> Line:
    """Return what was looked at and, which is more, what was not."""
    left = line(span(f" {counted(report.counts)} looked at", "dim"))
    out = unseen(report)
    right = line(span(f"  {', '.join(out)}: c says which ", "warn")) if out else EMPTY
    return spread(left, right, width, ellipsis=glyphs.ellipsis)


def unseen(report: Report) -> tuple[str, ...]:
    """Return how much was not read and not checked; nothing where all was."""
    counts = (("not read", len(report.not_read)), ("not checked", len(report.not_checked)))
    return tuple(f"{count} {what}" for what, count in counts if count)


def detail(finding: Finding, width: int, rows: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return message and remedy of a finding below a line that names its rule, on at most `rows` lines."""
    room, dots = width - 1, glyphs.ellipsis
    head = fit(f" {finding.rule} ", min(len(finding.rule) + 2, room), ellipsis=dots)
    ruled = line(Span(glyphs.rule, "rule"), span(head, "dim"), Span(glyphs.rule * (room - len(head)), "rule"))
    message = wrap([Span(" "), span(finding.message, "strong")], room, indent=1)
    remedy = wrap([Span(" "), span("remedy: ", "dim"), span(finding.remedy)], room, indent=9)
    message = _cut(message, rows - 2, room, dots)
    return (ruled, *message, *_cut(remedy, rows - 1 - len(message), room, dots))


def _cut(rows: Sequence[Line], most: int, room: int, dots: str) -> list[Line]:
    """Return at most so many rows; an ellipsis tells that there were more."""
    if len(rows) <= most:
        return list(rows)
    return [*rows[: most - 1], clip((*rows[most - 1], Span(" "), *rows[most]), room, ellipsis=dots)]


def face(contract: Contract, now: float, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return why there is no finding to show, whatever the filter says."""
    checked = contract.checked
    if not contract.has_folders:
        return (
            EMPTY,
            line("  This context names no folders to check."),
            EMPTY,
            line("  --runbooks DIR and --scenarios DIR name them; so do runbooks and scenarios"),
            line("  in the config file."),
        )
    if checked is not None and checked.report.findings:
        return (EMPTY, line("  No finding has these words."), EMPTY, line("  esc clears the filter."))
    if checked is not None and not contract.problem:
        return agrees(checked.report)
    if contract.since is not None:
        return (
            EMPTY,
            line(span(f"  Checking{glyphs.ellipsis} {_age(contract.since, now)}")),
            EMPTY,
            line(Span("  Rules, runbooks, queries, scenarios and drills are read and held", "dim")),
            line(Span("  against each other, and the scenarios are proven with promtool.", "dim")),
        )
    if contract.problem:
        failed = line(span(f"  It could not be checked: {contract.problem}", "crit"))
        return (EMPTY, failed, EMPTY, line("  r tries again."))
    return (EMPTY, line("  Not checked yet: r checks."))


def agrees(report: Report) -> tuple[Line, ...]:
    """Return the face of a check that found nothing; what it could not look at is no agreement."""
    if not any(report.counts.values()):
        return (
            EMPTY,
            line(span("  Nothing to check: these folders hold no rules, runbooks or scenarios.", "warn")),
            *unseen_lines(report),
        )
    said = "What was checked agrees." if unseen(report) else "Everything agrees."
    looked = line(span(f"  {counted(report.counts)} looked at", "plain"))
    rows = [EMPTY, line(span(f"  {said}", "ok")), EMPTY, looked]
    if report.suppressed:
        count = several(len(report.suppressed), "finding")
        rows += [EMPTY, line(span(f"  {count} suppressed, with a reason: c says which"))]
    return (*rows, *unseen_lines(report))


def unseen_lines(report: Report) -> tuple[Line, ...]:
    """Return what was not read and what was not checked, each with its reason."""
    rows: list[Line] = []
    if report.not_read:
        rows += [EMPTY, line(Span(" Not read", "title"))]
    for each in report.not_read:
        where = one_line(each.path, LONGEST) + (f":{each.line}" if each.line else "")
        rows.append(line(span(f"  {where}", "strong"), span(f"  {one_line(each.reason, LONGEST)}", "warn")))
    if report.not_checked:
        rows += [EMPTY, line(Span(" Not checked", "title"))]
    rows += [line(span(f"  {one_line(each, 500)}", "warn")) for each in report.not_checked]
    return tuple(rows)


def _age(then: float, now: float) -> str:
    return short_duration(max(0, int(now - then)))
