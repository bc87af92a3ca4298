"""How conditions stand by what a look found: no server is asked."""

from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from cockpit.clients.pushgateway import Group
from cockpit.clients.sink import Notification
from cockpit.clients.source import Failure, Fetched, SourceError
from cockpit.clients.wire import QueryResult, RuleAlert, WireAlert, WireSeries
from cockpit.drills.state import Exercise, Outcome, Seen
from cockpit.drills.verify.counts import Count
from cockpit.drills.verify.judge import judge
from cockpit.drills.verify.looked import Look, Peer
from cockpit.drills.verify.settings import settings
from tests.alerts.make import NOW, rules, wire
from tests.drills.exercising import FIRST, SECOND, exercise

BEGUN = NOW - 1000
LINK = "https://runbooks.example/down.md"
NOTES = {"summary": "It is down", "runbook_url": LINK}
LABELS = {"alertname": "A", "severity": "warning", "synthetic": FIRST}
DOWN = SourceError(Failure.REFUSED, "am-a: connection refused", source="am-a")
CONFIG = settings("""
route: {receiver: slack}
inhibit_rules:
- {source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [service]}
receivers:
- {name: slack, slack_configs: [{channel: "#ops"}]}
- {name: both, slack_configs: [{channel: "#ops"}], pagerduty_configs: [{}]}
""")
FIRING, TOLD = (
    {"firing": "A"},
    {"notified": "slack", "alert": "A", "within": "2m", "carrying": ["runbook", "summary"]},
)
RESOLVED, INHIBITED = {"resolved": "A"}, {"inhibited": "A", "by": "B"}


def instance(state: str = "firing", since: float = NOW - 300, **labels: str) -> RuleAlert:
    return RuleAlert({**LABELS, **labels}, NOTES, state, since, 0.02)


def peer(*alerts: WireAlert, **more: Any) -> Peer:
    return Peer(name="am-a", alerts=alerts, settings=CONFIG, counters=(), **more)


def known(mark: str = "f1", labels: dict[str, str] | None = None, **more: Any) -> WireAlert:
    return wire(mark, {**LABELS, **(labels or {})}, **{"starts_at": NOW - 240, **more})


def message(kind: str = "slack", at: float = NOW - 200, **more: Any) -> Notification:
    body = {"attachments": [{"title": "[FIRING] A", "text": f"It is  down\nRunbook: {LINK}"}]}
    made: dict[str, Any] = {
        "received_at": at, "kind": kind, "receiver": "ops", "status": "firing", "alerts": ("A",),
        "labels": {"alertname": "A", "synthetic": FIRST}, "runbook": LINK, "body": body, **more,
    }  # fmt: skip
    return Notification(**made)


def looked(*alerts: RuleAlert, **more: Any) -> Look:
    made: dict[str, Any] = {
        "at": NOW, "starts": {FIRST: NOW - 900.0, SECOND: None}, "rules": rules(*alerts), "groups": (),
        "peers": (peer(),), "told": (), **more,
    }  # fmt: skip
    return Look(**made)


def judged(verb: dict[str, Any], look: Look, of: Exercise | None = None) -> Seen:
    of = of or exercise(verb, begun_at=BEGUN)
    phase = of.phase
    assert phase is not None
    return judge(phase.phase.verify[0], phase, look, of)


def outcome(verb: dict[str, Any], look: Look) -> Outcome:
    return judged(verb, look).outcome


def test_firing_says_after_how_long_in_the_scenarios_time() -> None:
    seen = judged(FIRING, looked(instance()))
    assert (seen.outcome, seen.said) == (Outcome.PASSED, "A fired after 11m, its value is 0.02")
    assert seen.evidence["firing_since"] == NOW - 240
    fast = judged(FIRING, replace(looked(instance()), speed=60.0))
    assert fast.said.startswith("A fired after 11h")


