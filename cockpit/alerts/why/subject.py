"""Which alert is meant, and what the board and the rules know of it. Pure."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

from msgspec.structs import replace

from cockpit.alerts.labels import Labels
from cockpit.alerts.model import Alert, AlertState, Board
from cockpit.alerts.pick import pick_from
from cockpit.alerts.why.expand import Recorded, beneath, equalling
from cockpit.alerts.why.facts import Subject
from cockpit.alerts.why.words import shown
from cockpit.clients.source import Fetched, SourceError
from cockpit.clients.wire import AlertingRule, RecordingRule, RuleAlert, RuleGroup, RuleGroups
from cockpit.errors import CockpitError, UsageError

_NAMED = 3
_EXACT = re.compile(r'\s*\{?\s*alertname\s*=\s*"?([^"{}=~!,\s]+)"?\s*\}?\s*')
_FILTER = re.compile(r'[@={}"!~<>\s]')

Found = tuple[RuleGroup, AlertingRule]


def subject(text: str, board: Board, rules: Fetched[RuleGroups] | SourceError, labels: Labels) -> Subject:
    """Return the alert that `text` means: one of the board, else a rule of that name.

    Raises what `pick` raises where it is a filter, or means several.
    """
    loaded = rules.data.groups if not isinstance(rules, SourceError) else ()
    found = [(group, rule) for group in loaded for rule in group.rules]
    alert, others, name = _meant(text, board, {rule.name for _, rule in found})
    named = [each for each in found if each[1].name == name]
    chosen, instance = _chosen(named, alert, labels)
    if alert is not None and instance is None and alert.state is not AlertState.PENDING:
        # An Alertmanager has what no rule here has made: it is somebody else's.
        chosen = None
    group, rule = chosen or (None, None)
    own = instance.labels if instance else alert.labels if alert else rule.labels if rule else {}
    external = {} if instance is None and alert is not None else labels.external
    sent = {**external, **own, "alertname": name}
    made = Subject(
        name=name,
        labels={key: value for key, value in sent.items() if not labels.dropped(key)},
        alert=alert,
        rule=rule,
        group=group,
        instance=instance,
        others=others,
        twins=len(named) - (chosen is not None),
        near=_near(name, sorted({rule.name for _, rule in found})) if not named else (),
        loose=labels.names,
        rules_error=rules if isinstance(rules, SourceError) else None,
        doubts=() if isinstance(rules, SourceError) else rules.warnings,
        loaded=len(found),
        exact=labels.known,
    )
    return replace(made, failing=_failing(made, recording(loaded)))


def recording(groups: tuple[RuleGroup, ...]) -> Recorded:
    """Return the recording rules by the name of the series that they make."""
    found: dict[str, list[RecordingRule]] = {}
    for group in groups:
        for rule in group.recording:
            found.setdefault(rule.name, []).append(rule)
    return found


def _meant(text: str, board: Board, rules: set[str]) -> tuple[Alert | None, int, str]:
    """Return the alert of the board, how many more of its name there are, and the name."""
    over = AlertState.RESOLVED
    live = replace(board, alerts=tuple(alert for alert in board.alerts if alert.state is not over))
    exact = _EXACT.fullmatch(text)
    if text in rules and not any(alert.name == text for alert in (*live.alerts, *live.watchdogs)):
        return None, 0, text
    try:
        picked = pick_from(live, text)
    except UsageError:
        raise
    except CockpitError:
        name = exact[1] if exact else text
        if _FILTER.search(name):
            raise
        return None, 0, name
    return picked[0], len(picked) - 1, picked[0].name


def _chosen(named: list[Found], alert: Alert | None, labels: Labels) -> tuple[Found | None, RuleAlert | None]:
    """Return the rule, of several of one name, that made `alert`, and its instance; else the first one."""
    if alert is None:
        return (named[0] if named else None), None
    wanted = labels.key(alert.labels)
    for each in named:
        for instance in each[1].alerts:
            if labels.key(labels.shown(instance.labels)) == wanted:
                return each, instance
    for each in named:
        for instance in each[1].alerts:
            if instance.labels.items() <= alert.labels.items():
                return each, instance
    near = [each for each in named if _made(each[1].labels, alert.labels)]
    return ((near or named)[0] if named else None), None


def _near(name: str, rules: list[str]) -> tuple[str, ...]:
    """Return the rules whose names hold `name`, or are spelt like it."""
    holding = [each for each in rules if name.lower() in each.lower()]
    return tuple(dict.fromkeys([*holding, *get_close_matches(name, rules, _NAMED)]))[:_NAMED]


def _made(rule: Mapping[str, str], alert: Mapping[str, str]) -> bool:
    """Whether the labels of a rule, those with templates apart, are the alert's."""
    return all(alert.get(name) == value for name, value in rule.items() if "{{" not in value)


def _failing(subject: Subject, recorded: Recorded) -> tuple[str, ...]:
    """Return the recording rules below the subject's rule that fail, with their errors."""
    if subject.rule is None:
        return ()
    try:
        below = tuple(beneath(subject.rule.query, recorded, equalling(subject.carried)))
    except UsageError:
        return ()
    failing = (f"{each.name}: {shown(each.last_error)}" for each in below if each.health == "err")
    return tuple(dict.fromkeys(failing))
