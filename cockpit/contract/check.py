"""A check: every rule on what was read, one report. Pure."""

from collections.abc import Iterable, Sequence

from cockpit.contract import suppress
from cockpit.contract.model import Finding, Key, Problem, Report, Severity, Suppressed
from cockpit.contract.repository import Repository
from cockpit.contract.rule import Rule, all_rules
from cockpit.text import one_line

Found = tuple[Rule, Problem]


def check(repository: Repository, rules: Sequence[Rule] | None = None) -> Report:
    """Return what the rules, by default all that are not off, say of `repository`.

    What follows from a suppressed problem is not reported either: its cause is known, and accepted.
    """
    levels = repository.settings.severity
    chosen = [rule for rule in (all_rules() if rules is None else rules) if levels.get(rule.id) != "off"]
    found = [(rule, problem) for rule in chosen for problem in rule.check(repository)]
    comments = suppress.comments(repository)
    found += suppress.unused(repository, comments, chosen, found)
    causes = rooted(found)
    findings, suppressed = [], []
    for rule, problem in causes:
        finding = _finding(rule, problem, repository)
        if comment := comments.accepting(rule.id, problem.at):
            suppressed.append(Suppressed(finding, comment.reason))
        else:
            findings.append(finding)
    return Report(
        findings=tuple(sorted(findings, key=_place)),
        suppressed=tuple(sorted(suppressed, key=lambda each: _place(each.finding))),
        not_read=repository.not_read,
        consequences=len(found) - len(causes),
    )


def rooted(found: Sequence[Found]) -> list[Found]:
    """Return the problems without those that follow from another rule's: one cause is reported once."""
    broken: dict[Key, set[str]] = {}
    for rule, problem in found:
        for key in problem.breaks:
            broken.setdefault(key, set()).add(rule.id)
    return [(rule, each) for rule, each in found if not _follows(rule, each.rests_on, broken)]


def _follows(rule: Rule, keys: Iterable[Key], broken: dict[Key, set[str]]) -> bool:
    return any(broken.get(key, set()) - {rule.id} for key in keys)


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, finding.severity.rank, finding.rule, finding.message


def _finding(rule: Rule, problem: Problem, repository: Repository) -> Finding:
    at = problem.at
    file = repository.files.get(at.path)
    level = repository.settings.severity.get(rule.id)
    return Finding(
        rule=rule.id,
        severity=rule.severity if level is None else Severity(level),
        path=at.path,
        line=at.line,
        message=one_line(problem.message, 500),
        remedy=one_line(problem.remedy, 500),
        source=one_line(file.line(at.line), 300) if file else "",
    )
