"""File that is not as its reader needs it.

The file can be read, and whoever it is for refuses it: Prometheus a rule without `expr`, with neither
`alert` nor `record` or with both, a duration that is none, two groups of one name in a file; the cockpit a
scenario or a drill with an unknown key, or two of one name; Alertmanager a configuration whose routes are
wrong. Front matter of a runbook that is neither YAML nor TOML is ignored by everybody.

Keys that are not known here are left alone in rule files: other programs read them too.

**Remedy.** Write it as its reader needs it.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from cockpit.contract.model import Place, Problem, Severity
from cockpit.contract.repository import AlertmanagerEntry, Node, Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.files._rule_files import mistakes
from cockpit.runbooks.frontmatter import read_front_matter

_LINE = re.compile(r" \(line (\d+)\)$")


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield what is wrong in files that could be read."""
    for bad in repository.bad_files:
        if bad.invalid:
            rules = [("rules",)] if bad.kind == "rule file" else []
            yield Problem(
                at=bad.place,
                message=f"this {bad.kind} is not valid: {bad.reason}",
                remedy="write it as its reader needs it",
                breaks=frozenset([("file", bad.place.path), *rules]),
            )
    yield from mistakes(repository)
    for config in repository.alertmanagers:
        yield from _receivers(config)
    yield from _twice("scenario", ((each.scenario.name, each) for each in repository.scenarios))
    yield from _twice("drill", ((each.drill.name, each) for each in repository.drills))
    yield from _front_matter(repository)


def _alone(place: Place) -> Place:
    """Return a line that belongs to nothing: a route has others below it."""
    return Place(place.path, place.line, (place.line, place.line))


def _twice(kind: str, named: Iterable[tuple[str, Node]]) -> Iterator[Problem]:
    """Yield what has a name that another has: it is by its name that one is played or begun."""
    first: dict[str, Node] = {}
    for name, entry in named:
        before = first.setdefault(name, entry)
        if before is not entry:
            yield Problem(
                at=_alone(entry.at("name")),
                message=f"another {kind} is called {name}",
                remedy=f"give it a name of its own; the other is {before.file.path}",
            )


def _receivers(config: AlertmanagerEntry) -> Iterator[Problem]:
    known = {each.text("name") for each in config.node.maps("receivers")}
    routes = [config.node.map("route")]
    while routes:
        route = routes.pop()
        routes += route.maps("routes")
        name = route.text("receiver")
        if name and name not in known and "{{" not in name:
            near = get_close_matches(name, sorted(known), n=1)
            yield Problem(
                at=_alone(Node(config.file, route).at("receiver")),
                message=f"there is no receiver {name}" + (f", did you mean {near[0]}?" if near else ""),
                remedy="name one of `receivers`",
                breaks=frozenset([("file", config.file.path), ("receiver", name)]),
            )


def _front_matter(repository: Repository) -> Iterator[Problem]:
    for entry in repository.runbooks:
        runbook = entry.runbook
        if not runbook.text.startswith(("---", "+++")) or runbook.alerts or runbook.owner or runbook.reviewed:
            continue
        problem = read_front_matter(runbook.text).problem
        if problem:
            line = _LINE.search(problem)
            yield Problem(
                at=entry.at(int(line[1]) - 1 if line else 0),
                message=_LINE.sub("", problem),
                remedy="write it as a mapping, such as `owner: a-team`",
                breaks=frozenset([("front-matter", runbook.path)]),
            )