@pytest.mark.parametrize(
    "alert",
    [
        instance("pending", NOW - 20),
        instance(synthetic="baseline"),
        instance(since=BEGUN - 60),
        instance(synthetic="", since=BEGUN - 60),
    ],
)
def test_what_does_not_fire_or_is_not_the_exercises_own_is_awaited(alert: RuleAlert) -> None:
    assert outcome(FIRING, looked(alert)) is Outcome.AWAITED


def test_an_alert_without_a_mark_is_own_where_its_rule_gives_the_mark_up() -> None:
    look = looked(instance(synthetic=""))
    assert outcome(FIRING, look) is Outcome.PASSED
    assert outcome(FIRING, replace(look, marked=frozenset({"A"}))) is Outcome.AWAITED


def test_firing_with_labels_asks_for_an_alert_that_has_them_those_of_the_sender_included() -> None:
    look = replace(looked(instance()), external={"site": "lab"})
    assert outcome({**FIRING, "labels": {"site": "lab"}}, look) is Outcome.PASSED
    assert outcome({**FIRING, "labels": {"site": "home"}}, look) is Outcome.AWAITED


def test_how_an_alert_stands_that_does_not_fire_yet() -> None:
    assert judged(FIRING, looked(instance("pending", NOW - 20))).said == "A: pending, 40s of 1m left"
    assert judged(FIRING, looked()).said == "A: does not fire yet"
    assert judged({"firing": "Z"}, looked()).said == "Z: no rule of this name is loaded"


def test_what_is_awaited_is_told_by_the_clock_of_those_who_wait_for_it() -> None:
    pending = replace(looked(instance("pending", NOW - 20)), speed=10.0)
    assert judged(FIRING, pending).said == "A: pending, 40s of 1m left"
    untold = judged(TOLD, replace(looked(instance(since=NOW - 64)), speed=10.0))
    assert untold.said == "slack not told yet, 10s left"


def test_quiet_is_awaited_to_the_end_and_fails_at_once_even_for_a_moment() -> None:
    quiet = {"quiet": "A"}
    assert judged(quiet, looked()).said == "A has not fired"
    assert outcome(quiet, looked(instance())) is Outcome.FAILED
    moment = replace(looked(), fired={"A": (LABELS,)})
    assert outcome(quiet, moment) is Outcome.FAILED
    others = replace(looked(), fired={"A": ({**LABELS, "synthetic": "baseline"},)})
    assert outcome(quiet, others) is Outcome.AWAITED
    assert outcome({"quiet": "Z"}, looked()) is Outcome.INCONCLUSIVE


def test_told_in_time_with_runbook_and_summary() -> None:
    seen = judged(TOLD, looked(instance(), told=(message(),)))
    assert (seen.outcome, seen.said) == (
        Outcome.PASSED,
        "slack told 40s after it fired, with runbook and summary",
    )
    assert (seen.evidence["by"], seen.evidence["kind"], seen.evidence["runbook"]) == ("sink", "slack", LINK)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"at": NOW - 100}, "slack told 2m20s after it fired, later than the 2m granted"),
        (
            {"body": {"text": "It is down"}, "runbook": None},
            "without a link to the runbook: the alert has it",
        ),
        ({"body": {"text": LINK}}, "without a summary: the alert has it"),
    ],
)
def test_a_message_that_is_late_or_lacks_something_fails_at_once(changed: dict[str, Any], said: str) -> None:
    seen = judged(TOLD, looked(instance(), told=(message(**changed),)))
    assert seen.outcome is Outcome.FAILED
    assert said in seen.said


@pytest.mark.parametrize("notes", [{}, {"summary": "", "runbook_url": LINK}, {"summary": "It is down"}])
def test_what_the_alert_itself_lacks_no_message_can_carry(notes: dict[str, str]) -> None:
    alert = RuleAlert(LABELS, notes, "firing", NOW - 300, 0.02)
    seen = judged(TOLD, looked(alert, told=(message(),)))
    assert seen.outcome is Outcome.FAILED
    assert "is missing or empty" in seen.said


