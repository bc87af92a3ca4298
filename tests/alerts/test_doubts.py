from typing import Any

import pytest

from cockpit.alerts.doubts import doubts, source_doubts
from cockpit.alerts.join import Joined
from cockpit.alerts.model import AlertState, Board
from cockpit.clients.source import Failure, Fetched
from cockpit.clients.wire import RuleGroups
from tests.alerts.make import NOW, alert, rules, source

DOG = alert(labels={"alertname": "Watchdog"}, seen_by=("prom-a", "am-a"))
SOURCES = (source(), source("alertmanager", "am-a"))


def said(
    *alerts: Any, prometheus: Any = None, sources: Any = SOURCES, dogs: Any = (DOG,), **more: Any
) -> list[str]:
    held = more.pop("held", {"": NOW, "am-a": NOW, "am-b": NOW})
    in_doubt = source_doubts(sources, held, NOW, 15.0)
    joined = Joined(alerts, tuple(dogs), 1)
    return list(doubts(joined, prometheus or rules(), sources, in_doubt, **{"watchdog": "Watchdog", **more}))


def test_nothing_to_doubt_is_an_all_clear() -> None:
    assert said() == []
    assert Board(generated_at=NOW, doubts=tuple(said())).all_clear


def test_undelivered_weighs_most() -> None:
    untold = alert(AlertState.UNDELIVERED)
    first, *_ = said(untold, untold, dogs=())
    assert first == "2 alerts fire that no Alertmanager has: nobody is being told"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"answered_at": None}, "am-b has not answered yet"),
        (
            {"answered_at": NOW - 48, "failure": Failure.REFUSED, "error": "connection refused"},
            "am-b has not answered for 48 s (connection refused)",
        ),
        ({"answered_at": NOW - 480}, "am-b has not answered for 8m00s"),
        (
            {
                "answered_at": None,
                "failure": Failure.DNS,
                "error": "no such host",
                "remedy": "check the name",
            },
            "am-b does not answer (no such host): check the name",
        ),
        ({"warnings": ("store x\x1b is away",)}, "am-b answered only in part: store x␛ is away"),
    ],
)
def test_each_source_that_is_not_fresh(changes: dict[str, Any], expected: str) -> None:
    assert said(sources=(*SOURCES, source("alertmanager", "am-b", **changes))) == [expected]


def test_a_standby_replica_that_was_not_asked_is_no_doubt() -> None:
    assert said(sources=(*SOURCES, source(name="prom-b", answered_at=None, standby=True))) == []


def test_replicas_all_on_standby_have_not_answered() -> None:
    resting = source(answered_at=None, standby=True)
    assert said(sources=(resting, *SOURCES[1:])) == ["prom-a has not answered yet"]


def test_a_server_that_answers_other_questions_only_is_in_doubt() -> None:
    assert said(held={"am-a": NOW}) == ["prom-a has not answered yet"]
    assert said(held={"": NOW}) == ["am-a has not answered yet"]
    assert said(held={"": NOW - 16, "am-a": NOW}) == ["prom-a answers, but has not told its alerts for 16 s"]


def test_nobody_to_ask_or_to_tell() -> None:
    assert said(sources=(source(),)) == ["no Alertmanager is configured: nobody would be told"]
    assert said(sources=SOURCES[1:])[0].startswith("no Prometheus is configured")


def test_the_watchdog() -> None:
    assert said(dogs=())[0].startswith("no Watchdog: the alerting pipeline itself may be broken")
    assert said(dogs=(), watchdog="") == []
    only_here = alert(labels={"alertname": "Watchdog"}, seen_by=("prom-a",))
    assert said(dogs=(only_here,))[0].startswith("Watchdog fires in Prometheus, but no Alertmanager has it")
    lost = alert(AlertState.UNDELIVERED, labels={"alertname": "Watchdog"}, seen_by=("prom-a",))
    assert said(dogs=(lost, DOG))[0].startswith("Watchdog fires in Prometheus, but no Alertmanager has it")
    waiting = alert(AlertState.PENDING, labels={"alertname": "Watchdog"}, seen_by=("prom-a",))
    assert said(dogs=(waiting,)) == ["Watchdog does not fire yet"]


@pytest.mark.parametrize("state", [AlertState.SILENCED, AlertState.INHIBITED, AlertState.MUTED])
def test_a_watchdog_that_reaches_nobody_is_no_all_clear(state: AlertState) -> None:
    held = alert(state, labels={"alertname": "Watchdog"}, seen_by=("prom-a", "am-a"))

    assert said(dogs=(held,)) == [
        f"Watchdog is {state}: the dead man's switch is not told, and may page or be blind"
    ]


def test_a_server_without_rules_is_not_all_clear() -> None:
    (one,) = said(prometheus=Fetched(RuleGroups(()), "vm", NOW))
    assert one.startswith("vm answers, but has no alerting rules")


def test_rules_in_trouble_are_named() -> None:
    bad = rules(health="err", last_error="many-to-many\nmatching")
    assert said(prometheus=bad) == ["rule A fails to evaluate: many-to-many matching"]
    assert said(prometheus=rules(last_evaluation=NOW - 61)) == ["rule A has not been evaluated for 1m01s"]
    assert said(prometheus=rules(last_evaluation=NOW - 59)) == []
    assert said(prometheus=rules(last_evaluation=0.0)) == ["rule A has not been evaluated yet"]


def test_many_rules_in_trouble_are_counted() -> None:
    groups = tuple(group for _ in range(5) for group in rules(health="err").data.groups)
    lines = said(prometheus=Fetched(RuleGroups(groups), "p", NOW))
    assert len(lines) == 4
    assert lines[-1] == "2 more rules fail to evaluate"


def test_a_prometheus_that_is_gone_says_nothing_of_the_watchdogs_delivery() -> None:
    gone = source(answered_at=NOW - 48, failure=Failure.REFUSED, error="connection refused")
    untold = alert(AlertState.UNDELIVERED, labels={"alertname": "Watchdog"})
    assert all("Watchdog" not in line for line in said(sources=(gone, SOURCES[1]), dogs=(untold,)))
    assert any("Watchdog" in line for line in said(dogs=(untold,)))
