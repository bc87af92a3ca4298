"""Runbook without a section that it needs.

A full runbook says what the alert means, what to look at first (triage), what to do (mitigation), whom it
harms (impact), whom to call (escalation), and what is left to do afterwards (post-incident). One of these
has no heading in the file, or has one with nothing below it. Well-known other names count: Diagnosis and
Troubleshooting are triage, Resolution and Remediation mitigation, Symptoms a meaning, Contacts an escalation;
`Diagnosis and mitigation` is both, and what is called an order, `Check the logs`, is a step of one.

Which sections are needed is `sections` in the settings. What nine in ten runbooks lack is said once.

**Remedy.** Write the section, or its text; or leave it out of `sections` in the settings.
"""

import re
from collections.abc import Iterator

from cockpit.contract.custom import is_custom, said
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.rule import rule
from cockpit.runbooks.model import Section, SectionKind
from cockpit.runbooks.sections import section_kinds

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ORDERS = {
    SectionKind.TRIAGE: re.compile(
        r"\W*(?:\d+\W+)?(?:check|ensure|confirm|inspect|identify)\s", re.IGNORECASE
    ),
    SectionKind.MITIGATION: re.compile(r"\W*(?:\d+\W+)?(?:fix|restart|restore|scale)\s", re.IGNORECASE),
}
_NO_TEXT = re.compile(r"\s*+(?:#{1,6}(?:\s.*)?|[-=*_\s]*+)")


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield once the sections that a runbook lacks, and each that is empty."""
    needed = repository.settings.sections
    held = [(entry, _by_kind(entry)) for entry in repository.runbooks]
    lacking = {kind: [entry for entry, own in held if not own[kind]] for kind in needed}
    usual = [kind for kind, entries in lacking.items() if is_custom(len(entries), len(held))]
    for kind in usual:
        alike = [_of(entry, [kind]) for entry in lacking[kind]]
        yield from said(alike, len(held), f"hardly any runbook has the section {kind}")
    for entry, own in held:
        missing = [kind for kind in needed if not own[kind] and kind not in usual]
        if missing:
            yield _of(entry, missing)
        for kind in needed:
            if own[kind] and all(_is_empty(entry, each) for each in own[kind]):
                yield Problem(
                    at=entry.at(own[kind][0].start),
                    message=f"the section {own[kind][0].title} is empty",
                    remedy="write what belongs there",
                    breaks=frozenset([("section", entry.runbook.path, kind.value)]),
                )


def _of(entry: RunbookEntry, missing: list[SectionKind]) -> Problem:
    names, headings = ", ".join(missing), ", ".join(kind.capitalize() for kind in missing)
    one = len(missing) == 1
    return Problem(
        at=entry.head,
        message=f"{entry.runbook.title} lacks the section{'' if one else 's'} {names}",
        remedy=f"add {'the heading' if one else 'these headings'}, with text below: {headings}",
        breaks=frozenset(("section", entry.runbook.path, kind.value) for kind in missing),
        rests_on=frozenset([("runbook", entry.runbook.path)]),
    )


def _by_kind(entry: RunbookEntry) -> dict[SectionKind, list[Section]]:
    """Return the sections of each kind; where there is none, the steps that would be in it."""
    held = [(each, section_kinds(each.title, each.level)) for each in entry.runbook.sections]
    own = {kind: [each for each, kinds in held if kind in kinds] for kind in SectionKind}
    for kind, order in _ORDERS.items():
        own[kind] = own[kind] or [each for each, _ in held if each.level > 1 and order.match(each.title)]
    return own


def _is_empty(entry: RunbookEntry, section: Section) -> bool:
    lines = entry.runbook.text.split("\n")[section.start + 1 : section.end]
    return all(_NO_TEXT.fullmatch(line) for line in _COMMENT.sub("", "\n".join(lines)).split("\n"))
