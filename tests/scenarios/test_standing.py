"""How expectations stand while a scenario plays, in states and in words."""

from typing import Any

import pytest
from msgspec.structs import replace

from cockpit.alerts.model import AlertState
from cockpit.clients.sink import Notification
from cockpit.clients.wire import RuleAlert, RuleGroups
from cockpit.scenarios.files import parse
from cockpit.scenarios.model import Fires, Scenario
from cockpit.scenarios.own import is_own
from cockpit.scenarios.play.plays import Play
from cockpit.scenarios.run.standing import Standing, next_due, standings
from tests.alerts.make import alert, fired, rules

START = 1_000_000.0
SCENARIO: Scenario = parse(
    """
name: spike
title: A spike
duration: 15m
recover: 5m
signals: [{counter: errors_total, rate: 1}]
expect:
  - {alert: A, fires_within: 13m, resolves_within: 12m}
  - {quiet: B}
""",
    "spike.yaml",
)
PLAY = Play(
    run="r",
    scenario="spike",
    title="A spike",
    context="lab",
    gateway="http://gateway",
    grouping={"job": "relay_synth", "synthetic": "spike"},
    pid=1,
    host="here",
    interval=15,
    duration=900,
    recover=300,
    speed=1,
    opened_at=START - 30,
    started_at=START,
)


def stand(now: float, *alerts: RuleAlert, before: tuple[Standing, ...] = (), **more: Any) -> Standing:
    both = RuleGroups(
        (
            *rules(*alerts, name="A", duration=600.0).data.groups,
            *rules(name="B").data.groups,
        )
    )
    options = {"rules": both, **more}
    return standings(PLAY, SCENARIO, now=now, before=before, **options)[0]


def own(state: str, since: float, **labels: Any) -> RuleAlert:
    return fired(state, since, synthetic="spike", **labels)


def test_pending_tells_how_much_of_for_is_left() -> None:
    standing = stand(START + 460, own("pending", START + 60))
    assert (standing.state, standing.fires_at, standing.for_seconds) == ("pending", START + 660, 600)
    assert standing.phrase(START + 460) == "pending, 3m20s of 10m left"
    assert next_due((standing,), PLAY, START + 460).phrase(START + 460) == "A fires in 3m20s"


def test_words_are_in_the_scenarios_time() -> None:
    standing = stand(START + 460, own("pending", START + 60))
    quick = replace(standing, fires_at=START + 462, for_seconds=10.0)
    assert quick.phrase(START + 460, 60) == "pending, 2m of 10m left"


def test_from_inactive_over_firing_to_resolved() -> None:
    inactive = stand(START + 20)
    assert (inactive.state, inactive.phrase(START + 20)) == ("inactive", "inactive")
    assert next_due((inactive,), PLAY, START).phrase(START) == "A fires within 13m"
    firing = stand(START + 700, own("firing", START + 60), before=(inactive, inactive))
    assert (firing.state, firing.firing_since) == ("firing", START + 660)
    assert firing.phrase(START + 700) == "firing, for 40s"
    assert next_due((firing,), PLAY, START + 700).phrase(START + 700) == "recovery in 3m20s"
    over = replace(PLAY, recovering_at=START + 900)
    assert next_due((firing,), over, START + 960).phrase(START + 960) == "A resolves within 11m"
    resolved = stand(START + 1000, before=(firing, inactive))
    assert (resolved.state, resolved.resolved_at) == ("resolved", START + 1000)
    later = stand(START + 1030, before=(resolved, inactive))
    assert later.phrase(START + 1030) == "resolved 30s ago"
    assert next_due((later,), over, START + 1030).phrase(START + 1030) == "its series are deleted in 2m50s"


def test_one_that_fires_again_is_not_resolved() -> None:
    firing = stand(START + 700, own("firing", START + 60))
    resolved = stand(START + 800, before=(firing, firing))
    again = stand(START + 1500, own("firing", START + 850), before=(resolved, firing))
    assert (again.state, again.firing_since, again.resolved_at) == ("firing", START + 1450, None)


def test_before_the_series_rise_that_is_what_is_due() -> None:
    waiting = replace(PLAY, started_at=None)
    late = "the series begin to rise, once Prometheus has scraped their baseline"
    assert next_due((), waiting, START).phrase(START) == late
    assert next_due((), waiting, START - 10).phrase(START - 10) == "the series begin to rise in 10s"
    assert next_due((), PLAY, START - 20).phrase(START - 20) == "the series begin to rise in 20s"


