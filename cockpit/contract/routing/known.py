"""What is known of an alert's labels from its rule alone. Pure.

Prometheus, and whatever stands between it and Alertmanager, may add labels that no file tells (external
labels, relabelling). A label that some rule of the files sets is taken for the rules' own: nobody adds it.
"""

import re
from functools import lru_cache

from msgspec import Struct

from cockpit import expression
from cockpit.alerts.routing import Matcher
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.vocabulary import vocabulary
from cockpit.errors import UsageError
from cockpit.expression import Labels


class Known(Struct, frozen=True):
    """An alert, the labels that its expression can give it, and `decided`: those that rules set."""

    alert: RuleEntry
    of_expr: Labels
    decided: frozenset[str]

    def value(self, label: str) -> str | None:
        """Return the one value that `label` can have, empty where it lacks it; None where nobody can know."""
        if label == "alertname":
            return self.alert.name
        own = self.alert.rule.labels.get(label)
        if own is not None:
            return None if is_template(own) else own
        if label in self.of_expr.surely:
            return self.of_expr.values.get(label)
        if label.startswith("__") or self.of_expr.can_have(label):
            return None
        return "" if label in self.decided else None

    def has(self, label: str) -> bool:
        """Say whether it surely has `label`, whatever its value is."""
        own = self.alert.rule.labels.get(label)
        return label == "alertname" or bool(label in self.of_expr.surely if own is None else own)

    def names(self, label: str) -> bool:
        """Say whether its rule sets `label`, or its expression names it."""
        own = self.alert.rule.labels.get(label)
        return self.takes(label) if own is None else bool(own)

    def takes(self, label: str) -> bool:
        """Say whether its expression names `label` as one that results have."""
        expr = self.alert.rule.expr
        if label not in expr or not re.search(rf"\b{re.escape(label)}\b", expr):
            return False
        try:
            return label in expression.labels(expr).names
        except UsageError:
            # Of what is no PromQL, such as LogQL, the words are all that is known.
            return True

    def meets(self, matcher: Matcher) -> bool | None:
        """Say whether it meets a condition; None where that cannot be known."""
        value = self.value(matcher.name)
        if value is None:
            never = matcher.op == "=" and not matcher.value and self.has(matcher.name)
            return False if never else None
        return _meets(matcher, value)

    def meets_all(self, matchers: tuple[Matcher, ...]) -> bool | None:
        """Say whether it meets all of the conditions; None where that cannot be known."""
        met = {self.meets(each) for each in matchers}
        return False if False in met else None if None in met else True


@lru_cache(maxsize=65_536)
def _meets(matcher: Matcher, value: str) -> bool | None:
    try:
        return matcher.matches({matcher.name: value})
    except ValueError:
        return None


def is_template(value: str) -> bool:
    """Say whether what stands in the rule is not what the alert has."""
    return "{{" in value


@lru_cache(maxsize=2)
def known(repository: Repository) -> tuple[Known, ...]:
    """Return what is known of the labels of each alert."""
    alerts = repository.alerts
    decided = frozenset(label for each in alerts for label, value in each.rule.labels.items() if value)
    of_rule = vocabulary(repository).of_rule
    return tuple(Known(each, of_rule(each), decided) for each in alerts)
