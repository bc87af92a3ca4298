from cockpit.alerts.group import counts, differing, group_by, worst_first
from cockpit.alerts.model import AlertState
from cockpit.alerts.severity import Severity, severity_of
from tests.alerts.make import NOW, alert


def test_what_needs_a_decision_comes_before_what_is_quiet() -> None:
    rows = [
        alert(AlertState.RESOLVED, fingerprint="over", labels={"severity": "critical"}),
        alert(AlertState.SILENCED, fingerprint="silent crit", labels={"severity": "critical"}),
        alert(AlertState.FIRING, fingerprint="warn", labels={"severity": "warning"}),
        alert(AlertState.PENDING, fingerprint="soon", labels={"severity": "critical"}),
        alert(AlertState.FIRING, fingerprint="old", labels={"severity": "critical"}, since=NOW - 500),
        alert(AlertState.FIRING, fingerprint="new", labels={"severity": "critical"}, since=NOW - 5),
        alert(AlertState.UNDELIVERED, fingerprint="untold", labels={"severity": "page"}),
        alert(AlertState.FIRING, fingerprint="odd", labels={"severity": "weird"}),
    ]
    order = [row.fingerprint for row in worst_first(rows, NOW)]
    assert order == ["untold", "new", "old", "soon", "warn", "odd", "silent crit", "over"]


def test_a_clock_ahead_does_not_stay_on_top() -> None:
    ahead = alert(fingerprint="ahead", since=NOW + 5000, labels={"alertname": "Z"})
    now = alert(fingerprint="now", since=NOW)
    assert [a.fingerprint for a in worst_first([ahead, now], NOW)] == ["now", "ahead"]


def test_groups_keep_the_order_and_say_what_differs() -> None:
    rows = [
        alert(labels={"instance": "1", "job": "x"}),
        alert(labels={"alertname": "B"}),
        alert(AlertState.SILENCED, labels={"instance": "2", "job": "x", "zone": "e"}),
    ]
    first, second = group_by(rows, "alertname")
    assert (first.value, second.value) == ("A", "B")
    assert first.worst is rows[0]
    assert first.differs == (("instance", 2), ("zone", 2))
    assert first.states == ((AlertState.FIRING, 1), (AlertState.SILENCED, 1))
    assert differing([]) == ()
    assert [g.value for g in group_by(rows, "zone")] == ["", "e"]
    assert len(group_by(rows, "")) == 3


def test_counts_are_the_header() -> None:
    rows = [
        alert(labels={"severity": "critical"}),
        alert(AlertState.UNDELIVERED, labels={"severity": "page"}),
        alert(labels={"severity": "warning"}),
        alert(AlertState.PENDING),
        alert(AlertState.SILENCED),
        alert(AlertState.INHIBITED),
        alert(AlertState.MUTED),
        alert(AlertState.RESOLVED),
        alert(labels={"severity": "odd"}),
    ]
    found = counts(rows)
    assert str(found) == "2 crit  1 warn  1 other  1 pending  3 quiet  1 resolved"
    assert found.undelivered == 1


def test_spellings_of_severity() -> None:
    assert {severity_of(w) for w in ("critical", "Crit", "page", "P1", "critical-page")} == {
        Severity.CRITICAL
    }
    assert {severity_of(w) for w in ("warn", "Warning", "p2", "ticket")} == {Severity.WARNING}
    assert {severity_of(w) for w in ("info", "information")} == {Severity.INFO}
    assert {severity_of(w) for w in ("none", "", " None ")} == {Severity.NONE}
    assert severity_of("purple") is Severity.OTHER
