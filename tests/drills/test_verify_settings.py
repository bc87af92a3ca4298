"""What an Alertmanager's configuration says of inhibition, receivers and ends, in both ways of writing it."""

import pytest

from cockpit.drills.verify.settings import settings
from cockpit.errors import UsageError

CRITICAL, WARNING = {"severity": "critical", "service": "mail"}, {"severity": "warning", "service": "mail"}
RECEIVERS = """
route: {receiver: both, routes: [{matchers: [severity="warning"], receiver: slack}]}
receivers:
- {name: slack, slack_configs: [{send_resolved: false}]}
- {name: both, slack_configs: [{send_resolved: true}], pagerduty_configs: [{send_resolved: true}, {}]}
"""
NEW = """
inhibit_rules:
- {source_matchers: [severity="critical"], target_matchers: [severity=~"warn.*"], equal: [service]}
"""
OLD = """
inhibit_rules:
- {source_match: {severity: critical}, target_match_re: {severity: warn.*}, equal: [service]}
"""


@pytest.mark.parametrize("written", [NEW, OLD])
def test_an_inhibition_concerns_what_its_sides_match(written: str) -> None:
    (rule,) = settings(RECEIVERS + written).inhibitions
    assert rule.concerns(CRITICAL, WARNING)
    assert not rule.concerns(WARNING, CRITICAL)
    assert not rule.concerns(WARNING, WARNING)
    assert rule.unequal(CRITICAL, WARNING) == ()
    assert rule.unequal(CRITICAL, {**WARNING, "service": "web"}) == ("service",)
    assert rule.blind({}, {}) == ("service",)
    assert rule.unequal({}, {}) == ()


def test_a_matcher_that_cannot_be_read_matches_nothing() -> None:
    (rule,) = settings(
        RECEIVERS + 'inhibit_rules: [{source_matchers: ["?"], target_matchers: []}]'
    ).inhibitions
    assert not rule.concerns(CRITICAL, WARNING)


def test_receivers_and_which_of_them_are_not_told_of_an_end() -> None:
    found = settings(RECEIVERS)
    assert (found.kinds("both"), found.kinds("nobody")) == (("slack", "pagerduty"), ())
    assert found.takers(WARNING) == ("slack",)
    assert found.takers(CRITICAL) == ("both",)
    assert found.unresolved == {"slack": ("slack",), "both": ()}


def test_what_is_no_configuration_is_refused() -> None:
    with pytest.raises(UsageError):
        settings("receivers: []")
