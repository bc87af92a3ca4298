"""The rungs of the rule itself: loaded and evaluated, pending for long enough, firing. Pure."""

from cockpit.alerts.why.facts import Facts, Subject
from cockpit.alerts.why.model import FIRING, PENDING, RULE, Rung, RungState
from cockpit.alerts.why.words import ago, counted, error_text, shown, when
from cockpit.clients.wire import AlertingRule
from cockpit.units import format_value, short_duration

LATE_INTERVALS = 3
"""Evaluation intervals after which a rule counts as no longer evaluated."""

NOT_KNOWN = "not known without the rule"
"""What is said of a rung that only the rule can tell."""

LATE_AT_LEAST = 5.0
"""Seconds that an evaluation may always be old."""


def rule_rung(facts: Facts) -> Rung:
    """Return whether the rule is loaded, evaluated in time, and without errors."""
    subject, now = facts.subject, facts.now
    if subject.rule is None:
        return _missing(facts)
    rule, group = subject.rule, subject.group
    detail = _detail(subject)
    if not rule.last_evaluation:
        return _rung(RungState.WAITING, f"loaded from {_file(subject)}, not evaluated yet", now, detail)
    if rule.health == "err":
        return _rung(RungState.BROKEN, f"it fails: {shown(rule.last_error)}", rule.last_evaluation, detail)
    if subject.failing:
        said = f"recording rule {shown(subject.failing[0])} fails"
        return _rung(RungState.BROKEN, said, rule.last_evaluation, detail)
    age = now - rule.last_evaluation
    interval = group.interval if group else 0.0
    if interval and age > max(LATE_INTERVALS * interval, LATE_AT_LEAST):
        late = f"evaluated {ago(rule.last_evaluation, now)}, though every {short_duration(interval)}"
        return _rung(RungState.BROKEN, late, rule.last_evaluation, detail)
    took = f" in {format_value(rule.evaluation_time, 'seconds')}" if rule.evaluation_time else ""
    evidence = f"evaluated {ago(rule.last_evaluation, now)}{took}, {_file(subject)}"
    return _rung(RungState.OK, evidence, rule.last_evaluation, detail)


def _rung(state: RungState, evidence: str, at: float, detail: tuple[str, ...] = ()) -> Rung:
    return Rung(name=RULE, state=state, evidence=evidence, detail=detail, at=at)


def _missing(facts: Facts) -> Rung:
    subject = facts.subject
    if subject.rules_error is not None:
        return _rung(RungState.UNKNOWN, f"could not be asked: {error_text(subject.rules_error)}", facts.now)
    if subject.alert is not None:
        sender = f" ({shown(subject.alert.generator_url)})" if subject.alert.generator_url else ""
        evidence = f"no rule of this name in this Prometheus: another one sends it{sender}"
        if subject.twins:
            evidence = f"this Prometheus does not make it now: it just ended, or another one sends it{sender}"
        return _rung(RungState.UNKNOWN, evidence, facts.now)
    hints: tuple[str, ...] = ()
    if subject.near:
        hints += (f"names like it: {', '.join(map(shown, subject.near))}",)
    if not subject.loaded:
        hints += ("no alerting rule is loaded at all: does a ruler or vmalert of its own evaluate them?",)
    if subject.doubts:
        evidence = f"no rule of this name in an answer that may lack some: {shown(subject.doubts[0])}"
        return _rung(RungState.UNKNOWN, evidence, facts.now, hints)
    return _rung(RungState.BROKEN, "no rule of this name is loaded", facts.now, hints)


def _detail(subject: Subject) -> tuple[str, ...]:
    if not subject.twins:
        return ()
    return (f"{counted(subject.twins, 'more rule')} of this name; this is the one in {_file(subject)}",)


def _file(subject: Subject) -> str:
    group = subject.group
    if group is None:
        return "an unknown file"
    file = group.file.replace("\\", "/").rpartition("/")[2]
    return shown(f"{file} (group {group.name})" if file else f"group {group.name}")


def pending_rung(facts: Facts) -> Rung:
    """Return how much of the rule's `for` is left."""
    subject, now = facts.subject, facts.now
    rule, instance = subject.rule, subject.instance
    if rule is None or instance is None:
        if subject.firing:
            return Rung(name=PENDING, state=RungState.OK, evidence="over", at=now)
        lasts = f"for {short_duration(rule.duration)}" if rule and rule.duration else "not at all: no `for`"
        return Rung(name=PENDING, state=RungState.LATER, evidence=lasts if rule else NOT_KNOWN)
    if instance.state == "firing":
        held = f"all of {short_duration(rule.duration)}" if rule.duration else "no `for`: fires at once"
        return Rung(name=PENDING, state=RungState.OK, evidence=held, at=instance.active_at)
    fires_at = instance.active_at + rule.duration
    left, whole = max(0.0, fires_at - now), short_duration(rule.duration)
    evidence = f"{short_duration(left)} left of {whole}, fires about {when(fires_at, now)}"
    if not left:
        evidence = f"all of {whole}, fires at the next evaluation"
    return Rung(name=PENDING, state=RungState.WAITING, evidence=evidence, at=instance.active_at, due=fires_at)


def firing_rung(facts: Facts) -> Rung:
    """Return since when it fires, or when it will."""
    subject = facts.subject
    kept = _kept(subject.rule)
    if not subject.firing and subject.rule is None:
        return Rung(name=FIRING, state=RungState.LATER, evidence=NOT_KNOWN)
    if not subject.firing:
        return Rung(name=FIRING, state=RungState.LATER, evidence=f"then it fires{kept}", due=due_at(subject))
    since = subject.fires_at if subject.fires_at is not None else facts.now
    evidence = f"since {when(since, facts.now)}, {short_duration(max(0.0, facts.now - since))}{kept}"
    return Rung(name=FIRING, state=RungState.OK, evidence=evidence, at=since)


def _kept(rule: AlertingRule | None) -> str:
    if rule is None or not rule.keep_firing_for:
        return ""
    return f" (keep_firing_for {short_duration(rule.keep_firing_for)})"


def due_at(subject: Subject) -> float | None:
    """Return when a pending alert begins to fire, in Unix seconds; None for one that is not pending."""
    return subject.fires_at if subject.instance is not None and not subject.firing else None
