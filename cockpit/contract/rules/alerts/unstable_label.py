"""Label whose value changes with every evaluation.

The labels of an alert are what it is known by. Where one of them holds the measured value, each evaluation
makes another alert: the old one resolves, the new one waits for its `for` again and may never fire, and
Alertmanager notifies anew of each.

Reported are templates under `labels:` that print the value (`{{ $value }}`, `{{ .Value | humanize }}`,
`{{ printf "%.0f" $value }}`), the result of a query, or the time (`now`). Not reported are values that only
decide, as in `{{ if gt $value 90.0 }}critical{{ else }}warning{{ end }}`, values that the expression holds
constant (`up == 0`, `absent(...)`), and anything in annotations, where the value belongs.

**Remedy.** Move the value into an annotation.
"""

import re
from collections.abc import Iterator

import promql_parser as promql

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._templates import ACTION
from cockpit.expression import parsed
from cockpit.expression.tree import ABSENCE, bare, is_scalar

_STRING = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`')
_PRINTS_NOTHING = re.compile(r"(?:if|else|with|range|end|define|template|block|/\*|\$\w+\s*:?=)(?!\w)")
_DECIDES = re.compile(r"\(?\s*(?:eq|ne|lt|le|gt|ge|and|or|not)\b")
_VALUE = re.compile(r"\$value\b|(?<![\w.$)])\.Value\b|\$\.Value\b")
_OF_QUERY = re.compile(r"\bquery\b.*\bvalue\b", re.DOTALL)
_NOW = re.compile(r"(?<![\w.$])now\b")


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each label with a template that prints what changes."""
    for alert in repository.alerts:
        for label, text in alert.rule.labels.items():
            what = _changing(text, alert)
            if what:
                yield Problem(
                    at=alert.at("labels", label),
                    message=f"the label `{label}` of {alert.name} holds {what}: whenever it changes, "
                    "it makes another alert",
                    remedy="move it into an annotation",
                    breaks=frozenset({("labels", alert.name)}),
                )


def _changing(text: str, alert: RuleEntry) -> str:
    """Say what changes in the value of a label; empty where nothing does for certain."""
    for action in ACTION.findall(text) if "{{" in text else ():
        code = _STRING.sub('""', action)
        if _PRINTS_NOTHING.match(code) or _DECIDES.match(code):
            continue
        if _VALUE.search(code) and not _is_constant(alert):
            return "the measured value"
        if _OF_QUERY.search(code):
            return "the result of a query"
        if _NOW.search(code):
            return "the time"
    return ""


def _is_constant(alert: RuleEntry) -> bool:
    """Say whether the expression has the same value whenever it has one."""
    node = parsed(alert.rule.expr)
    node = None if node is None else bare(node)
    if isinstance(node, promql.Call):
        return node.func.name in ABSENCE or node.func.name == "vector"
    if isinstance(node, promql.AggregateExpr):
        return str(node.op) == "group"
    if isinstance(node, promql.BinaryExpr):
        # A comparison with a number, `bool` or not, has one value for all that passes.
        of_number = is_scalar(node.lhs) or is_scalar(node.rhs)
        return str(node.op) == "==" and of_number and not (node.modifier and node.modifier.return_bool)
    return node is not None and is_scalar(node)
