"""Which queries count as a triage query: those that look at what the alert and its runbook rest on."""

import pytest

from cockpit.drills.tasks import useful

METRICS = ("action_exec_total", "up", "gmail_send:error_ratio:rate5m")


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("up", True),
        ("sum by (job) (rate(action_exec_total[5m]))", True),
        ('gmail_send:error_ratio:rate5m{provider="google"} > 0.01', True),
        ("other_total / action_exec_total", True),
        ('{__name__="up"}', True),
        ('count by (__name__) ({__name__=~"action_exec_total|replay_guard_available"})', True),
        ('{__name__=~"action_exec"}', False),
        ('{__name__=~"action.*", __name__!~".*_total"}', False),
        ('{job="relay"}', False),
        ("other_total", False),
        ("vector(1)", False),
        ("up +", False),
        ("", False),
        ('{__name__=~"("}', False),
    ],
)
def test_a_query_counts_when_it_selects_one_of_the_metrics(query: str, counts: bool) -> None:
    assert useful(query, METRICS) is counts
