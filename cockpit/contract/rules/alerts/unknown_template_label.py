"""Template that prints a label which the alert does not have.

`{{ $labels.instance }}` is empty where the expression aggregates `instance` away, as `sum by (job)` does, or
makes series of its own, as `absent()` does: the notification has a hole where its reader looks for the place.

A template sees the labels of the expression's results alone, without `alertname` and without those that the
rule adds under `labels:`; these too come out empty. What a template asks about first, as
`{{ if $labels.x }}` and `{{ with $labels.x }}` do, is not reported, nor are links to runbooks, of which
alerts/dead-runbook speaks.

**Remedy.** Keep the label in the expression, or leave it out of the text. A label that the rule itself adds
can be written out.
"""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from cockpit.contract.model import Key, Place, Problem, Severity
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._templates import ACTION
from cockpit.contract.rules.queries._dialect import is_metricsql
from cockpit.contract.rules.queries._dropped import dropped_key
from cockpit.contract.rules.queries._words import meant
from cockpit.contract.vocabulary import vocabulary

_LABEL = re.compile(r"\$labels\.(\w+)")
_DOTTED = re.compile(r"(?:(?<![\w.$)])|\$)\.Labels\.(\w+)")
_ASKS = re.compile(r"\s*(?:else\s+)?(?:if|with)\b|\b(?:or|and|eq|ne)\b")
_MOVES_THE_DOT = re.compile(r"\b(?:with|range|define|template)\b")


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each label of an alert that its templates print for nothing, once."""
    other = is_metricsql(repository)
    for alert in repository.alerts if not other else ():
        printed = _printed(repository, alert)
        if not printed:
            continue
        labels = vocabulary(repository).of_rule(alert)
        for label, place in printed.items():
            if not labels.can_have(label):
                problem = _problem(alert, label, place, labels.names)
                yield replace(problem, rests_on=problem.rests_on | dropped_key(repository, alert, label))


def _printed(repository: Repository, alert: RuleEntry) -> dict[str, Place]:
    """Return the labels that templates of the alert print without a question, each with its first place."""
    links = repository.settings.runbook_annotations
    texts = [("labels", name, text) for name, text in alert.rule.labels.items()]
    texts += [
        ("annotations", name, text) for name, text in alert.rule.annotations.items() if name not in links
    ]
    found: dict[str, Place] = {}
    asked: set[str] = set()
    for key, name, text in texts:
        if "{{" not in text:
            continue
        actions = ACTION.findall(text)
        moves = any(_MOVES_THE_DOT.search(action) for action in actions)
        for action in actions:
            labels = [*_LABEL.findall(action), *(() if moves else _DOTTED.findall(action))]
            if _ASKS.search(action):
                asked.update(labels)
            for label in labels:
                found.setdefault(label, _place(alert, key, name, label))
    return {label: place for label, place in found.items() if label not in asked}


def _place(alert: RuleEntry, key: str, name: str, label: str) -> Place:
    at = alert.at(key, name)
    return alert.file.at(alert.file.line_of(label, at.line, at.span[1]), at.span)


def _problem(alert: RuleEntry, label: str, place: Place, names: frozenset[str]) -> Problem:
    if label in alert.rule.labels or label == "alertname":
        why = "which its templates do not see: they have the labels of the expression alone"
        remedy = f"write the value of {label} out"
    else:
        why = "which its expression does not keep"
        remedy = meant(label, names) or f"keep {label} in the expression, or leave it out of the text"
    return Problem(
        at=place,
        message=f"{alert.name} prints the label {label}, {why}",
        remedy=remedy,
        rests_on=frozenset[Key]([("alert", alert.name), ("rules",)]),
    )
