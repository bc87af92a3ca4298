"""What a proof finds out about each expectation of a scenario, from when its alerts fired. Pure."""

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from cockpit.scenarios.model import Expectation, Fires, Quiet, Scenario, name_of
from cockpit.scenarios.own import alert_of, is_own
from cockpit.scenarios.proof.compile import Plan
from cockpit.scenarios.proof.observed import Instance
from cockpit.scenarios.proof.rulefiles import Rules
from cockpit.text import one_line
from cockpit.units import prometheus_duration

_LOSERS = 3
_PARTS = ("_bucket", "_count", "_sum")
_HIDDEN = frozenset({"alertname", "synthetic"})


class Finding(Struct, frozen=True, kw_only=True):
    """What is proven of one expectation, or why it is not. `kind` is fires or quiet.

    Durations are seconds: `fired_after` counts from the start, `resolved_after` from the recovery (negative:
    before it); None where that never came. `sentence` is for a person.
    """

    alert: str
    kind: str
    passed: bool
    sentence: str
    labels: dict[str, str] = {}
    fires_within: float | None = None
    resolves_within: float | None = None
    fired_after: float | None = None
    resolved_after: float | None = None


def finding(expected: Expectation, sentence: str, *, passed: bool = False, **times: float | None) -> Finding:
    """Return the finding on `expected` with its limits."""
    fires = isinstance(expected, Fires)
    return Finding(
        alert=alert_of(expected),
        kind="fires" if fires else "quiet",
        passed=passed,
        sentence=sentence,
        labels=dict(expected.labels),
        fires_within=expected.fires_within if isinstance(expected, Fires) else None,
        resolves_within=expected.resolves_within if isinstance(expected, Fires) else None,
        **times,
    )


def no_rule(expected: Expectation, rules: Rules) -> Finding | None:
    """Return the finding that no rule has the expected alert, or None where one has."""
    name = alert_of(expected)
    if rules.alerts(name):
        return None
    near = " or ".join(rules.near(name))
    hint = f"; did you mean {near}?" if near else ""
    return finding(expected, f"no alerting rule {name} in {_places(rules)}{hint}")


def _places(rules: Rules) -> str:
    """Name the rule files that were looked at: `rules/a.yml, b.yml`."""
    folders: dict[Path, list[str]] = {}
    for file in rules.files:
        folders.setdefault(file.path.parent, []).append(file.path.name)
    return "; ".join(one_line(f"{where}{os.sep}{', '.join(n)}", 500) for where, n in folders.items())


def judge(
    expected: Expectation, scenario: Scenario, plan: Plan, rules: Rules, found: Sequence[Instance]
) -> Finding:
    """Return the finding on `expected`, whose alert has the instances `found`.

    Its sentence is empty where the times do not tell the reason.
    """
    if isinstance(expected, Quiet):
        return _quiet(expected, scenario, rules, found)
    own = [each for each in found if is_own(expected, scenario.name, each.labels)]
    if fired := [each for each in own if each.firing]:
        return _fired(expected, scenario, plan, rules, fired)
    if others := [each for each in found if each.firing]:
        return finding(expected, _other_labels(expected, scenario, rules, others))
    if own := [each for each in own or found if each.pending]:
        return finding(expected, _pending(expected, rules, own))
    return finding(expected, "")


def first_firing(expected: Expectation, scenario: Scenario, found: Sequence[Instance]) -> Instance | None:
    """Return the instance of an expected alert that fires first."""
    own = [each for each in found if each.firing and is_own(expected, scenario.name, each.labels)]
    return min(own, key=lambda each: each.firing.first if each.firing else 0, default=None)


def begins_at_once(expected: Expectation, scenario: str, found: Sequence[Instance]) -> bool:
    """Say whether an alert that is to fire is pending or fires before anything can have risen."""
    own = (each for each in found if is_own(expected, scenario, each.labels))
    spans = [span for each in own for span in (each.pending, each.firing) if span]
    return isinstance(expected, Fires) and any(span.first == 0 for span in spans)


def _quiet(expected: Quiet, scenario: Scenario, rules: Rules, found: Sequence[Instance]) -> Finding:
    first = first_firing(expected, scenario, found)
    if first is not None and first.firing is not None:
        return finding(expected, "", fired_after=first.firing.first)
    own = [each.pending for each in found if each.pending and is_own(expected, scenario.name, each.labels)]
    of = ", ".join(f"{label}={one_line(value, 100)}" for label, value in expected.labels.items())
    sentence = "quiet throughout" + (f" with {of}" if of else "")
    if own:
        start, end = min(span.first for span in own), max(span.last for span in own)
        sentence += f", pending at {shown(start)}" + (f" to {shown(end)}" if end > start else "")
    elif idle := _idle(expected, scenario, rules):
        sentence += f", but {idle}"
    return finding(expected, sentence, passed=True)