@pytest.mark.parametrize(
    "labels",
    [{"synthetic": "other"}, {"alertname": "B", "synthetic": "spike"}],
    ids=["another scenario's", "another alert"],
)
def test_anothers_alert_does_not_count(labels: dict[str, Any]) -> None:
    assert stand(START + 700, fired("firing", START + 60, **labels)).state == "inactive"


def test_an_alert_from_before_the_first_push_does_not_count() -> None:
    assert stand(START + 700, own("firing", START - 31)).state == "inactive"


def test_an_unmarked_alert_counts_unless_its_rule_would_keep_the_mark() -> None:
    unmarked = fired("firing", START + 60)
    assert stand(START + 700, unmarked).state == "firing"
    assert stand(START + 700, unmarked, marked={"A"}).state == "inactive"


def test_expected_labels_choose_the_instance() -> None:
    expected = Fires.model_validate({"alert": "A", "labels": {"tenant": "t1"}, "fires_within": "1m"})
    assert is_own(expected, "spike", {"alertname": "A", "tenant": "t1", "synthetic": "spike"})
    assert not is_own(expected, "spike", {"alertname": "A", "tenant": "t2", "synthetic": "spike"})
    assert not is_own(expected, "spike", {"alertname": "A", "synthetic": "spike"})


def test_nothing_is_known_without_an_answer_and_what_was_known_is_kept() -> None:
    firing = stand(START + 700, own("firing", START + 60))
    blind = stand(START + 710, rules=None, before=(firing, firing))
    assert (blind.state, blind.firing_since) == ("unknown", START + 660)
    assert blind.phrase(START + 710) == "not known: Prometheus does not answer"


def test_a_rule_that_is_not_loaded_is_said() -> None:
    standing = stand(START, rules=RuleGroups(()))
    assert (standing.state, standing.phrase(START)) == ("no rule", "there is no such rule")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (AlertState.INHIBITED, "firing, inhibited by another alert, for 40s"),
        (AlertState.SILENCED, "firing, silenced, for 40s"),
        (AlertState.UNDELIVERED, "firing, but no Alertmanager has it, for 40s"),
    ],
)
def test_what_the_alertmanagers_do_about_it_is_said(state: AlertState, words: str) -> None:
    row = alert(state, labels={"synthetic": "spike"}, since=START + 60, for_seconds=600.0)
    standing = stand(START + 700, own("firing", START + 60), alerts=[row])
    assert (standing.state, standing.phrase(START + 700)) == (str(state), words)


def test_of_several_instances_the_furthest_counts() -> None:
    standing = stand(
        START + 700,
        own("pending", START + 50, code="a"),
        own("firing", START + 60, code="b"),
        own("firing", START + 70, code="c"),
    )
    assert (standing.state, standing.pending_since) == ("firing", START + 60)


def test_an_alert_that_is_to_stay_quiet_is_said_to_fire() -> None:
    both = RuleGroups(rules(name="A").data.groups + rules(own("firing", START + 1), name="B").data.groups)
    loud = both.groups[1].rules[0].alerts[0].labels
    loud["alertname"] = "B"
    standing = standings(PLAY, SCENARIO, now=START + 90, rules=both)[1]
    assert standing.phrase(START + 90) == "quiet is expected, but firing, for 29s"


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"status": "resolved"}, False),
        ({"alerts": ("B",)}, False),
        ({"labels": {"synthetic": "other"}}, False),
        ({"labels": {}}, True),
        ({"received_at": START - 60}, False),
    ],
)
def test_a_message_about_it_is_noted(changes: dict[str, Any], counts: bool) -> None:
    made: dict[str, Any] = {
        "received_at": START + 690,
        "kind": "slack",
        "receiver": "ops",
        "status": "firing",
        "alerts": ("A",),
        "labels": {"alertname": "A", "synthetic": "spike"},
        **changes,
    }
    message = Notification(**made)
    standing = stand(START + 700, own("firing", START + 60), notifications=[message])
    assert (standing.notified == message) is counts
    assert ("slack told" in standing.phrase(START + 700)) is counts
