"""A check: every rule on what was read, one report. Pure."""

from collections.abc import Iterable, Sequence

from cockpit.contract.model import Finding, Key, Problem, Report
from cockpit.contract.repository import Repository
from cockpit.contract.rule import Rule, all_rules
from cockpit.text import one_line


def check(repository: Repository, rules: Sequence[Rule] | None = None) -> Report:
    """Return what the rules, by default all that are not off, say of `repository`."""
    off = {name for name, severity in repository.settings.severities.items() if severity is None}
    chosen = [each for each in (all_rules() if rules is None else rules) if each.id not in off]
    found = [(each, problem) for each in chosen for problem in each.check(repository)]
    causes = rooted(found)
    findings = [_finding(rule, problem, repository) for rule, problem in causes]
    findings.sort(key=lambda each: (each.path, each.line, each.rule, each.message))
    return Report(
        findings=tuple(findings),
        not_read=repository.not_read,
        consequences=len(found) - len(causes),
    )


def rooted(found: Sequence[tuple[Rule, Problem]]) -> list[tuple[Rule, Problem]]:
    """Return the problems without those that follow from another rule's: one cause is reported once."""
    broken: dict[Key, set[str]] = {}
    for rule, problem in found:
        for key in problem.breaks:
            broken.setdefault(key, set()).add(rule.id)
    return [(rule, each) for rule, each in found if not _follows(rule, each.rests_on, broken)]


def _follows(rule: Rule, keys: Iterable[Key], broken: dict[Key, set[str]]) -> bool:
    return any(broken.get(key, set()) - {rule.id} for key in keys)


def _finding(rule: Rule, problem: Problem, repository: Repository) -> Finding:
    at = problem.at
    file = repository.files.get(at.path)
    return Finding(
        rule=rule.id,
        severity=repository.settings.severities.get(rule.id) or rule.severity,
        path=at.path,
        line=at.line,
        message=one_line(problem.message, 500),
        remedy=one_line(problem.remedy, 500),
        source=one_line(file.line(at.line), 300) if file else "",
    )
