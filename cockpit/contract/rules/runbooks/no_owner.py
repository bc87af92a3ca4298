"""Runbook without an owner.

Nobody is named who keeps this runbook true, and who can be asked about it at night. An owner is `owner` or
`team` in the front matter, a line `Owner: ...`, a row `| Owner | ... |`, or a section that is called so;
maintainer, squad, responsible and DRI count too. Where most runbooks name none, a label of
all alerts that lead to the runbook, with one owner (the setting `owner_labels`), is enough. Where nine in ten
runbooks have none, that is said once.

**Remedy.** Name the owner in the front matter: `owner: a-team`.
"""

import re
from collections.abc import Iterator, Sequence

from cockpit.contract.custom import said
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RuleEntry, RunbookEntry
from cockpit.contract.routing.known import is_template
from cockpit.contract.rule import rule

_WORDS = (
    r"(?:(?:service|runbook|alert|code|primary|responsible|owning|product)[ _-]?)?"
    r"(?:owners?|owned[ _-]by|ownership|teams?|maintainers?|maintained[ _-]by|squad|responsible|dri)"
    r"(?: (?:that|which|who) (?:owns?|maintains?|is responsible for) [^\n:|]{1,40}| of [^\n:|]{1,40})?"
)
_LINE = re.compile(rf"^[ \t>*+-]*+[*_`\"']*+{_WORDS}[*_`\"']*[ \t]*[:=][ \t*_`]*[^\s*_`]", re.I | re.M)
_ROW = re.compile(
    rf"^[ \t]*\|[ \t*_`]*{_WORDS}[*_`: \t]*\|[ \t]*[^\s|](?!.*\n[ \t]*\|[ \t:|-]+$)", re.I | re.M
)
_TITLE = re.compile(rf"{_WORDS}|contacts?|.*\bowners?(?:hip)?\b.*", re.I)


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each runbook that names no owner."""
    labels = repository.settings.owner_labels
    ownerless = [entry for entry in repository.runbooks if not _has_owner(entry)]
    if 2 * len(ownerless) > len(repository.runbooks):
        ownerless = [entry for entry in ownerless if not _is_owned(entry.alerts, labels)]
    found = [_problem(entry) for entry in ownerless]
    return said(found, len(repository.runbooks), "hardly any runbook names an owner")


def _problem(entry: RunbookEntry) -> Problem:
    return Problem(
        at=entry.head,
        message=f"{entry.runbook.title} names no owner",
        remedy="name one in its front matter, such as `owner: a-team`",
        rests_on=frozenset((kind, entry.runbook.path) for kind in ("runbook", "front-matter")),
    )


def _is_owned(alerts: Sequence[RuleEntry], labels: Sequence[str]) -> bool:
    """Say whether the alerts have one owner."""
    for label in labels:
        owners = {each.rule.labels.get(label, "") for each in alerts}
        if len(owners) == 1 and not owners & {""} and not any(map(is_template, owners)):
            return True
    return False


def _has_owner(entry: RunbookEntry) -> bool:
    runbook = entry.runbook
    return bool(
        runbook.owner
        or any(_TITLE.fullmatch(each.title.strip()) for each in runbook.sections)
        or _LINE.search(runbook.text)
        or _ROW.search(runbook.text)
    )