@pytest.mark.parametrize(
    "other",
    [
        message(status="resolved"),
        message("pagerduty"),
        message(labels={"alertname": "A", "synthetic": "baseline"}),
        message(alerts=("B",)),
        message(at=BEGUN - 1),
    ],
)
def test_a_message_about_anything_else_tells_nobody(other: Notification) -> None:
    seen = judged(TOLD, looked(instance(since=NOW - 100), told=(other,)))
    assert (seen.outcome, seen.said) == (Outcome.AWAITED, "slack not told yet, 1m20s left")


def test_a_receiver_with_two_integrations_is_told_when_both_are() -> None:
    both = {"notified": "both", "alert": "A"}
    seen = judged(both, looked(instance(), told=(message(),)))
    assert (seen.outcome, seen.said) == (Outcome.AWAITED, "pagerduty not told yet")
    assert outcome(both, looked(instance(), told=(message(), message("pagerduty")))) is Outcome.PASSED


COUNTS = (
    Count(BEGUN, NOW - 250, {"slack": 5.0}, {"slack": 5.0}),
    Count(NOW - 200, NOW, {"slack": 6.0}, {"slack": 6.0}),
)


def test_without_a_sink_the_counters_since_it_fired_are_evidence() -> None:
    seen = judged(TOLD, looked(instance(), told=None, counts=COUNTS))
    assert (seen.outcome, seen.evidence["by"]) == (Outcome.PASSED, "alertmanager")
    assert "counted by Alertmanager, not seen to arrive" in seen.said
    risen_before = (COUNTS[0], Count(NOW - 400, NOW, {"slack": 6.0}, {"slack": 6.0}))
    assert outcome(TOLD, looked(instance(), told=None, counts=risen_before)) is Outcome.AWAITED


@pytest.mark.parametrize(
    ("counts", "came"),
    [
        (COUNTS[1:], Outcome.INCONCLUSIVE),
        ((COUNTS[0], replace(COUNTS[1], failed={"slack": 1.0})), Outcome.AWAITED),
        (
            (COUNTS[0], replace(COUNTS[1], requests={"slack": 7.0}, failed={"slack": 1.0})),
            Outcome.INCONCLUSIVE,
        ),
        ((replace(COUNTS[0], until=NOW - 100), replace(COUNTS[1], at=NOW - 99)), Outcome.FAILED),
        ((COUNTS[0], Count(NOW - 200, NOW, {"slack": 1.0}, {"slack": 1.0})), Outcome.PASSED),
    ],
    ids=["not counted before", "all failed", "some failed", "late", "restarted"],
)
def test_what_counters_can_tell(counts: tuple[Count, ...], came: Outcome) -> None:
    assert outcome(TOLD, looked(instance(), told=None, counts=counts)) is came


def test_without_a_sink_what_the_alert_lacks_fails() -> None:
    alert = RuleAlert(LABELS, {"summary": "x"}, "firing", NOW - 300, 0.02)
    assert outcome(TOLD, looked(alert, told=None, counts=COUNTS)) is Outcome.FAILED


def inhibiting(source: dict[str, str], target: dict[str, str], **more: Any) -> Look:
    made = (
        known("b", {"alertname": "B", "severity": "critical", "synthetic": SECOND, **source}),
        known("a", target, inhibited_by=("b",), **more),
    )
    return looked(instance(), peers=(peer(*made),))


def test_inhibited_is_by_the_alert_that_is_named() -> None:
    service = {"service": "mail"}
    look = inhibiting(service, service)
    assert judged(INHIBITED, look).said == "A is inhibited by B"
    assert outcome({"inhibited": "A"}, look) is Outcome.PASSED
    assert judged({**INHIBITED, "by": "C"}, look).said == "A is inhibited by B, not by C"
    for of_another in ({"synthetic": "other"}, {"synthetic": ""}):
        look = replace(inhibiting(service | of_another, service), marked=frozenset({"B"}))
        seen = judged(INHIBITED, look)
        said = "A is inhibited by B, not by B of this exercise"
        assert (seen.outcome, seen.said) == (Outcome.AWAITED, said)


