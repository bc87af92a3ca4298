"""Which rule drops a label that is asked of its result, or of what rests on it, in vain."""

import re

from cockpit import expression
from cockpit.contract.model import Key, Place
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.vocabulary import name_in, selectors_of, vocabulary
from cockpit.errors import UsageError

_CHOICE = re.compile(r"\b(by|on|without|ignoring)\s*\(([^()]*)\)", re.IGNORECASE)
_KEEPING = frozenset({"by", "on"})
_NAME = re.compile(r"\w+")


def dropping(repository: Repository, rule: RuleEntry, label: str) -> RuleEntry | None:
    """Return the rule that drops `label`, which results of `rule` cannot have: it, or a recording rule below.

    None where nothing that they read can have it.
    """
    known = vocabulary(repository)
    seen: set[int] = set()
    left = [rule]
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        metrics = [name for name in map(name_in, selectors_of(each.rule.expr)) if name]
        if _keeps(each, label):
            lacking = (name for name in metrics if not known.labels(name).can_have(label))
            left += [below for name in lacking for below in known.recording(name)]
        elif any(known.labels(name).can_have(label) for name in metrics):
            return each
    return None


def key_of(rule: RuleEntry, label: str) -> Key:
    """Return the key that says that `rule` drops `label`."""
    return "label", rule.file.path, str(rule.node.line), label


def dropped_key(repository: Repository, rule: RuleEntry, label: str) -> frozenset[Key]:
    """Return the key of the rule that drops `label` on the way to results of `rule`, none where none does."""
    found = dropping(repository, rule, label)
    return frozenset() if found is None else frozenset([key_of(found, label)])


def proofs_on(repository: Repository, rule: RuleEntry) -> frozenset[Key]:
    """Return the keys of the proofs that expect labels of alerts which rest on `rule`."""
    alerts = [rule.name] if rule.rule.is_alert else vocabulary(repository).alerts_on(rule.name)
    return frozenset(("labels", name) for name in alerts)


def place_of(repository: Repository, rule: RuleEntry, label: str) -> Place:
    """Return the line in which `rule` chooses its labels without `label`, or else its expression's."""
    query = next((each for each in repository.queries if each.rule is rule), None)
    if query is None:
        return rule.at("expr")
    first, last = query.lines
    text = "\n".join(query.file.line(number) for number in range(first, last + 1))
    for choice in _CHOICE.finditer(text):
        is_kept = (label in _NAME.findall(choice[2])) is (choice[1].lower() in _KEEPING)
        if not is_kept:
            return query.file.at(first + text.count("\n", 0, choice.start()), query.span)
    return query.at()


def _keeps(rule: RuleEntry, label: str) -> bool:
    """Say whether results of `rule` can have `label` if all that it reads has it."""
    try:
        return expression.labels(rule.rule.expr).can_have(label)
    except UsageError:
        return True
