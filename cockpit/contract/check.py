"""A check: every rule on what was read, one report. Pure."""

from collections.abc import Iterable, Sequence

from cockpit.contract import custom, suppress
from cockpit.contract.causes import rooted
from cockpit.contract.model import Finding, Problem, Report, Severity, Suppressed
from cockpit.contract.repository import Repository
from cockpit.contract.rule import Rule, all_rules
from cockpit.text import one_line


def check(repository: Repository, rules: Sequence[Rule] | None = None) -> Report:
    """Return what the rules, by default all that are not off, say of `repository`.

    What follows from a suppressed problem is a consequence too: its cause is known, and accepted.
    """
    level = repository.settings.level
    chosen = [rule for rule in (all_rules() if rules is None else rules) if level(rule.id) != "off"]
    found = [(rule, problem) for rule in chosen for problem in rule.check(repository)]
    comments = suppress.comments(repository)
    found += suppress.unused(repository, comments, chosen, found)
    found = custom.settled(found, lambda rule, problem: bool(comments.accepting(rule.id, problem.at)))
    own = {rule.id: Severity(level(rule.id) or rule.severity) for rule in chosen}
    causes = rooted(
        [
            (rule, problem, Severity.INFO if comments.accepting(rule.id, problem.at) else own[rule.id])
            for rule, problem in found
        ]
    )
    findings, suppressed = [], []
    for rule, problem, severity in causes:
        comment = comments.accepting(rule.id, problem.at)
        finding = _finding(rule, problem, own[rule.id] if comment else severity, repository)
        if comment:
            suppressed.append(Suppressed(finding, comment.reason))
        else:
            findings.append(finding)
    kept = {id(problem) for _, problem, _ in causes}
    results = (
        _finding(rule, problem, own[rule.id], repository)
        for rule, problem in found
        if id(problem) not in kept
    )
    return Report(
        findings=_sorted(findings),
        suppressed=tuple(sorted(suppressed, key=lambda each: _place(each.finding))),
        not_read=repository.not_read,
        consequences=_sorted(results),
    )


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in order, each once: a rule that aliases repeat is one for its reader."""
    return tuple(dict.fromkeys(sorted(findings, key=_place)))


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, finding.severity.rank, finding.rule, finding.message


def _finding(rule: Rule, problem: Problem, severity: Severity, repository: Repository) -> Finding:
    at = problem.at
    file = repository.files.get(at.path)
    return Finding(
        rule=rule.id,
        severity=severity,
        path=at.path,
        line=at.line,
        message=one_line(problem.message, 500),
        remedy=one_line(problem.remedy, 500),
        source=one_line(file.line(at.line), 300) if file else "",
    )
