"""The rungs of the ladder, each from facts: no server is asked."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from cockpit.alerts.routing import parse
from cockpit.alerts.why.ask import ladder
from cockpit.alerts.why.document import document, lines
from cockpit.alerts.why.facts import (
    Condition,
    Delivery,
    Facts,
    Origin,
    Peer,
    Presence,
    Sending,
    Series,
    Subject,
)
from cockpit.alerts.why.model import Ladder, Rung, RungState
from cockpit.clients.sink import Notification
from cockpit.clients.source import Failure, SourceError
from cockpit.clients.wire import (
    AlertGroup,
    AlertingRule,
    RuleAlert,
    RuleGroup,
    Silence,
    Target,
    WireAlert,
)
from cockpit.expression import Comparison, Role, Selector
from tests.alerts.make import NOW, alert, wire

ROUTING = parse("""
route:
  receiver: slack
  group_by: [alertname]
  routes:
  - {matchers: [severity="critical"], receiver: both}
  - {matchers: [severity="none"], receiver: nobody}
receivers:
- {name: slack, slack_configs: [{channel: "#ops"}]}
- {name: both, slack_configs: [{channel: "#ops"}], pagerduty_configs: [{}]}
- {name: nobody}
""")
LABELS = {"alertname": "A", "severity": "warning", "provider": "google"}
ERRORS, CALLS = Selector("errors_total"), Selector("calls_total")
RATIO = Comparison("rate(errors_total[5m])", ">", 0.01)
UP = Target({"job": "shop", "instance": "shop:80"}, health="up", interval=15.0)
REFUSED = SourceError(Failure.REFUSED, "am-a: connection refused", source="am-a")


def rule(**more: Any) -> AlertingRule:
    made: dict[str, Any] = {
        "name": "A", "query": "rate(errors_total[5m]) > 0.01", "duration": 600.0,
        "labels": {"severity": "warning"}, "health": "ok", "last_evaluation": NOW - 2,
        "evaluation_time": 0.001, **more,
    }  # fmt: skip
    return AlertingRule(**made)


def instance(state: str = "firing", since: float = NOW - 1000, value: float = 0.021) -> RuleAlert:
    return RuleAlert(LABELS, {}, state, since, value)


def subject(**more: Any) -> Subject:
    made: dict[str, Any] = {
        "name": "A", "labels": LABELS, "rule": rule(), "instance": instance(),
        "group": RuleGroup("shop", "/etc/rules/shop.yml", 15.0), **more,
    }  # fmt: skip
    return Subject(**made)


def series(**more: Any) -> Series:
    presence = Presence(
        selector=ERRORS, count=2, newest=NOW - 4, origins=(Origin("shop", "shop:80"),), **more.pop("seen", {})
    )
    condition = Condition(
        comparison=RATIO,
        values=(({"provider": "google"}, 0.021), ({"provider": "b"}, 0.0)),
        total=2,
        beyond=1,
    )
    made: dict[str, Any] = {
        "presences": (presence,), "conditions": (condition,), "targets": (UP,), "results": 1, **more,
    }  # fmt: skip
    return Series(**made)


def known(mark: str = "f1", **fields: Any) -> WireAlert:
    fields = {"starts_at": NOW - 400, "receivers": ("slack",), **fields}
    return wire(mark, fields.pop("labels", LABELS), **fields)


def peer(*alerts: WireAlert, **more: Any) -> Peer:
    made: dict[str, Any] = {
        "name": "am-a", "url": "http://am-a", "routing": ROUTING,
        "groups": (AlertGroup("slack", {}, alerts),) if alerts else (), **more,
    }  # fmt: skip
    return Peer(**made)


def told(kind: str = "slack", at: float = NOW - 240, **more: Any) -> Notification:
    made: dict[str, Any] = {
        "received_at": at, "kind": kind, "receiver": "ops", "status": "firing", "alerts": ("A",),
        "labels": {"alertname": "A"}, **more,
    }  # fmt: skip
    return Notification(**made)


def facts(**more: Any) -> Facts:
    made: dict[str, Any] = {
        "now": NOW, "subject": subject(), "series": series(), "peers": (peer(known()),), "told": (told(),),
        **more,
    }  # fmt: skip
    return Facts(**made)


def rungs(**more: Any) -> dict[str, Rung]:
    return {rung.name: rung for rung in ladder(facts(**more))}


def seen(**more: Any) -> Ladder:
    return Ladder(alert="A", labels=LABELS, severity="warning", rungs=ladder(facts(**more)), asked_at=NOW)


def quiet(**more: Any) -> dict[str, Any]:
    """What is known of a rule that does not fire."""
    conditions = (Condition(comparison=RATIO, values=(({}, 0.004),), total=1),)
    return {
        "subject": subject(instance=None, labels={"alertname": "A", "severity": "warning"}),
        "series": series(**{"conditions": conditions, "results": 0, **more}),
        "peers": (peer(),),
        "told": (),
    }


def test_every_rung_holds() -> None:
    found = seen()
    assert [rung.state for rung in found.rungs] == [RungState.OK] * 9
    assert (found.holds, found.first_broken) == (True, None)
    assert found.sentence == "every rung holds: slack was told 4m00s ago"
    assert [rung.evidence for rung in found.rungs] == [
        "errors_total, 2 series, last sample 4s ago, target shop up",
        "0.021 > 0.01 since 13:30:00Z, true for 1 of 2 series",
        "evaluated 2s ago in 1 ms, shop.yml (group shop)",
        "all of 10m00s",
        "since 13:40:00Z, 6m40s",
        "by am-a, last told 10s ago",
        "to slack: #ops",
        "no silence, inhibition or mute time holds it",
        "slack was told 4m00s ago",
    ]


def test_a_target_that_is_down_is_named_with_its_error() -> None:
    down = replace(UP, health="down", last_error="connection\nrefused")
    gone = Presence(
        selector=ERRORS, last_seen=NOW - 192, origins=(Origin("shop", "shop:80"),),
    )  # fmt: skip
    found = seen(**quiet(presences=(gone,), starved=True, targets=(down,), conditions=()))
    assert found.sentence == (
        "first rung that does not hold: series present, no series errors_total, last seen 3m12s ago at "
        "13:43:28Z; target shop shop:80 down: connection refused"
    )
    assert found.rungs[0].at == NOW - 192


def test_pushed_series_come_from_the_pushgateway() -> None:
    gateway = Target({"job": "pushgateway", "instance": "gw:9091"}, health="up", interval=15.0)
    presence = Presence(selector=ERRORS, count=1, newest=NOW, origins=(Origin("relay_synth", ""),))
    found = rungs(series=series(presences=(presence,), targets=(UP, gateway), gateways=(gateway.labels,)))
    assert found["series present"].evidence.endswith("target pushgateway up")


def test_a_series_never_seen_asks_for_its_name() -> None:
    found = rungs(**quiet(presences=(Presence(selector=ERRORS),), starved=True, conditions=()))
    assert found["series present"].detail == (
        "never seen within a day: is the name right, and is its job scraped?",
    )


def test_series_that_an_alert_goes_on_without_do_not_break_the_rung() -> None:
    gone = Presence(selector=CALLS, last_seen=NOW - 60)
    there = Presence(selector=ERRORS, count=1, newest=NOW, origins=(Origin("shop", "shop:80"),))
    found = rungs(series=series(presences=(there, gone), starved=True))
    assert found["series present"].state is RungState.OK
    assert found["series present"].detail[0].startswith("no calls_total now, last seen 1m00s ago")


def test_samples_older_than_three_intervals_are_stale() -> None:
    def state(age: float, **more: Any) -> RungState:
        old = Presence(selector=ERRORS, count=1, newest=NOW - age, origins=(Origin("shop", "shop:80"),))
        return rungs(**quiet(presences=(old,), **more))["series present"].state

    assert state(44) is RungState.OK
    assert state(46) is RungState.BROKEN
    assert state(299, targets=()) is RungState.OK
    assert state(301, targets=()) is RungState.BROKEN


def test_absent_wants_no_series() -> None:
    nothing = Presence(selector=ERRORS)
    found = rungs(**quiet(presences=(nothing,), wanted_absent=(ERRORS,), conditions=(), starved=False))
    assert found["series present"].evidence == "none of errors_total, as the rule wants"
    there = Presence(selector=ERRORS, count=2, newest=NOW)
    found = rungs(**quiet(presences=(there,), wanted_absent=(ERRORS,), conditions=()))
    assert found["expression true"].evidence == "absent() has no result: 2 series of errors_total"
    assert found["expression true"].state is RungState.BROKEN


def test_a_value_that_is_not_over_its_threshold() -> None:
    found = seen(**quiet())
    assert found.sentence == "first rung that does not hold: expression true, 0.004, not over 0.01"
    assert [rung.state.value for rung in found.rungs] == ["ok", "broken", "ok", *["later"] * 6]
    assert [rung.evidence for rung in found.rungs[3:]] == [
        "for 10m00s",
        "then it fires",
        "then by am-a",
        "would go to slack: #ops",
        "no silence waits for all of its alerts",
        "then slack is told, group_wait 30s",
    ]


def test_a_compound_expression_shows_each_branch() -> None:
    low = Condition(comparison=RATIO, values=(({}, 0.004),), total=1)
    high = Condition(comparison=Comparison("calls", "<", 5.0), values=(({}, 3.0),), total=1, beyond=1)
    none = Condition(comparison=Comparison("rate(x[5m])", "==", 0.0))
    found = rungs(**quiet(conditions=(low, high, none)))
    assert found["expression true"].evidence == "not true: 1 of 3 conditions hold"
    assert found["expression true"].detail == (
        "0.004, not over 0.01: rate(errors_total[5m])",
        "3 < 5: calls",
        "no value: rate(x[5m])",
    )


def test_an_expression_that_became_true_waits_for_its_evaluation() -> None:
    over = Condition(comparison=RATIO, values=(({}, 0.02),), total=1, beyond=1)
    found = rungs(**quiet(conditions=(over,), results=1))
    assert found["expression true"].state is RungState.WAITING
    assert found["expression true"].due == NOW + 13
    found = rungs(**quiet(conditions=(over,), results=0))
    assert found["expression true"].state is RungState.BROKEN
    assert found["expression true"].evidence == "0.02 > 0.01, but the rest of the expression has no result"


def test_keep_firing_for_keeps_it_firing() -> None:
    low = Condition(comparison=RATIO, values=(({"provider": "google"}, 0.004),), total=1)
    kept = subject(rule=rule(keep_firing_for=300.0))
    found = rungs(subject=kept, series=series(conditions=(low,)))
    assert found["expression true"].state is RungState.OK
    assert found["expression true"].evidence == (
        "0.004, not over 0.01 any more; keep_firing_for 5m00s keeps it firing"
    )
    assert found["firing"].evidence.endswith(" (keep_firing_for 5m00s)")


def test_an_evaluation_that_fails_has_the_servers_words() -> None:
    failing = subject(rule=rule(health="err", last_error="many-to-many\x1b matching"), instance=None)
    found = rungs(subject=failing)
    assert found["expression true"].evidence == "it fails: many-to-many␛ matching"
    assert found["expression true"].state is RungState.BROKEN


def test_a_rule_that_is_not_loaded_is_the_first_broken_rung() -> None:
    found = seen(
        subject=Subject(name="B", labels={"alertname": "B"}, near=("A",), loaded=1),
        series=Series(),
        peers=(peer(),),
    )
    broken = found.first_broken
    assert broken is not None
    assert (broken.name, broken.state) == ("rule healthy", RungState.BROKEN)
    assert broken.detail == ("names like it: A",)
    assert [rung.state for rung in found.rungs[:2]] == [RungState.UNKNOWN] * 2
    assert found.rungs[6].evidence == "not known without the rule"


def test_a_prometheus_that_does_not_answer_is_no_finding() -> None:
    silent = Subject(name="A", labels={"alertname": "A"}, rules_error=REFUSED)
    found = seen(subject=silent, series=Series(), peers=(peer(),))
    broken = found.first_broken
    assert broken is not None
    assert (broken.name, broken.state) == ("series present", RungState.UNKNOWN)
    assert found.sentence.startswith(
        "first rung that is not known: series present, could not be asked: am-a:"
    )


def test_an_alert_of_another_sender() -> None:
    foreign = Subject(name="A", labels=LABELS, alert=alert(since=NOW - 400, generator_url="http://other/x"))
    found = seen(subject=foreign, series=Series())
    broken = found.first_broken
    assert broken is not None
    assert (broken.name, broken.state) == ("rule healthy", RungState.UNKNOWN)
    assert "another one sends it (http://other/x)" in broken.evidence
    assert found.rungs[-1].state is RungState.OK


@pytest.mark.parametrize(("age", "state"), [(44.0, RungState.OK), (46.0, RungState.BROKEN)])
def test_a_rule_is_evaluated_every_interval(age: float, state: RungState) -> None:
    found = rungs(subject=subject(rule=rule(last_evaluation=NOW - age)))
    assert found["rule healthy"].state is state


def test_a_failing_recording_rule_breaks_the_rule() -> None:
    found = rungs(subject=subject(failing=("x:sum: bad",)))
    assert found["rule healthy"].evidence == "recording rule x:sum: bad fails"


def test_a_pending_alert_says_what_is_left_and_what_comes() -> None:
    pending = subject(instance=instance("pending", NOW - 400))
    found = seen(subject=pending, peers=(peer(),), told=())
    assert found.sentence == (
        "first rung that does not hold: pending, 3m20s left of 10m00s, fires about 13:50:00Z"
    )
    by_name = {rung.name: rung for rung in found.rungs}
    assert by_name["pending"].due == NOW + 200
    assert (by_name["firing"].state, by_name["firing"].due) == (RungState.LATER, NOW + 200)
    assert by_name["notified"].due == NOW + 230


def test_nobody_has_it() -> None:
    fresh = subject(rule=rule(duration=0.0), instance=instance(since=NOW - 5))
    found = rungs(subject=fresh, peers=(peer(),), told=())
    assert found["received"].state is RungState.WAITING
    found = rungs(peers=(peer(),), told=())
    assert found["received"].state is RungState.BROKEN
    assert found["received"].detail[0].startswith("how sending goes is not counted here: ")
    found = rungs(peers=(peer(),), told=(), sending=Sending(failed={"http://x/a": 0.0}))
    assert found["received"].detail == ("no error in sending: is it dropped by alert_relabel_configs?",)
    sending = Sending(peers=("http://x/a",), failed={"http://x/a": 3.2}, window=60.0, relabelling_drops=True)
    found = rungs(peers=(peer(),), told=(), sending=sending)
    assert found["received"].evidence == (
        "no Alertmanager has it: Prometheus failed to send to http://x/a: 3 times in 1m00s"
    )
    assert found["received"].detail[0].startswith("alert_relabel_configs of Prometheus keep or drop")
    found = rungs(peers=(peer(),), told=(), sending=Sending(peers=()))
    assert "Prometheus sends to no Alertmanager" in found["received"].evidence


def test_an_alertmanager_that_cannot_be_asked_is_unknown_unless_prometheus_fails_too() -> None:
    silent = peer(groups=REFUSED, routing=REFUSED, silences=REFUSED, counters=REFUSED)
    found = rungs(peers=(silent,), told=())
    assert found["received"].state is RungState.UNKNOWN
    assert found["received"].evidence == "am-a cannot be asked: connection refused"
    sending = Sending(peers=("http://am-a",), failed={"http://am-a": 2.0}, window=60.0)
    assert rungs(peers=(silent,), sending=sending)["received"].state is RungState.BROKEN
    both = rungs(peers=(silent, peer(known(), name="am-b")))
    assert both["received"].state is RungState.OK
    assert both["received"].detail == ("am-a cannot be asked: connection refused",)
    lone = rungs(peers=(peer(name="am-b"), peer(known())))
    assert lone["received"].detail == ("am-b does not have it",)


def test_an_instance_is_known_by_its_labels() -> None:
    other = known("f2", labels={**LABELS, "provider": "other"})
    assert rungs(peers=(peer(other),))["received"].state is RungState.BROKEN
    assert rungs(peers=(peer(known(labels={**LABELS, "added": "on the way"})),))["received"].holds
    loose = subject(loose=frozenset({"provider"}))
    assert rungs(subject=loose, peers=(peer(other),))["received"].holds


def test_what_alertmanager_says_of_its_routes_counts() -> None:
    found = rungs(peers=(peer(known(receivers=("both",))),))
    assert found["routed"].evidence == "to both: slack #ops, pagerduty"
    assert found["routed"].detail[0].startswith("Alertmanager itself names both: ")


def test_silences_say_who_why_and_how_long() -> None:
    silence = Silence("0123456789", "active", "kim", "known\nsince May", (), NOW - 60, NOW + 2520)
    silenced = peer(known(state="suppressed", silenced_by=("0123456789",)), silences=(silence,))
    found = rungs(peers=(silenced,), told=())
    assert found["not suppressed"].state is RungState.BROKEN
    assert found["not suppressed"].evidence == (
        'silenced by kim until 14:28:40Z, 42m00s left: "known since May" (id 01234567)'
    )
    assert found["not suppressed"].due == found["notified"].due == NOW + 2520
    half = rungs(peers=(silenced, peer(known(), name="am-b")))
    assert (half["not suppressed"].state, half["not suppressed"].evidence) == (RungState.OK, "not at am-b")


def test_inhibitors_have_names_and_mutes_their_interval() -> None:
    held = peer(known(state="suppressed", inhibited_by=("f9",)))
    source = alert(fingerprint="f9", labels={"alertname": "B", "severity": "critical"})
    found = rungs(peers=(held,), known=(alert(), source))
    assert found["not suppressed"].evidence == "inhibited by B severity=critical"
    muted = rungs(peers=(peer(known(state="suppressed", muted_by=("nights",))),))
    assert muted["not suppressed"].evidence == "muted by the time interval nights"


def test_a_silence_that_waits_for_a_quiet_alert_is_said() -> None:
    silence = Silence("1", "active", "kim", "", (("alertname", "=~", "A|B"),), NOW, NOW + 60)
    asked = {**quiet(), "peers": (peer(silences=(silence,)),)}
    assert rungs(**asked)["not suppressed"].evidence.startswith("would be silenced by kim until ")


def test_a_notification_is_due_after_group_wait_and_then_by_group_interval() -> None:
    def notified(age: float, *others: WireAlert) -> Rung:
        return rungs(peers=(peer(known(starts_at=NOW - age), *others),), told=())["notified"]

    assert notified(10).state is RungState.WAITING
    assert notified(10).due == NOW + 20
    assert notified(10).evidence == "slack due in 20s, about 13:47:00Z (group_wait 30s)"
    older = known("f2", labels={**LABELS, "provider": "other"}, starts_at=NOW - 600)
    assert notified(100, older).due == NOW + 200
    assert notified(100).evidence.startswith("slack: was due 13:45:30Z (group_wait 30s), comes by")
    assert notified(331).state is RungState.BROKEN
    assert notified(331).evidence.endswith("and nothing was sent")


def test_every_integration_of_the_receivers_must_be_told() -> None:
    critical = {**LABELS, "severity": "critical"}
    asked = {
        "subject": subject(labels=critical), "peers": (peer(known(labels=critical, receivers=("both",))),),
    }  # fmt: skip
    half = rungs(**asked)["notified"]
    assert half.state is RungState.BROKEN
    assert half.evidence.startswith("pagerduty: was due ")
    assert "slack was told 4m00s ago" in half.detail
    full = rungs(**asked, told=(told(), told("pagerduty")))["notified"]
    assert full.evidence == "slack and pagerduty were told 4m00s ago"


@pytest.mark.parametrize(
    "other",
    [
        told(at=NOW - 402),
        told(status="resolved"),
        told(alerts=("B",)),
        told(labels={"alertname": "A", "provider": "other"}),
        told(labels={"alertname": "A", "synthetic": "drill"}),
    ],
    ids=["before it fired", "resolved", "another name", "another instance", "a synthetic one"],
)
def test_what_somebody_was_told_of_another_alert_does_not_count(other: Notification) -> None:
    assert rungs(told=(other,))["notified"].state is RungState.BROKEN


def test_a_receiver_that_fails() -> None:
    failing = Delivery(requests={"slack": 5.0}, failed={"slack": 5.0}, window=400.0)
    found = rungs(told=(), delivery=failing)["notified"]
    assert (found.state, found.evidence) == (
        RungState.BROKEN, "slack fails: 5 of 5 requests since 13:40:00Z",
    )  # fmt: skip
    since_start = Delivery(requests={"slack": 2.0}, failed={"slack": 2.0}, since=NOW - 3600)
    found = rungs(told=None, delivery=since_start)["notified"]
    assert found.evidence == "slack fails: 2 of 2 requests since Alertmanager's start at 12:46:40Z"


def test_without_a_sink_the_receivers_counters_tell() -> None:
    long = subject(instance=instance(since=NOW - 2000), rule=rule(duration=600.0))
    taking = Delivery(requests={"slack": 5.0}, window=1400.0)
    found = rungs(subject=long, told=None, delivery=taking)["notified"]
    assert (found.state, found.evidence) == (
        RungState.OK, "slack took 5 of 5 requests since 13:23:20Z",
    )  # fmt: skip
    half = rungs(subject=long, told=None, delivery=replace(taking, failed={"slack": 4.0}))["notified"]
    assert (half.state, half.evidence) == (
        RungState.UNKNOWN, "slack took 1 of 5 requests since 13:23:20Z",
    )  # fmt: skip
    nothing = rungs(subject=long, told=None, delivery=Delivery(requests={"slack": 0.0}, window=1400.0))
    assert nothing["notified"].state is RungState.BROKEN


def test_counters_since_a_start_do_not_tell_that_this_alert_was_sent() -> None:
    working = Delivery(requests={"slack": 900.0}, failed={"slack": 2.0}, since=NOW - 86_400)
    found = rungs(told=None, delivery=working)["notified"]
    assert found.state is RungState.UNKNOWN
    assert found.detail[0] == (
        "900 requests to slack, 2 failed, since Alertmanager's start at 1970-01-11 13:46Z"
    )
    unknown = rungs(told=None, delivery=Delivery(error=REFUSED))["notified"]
    assert (unknown.state, unknown.detail[0]) == (RungState.UNKNOWN, "am-a: connection refused")


def test_what_could_not_be_asked_is_no_good_news_of_silences() -> None:
    silent = peer(groups=REFUSED, routing=REFUSED, silences=REFUSED, counters=REFUSED)
    found = rungs(peers=(silent,), told=())
    assert found["not suppressed"].evidence == "not known: am-a: connection refused"


def test_a_receiver_without_integrations_tells_nobody() -> None:
    nowhere = {**LABELS, "severity": "none"}
    found = rungs(
        subject=subject(labels=nowhere), peers=(peer(known(labels=nowhere, receivers=("nobody",))),)
    )
    assert found["notified"].state is RungState.BROKEN
    assert found["notified"].evidence == "receiver nobody reaches nobody: it has no integrations"


def test_after_a_silence_it_is_told_within_group_interval() -> None:
    over = Silence("1", "expired", "kim", "", (("alertname", "=", "A"),), NOW - 400, NOW - 10)
    found = rungs(peers=(peer(known(), silences=(over,)),), told=())["notified"]
    assert (found.state, found.due) == (RungState.WAITING, NOW + 290)


@pytest.mark.parametrize("width", [80, 120])
def test_the_text_fits_and_names_the_broken_rung(width: int) -> None:
    found = seen(**quiet())
    shown = lines(replace(found, speed=60.0), width)
    assert shown[0] == "A: why is it not firing?"
    assert "  >>  expression true  0.004, not over 0.01" in shown
    assert "  -   notified         then slack is told, group_wait 30s" in shown
    assert "  a lab at speed 60: its times are that much shorter" in shown
    assert max(map(len, shown)) <= width


def test_the_json_has_every_rung_and_the_first_that_breaks() -> None:
    made = document(seen(**quiet()))
    assert (made["alert"], made["holds"]) == ("A", False)
    assert made["first_broken"]["name"] == "expression true"
    assert [rung["state"] for rung in made["rungs"]][:3] == ["ok", "broken", "ok"]
    assert made["asked_at"] == made["rungs"][2]["at"].replace("38Z", "40Z") == "1970-01-12T13:46:40Z"
    assert document(seen())["first_broken"] is None


def test_beyond_a_rung_that_breaks_nothing_else_is_called_broken() -> None:
    late = subject(rule=rule(last_evaluation=NOW - 600))
    failing = Delivery(requests={"slack": 5.0}, failed={"slack": 5.0}, window=400.0)
    found = rungs(subject=late, told=(), delivery=failing)
    assert found["rule healthy"].state is RungState.BROKEN
    assert found["received"].state is RungState.OK
    assert found["notified"].state is RungState.LATER
    assert found["notified"].evidence.startswith("slack fails: ")


def test_counters_of_an_alertmanager_that_started_after_it_fired_have_all_of_it() -> None:
    young = Delivery(requests={"slack": 1.0}, failed={"slack": 0.0}, since=NOW - 380, restarted=NOW - 371)
    found = rungs(told=None, delivery=young)["notified"]
    assert (found.state, found.evidence) == (
        RungState.OK, "slack took 1 of 1 request since Alertmanager's start at 13:40:20Z",
    )  # fmt: skip
    unheard = rungs(told=None, delivery=replace(young, error=REFUSED))["notified"]
    assert unheard.state is RungState.UNKNOWN


def test_an_alertmanager_that_started_after_it_was_due_may_have_told_before() -> None:
    for late in (
        Delivery(since=NOW - 300, restarted=NOW - 300),
        Delivery(since=NOW - 380, restarted=NOW - 9),
    ):
        found = rungs(told=None, delivery=late)["notified"]
        assert found.state is RungState.UNKNOWN
        assert found.evidence.endswith("whether it was sent is not told")
    fresh = rungs(peers=(peer(started_at=NOW - 20),), told=())["received"]
    assert (fresh.state, fresh.due) == (RungState.WAITING, NOW + 40)
    assert fresh.evidence == "am-a started 20s ago: Prometheus sends it again"


def test_mute_times_that_an_alertmanager_does_not_tell_are_not_known() -> None:
    routing = parse("""
