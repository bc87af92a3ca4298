"""The first rung: are the series there that the expression stands on, and are they scraped? Pure."""

from collections.abc import Iterable
from contextlib import suppress

from cockpit.alerts.routing import Matcher
from cockpit.alerts.why.facts import Facts, Origin, Presence, Series
from cockpit.alerts.why.model import RULE, SERIES, Rung, RungState
from cockpit.alerts.why.rule import NOT_KNOWN
from cockpit.alerts.why.words import ago, counted, error_text, scrape_error, shown, when
from cockpit.clients.source import Failure, SourceError
from cockpit.clients.wire import Target

STALE_INTERVALS = 3
STALE_AT_LEAST = 5.0
"""Seconds: a sample this old is never stale, however short the interval."""

STALE_WITHOUT_TARGET = 300.0
"""Seconds after which samples are stale whose interval is not known: until then Prometheus takes them."""

_NAMED = 3


def series_rung(facts: Facts) -> Rung:
    """Return the rung; it hinges on the rule where that is not there."""
    subject, series, now = facts.subject, facts.series, facts.now
    if subject.rule is None:
        return _without_rule(facts)
    if series.unreadable:
        return _rung(RungState.UNKNOWN, "the expression is none that can be read here", now)
    errors = [each.error for each in series.presences if each.error is not None]
    if errors:
        return _rung(RungState.UNKNOWN, f"could not be asked: {error_text(errors[0])}", now)
    if not series.presences:
        return _rung(RungState.OK, "the expression needs none", now)
    missing = [each for each in series.presences if not each.count and not _unwanted(each, series)]
    true = subject.instance is not None
    if missing and series.starved and not true:
        return _missing(missing, facts)
    there = [each for each in series.presences if each.count]
    if not true and (old := [each for each in there if _is_stale(each, facts)]):
        return _stale(old, facts)
    detail = [f"no {shown(str(each.selector))} now{_seen(each, now)}" for each in missing]
    return _present(there, detail, facts)


def _without_rule(facts: Facts) -> Rung:
    subject = facts.subject
    if subject.rules_error is not None:
        return _rung(RungState.UNKNOWN, f"could not be asked: {error_text(subject.rules_error)}", facts.now)
    return Rung(name=SERIES, state=RungState.UNKNOWN, evidence=NOT_KNOWN, hinges_on=RULE)


def _rung(state: RungState, evidence: str, now: float, detail: Iterable[str] = ()) -> Rung:
    return Rung(name=SERIES, state=state, evidence=evidence, detail=tuple(detail), at=now)


def _unwanted(presence: Presence, series: Series) -> bool:
    return presence.selector in series.wanted_absent


def _missing(missing: list[Presence], facts: Facts) -> Rung:
    first = missing[0]
    targets = _targets(missing, facts)
    down = [target for target in targets or _wanted(first, facts) if target.health == "down"]
    evidence = f"no series {shown(str(first.selector))}{_seen(first, facts.now)}"
    if down:
        evidence += f"; {_target(down[0])}"
    detail = [f"no series {shown(str(each.selector))}{_seen(each, facts.now)}" for each in missing[1:]]
    detail += [_target(target) for target in down[1:_NAMED]]
    if not down:
        detail += _lost(first, targets, facts)
    at = first.last_seen or facts.now
    return Rung(name=SERIES, state=RungState.BROKEN, evidence=evidence, detail=tuple(detail), at=at)


def _lost(first: Presence, targets: list[Target], facts: Facts) -> list[str]:
    """Return what may have become of series that no target which is down accounts for."""
    if isinstance(facts.series.targets, SourceError):
        return [_untold(facts.series.targets)]
    if targets:
        return [f"{_target(target)}, but no longer exposes it" for target in targets[:_NAMED]]
    if first.last_seen is not None:
        names = [shown(f"{each.job} {each.instance}".strip()) for each in first.origins if each.instance]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        gone = f"no longer scraped here: {', '.join(names[:_NAMED])}{more}"
        return [f"{gone}; is it gone, or lost by its service discovery?"] if names else []
    down = [target for target in facts.series.targets if target.health == "down"]
    said = ["never seen within a day: is the name right, and is its job scraped?"]
    if down:
        said.append(f"{counted(len(down), 'target')} down, is it of one of them? {_target(down[0])}")
    return said


