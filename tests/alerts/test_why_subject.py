"""Which alert is meant, and what its expression comes down to."""

from typing import Any

import pytest

from cockpit.alerts.labels import Labels
from cockpit.alerts.model import Alert, AlertState, Board
from cockpit.alerts.why.evidence import series
from cockpit.alerts.why.expand import MAX_LEAVES, leaves, narrowed, starved
from cockpit.alerts.why.facts import Presence, Subject
from cockpit.alerts.why.subject import recording, subject
from cockpit.clients.source import Failure, Fetched, SourceError
from cockpit.clients.wire import (
    AlertingRule,
    QueryResult,
    RecordingRule,
    Relabelling,
    RuleAlert,
    RuleGroup,
    RuleGroups,
    Target,
    WireSeries,
)
from cockpit.errors import CockpitError, InconclusiveError, UsageError
from cockpit.expression import Selector
from tests.alerts.make import NOW, alert, source

RATIO = RecordingRule("job:errors:ratio", 'sum by (job) (rate(errors{code!="0"}[5m])) / sum by (job) (calls)')
RENAMED = RecordingRule("renamed", "label_replace(raw, 'team', '$1', 'owner', '(.*)')", {"kind": "made"})


def groups(*rules: AlertingRule, recorded: tuple[RecordingRule, ...] = ()) -> Fetched[RuleGroups]:
    return Fetched(RuleGroups((RuleGroup("g", "/r/g.yml", 15.0, rules, recorded),)), "prom-a", NOW)


def meant(text: str, rules: Fetched[RuleGroups] | SourceError, *alerts: Alert, **more: Any) -> Subject:
    labels = Labels(more.get("relabelling", Relabelling()), more.get("ignored", ()))
    return subject(text, Board(generated_at=NOW, alerts=alerts), rules, labels)


def firing(**labels: str) -> RuleAlert:
    return RuleAlert({"alertname": "A", **labels}, {}, "firing", NOW - 100, 1.0)


def test_an_alert_of_the_board_has_its_instance_of_its_rule() -> None:
    wanted = firing(severity="critical", zone="b")
    rules = groups(
        AlertingRule("A", labels={"severity": "warning"}, alerts=(firing(severity="warning"),)),
        AlertingRule("A", labels={"severity": "critical"}, alerts=(firing(zone="a"), wanted)),
    )
    found = meant("A", rules, alert(labels={"severity": "critical", "zone": "b"}), alert(labels={"x": "y"}))
    assert found.instance is wanted
    assert found.rule is rules.data.groups[0].rules[1]
    assert (found.others, found.twins) == (1, 1)


def test_labels_are_those_that_are_sent() -> None:
    rules = groups(AlertingRule("A", alerts=(firing(pod="x1"),)))
    relabelling = Relabelling({"cluster": "eu"}, dropped=("pod",), known=True)
    shown = alert(labels={"cluster": "eu"})
    found = meant("A", rules, shown, relabelling=relabelling)
    assert found.labels == {"alertname": "A", "cluster": "eu"}
    assert found.instance is not None


def test_a_rule_that_does_not_fire_is_meant_by_its_name() -> None:
    rules = groups(AlertingRule("High", labels={"severity": "info"}), AlertingRule("A"))
    for text in ("High", 'alertname="High"', "{alertname=High}"):
        found = meant(text, rules, alert(annotations={"summary": "Too High"}, labels={"alertname": "A"}))
        assert found.name == "High"
        assert found.rule is rules.data.groups[0].rules[0]
        assert (found.alert, found.instance, found.labels["severity"]) == (None, None, "info")


def test_an_alert_that_is_over_counts_as_not_there() -> None:
    found = meant("A", groups(AlertingRule("A")), alert(AlertState.RESOLVED))
    assert found.alert is None
    assert found.rule is not None


def test_a_name_that_nothing_has_gets_names_like_it() -> None:
    found = meant("GmailErorRate", groups(AlertingRule("GmailErrorRate"), AlertingRule("Watchdog")))
    assert (found.rule, found.near) == (None, ("GmailErrorRate",))
    assert meant("gmail", groups(AlertingRule("GmailErrorRate"))).near == ("GmailErrorRate",)


def test_a_filter_that_means_none_or_several_is_refused() -> None:
    rules = groups(AlertingRule("A"))
    with pytest.raises(CockpitError, match="no alert severity=x"):
        meant("severity=x", rules, alert())
    with pytest.raises(UsageError, match="several alerts"):
        meant("@age>1s", rules, alert(), alert(labels={"alertname": "B"}))