def test_an_equal_that_nothing_has_is_no_inhibition_worth_the_name() -> None:
    seen = judged(INHIBITED, inhibiting({}, {}))
    assert (seen.outcome, "`equal` names service" in seen.said) == (Outcome.FAILED, True)
    mentioned = rules(instance(), query="sum by (service) (up) == 0")
    look = replace(inhibiting({}, {}), rules=mentioned)
    assert outcome(INHIBITED, look) is Outcome.PASSED


def test_every_alertmanager_that_has_it_must_inhibit_or_silence_it() -> None:
    free, held = known(), known(inhibited_by=("x",), silenced_by=("s",))
    for verb in ({"inhibited": "A"}, {"silenced": "A"}):
        assert outcome(verb, looked(instance(), peers=(peer(held),))) is Outcome.PASSED
        assert outcome(verb, looked(instance(), peers=(peer(held), peer(free)))) is Outcome.AWAITED
        assert outcome(verb, looked(instance(), peers=(peer(held), Peer(name="am-b", alerts=DOWN)))) is (
            Outcome.INCONCLUSIVE
        )
        assert judged(verb, looked(instance())).said == "A fires, but no Alertmanager has it"


FIRED = {"fired": {"A": (LABELS,)}}


def test_resolved_once_all_who_were_told_are_told_and_no_alertmanager_has_it() -> None:
    over = message(status="resolved", at=NOW - 5)
    assert judged(RESOLVED, looked(told=(message(), over), **FIRED)).said == "A resolved, slack told"
    assert judged(RESOLVED, looked(**FIRED)).said == "A resolved; nobody had been told of it"
    assert judged(RESOLVED, looked(instance(), **FIRED)).said == "A still fires, its value is 0.02"
    assert "am-a still has it" in judged(RESOLVED, looked(peers=(peer(known()),), **FIRED)).said
    pager = message("pagerduty")
    seen = judged(RESOLVED, looked(told=(message(), pager, over), **FIRED))
    assert (seen.outcome, seen.said) == (Outcome.AWAITED, "A fires no more, pagerduty not told yet")
    again = message(at=NOW - 1)
    assert outcome(RESOLVED, looked(told=(message(), over, again), **FIRED)) is Outcome.AWAITED


def test_what_never_fired_does_not_resolve() -> None:
    seen = judged(RESOLVED, looked(fired={"A": ()}))
    assert (seen.outcome, seen.said) == (Outcome.AWAITED, "A has not fired, so that it cannot resolve")
    before = Seen(outcome=Outcome.PASSED, evidence={"alert": "A", "firing_since": NOW - 500})
    of = exercise(RESOLVED, begun_at=BEGUN, seen=[(FIRING, before)])
    assert judged(RESOLVED, looked(fired={"A": ()}), of).outcome is Outcome.PASSED


def test_what_fired_in_a_lab_that_is_gone_was_not_seen_to_resolve_and_is_not_late_in_the_next() -> None:
    before = Seen(outcome=Outcome.PASSED, at=NOW - 900, evidence={"alert": "A", "firing_since": NOW - 900})
    of, told = (
        replace(exercise(verb, begun_at=BEGUN, seen=[(FIRING, before)]), moved_at=NOW - 400)
        for verb in (RESOLVED, TOLD)
    )
    seen = judged(RESOLVED, looked(fired={"A": ()}), of)
    assert (seen.outcome, seen.said) == (
        Outcome.INCONCLUSIVE,
        "A fired in a lab that is gone: nobody saw it resolve",
    )
    assert judged(RESOLVED, looked(told=(message(status="resolved"),)), of).outcome is Outcome.PASSED
    assert judged(TOLD, looked(instance(), told=(message(),)), told).outcome is Outcome.PASSED


def group(scenario: str = FIRST, at: float | None = NOW - 3, families: dict[str, Raw] | None = None) -> Group:
    packed = Raw(
        b'{"type": "GAUGE", "metrics": [{"labels": {}, "value": "1"}, {"labels": {"a": "b"}, "value": "2"}]}'
    )
    stands = {"load": packed} if families is None else families
    return Group({"job": "relay_synth", "synthetic": scenario}, at, stands)


