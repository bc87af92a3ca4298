"""The outcome of a check on stdout: as text, JSON, annotations of GitHub Actions, or SARIF."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cockpit.cli import check_text
from cockpit.cli.output import colours, terminal_width, write, write_json
from cockpit.contract.coverage import document as coverage_row
from cockpit.contract.covered import Covered
from cockpit.contract.model import Report, Severity
from cockpit.contract.run import Outcome


def write_form(
    outcome: Outcome,
    form: str,
    *,
    least: Severity,
    passed: bool,
    baseline: bool,
    coverage: Sequence[Covered] | None,
) -> None:
    """Write what came of a check, findings below the severity `least` left out."""
    shown = tuple(each for each in outcome.report.findings if each.severity.rank <= least.rank)
    report = replace(outcome.report, findings=shown)
    hidden = len(outcome.report.findings) - len(shown)
    if form == "json":
        from cockpit.contract.forms.document import document

        rows = None if coverage is None else [coverage_row(each) for each in coverage]
        now = outcome.repository.now
        write_json(document(report, now=now, passed=passed, baseline=baseline, coverage=rows), pretty=True)
    elif form == "sarif":
        from cockpit.contract.forms.sarif import log
        from cockpit.contract.rule import all_rules

        write_json(log(report, all_rules()), pretty=True)
    else:
        lines = _github if form == "github" else _text
        write("\n".join(lines(outcome, report, hidden, coverage)))


def _text(outcome: Outcome, report: Report, hidden: int, coverage: Sequence[Covered] | None) -> Iterator[str]:
    width = terminal_width()
    yield from check_text.findings(report.findings, width=width, colour=colours())
    if coverage is not None:
        yield from (*check_text.coverage(coverage, width), "")
    for line in check_text.summary(report, outcome.seconds, hidden):
        yield from check_text.flowed(line, width)


def _github(
    outcome: Outcome, report: Report, hidden: int, coverage: Sequence[Covered] | None
) -> Iterator[str]:
    from cockpit.contract.forms.github import annotations, plain

    yield from annotations(report.findings)
    if coverage is not None:
        yield from (plain(line) for line in (*check_text.coverage(coverage, None), ""))
    yield from (plain(line) for line in check_text.summary(report, outcome.seconds, hidden))
