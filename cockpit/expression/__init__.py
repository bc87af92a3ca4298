"""What a PromQL expression asks for, which labels its results can have, and where it gives one up. Pure."""

from cockpit.expression.asked import Read, named_labels, reads
from cockpit.expression.compare import Comparison, Role, comparisons
from cockpit.expression.labels import ANY, Labels, labels
from cockpit.expression.loss import absences, gives_up, starves
from cockpit.expression.tree import Selector, complaint, is_log_query, parse, parsed, selectors

__all__ = [
    "ANY",
    "Comparison",
    "Labels",
    "Read",
    "Role",
    "Selector",
    "absences",
    "comparisons",
    "complaint",
    "gives_up",
    "is_log_query",
    "labels",
    "named_labels",
    "parse",
    "parsed",
    "reads",
    "selectors",
    "starves",
]
