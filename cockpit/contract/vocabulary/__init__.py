"""The metrics of a repository: what in it produces them, what reads them, and with which labels. Pure."""

from cockpit.contract.vocabulary.asked import metrics_of, name_in, selectors_of
from cockpit.contract.vocabulary.series import ADDED_OUTSIDE, ADDED_TO_TARGETS
from cockpit.contract.vocabulary.vocabulary import Vocabulary, not_checked, vocabulary

__all__ = [
    "ADDED_OUTSIDE",
    "ADDED_TO_TARGETS",
    "Vocabulary",
    "metrics_of",
    "name_in",
    "not_checked",
    "selectors_of",
    "vocabulary",
]