def test_pushed_is_on_the_gateway_and_scraped_under_its_own_labels() -> None:
    verb = {"pushed": FIRST}
    look = looked(groups=(group(),), scraped={FIRST: NOW - 3})
    assert judged(verb, look).said == "busy is pushed, 2 series, scraped 3s ago"
    for other in (
        replace(look, groups=()),
        replace(look, groups=(group(at=BEGUN - 60),)),
        replace(look, groups=(group(families={}),)),
        replace(look, scraped={FIRST: None}),
        replace(look, scraped={FIRST: BEGUN - 60}),
    ):
        assert outcome(verb, other) is Outcome.AWAITED


def test_leftovers_are_the_groups_of_the_drills_own_scenarios() -> None:
    left = {"leftovers": "none"}
    assert outcome(left, looked(groups=(group("baseline"),))) is Outcome.PASSED
    assert judged(left, looked(groups=(group(SECOND),))).said == "worse still on the Pushgateway"


@pytest.mark.parametrize(
    ("bounds", "values", "holds"),
    [
        ({"above": 1}, [2.0, 3.0], True),
        ({"above": 1}, [2.0, 1.0], False),
        ({"below": 1}, [0.5], True),
        ({"above": 1, "below": 3}, [2.0], True),
        ({"above": 1, "below": 3}, [3.0], False),
        ({"equals": 0.3}, [0.1 + 0.2], True),
        ({"equals": 1}, [2.0], False),
        ({"above": 1}, [], False),
        ({"above": 1}, [float("nan")], False),
    ],
)
def test_every_value_of_an_expression_one_at_least(
    bounds: dict[str, float], values: list[float], holds: bool
) -> None:
    result = QueryResult("vector", tuple(WireSeries({}, (NOW,), (value,)) for value in values))
    look = looked(values={"up": Fetched(result, "prom-a", NOW)})
    assert outcome({"expr": "up", **bounds}, look) is (Outcome.PASSED if holds else Outcome.AWAITED)
    if holds:
        assert judged({"expr": "up", **bounds}, look).said.startswith("up ")


@pytest.mark.parametrize(
    "verb",
    [FIRING, TOLD, {"quiet": "A"}, RESOLVED, INHIBITED, {"silenced": "A"}, {"leftovers": "none"},
     {"pushed": FIRST}, {"expr": "up", "above": 0}],
)  # fmt: skip
def test_what_could_not_be_asked_is_inconclusive_with_its_reason(verb: dict[str, Any]) -> None:
    down: dict[str, Any] = {"rules": DOWN, "groups": DOWN, "told": DOWN, "values": {"up": DOWN}}
    look = looked(peers=(Peer(name="am-a", alerts=DOWN, settings=DOWN),), **down)
    seen = judged(verb, look)
    assert (seen.outcome, seen.said) == (Outcome.INCONCLUSIVE, "am-a: connection refused")


@pytest.mark.parametrize(
    "blind",
    [{"rules": DOWN}, {"peers": (Peer(name="am-a", alerts=DOWN, settings=DOWN),)}],
)
def test_that_nobody_was_told_is_inconclusive_while_the_chain_before_the_sink_is_unseen(
    blind: dict[str, Any],
) -> None:
    seen = judged(TOLD, looked(instance(), **blind))
    assert (seen.outcome, seen.said) == (Outcome.INCONCLUSIVE, "am-a: connection refused")


def test_a_part_of_an_answer_is_no_silence() -> None:
    part = replace(rules(), warnings=("a store is down",))
    for verb in ({"quiet": "A"}, RESOLVED):
        assert outcome(verb, looked(rules=part)) is Outcome.INCONCLUSIVE


def test_a_look_from_before_the_phase_tells_nothing() -> None:
    of = exercise(FIRING, begun_at=NOW + 1)
    assert judged(FIRING, looked(instance()), of).said == "not looked at yet"


def test_what_others_wrote_is_shown_cleaned() -> None:
    nasty = "A\x1b[31m\nX"
    seen = judged({"firing": nasty}, looked())
    assert "\x1b" not in seen.said
    assert "\n" not in seen.said
