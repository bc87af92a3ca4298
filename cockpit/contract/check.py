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

    What a comment accepts is no cause any more: what follows from it is reported, and can be accepted too.
    """
    level = repository.settings.level
    chosen = [rule for rule in (all_rules() if rules is None else rules) if level(rule.id) != "off"]
    found = [(rule, problem) for rule in chosen for problem in rule.check(repository)]
    comments = suppress.comments(repository)
    found += suppress.unused(repository, comments, chosen, found)
    found = custom.settled(found, lambda rule, problem: bool(comments.accepting(rule.id, problem.at)))
    suppressed, left = [], []
    for rule, problem in found:
        severity = Severity(level(rule.id) or rule.severity)
        comment = comments.accepting(rule.id, problem.at)
        if comment is None:
            left.append((rule, problem, severity))
        else:
            suppressed.append(Suppressed(_finding(rule, problem, severity, repository), comment.reason))
    causes = rooted(left)
    kept = {id(problem) for _, problem, _ in causes}
    results = [each for each in left if id(each[1]) not in kept]
    return Report(
        findings=_sorted(_finding(*each, repository) for each in causes),
        suppressed=tuple(sorted(suppressed, key=lambda each: _place(each.finding))),
        not_read=repository.not_read,
        consequences=_sorted(_finding(*each, repository) for each in results),
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
