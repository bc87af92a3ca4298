"""Loaded rule that differs from the files.

What Prometheus evaluates is not what the files say: a rule of the files is not loaded, is loaded with
another expression, `for`, labels or annotations, or is loaded though its group in the files no longer has
it. Whoever reads the files at night reads about an alert that does not exist, or of another threshold.

Expressions are compared by what they mean, not by how they are written. Only groups that the files have are
looked at: what other files loaded is not their business. Of a file of which nothing is loaded, or nothing
as it is, there is one finding.

**Remedy.** Load the files anew (`POST /-/reload`), deploy what was forgotten, or take over into the files
what was changed by hand.
"""

from collections import defaultdict
from collections.abc import Iterator

from cockpit.clients.wire import AlertingRule, RuleGroup
from cockpit.contract.kinds import Kind
from cockpit.contract.live.loaded import Loaded, Pair, compared
from cockpit.contract.live.model import Live
from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.rule import rule
from cockpit.contract.rules.live._words import said, server

_SEVERAL = 3
"""Rules of one file that can all differ without one cause."""


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each rule that is not loaded as it is in the files."""
    live = repository.live
    if live is None:
        return
    found = compared(repository)
    by_file: dict[str, list[Pair]] = defaultdict(list)
    for pair in found.pairs:
        by_file[pair.entry.file.path].append(pair)
    for pairs in by_file.values():
        if len(pairs) > 1 and not any(pair.loaded for pair in pairs):
            yield _unloaded(pairs, live)
        elif len(pairs) > _SEVERAL and all(pair.differences for pair in pairs):
            yield _otherwise(pairs, live)
        else:
            yield from (problem for pair in pairs if (problem := _problem(pair, live)))
    if _all_read(repository):
        yield from (_stranger(group, each, live) for group, each in found.strangers)


def _all_read(repository: Repository) -> bool:
    """Say whether no rule can stand in a file that was not read."""
    templates = any("template" in each.reason for each in repository.not_read)
    return not templates and not any(each.kind == Kind.RULES for each in repository.bad_files)


def _unloaded(pairs: list[Pair], live: Live) -> Problem:
    first = pairs[0].entry
    return Problem(
        at=first.file.at(first.node.line),
        message=f"none of the {len(pairs)} rules of this file is loaded in {live.prometheus}",
        remedy="name the file under `rule_files` and reload Prometheus, or leave it out of the check",
        breaks=frozenset(_loaded(pair.entry) for pair in pairs),
    )


def _otherwise(pairs: list[Pair], live: Live) -> Problem:
    first = pairs[0].entry
    keys = dict.fromkeys(each.key for pair in pairs for each in pair.differences)
    return Problem(
        at=first.file.at(first.node.line),
        message=f"all {len(pairs)} rules of this file are loaded in {live.prometheus} otherwise, with"
        f" {' and '.join(map(_word, keys))}",
        remedy="deploy the file and reload Prometheus, or see what rewrites it on the way",
        breaks=frozenset(_loaded(pair.entry) for pair in pairs),
    )


def _problem(pair: Pair, live: Live) -> Problem | None:
    entry, key = pair.entry, "alert" if pair.entry.rule.is_alert else "record"
    if pair.loaded is None:
        return Problem(
            at=entry.at(key),
            message=f"{entry.name} is not loaded in {live.prometheus}",
            remedy="deploy the file and reload Prometheus; its log says why it refuses a file",
            breaks=frozenset([_loaded(entry)]),
            rests_on=_own(entry),
        )
    if not pair.differences:
        return None
    keys = [each.key for each in pair.differences]
    first = pair.differences[0]
    others = " and ".join(map(_word, keys))
    return Problem(
        at=entry.at(first.key if first.key in entry.node else key),
        message=f"{entry.name} is loaded in {live.prometheus} with {others}: {said(first.loaded)}",
        remedy="deploy the file and reload Prometheus, or take over into the file what is loaded",
        breaks=frozenset([_loaded(entry)]) if "expr" in keys else frozenset(),
        rests_on=_own(entry),
    )


def _word(key: str) -> str:
    words = {"expr": "another expression", "labels": "other labels", "annotations": "other annotations"}
    return words.get(key, f"another `{key}`")


def _stranger(group: RuleGroup, loaded: Loaded, live: Live) -> Problem:
    kind = "alert" if isinstance(loaded, AlertingRule) else "recording rule"
    return Problem(
        at=server(live.prometheus),
        message=f"the {kind} {said(loaded.name)} is loaded in group {said(group.name)}, and no file has it",
        remedy=f"reload Prometheus if it was removed, or add it to the files; it is in {said(group.file)}",
        rests_on=frozenset([("rules",), ("alert", loaded.name), ("alert-name", loaded.name)]),
    )


def _loaded(entry: RuleEntry) -> Key:
    return "loaded", entry.name


def _own(entry: RuleEntry) -> frozenset[Key]:
    """Return what else may be wrong with a rule: then its file is, and not what is loaded."""
    kinds = ("alert", "renamed", "documented", "drilled") if entry.rule.is_alert else ("metric", "labels")
    return frozenset((kind, entry.name) for kind in kinds)