route: {receiver: slack, routes: [{matchers: [alertname="A"], mute_time_intervals: [nights]}]}
receivers: [{name: slack, slack_configs: [{}]}]
""")
    old = rungs(peers=(peer(known(), routing=routing),))["not suppressed"]
    assert old.state is RungState.UNKNOWN
    assert old.evidence.startswith("whether time interval nights mutes it now: ")
    assert rungs(peers=(peer(known(), routing=routing, tells_mutes=True),))["not suppressed"].holds


def test_a_silence_to_come_is_said_before_it_begins() -> None:
    silence = Silence("1", "pending", "kim", "", (("alertname", "=", "A"),), NOW + 600, NOW + 4200)
    found = rungs(peers=(peer(known(), silences=(silence,)), peer(name="am-b", silences=(silence,))))
    assert found["not suppressed"].state is RungState.OK
    assert found["not suppressed"].detail == (
        "from 13:56:40Z on it will be silenced by kim until 14:56:40Z, 1h00m long (id 1)",
    )
    assert rungs(**{**quiet(), "peers": (peer(silences=(silence,)),)})["not suppressed"].detail


def test_a_name_that_relabelling_may_change_is_no_lost_alert() -> None:
    found = rungs(subject=subject(loose=frozenset({"alertname"})), peers=(peer(),), told=())["received"]
    assert (found.state, "may change the name" in found.evidence) == (RungState.UNKNOWN, True)


def test_an_alert_of_the_name_without_its_labels_is_another_one() -> None:
    exact = subject(exact=True)
    for labels in ({"alertname": "A", "severity": "warning"}, {**LABELS, "added": "on the way"}):
        assert rungs(subject=exact, peers=(peer(known(labels=labels)),))["received"].state is RungState.BROKEN
    assert rungs(subject=exact)["received"].holds


def test_a_partial_answer_without_the_rule_is_no_finding() -> None:
    asked: dict[str, Any] = {"name": "B", "labels": {"alertname": "B"}, "loaded": 1}
    found = rungs(subject=Subject(**asked, doubts=("store-1 timed out",)), series=Series(), peers=(peer(),))
    assert found["rule healthy"].state is RungState.UNKNOWN
    assert "store-1 timed out" in found["rule healthy"].evidence
    none = rungs(subject=Subject(**{**asked, "loaded": 0}), series=Series(), peers=(peer(),))["rule healthy"]
    assert none.detail[0].startswith("no alerting rule is loaded at all")


def test_an_unrelated_target_that_is_down_is_not_blamed() -> None:
    down = Target({"job": "node", "instance": "n:1"}, health="down", last_error="refused")

    def missing(selector: Selector, **more: Any) -> Rung:
        gone = Presence(selector=selector, **more)
        asked = quiet(presences=(gone,), starved=True, targets=(UP, down), conditions=())
        return rungs(**asked)["series present"]

    assert "node" not in missing(ERRORS).evidence
    assert missing(ERRORS).detail[1] == "1 target down, is it of one of them? target node n:1 down: refused"
    assert missing(Selector("up", (("job", "=", "node"),))).evidence.endswith("node n:1 down: refused")
    lost = missing(ERRORS, last_seen=NOW - 60, origins=(Origin("shop", "old:80"),))
    assert lost.detail[0].startswith("no longer scraped here: shop old:80; ")


def test_what_an_unless_or_an_or_decides_is_said_so() -> None:
    high = Condition(comparison=RATIO, values=(({}, 0.02),), total=1, beyond=1)
    stop = Comparison("calls", "<", 5.0, Role.UNWANTED)
    held = Condition(comparison=stop, values=(({}, 3.0),), total=1, beyond=1)
    found = rungs(**quiet(conditions=(high, held)))["expression true"]
    assert found.evidence == "not true: 1 of 2 conditions hold"
    assert found.detail[1] == "unless 3 < 5: calls"
    apart = rungs(**quiet(conditions=(high, high)))["expression true"]
    assert apart.evidence == "no result: what holds does not hold for the same labels"
    due = rungs(**quiet(conditions=(high, held), results=2))["expression true"]
    assert (due.state, due.evidence[:20]) == (RungState.WAITING, "2 results, true by n")
    either = replace(RATIO, role=Role.EITHER)
    low = Condition(comparison=either, values=(({"provider": "google"}, 0.004),), total=1)
    assert rungs(series=series(conditions=(low,)))["expression true"].state is RungState.OK


def test_an_expression_that_was_not_evaluated_is_not_known() -> None:
    found = rungs(**quiet(conditions=(), results=REFUSED))["expression true"]
    assert (found.state, found.evidence) == (
        RungState.UNKNOWN, "could not be asked: am-a: connection refused",
    )  # fmt: skip
    assert rungs(**quiet(results=REFUSED))["expression true"].state is RungState.BROKEN


def test_an_alert_whose_result_is_gone_is_about_to_end() -> None:
    gone = Presence(selector=ERRORS, last_seen=NOW - 9)
    found = rungs(series=series(presences=(gone,), conditions=(), starved=True, results=0))
    assert found["series present"].evidence == "none of errors_total now, yet it is not over"
    assert found["expression true"].evidence == "no result any more; it ends at the next evaluation"
    assert found["expression true"].state is RungState.BROKEN


def test_a_value_near_its_bound_is_told_apart_from_it() -> None:
    near = Condition(comparison=RATIO, values=(({}, 0.0099999),), total=1)
    assert rungs(**quiet(conditions=(near,)))["expression true"].evidence == "0.0099999, not over 0.01"


def test_what_others_wrote_is_made_visible_on_one_line() -> None:
    evil = "x\x1b[31m\n\u202e"
    routing = parse(f"route: {{receiver: {json.dumps(evil)}}}\nreceivers: [{{name: {json.dumps(evil)}}}]")
    labels = {**LABELS, "provider": evil}
    silence = Silence("1", "active", evil, evil, (), NOW, NOW + 60)
    asked = facts(
        subject=subject(labels=labels, rule=rule(query=evil, last_error=evil)),
        peers=(peer(known(labels=labels, receivers=(evil,)), routing=routing, silences=(silence,)),),
    )
    states = {
        "routed": asked,
        "silenced": replace(
            asked, peers=(peer(known(labels=labels, silenced_by=("1", evil)), silences=(silence,)),)
        ),
        "failing": replace(asked, subject=replace(asked.subject, rule=rule(health="err", last_error=evil))),
        "gone": replace(asked, subject=Subject(name=evil, labels={"alertname": evil}, near=(evil,))),
    }
    for each in states.values():
        for rung in ladder(each):
            for text in (rung.evidence, *rung.detail):
                assert not {"\x1b", "\n", "\u202e"} & set(text)
        shown = "\n".join(lines(replace(seen(), alert=evil, labels=labels, rungs=ladder(each)), 80))
        assert not {"\x1b", "\u202e"} & set(shown)
    assert "␛" in ladder(asked)[6].evidence


def test_what_is_not_known_is_no_claim_in_the_question() -> None:
    silent = peer(groups=REFUSED, routing=REFUSED, silences=REFUSED, counters=REFUSED)
    assert lines(seen(peers=(silent,), told=()), 80)[0] == "A: is anybody told?"
    assert lines(seen(peers=(peer(),), told=()), 80)[0] == "A: why is nobody told?"
    unread = seen(**quiet(presences=(Presence(selector=ERRORS, error=REFUSED),)))
    assert lines(unread, 80)[0] == "A: does it fire?"


def test_a_server_that_tells_no_targets_is_not_called_another_one() -> None:
    untold = SourceError(Failure.WRONG_SERVICE, "this is not a Prometheus: 404 for /api/v1/targets")
    found = rungs(series=series(targets=untold))["series present"]
    assert (found.state, found.detail[0].split(":")[0]) == (
        RungState.OK, "the server tells no targets, as Thanos and Mimir do not",
    )  # fmt: skip