def test_a_filter_that_means_none_while_a_server_is_silent_is_inconclusive() -> None:
    silent = source(failure=Failure.REFUSED, error="connection refused")
    board = Board(generated_at=NOW, sources=(silent,))
    with pytest.raises(InconclusiveError, match="not every server answered"):
        subject("severity=x", board, groups(), Labels(Relabelling(), ()))


def test_rules_that_could_not_be_asked_are_no_missing_rule() -> None:
    error = SourceError(Failure.REFUSED, "connection refused")
    found = meant("A", error, alert())
    assert (found.rule, found.rules_error) == (None, error)


def test_a_recording_rule_that_fails_is_found_below_the_alert() -> None:
    failing = RecordingRule("mid", "base > 0", health="err", last_error="bad")
    rules = groups(AlertingRule("A", "top > 1"), recorded=(RecordingRule("top", "sum(mid)"), failing, RATIO))
    assert meant("A", rules).failing == ("mid: bad",)


def recorded(*rules: RecordingRule) -> Any:
    return recording(groups(recorded=rules).data.groups)


def shown(expr: str, labels: dict[str, str], *rules: RecordingRule) -> list[str]:
    return [str(narrowed(leaf.selector, leaf.carried)) for leaf in leaves(expr, recorded(*rules), labels)]


def test_recording_rules_are_expanded_down_to_what_is_scraped() -> None:
    assert shown("job:errors:ratio > 1", {}, RATIO) == ['errors{code!="0"}', "calls"]
    assert shown("up", {}, RATIO) == ["up"]


def test_labels_go_down_with_every_selector_that_keeps_them() -> None:
    labels = {"job": "shop", "code": "7"}
    assert shown("job:errors:ratio > 1", labels, RATIO) == [
        'errors{code!="0", job="shop"}', 'calls{job="shop"}',
    ]  # fmt: skip
    assert shown('job:errors:ratio{job=~"s.*"} > 1', {}, RATIO) == [
        'errors{code!="0", job=~"s.*"}', 'calls{job=~"s.*"}',
    ]  # fmt: skip
    assert shown("renamed", {"kind": "made", "zone": "a"}, RENAMED) == ['raw{zone="a"}']
    assert shown("sum(x) > 1", {"zone": "a"}) == ["x"]


def test_rules_that_stand_on_themselves_end() -> None:
    circle = RecordingRule("x", "x + y")
    assert "y" in shown("x > 1", {}, circle)
    assert starved("x > 1", recorded(circle), [Selector("y")])
    many = " + ".join(f"m{n}" for n in range(30))
    assert len(leaves(many, {}, {})) == MAX_LEAVES


def test_an_expression_starves_through_its_recording_rules() -> None:
    errors = Selector("errors", (("code", "!=", "0"),))
    assert starved("job:errors:ratio > 1", recorded(RATIO), [errors])
    assert not starved("job:errors:ratio > 1 or up", recorded(RATIO), [errors])
    twin = RecordingRule("job:errors:ratio", "other")
    assert not starved("job:errors:ratio > 1", recorded(RATIO, twin), [errors])


def slo(name: str, **more: Any) -> RecordingRule:
    return RecordingRule("slo:errors", f"errors_{name}", {"slo": name}, **more)


def test_of_many_rules_that_record_one_name_those_with_other_labels_do_not_count() -> None:
    many = (*(slo(f"s{n}", health="err", last_error="bad") for n in range(30)), slo("own"))
    expr = 'slo:errors{slo="own"} > 1'
    assert shown(expr, {}, *many) == ["errors_own"]
    assert shown("slo:errors > 1", {"slo": "own"}, *many) == ["errors_own"]
    assert starved(expr, recorded(*many), [Selector("errors_own")])
    assert meant("A", groups(AlertingRule("A", expr), recorded=many)).failing == ()
    assert shown('slo:errors{slo="nobody"} > 1', {}, *many) == ['slo:errors{slo="nobody"}']


def test_an_alert_that_no_rule_here_made_is_of_another_prometheus() -> None:
    rules = groups(AlertingRule("A", "x > 1", labels={"severity": "page"}))
    relabelling = Relabelling({"cluster": "eu"}, known=True)
    found = meant("A", rules, alert(labels={"zone": "b"}), relabelling=relabelling)
    assert (found.rule, found.firing, found.twins) == (None, True, 1)
    assert found.labels == {"alertname": "A", "zone": "b"}
    waiting = meant("A", rules, alert(AlertState.PENDING))
    assert waiting.rule is not None


