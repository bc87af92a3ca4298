"""What a PromQL expression asks for: comparisons, selectors, and where it gives a label up. Pure."""

from cockpit.expression.compare import Comparison, Role, comparisons
from cockpit.expression.loss import absences, gives_up, starves
from cockpit.expression.tree import Selector, parse, parsed, selectors

__all__ = [
    "Comparison",
    "Role",
    "Selector",
    "absences",
    "comparisons",
    "gives_up",
    "parse",
    "parsed",
    "selectors",
    "starves",
]
