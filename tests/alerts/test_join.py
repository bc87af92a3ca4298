from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.alerts.fingerprint import fingerprint
from cockpit.alerts.model import AlertState
from cockpit.clients.wire import Relabelling
from tests.alerts.make import NOW, fired, joined, peer, rules, wire


def states(result: object) -> list[AlertState]:
    return [a.state for a in result.alerts]  # type: ignore[attr-defined]


def test_one_row_for_an_alert_that_both_servers_have() -> None:
    result = joined(rules(fired(value=3.0)), peer(wire(receivers=("slack",)), name="am-a"))
    (row,) = result.alerts
    assert row.state is AlertState.FIRING
    assert (row.value, row.expr, row.for_seconds) == (3.0, "up == 0", 60.0)
    assert row.receivers == ("slack",)
    assert row.seen_by == ("prom-a", "am-a")
    assert row.fingerprint == "f1"
    assert row.since == NOW - 1000


def test_pending_says_when_it_will_fire() -> None:
    (row,) = joined(rules(fired("pending", since=NOW - 20)), peer()).alerts
    assert (row.state, row.since, row.fires_at) == (AlertState.PENDING, NOW - 20, NOW + 40)


def test_external_and_ignored_labels_do_not_split_a_row() -> None:
    sent = {"alertname": "A", "cluster": "eu", "replica": "a"}
    result = joined(
        rules(fired(replica="b")),
        peer(wire(labels=sent)),
        relabelling=Relabelling(external={"cluster": "eu"}),
        ignore_labels=("replica",),
    )
    (row,) = result.alerts
    assert row.labels == {"alertname": "A", "cluster": "eu"}
    assert row.seen_by == ("prom-a", "am-a")


def test_a_label_that_only_looks_external_still_tells_alerts_apart() -> None:
    result = joined(
        rules(fired(cluster="us")),
        peer(wire(labels={"alertname": "A", "cluster": "eu"})),
        relabelling=Relabelling(external={"cluster": "eu"}),
    )
    assert len(result.alerts) == 2


def test_relabelled_and_dropped_labels_do_not_split_a_row() -> None:
    result = joined(
        rules(fired(pod="x-1", team="one")),
        peer(wire(labels={"alertname": "A", "team": "two"})),
        relabelling=Relabelling(touched=("team",), dropped=("po.*",)),
    )
    assert len(result.alerts) == 1


def test_labels_added_where_no_configuration_tells_of_them_are_found_out() -> None:
    prometheus = rules(fired(i="1"), fired(i="2"))
    sent = [wire(f"f{i}", {"alertname": "A", "i": i, "cluster": "eu"}) for i in "12"]
    assert len(joined(prometheus, peer(*sent)).alerts) == 2


def test_what_another_cluster_sent_does_not_hide_that_ours_is_undelivered() -> None:
    theirs = wire("f1", {"alertname": "A", "i": "1", "cluster": "eu"})
    result = joined(rules(fired(i="1")), peer(theirs), relabelling=Relabelling(known=True))
    assert sorted(states(result)) == [AlertState.FIRING, AlertState.UNDELIVERED]


def test_a_pending_alert_keeps_its_identity_when_it_fires() -> None:
    external = Relabelling(external={"cluster": "eu"})
    sent = {"alertname": "A", "cluster": "eu"}
    (before,) = joined(rules(fired("pending")), peer(), relabelling=external).alerts
    (after,) = joined(rules(fired()), peer(wire(fingerprint(sent), sent)), relabelling=external).alerts
    assert before.fingerprint == after.fingerprint


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"state": "active"}, AlertState.FIRING),
        ({"state": "unprocessed"}, AlertState.FIRING),
        ({"state": "suppressed", "silenced_by": ("s",)}, AlertState.SILENCED),
        ({"state": "suppressed", "inhibited_by": ("x",)}, AlertState.INHIBITED),
        ({"state": "suppressed", "silenced_by": ("s",), "inhibited_by": ("x",)}, AlertState.SILENCED),
        ({"state": "suppressed", "inhibited_by": ("x",), "muted_by": ("m",)}, AlertState.INHIBITED),
        ({"state": "suppressed", "muted_by": ("m",)}, AlertState.MUTED),
        ({"state": "active", "muted_by": ("m",)}, AlertState.MUTED),
    ],
)
def test_what_alertmanager_does_with_it(fields: dict[str, Any], state: AlertState) -> None:
    assert states(joined(rules(fired()), peer(wire(**fields)))) == [state]


def test_one_active_instance_makes_it_firing() -> None:
    silent = wire(state="suppressed", silenced_by=("s",))
    assert states(joined(rules(fired()), peer(silent), peer(wire(), name="am-b"))) == [AlertState.FIRING]


def test_alertmanager_alone_knows_it() -> None:
    (row,) = joined(rules(), peer(wire())).alerts
    assert (row.state, row.value, row.since) == (AlertState.FIRING, None, NOW - 900)


