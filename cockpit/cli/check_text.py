"""A report for people: findings by file, each with its line and its remedy, then what was looked at."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from cockpit.cli.output import display_width, shorten, table
from cockpit.contract.covered import NO_RUNBOOK, UNDRILLED, UNPROVEN, Covered
from cockpit.contract.model import Finding, Report, Severity
from cockpit.contract.words import counted, several
from cockpit.text import one_line

FEW = 5
"""How many of the files that were not read are told."""

_STYLES = {
    Severity.ERROR: "1;31",
    Severity.WARNING: "33",
    Severity.INFO: "36",
    "path": "1",
    "source": "2",
    "rule": "2",
}


def findings(found: Iterable[Finding], *, width: int | None, colour: bool) -> Iterator[str]:
    """Yield the lines of findings, those of a file together; they come sorted.

    `width` is that of the terminal, None for no wrapping. A line and a remedy are told once in a file.
    """
    for path, together in groupby(found, key=lambda each: each.path):
        held = tuple(together)
        yield _styled(one_line(path), "path", colour)
        margin = len(str(max(each.line for each in held))) + 2
        told: set[str | int] = set()
        for each in held:
            yield from _finding(each, margin, width, colour, told)
            told |= {each.remedy, each.line}
        yield ""


def _finding(
    finding: Finding, margin: int, width: int | None, colour: bool, told: set[str | int]
) -> Iterator[str]:
    number = str(finding.line or "-").rjust(margin)
    blank = " " * (margin + 2)
    word = finding.severity.value.ljust(len("warning"))
    start = f"{number}  {_styled(word, finding.severity, colour)}  "
    indent = " " * (len(number) + 2 + len(word) + 2)
    rows = wrapped(f"{finding.message}  [{finding.rule}]", width, len(indent))
    yield start + rows[0]
    yield from (indent + row for row in rows[1:])
    if finding.source and finding.line not in told:
        cut = None if width is None else max(20, width - margin - 4)
        yield blank + _styled(
            f"| {finding.source if cut is None else shorten(finding.source, cut)}", "source", colour
        )
    if finding.remedy and finding.remedy not in told:
        yield from (blank + row for row in wrapped(f"remedy: {finding.remedy}", width, len(blank)))


def wrapped(text: str, width: int | None, indent: int) -> list[str]:
    """Return cleaned text in lines that fit into `width` cells after `indent`; no word is broken."""
    words = one_line(text).split(" ")
    if width is None:
        return [" ".join(words)]
    room, rows = max(30, width - indent), [""]
    for word in words:
        longer = f"{rows[-1]} {word}" if rows[-1] else word
        if rows[-1] and display_width(longer) > room:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def flowed(line: str, width: int | None) -> Iterator[str]:
    """Yield a line in as many as it takes, the further ones indented below the first."""
    lead = line[: len(line) - len(line.lstrip())]
    first, *rest = wrapped(line, width, len(lead) + 2)
    yield lead + first
    yield from (f"{lead}  {row}" for row in rest)


def _styled(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour else text


def coverage(rows: Iterable[Covered], width: int | None) -> list[str]:
    """Return a table: the runbook, scenarios and drills of each alert, or the reason that it has none."""
    return table(
        ("ALERT", "RUNBOOK", "SCENARIOS", "DRILLS"),
        [
            (
                row.alert,
                row.runbook or _lacking(row, NO_RUNBOOK),
                _named(row.scenarios, row.failing) or _lacking(row, UNPROVEN),
                ", ".join(row.drills) or _lacking(row, UNDRILLED),
            )
            for row in rows
        ],
        width=width,
    ).split("\n")


def _named(scenarios: Iterable[str], failing: Sequence[str]) -> str:
    return ", ".join(f"{name} (fails)" if name in failing else name for name in scenarios)


def _lacking(row: Covered, rule: str) -> str:
    if rule in row.reasons:
        return f"none: {row.reasons[rule]}"
    return "fires always" if row.always and rule != NO_RUNBOOK else "none"


def summary(report: Report, seconds: float, hidden: int = 0, *, listed: bool = False) -> Iterator[str]:
    """Yield what was found in all, what was looked at, and what was not; `hidden` findings are not shown.

    With `listed` the consequences were.
    """
    looked = f"{counted(report.counts)} looked at in {seconds:.1f} s" if any(report.counts.values()) else ""
    if found := report.findings:
        named = Counter(each.severity for each in found)
        words = ", ".join(several(named[each], each) for each in Severity if named[each])
        where = several(len({each.path for each in found}), "file")
        yield "; ".join(filter(None, (f"{words} in {where}", looked)))
    elif looked:
        yield f"no findings{' of that severity' if hidden else ''}: {looked}"
    else:
        yield "nothing to check: no rules, Alertmanager config, runbooks, scenarios, drills or dashboards"
    if hidden:
        yield f"less severe, not shown: {hidden}"
    if report.consequences:
        yield _following(report) + ("" if listed else ": --consequences lists them")
    yield from _notes(report)


def _following(report: Report) -> str:
    follow = "1 follows" if len(report.consequences) == 1 else f"{len(report.consequences)} follow"
    return f"{follow} from {'these' if report.findings else 'what is not shown'}"


def _notes(report: Report) -> Iterator[str]:
    if report.suppressed:
        yield f"suppressed, with a reason: {len(report.suppressed)}"
    if report.known:
        yield f"accepted by the baseline: {report.known}"
    if report.gone:
        are = "accepted finding is" if report.gone == 1 else "accepted findings are"
        yield f"{report.gone} {are} gone: --accept drops {'it' if report.gone == 1 else 'them'}"
    if report.not_read:
        yield f"not read: {several(len(report.not_read), 'path')}"
        for each in report.not_read[:FEW]:
            where = one_line(each.path) + (f":{each.line}" if each.line else "")
            yield f"  {where}: {one_line(each.reason, 300)}"
        if len(report.not_read) > FEW:
            yield f"  and {len(report.not_read) - FEW} more: -o json has them all"
    for sentence in report.not_checked:
        yield f"not checked: {one_line(sentence, 500)}"
