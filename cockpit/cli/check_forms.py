"""The outcome of a check on stdout: as text, JSON, annotations of GitHub Actions, or SARIF."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from cockpit.cli import check_text
from cockpit.cli.output import colours, terminal_width, write, write_json
from cockpit.contract.coverage import document as coverage_row
from cockpit.contract.covered import Covered
from cockpit.contract.model import Finding, Report, Severity
from cockpit.contract.paths import placed, repository_root
from cockpit.contract.run import Outcome


def write_form(
    outcome: Outcome,
    form: str,
    *,
    least: Severity,
    passed: bool,
    baseline: bool,
    coverage: Sequence[Covered] | None,
    consequences: bool,
) -> None:
    """Write what came of a check, findings below the severity `least` left out."""
    whole = outcome.report
    report = replace(
        whole, findings=_least(whole.findings, least), consequences=_least(whole.consequences, least)
    )
    hidden = len(whole.findings) - len(report.findings)
    if form == "json":
        from cockpit.contract.forms.document import document

        rows = None if coverage is None else [coverage_row(each) for each in coverage]
        now = outcome.repository.now
        write_json(document(report, now=now, passed=passed, baseline=baseline, coverage=rows), pretty=True)
    elif form == "sarif":
        from cockpit.contract.forms.sarif import log
        from cockpit.contract.rule import all_rules

        write_json(log(placed(report, repository_root(Path.cwd())), all_rules()), pretty=True)
    else:
        lines = _github if form == "github" else _text
        summary = check_text.summary(report, outcome.seconds, hidden, listed=consequences)
        write("\n".join(lines(report, summary, coverage, consequences)))


def _least(findings: tuple[Finding, ...], least: Severity) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.severity.rank <= least.rank)


def _text(
    report: Report, summary: Iterable[str], coverage: Sequence[Covered] | None, consequences: bool
) -> Iterator[str]:
    width, colour = terminal_width(), colours()
    yield from check_text.findings(report.findings, width=width, colour=colour)
    if consequences and report.consequences:
        yield from ("What follows from others:", "")
        yield from check_text.findings(report.consequences, width=width, colour=colour)
    if coverage is not None:
        yield from (*check_text.coverage(coverage, width), "")
    for line in summary:
        yield from check_text.flowed(line, width)


def _github(
    report: Report, summary: Iterable[str], coverage: Sequence[Covered] | None, consequences: bool
) -> Iterator[str]:
    from cockpit.contract.forms.github import annotations, plain

    here = placed(report, repository_root(Path.cwd()))
    yield from annotations(here.findings)
    if consequences:
        follow = (
            replace(each, message=f"follows from another: {each.message}") for each in here.consequences
        )
        yield from annotations(follow)
    if coverage is not None:
        yield from (plain(line) for line in (*check_text.coverage(coverage, None), ""))
    yield from map(plain, summary)
