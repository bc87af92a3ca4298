"""Alert without an owner.

Whoever is paged at night cannot see whose alert it is: whom to ask, and who mends it in the morning.

An alert has an owner when its rule, or the group of its rule, sets one of the labels `owner`, `team`, `squad`
or `service_owner` (the setting `owner_labels`), when its expression names one of them, or when its runbook
has an `owner:` in its front matter. Where other alerts of the files take such a label from their series, an
alert whose series may have it too is not reported. Nothing is reported where hardly any alert, fewer than one
in four, has an owner: such a team keeps its owners elsewhere.

**Remedy.** Set the label under `labels:` of the rule, or name the owner in the runbook.
"""

from collections.abc import Iterator
from functools import lru_cache

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.routing.known import Known, known
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._annotations import usual


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert for which neither labels nor runbook name an owner."""
    labels = repository.settings.owner_labels
    ownerless = [each for each in known(repository) if not _is_owned(each, repository)]
    if not labels or 4 * len(ownerless) > 3 * len(repository.alerts):
        return
    of_series = _of_series(repository)
    called = usual(labels, (each.rule.labels for each in repository.alerts))
    for each in ownerless:
        if not any(each.of_expr.can_have(label) for label in of_series):
            name = each.alert.name
            yield Problem(
                at=each.alert.at("alert"),
                message=f"neither a label nor a runbook names the owner of {name}",
                remedy=f"set the label `{called}` under `labels:`, or `owner:` in its runbook",
                breaks=frozenset({("owner", name)}),
            )


def _is_owned(each: Known, repository: Repository) -> bool:
    if any(map(each.names, repository.settings.owner_labels)):
        return True
    ref = repository.runbook_of(each.alert)
    return ref is not None and ref.path in _owned(repository)


@lru_cache(maxsize=2)
def _owned(repository: Repository) -> frozenset[str]:
    return frozenset(each.runbook.path for each in repository.markdown if each.runbook.owner)


def _of_series(repository: Repository) -> list[str]:
    """Return the owner labels that an expression, a template or an alert's query takes from series."""
    texts = [text for each in repository.alerts for text in each.rule.annotations.values()]
    texts += [text for each in repository.alerts for text in each.rule.labels.values()]
    return [
        label
        for label in repository.settings.owner_labels
        if any(each.takes(label) for each in known(repository))
        or any(f"$labels.{label}" in text or f".Labels.{label}" in text for text in texts)
    ]
