"""What a PromQL expression asks for: comparisons, selectors, and where it gives a label up. Pure."""

from cockpit.expression.compare import Comparison, Role, comparisons
from cockpit.expression.labels import ANY, Labels, labels
from cockpit.expression.loss import absences, gives_up, starves
from cockpit.expression.tree import Selector, parse, parsed, selectors

__all__ = [
    "ANY",
    "Comparison",
    "Labels",
    "Role",
    "Selector",
    "absences",
    "comparisons",
    "gives_up",
    "labels",
    "parse",
    "parsed",
    "selectors",
    "starves",
]
