"""The alerting rules that Prometheus has loaded, those that do not fire as well."""

from enum import StrEnum

from msgspec import Struct

from cockpit.clients.wire import AlertingRule
from cockpit.session import Session


class RuleState(StrEnum):
    """What a rule does now: its worst instance counts. BROKEN: its last evaluation failed."""

    BROKEN = "broken"
    FIRING = "firing"
    PENDING = "pending"
    INACTIVE = "inactive"


class Rule(Struct, frozen=True, kw_only=True):
    """One alerting rule. Text is raw; `instances` are those pending or firing, `for_seconds` its `for`."""

    name: str
    severity: str
    state: RuleState
    instances: int
    expr: str
    for_seconds: float
    group: str
    error: str


async def rules(session: Session) -> tuple[Rule, ...]:
    """Return every alerting rule, the worst first, then by name. Raises SourceError without an answer."""
    fetched = await session.prometheus.alerting_rules()
    found = [_rule(rule, group.name) for group in fetched.data.groups for rule in group.rules]
    order = list(RuleState)
    return tuple(sorted(found, key=lambda rule: (order.index(rule.state), rule.name)))


def _rule(rule: AlertingRule, group: str) -> Rule:
    states = {alert.state for alert in rule.alerts}
    state = next((s for s in (RuleState.FIRING, RuleState.PENDING) if s.value in states), RuleState.INACTIVE)
    return Rule(
        name=rule.name,
        severity=rule.labels.get("severity", ""),
        state=RuleState.BROKEN if rule.health == "err" else state,
        instances=len(rule.alerts),
        expr=rule.query,
        for_seconds=rule.duration,
        group=group,
        error=rule.last_error,
    )