def _idle(expected: Quiet, scenario: Scenario, rules: Rules) -> str:
    """Say why an alert could not but stay quiet, as far as names tell; empty where it could fire."""
    metrics = rules.metrics(expected.quiet)
    pushed = {name_of(each) + part for each in scenario.signals for part in ("", *_PARTS)}
    if metrics is not None and metrics.isdisjoint(pushed | {"push_time_seconds"}):
        return "its rule looks at nothing that the scenario pushes"
    for label, value in expected.labels.items():
        has = {{**scenario.labels, **each.labels}.get(label) for each in scenario.signals} - {None}
        if has and value not in has:
            return f"nothing pushed has {label}={one_line(value, 100)}"
    return ""


def _fired(expected: Fires, scenario: Scenario, plan: Plan, rules: Rules, own: Sequence[Instance]) -> Finding:
    firing = [each.firing for each in own if each.firing]
    first, gone = min(s.first for s in firing), max(s.last for s in firing) + plan.step
    in_time = first <= expected.fires_within and plan.step <= expected.fires_within
    sentence = f"fires at {shown(first)} of at most {shown(expected.fires_within)}"
    if plan.step > expected.fires_within:
        every, granted = shown(plan.step), shown(expected.fires_within)
        sentence = f"its rules are evaluated every {every} only, which is longer than the {granted} granted"
    elif not in_time:
        sentence = f"fires at {shown(first)}, later than the {shown(expected.fires_within)} granted"
        if pending := [each.pending.first for each in own if each.pending]:
            sentence += f": pending from {shown(min(pending))} on, `for` is {_held_for(expected, rules)}"
    resolved = None if gone > plan.end else gone - plan.recovers
    ends = True
    if expected.resolves_within is not None:
        ends, words = _resolved(expected.resolves_within, resolved, scenario, plan)
        if ends and all(_pauses(each, plan) for each in own):
            ends, words = False, ", but stops and starts again before the recovery"
        sentence += words
    return finding(expected, sentence, passed=in_time and ends, fired_after=first, resolved_after=resolved)


def _pauses(instance: Instance, plan: Plan) -> bool:
    """Say whether an alert does not fire all the time between its first and its last, up to the recovery."""
    if instance.firing is None or instance.fired is None:
        return False
    last = min(instance.firing.last, plan.recovers // plan.step * plan.step)
    return instance.fired < round((last - instance.firing.first) / plan.step) + 1


def _resolved(within: float, resolved: float | None, scenario: Scenario, plan: Plan) -> tuple[bool, str]:
    if scenario.duration is None:
        return False, "; it cannot resolve, because the scenario has no `duration`"
    if resolved is None:
        left = shown(plan.end - plan.recovers)
        return False, f", but still fires {left} after recovery, {shown(within)} are granted"
    if resolved > within:
        return (
            False,
            f", but resolves {shown(resolved)} after recovery, later than the {shown(within)} granted",
        )
    if resolved < 0:
        return False, f", but stops firing {shown(-resolved)} before the recovery"
    return True, f", resolves {shown(resolved)} after recovery of at most {shown(within)}"


def _other_labels(expected: Fires, scenario: Scenario, rules: Rules, others: Sequence[Instance]) -> str:
    """Say which label keeps the alert that fires from being the one that is expected."""
    wanted = {**expected.labels}
    wanted.setdefault("synthetic", scenario.name)

    def wrong(each: Instance) -> list[str]:
        return [name for name, value in wanted.items() if each.labels.get(name) != value]

    nearest = min(others, key=lambda each: len(wrong(each)))
    name = next(iter(wrong(nearest)))
    has = nearest.labels.get(name)
    it_has = "none" if has is None else f"{name}={one_line(has, 100)}"
    pushed = {"job", "synthetic", *scenario.labels, *(n for each in scenario.signals for n in each.labels)}
    if has is None and name not in pushed:
        it_has += ": neither its rule nor the scenario sets it"
    elif has is None and (losing := losers(expected, rules, name)):
        it_has += f": {losing} does not keep it"
    at = shown(nearest.firing.first) if nearest.firing else "0s"
    return f"fires at {at}, but expected {name}={one_line(wanted[name], 100)}, it has {it_has}"


def _pending(expected: Fires, rules: Rules, own: Sequence[Instance]) -> str:
    spans = [each.pending for each in own if each.pending]
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    held = _held_for(expected, rules)
    return f"pending only, {shown(first)}..{shown(last)}: not held for the {held} of its `for`"


def _held_for(expected: Fires, rules: Rules) -> str:
    return " or ".join(shown(each) for each in sorted({r.held_for for r in rules.alerts(expected.alert)}))


def losers(expected: Expectation, rules: Rules, label: str) -> str:
    """Name the rules that lose `label` on the way to the expected alert; empty where none does."""
    return " and ".join(rules.losing(alert_of(expected), label)[:_LOSERS])


def labels_shown(labels: dict[str, str], but: dict[str, str]) -> str:
    """Return the labels of an instance for a person, without its name and those in `but`."""
    left = {n: v for n, v in labels.items() if n not in _HIDDEN and but.get(n) != v}
    return ", ".join(f"{name}={one_line(value, 100)}" for name, value in left.items())


def shown(seconds: float) -> str:
    """Return a duration for a person, exactly: `10m45s`."""
    return prometheus_duration(seconds)
