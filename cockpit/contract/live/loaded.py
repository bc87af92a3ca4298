"""The rules of the files beside those that Prometheus has loaded: which is which, and how they differ. Pure.

A lab's rules have their durations divided by its speed (see cockpit.lab.scale), so those of the files are
divided before they are compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from cockpit.clients.wire import AlertingRule, RecordingRule, RuleGroup
from cockpit.contract.live.meaning import same
from cockpit.contract.live.model import Live
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.errors import UsageError
from cockpit.expression import is_log_query
from cockpit.promql import divide_durations
from cockpit.units import parse_duration, short_duration

Loaded = AlertingRule | RecordingRule

_SAME_SECONDS = 0.002
"""Durations are rounded to a millisecond when they are divided."""

_Named = tuple[bool, str]


class Difference(Struct, frozen=True):
    """What of a rule differs: the key in its file, and what is loaded, in a few words."""

    key: str
    loaded: str


class Pair(Struct, frozen=True):
    """A rule of the files and what is loaded for it, in which group; nothing where it is not loaded."""

    entry: RuleEntry
    loaded: Loaded | None = None
    group: RuleGroup | None = None
    differences: tuple[Difference, ...] = ()


class Comparison(Struct, frozen=True):
    """Each rule of the files, and the rules that stand in none though their group does."""

    pairs: tuple[Pair, ...]
    strangers: tuple[tuple[RuleGroup, Loaded], ...]


class _Held(Struct, frozen=True):
    """A loaded rule and its group."""

    group: RuleGroup
    rule: Loaded


@lru_cache(maxsize=1)
def compared(repository: Repository) -> Comparison:
    """Return the comparison; an empty one where no rule is loaded, or could be asked for."""
    live = repository.live
    if live is None or not any(group.rules or group.recording for group in live.groups.groups):
        return Comparison((), ())
    entries = [each for each in repository.rules if each.rule.group and not is_log_query(each.rule.expr)]
    left = _by_name(live.groups.groups)
    pairs = [each for group in _by_group(entries).values() for each in _paired(group, left, live)]
    # What has moved to another group is loaded all the same.
    pairs = [_elsewhere(each, left, live) if each.loaded is None else each for each in pairs]
    return Comparison(tuple(pairs), tuple(_strangers(entries, left)))


def foreign(repository: Repository) -> frozenset[str]:
    """Return the paths of the files of which no rule is loaded: they may be meant for another server."""
    pairs = compared(repository).pairs
    return frozenset(each.entry.file.path for each in pairs) - {e.entry.file.path for e in pairs if e.loaded}


def _named(rule: Loaded) -> _Named:
    return isinstance(rule, AlertingRule), rule.name


def _all(group: RuleGroup) -> Iterator[Loaded]:
    yield from group.rules
    yield from group.recording


def _by_name(groups: Iterable[RuleGroup]) -> dict[_Named, list[_Held]]:
    found: dict[_Named, list[_Held]] = defaultdict(list)
    for group in groups:
        for rule in _all(group):
            found[_named(rule)].append(_Held(group, rule))
    return found


def _by_group(entries: Iterable[RuleEntry]) -> dict[tuple[str, bool, str], list[RuleEntry]]:
    found: dict[tuple[str, bool, str], list[RuleEntry]] = defaultdict(list)
    for each in entries:
        found[each.rule.group, each.rule.is_alert, each.name].append(each)
    return found


def _paired(entries: Sequence[RuleEntry], left: dict[_Named, list[_Held]], live: Live) -> Iterator[Pair]:
    """Yield pairs of rules with one name in one group, those that are the same before those that differ."""
    held = left[entries[0].rule.is_alert, entries[0].name]
    rest = []
    for entry in entries:
        own = [each for each in held if each.group.name == entry.rule.group]
        found = next((each for each in own if not _differences(entry, each.rule, live)), None)
        if found is None:
            rest.append(entry)
        else:
            held.remove(found)
            yield Pair(entry, found.rule, found.group)
    for entry in rest:
        found = next((each for each in held if each.group.name == entry.rule.group), None)
        if found is None:
            yield Pair(entry)
        else:
            held.remove(found)
            yield Pair(entry, found.rule, found.group, _differences(entry, found.rule, live))


def _elsewhere(pair: Pair, left: dict[_Named, list[_Held]], live: Live) -> Pair:
    held = left[pair.entry.rule.is_alert, pair.entry.name]
    ranked = sorted(held, key=lambda each: len(_differences(pair.entry, each.rule, live)))
    if not ranked:
        return pair
    held.remove(ranked[0])
    return Pair(pair.entry, ranked[0].rule, ranked[0].group)


def _strangers(
    entries: Sequence[RuleEntry], left: dict[_Named, list[_Held]]
) -> Iterator[tuple[RuleGroup, Loaded]]:
    """Yield what is left of groups that the files have: of the name, and with a rule that the files have."""
    ours: dict[str, set[_Named]] = defaultdict(set)
    for each in entries:
        ours[each.rule.group].add((each.rule.is_alert, each.name))
    for held in (each for several in left.values() for each in several):
        group, own = held.group, ours.get(held.group.name, set())
        if _named(held.rule) not in own and any(_named(each) in own for each in _all(group)):
            yield group, held.rule


def _differences(entry: RuleEntry, loaded: Loaded, live: Live) -> tuple[Difference, ...]:
    return tuple(_different(entry, loaded, live))


def _different(entry: RuleEntry, loaded: Loaded, live: Live) -> Iterator[Difference]:
    rule = entry.rule
    if not same(divide_durations(rule.expr, live.speed), loaded.query):
        yield Difference("expr", loaded.query)
    if isinstance(loaded, AlertingRule):
        for key, its in (("for", loaded.duration), ("keep_firing_for", loaded.keep_firing_for)):
            own = _seconds(entry.node.text(key))
            if own is not None and abs(live.scaled(own) - its) > _SAME_SECONDS:
                yield Difference(key, short_duration(its * live.speed))
        if name := _differing(rule.annotations, loaded.annotations):
            yield Difference("annotations", f"{name}: {loaded.annotations.get(name, 'none')}")
    if name := _differing(rule.labels, loaded.labels):
        yield Difference("labels", f"{name}={loaded.labels.get(name, '')}")


def _seconds(text: str) -> float | None:
    """Return a duration, 0 for none; None where it cannot be read."""
    try:
        return parse_duration(text) if text else 0.0
    except UsageError:
        return None


def _differing(own: dict[str, str], its: dict[str, str]) -> str:
    """Return the first name of which the values differ, or an empty text."""
    return next((n for n in sorted(own.keys() | its.keys()) if own.get(n, "") != its.get(n, "")), "")