class TestUndelivered:
    def test_when_all_peers_answered_and_none_has_it(self) -> None:
        late = fired(since=NOW - 60 - 61)
        assert states(joined(rules(late), peer(), peer(name="am-b"))) == [AlertState.UNDELIVERED]

    def test_not_within_the_grace_period(self) -> None:
        assert states(joined(rules(fired(since=NOW - 60 - 59)), peer())) == [AlertState.FIRING]

    def test_not_while_a_peer_has_not_answered(self) -> None:
        assert states(joined(rules(fired()), peer(), all_peers_answered=False)) == [AlertState.FIRING]

    def test_not_when_no_alertmanager_is_configured(self) -> None:
        assert states(joined(rules(fired()))) == [AlertState.FIRING]

    def test_not_by_an_answer_from_before_it_fired(self) -> None:
        just = fired(since=NOW - 60 - 61)
        assert states(joined(rules(just), peer(at=NOW - 30))) == [AlertState.FIRING]

    def test_not_by_what_a_dead_prometheus_said_long_ago(self) -> None:
        assert states(joined(rules(fired(), at=NOW - 600), peer())) == [AlertState.FIRING]

    def test_not_by_an_answer_from_after_it_may_have_ended(self) -> None:
        assert states(joined(rules(fired(), at=NOW - 4), peer(at=NOW))) == [AlertState.FIRING]
        two = joined(rules(fired(), at=NOW - 4), peer(at=NOW - 5), peer(name="am-b"))
        assert states(two) == [AlertState.FIRING]

    def test_does_not_come_and_go_with_every_poll(self) -> None:
        """Prometheus and Alertmanager answer in turn; between Prometheus's answers nothing can be judged."""
        before: set[str] = set()
        seen = []
        for step in range(6):
            prometheus, manager = NOW + 5 * (step // 2), NOW - 2 + 5 * ((step + 1) // 2)
            result = joined(
                rules(fired(), at=prometheus),
                peer(at=manager),
                now=max(prometheus, manager),
                undelivered_before=before,
            )
            before = {a.fingerprint for a in result.alerts if a.state is AlertState.UNDELIVERED}
            seen += states(result)
        assert seen == [AlertState.UNDELIVERED] * 6

    def test_stays_while_it_cannot_be_judged(self) -> None:
        (row,) = joined(rules(fired()), peer()).alerts
        kept = joined(rules(fired()), peer(), all_peers_answered=False, undelivered_before={row.fingerprint})
        assert states(kept) == [AlertState.UNDELIVERED]


class TestPeerThatIsDown:
    OLD = NOW - 500

    def test_does_not_unsilence(self) -> None:
        silent = wire(state="suppressed", silenced_by=("s",))
        result = joined(rules(fired()), peer(silent), peer(wire(), name="am-b", at=self.OLD))
        assert states(result) == [AlertState.SILENCED]

    def test_does_not_keep_what_has_ended(self) -> None:
        ended = wire(ends_at=NOW - 100)
        assert states(joined(rules(), peer(), peer(ended, name="am-b", at=self.OLD))) == []

    def test_when_all_are_down_everything_stays(self) -> None:
        assert states(joined(None, peer(wire(ends_at=NOW - 100), at=self.OLD))) == [AlertState.FIRING]


def test_inhibitors_name_rows_also_when_instances_were_merged() -> None:
    head = [wire(f, {"alertname": "Head", "replica": f}) for f in ("h1", "h2")]
    tail = wire("t", {"alertname": "Tail"}, state="suppressed", inhibited_by=("h2",))
    result = joined(None, peer(*head, tail), ignore_labels=("replica",))
    rows = {a.name: a for a in result.alerts}
    assert rows["Tail"].inhibited_by == (rows["Head"].fingerprint,)


def test_the_watchdog_stands_apart() -> None:
    dog = wire("w", {"alertname": "Watchdog"})
    result = joined(None, peer(dog, wire()))
    assert [a.name for a in result.alerts] == ["A"]
    assert [a.name for a in result.watchdogs] == ["Watchdog"]
    assert len(joined(None, peer(dog, wire()), watchdog="").alerts) == 2


names = st.sampled_from(["a", "b", "c"])
label_sets = st.dictionaries(names, st.sampled_from(["1", "2"]))


@given(
    st.lists(label_sets, max_size=6), st.lists(label_sets, max_size=6), label_sets, st.sets(names, max_size=1)
)
def test_every_alert_is_in_exactly_one_row(
    here: list[dict[str, str]], there: list[dict[str, str]], external: dict[str, str], ignored: set[str]
) -> None:
    relabelling = Relabelling(external=external)
    sent = [{"alertname": "A", **external, **labels} for labels in there]
    result = joined(
        rules(*(fired(**dict[str, Any](labels)) for labels in here)),
        peer(*(wire(fingerprint(labels), labels) for labels in sent)),
        relabelling=relabelling,
        ignore_labels=tuple(ignored),
    )

    def key(labels: dict[str, str]) -> frozenset[tuple[str, str]]:
        pairs = {"alertname": "A", **labels}.items()
        return frozenset((k, v) for k, v in pairs if k not in ignored and external.get(k) != v)

    expected = {key(labels) for labels in here} | {key(labels) for labels in sent}
    if external:
        assert sorted(map(sorted, expected)) == sorted(sorted(key(a.labels)) for a in result.alerts)
    assert len({a.fingerprint for a in result.alerts}) == len(result.alerts) or ignored


def test_fingerprint_is_alertmanagers() -> None:
    # As a real Alertmanager 0.25 gave it; tests/integration/test_board.py compares with a running one.
    labels = {
        "severity": "critical",
        "service": "mail",
        "replica": "b",
        "cluster": "test",
        "alertname": "Burning",
    }
    assert fingerprint(labels) == "8668d7d9930d88cb"
    assert fingerprint({}) == "cbf29ce484222325"