class FakePrometheus:
    """Answers queries by what they begin with; everything else has no result."""

    def __init__(self, answers: dict[str, tuple[WireSeries, ...]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def query(self, expr: str) -> Fetched[QueryResult]:
        self.asked.append(expr)
        found = next((v for k, v in self.answers.items() if expr.startswith(k)), ())
        return Fetched(QueryResult("vector", found), "prom-a", NOW)

    async def targets(self) -> Fetched[tuple[Target, ...]]:
        raise SourceError(Failure.FORBIDDEN, "no")

    async def exposing(self, metric: str) -> Fetched[tuple[dict[str, str], ...]]:
        raise SourceError(Failure.FORBIDDEN, "no")


def one(value: float, **labels: str) -> tuple[WireSeries, ...]:
    return (WireSeries(labels, (NOW,), (value,)),)


async def presence(prometheus: FakePrometheus, expr: str, **labels: str) -> Presence:
    rule = AlertingRule("A", expr, labels={"severity": "warning"})
    own = RuleAlert({"alertname": "A", "severity": "warning", **labels}, {}, "firing", NOW, 1.0)
    asked = Subject(name="A", labels=own.labels, rule=rule, instance=own)
    found = await series(prometheus, asked, {}, 1.0)  # type: ignore[arg-type]
    assert isinstance(found.targets, SourceError)
    return found.presences[0]


async def test_only_the_series_of_the_instance_count() -> None:
    prometheus = FakePrometheus({
        'count(x{zone="a"})': one(2), 'max by (job, instance) (timestamp(x{zone="a"}': one(NOW, job="shop"),
    })  # fmt: skip
    found = await presence(prometheus, "x > 1", zone="a")
    assert (found.count, found.newest, found.origins[0].job) == (2, NOW, "shop")
    assert not any("severity" in query for query in prometheus.asked)


async def test_a_label_that_no_series_carries_asks_nothing_of_them() -> None:
    prometheus = FakePrometheus({
        "topk(200, count by (team, zone)": one(1, zone="a"),
        'count(x{zone="a"})': one(1),
        'max by (job, instance) (timestamp(x{zone="a"}))': one(NOW),
    })  # fmt: skip
    assert (await presence(prometheus, "x > 1", team="brought in", zone="a")).count == 1


async def test_what_is_gone_is_looked_for_a_day_back() -> None:
    prometheus = FakePrometheus({"max by (job, instance) (max_over_time(": one(NOW - 90, job="shop")})
    found = await presence(prometheus, "x > 1")
    assert (found.count, found.last_seen, found.origins[0].job) == (0, NOW - 90, "shop")
    assert "[1d:5m]" in prometheus.asked[-1]


async def test_values_are_counted_here_unless_there_are_more() -> None:
    async def asked(expr: str, values: int) -> tuple[Any, list[str]]:
        found = tuple(WireSeries({"n": str(n)}, (NOW,), (float(n),)) for n in range(values))
        prometheus = FakePrometheus({"topk(": found, "count((x))": one(9000), "count((x) ": one(500)})
        rule = AlertingRule("A", expr)
        made = await series(prometheus, Subject(name="A", labels={}, rule=rule), {}, 1.0)  # type: ignore[arg-type]
        return made.conditions[0], prometheus.asked

    few, queries = await asked("x > 1", 3)
    assert (few.total, few.beyond, "count((x))" in queries) == (3, 1, False)
    many, _ = await asked("x > 1", 200)
    assert (many.total, many.beyond) == (9000, 500)
    equal, queries = await asked("x == 0", 3)
    assert [value for _, value in equal.values] == [0.0, 1.0, 2.0]
    assert "topk(200, (x) == 0.0) or topk(200, (x))" in queries


async def test_an_expression_that_cannot_be_read_is_still_evaluated() -> None:
    rule = AlertingRule("A", "new_syntax(x) > 1")
    asked = Subject(name="A", labels={}, rule=rule)
    found = await series(FakePrometheus({"count((": one(2)}), asked, {}, 1.0)  # type: ignore[arg-type]
    assert (found.unreadable, found.results) == (True, 2)
