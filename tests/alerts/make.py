"""Short makers of wire answers and alerts, with sensible defaults."""

from typing import Any

from cockpit.alerts.join import Joined, join
from cockpit.alerts.model import Alert, AlertState
from cockpit.clients.source import Fetched, Source
from cockpit.clients.wire import AlertingRule, Relabelling, RuleAlert, RuleGroup, RuleGroups, WireAlert

NOW = 1_000_000.0
Peer = Fetched[tuple[WireAlert, ...]]


def fired(state: str = "firing", since: float = NOW - 1000, value: float = 1.0, **labels: Any) -> RuleAlert:
    labels = {"alertname": "A", **labels}
    return RuleAlert(labels=labels, annotations={}, state=state, active_at=since, value=value)


def rules(*alerts: RuleAlert, at: float = NOW, source: str = "prom-a", **rule: Any) -> Fetched[RuleGroups]:
    made = {
        "name": "A",
        "query": "up == 0",
        "duration": 60.0,
        "health": "ok",
        "last_evaluation": at - 1,
        **rule,
    }
    group = RuleGroup(name="g", interval=15.0, rules=(AlertingRule(alerts=alerts, **made),))
    return Fetched(RuleGroups((group,)), source, at)


def wire(mark: str = "f1", labels: dict[str, str] | None = None, **fields: Any) -> WireAlert:
    made: dict[str, Any] = {"starts_at": NOW - 900, "ends_at": NOW + 240, "updated_at": NOW - 10, **fields}
    return WireAlert(fingerprint=mark, labels=labels or {"alertname": "A"}, annotations={}, **made)


def peer(*alerts: WireAlert, name: str = "am-a", at: float = NOW) -> Peer:
    return Fetched(alerts, name, at)


def joined(prometheus: Fetched[RuleGroups] | None, *peers: Peer, **changes: Any) -> Joined:
    made: dict[str, Any] = {
        "all_peers_answered": bool(peers),
        "relabelling": Relabelling(),
        "ignore_labels": (),
        "watchdog": "Watchdog",
        "undelivered_after": 60.0,
        "now": NOW,
        "runbook": lambda labels, annotations: None,
        **changes,
    }
    return join(prometheus, peers, **made)


def alert(state: AlertState = AlertState.FIRING, **fields: Any) -> Alert:
    labels = {"alertname": "A", **fields.pop("labels", {})}
    made: dict[str, Any] = {"fingerprint": "f", "annotations": {}, "since": NOW - 100, **fields}
    return Alert(labels=labels, state=state, **made)


def source(
    kind: str = "prometheus", name: str = "prom-a", answered_at: float | None = NOW, **more: Any
) -> Source:
    return Source(name=name, kind=kind, url=f"http://{name}", answered_at=answered_at, **more)