def _untold(error: SourceError) -> str:
    if error.failure is Failure.WRONG_SERVICE:
        return "the server tells no targets, as Thanos and Mimir do not: ask the Prometheus that scrapes"
    return f"targets could not be asked: {error_text(error)}"


def _wanted(presence: Presence, facts: Facts) -> list[Target]:
    """Return the targets that the selector names by `job` or `instance`; none where it names neither."""
    asked = [Matcher(*each) for each in presence.selector.matchers if each[0] in {"job", "instance"}]
    if isinstance(facts.series.targets, SourceError) or not any(each.op in {"=", "=~"} for each in asked):
        return []
    with suppress(ValueError):
        return [t for t in facts.series.targets if all(each.matches(t.labels) for each in asked)]
    return []


def _seen(presence: Presence, now: float) -> str:
    if presence.last_seen is None:
        return ""
    return f", last seen {ago(presence.last_seen, now)} at {when(presence.last_seen, now)}"


def _stale(old: list[Presence], facts: Facts) -> Rung:
    worst = min(old, key=lambda each: each.newest or 0.0)
    newest = worst.newest or 0.0
    evidence = f"{shown(str(worst.selector))}: last sample {ago(newest, facts.now)}"
    targets = _targets([worst], facts)
    evidence += "".join(f"; {_target(target)}" for target in targets[:1])
    return Rung(name=SERIES, state=RungState.BROKEN, evidence=evidence, at=newest)


def _present(there: list[Presence], detail: list[str], facts: Facts) -> Rung:
    series = facts.series
    if not there:
        names = ", ".join(shown(str(each.selector)) for each in series.presences[:_NAMED])
        if not all(_unwanted(each, series) for each in series.presences):
            said = "yet it is not over" if facts.subject.instance else "and the expression needs none"
            return _rung(RungState.OK, f"none of {names} now, {said}", facts.now, detail)
        return _rung(RungState.OK, f"none of {names}, as the rule wants", facts.now, detail)
    names = ", ".join(dict.fromkeys(shown(each.selector.name or str(each.selector)) for each in there))
    newest = min(each.newest or 0.0 for each in there)
    evidence = f"{names}, {counted(sum(each.count for each in there), 'series', 'series')}"
    evidence += f", last sample {ago(newest, facts.now)}"
    targets = _targets(there, facts)
    up = [target for target in targets if target.health == "up"]
    if isinstance(series.targets, SourceError):
        detail.append(_untold(series.targets))
    elif targets:
        names = ", ".join(_name(target) for target in up[:_NAMED])
        more = f" and {len(up) - _NAMED} more" if len(up) > _NAMED else ""
        evidence += f", {'target' if len(up) == 1 else 'targets'} {names}{more} up" if up else ""
        detail += [_target(target) for target in targets if target.health != "up"][:_NAMED]
    else:
        detail.append("which target they are from is not known")
    return Rung(name=SERIES, state=RungState.OK, evidence=evidence, detail=tuple(detail), at=newest)


def _is_stale(presence: Presence, facts: Facts) -> bool:
    if presence.newest is None:
        return False
    intervals = [target.interval for target in _targets([presence], facts) if target.interval > 0]
    limit = max(STALE_INTERVALS * max(intervals), STALE_AT_LEAST) if intervals else STALE_WITHOUT_TARGET
    return facts.now - presence.newest > limit


def _targets(presences: Iterable[Presence], facts: Facts) -> list[Target]:
    """Return the targets of the series; what was pushed has no instance, and comes from a Pushgateway."""
    if isinstance(facts.series.targets, SourceError):
        return []
    origins = {origin for each in presences for origin in each.origins}
    pushed = any(not origin.instance for origin in origins)
    gateways = {Origin(g.get("job", ""), g.get("instance", "")) for g in facts.series.gateways}
    wanted = origins | gateways if pushed else origins
    return [
        target
        for target in facts.series.targets
        if Origin(target.labels.get("job", ""), target.labels.get("instance", "")) in wanted
    ]


def _name(target: Target) -> str:
    return shown(target.labels.get("job", "") or target.labels.get("instance", "") or target.url)


def _target(target: Target) -> str:
    why = f": {scrape_error(target.last_error)}" if target.last_error else ""
    return f"target {_name(target)} {shown(target.labels.get('instance', ''))} {target.health}{why}"
