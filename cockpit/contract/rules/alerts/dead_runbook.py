"""Runbook link of an alert that leads nowhere.

Whoever is paged follows the link of the notification, and lands on a page that does not exist, or at the top
of one that has no such heading.

Looked at is what an alert's annotations (`runbook_url`, `runbook`; the setting `runbook_annotations`) link:

- a path, such as `docs/disk.md`, for which no file is there;
- a URL below a prefix that `runbook_paths` maps onto a folder, for which that folder has no file;
- a name alone, such as `disk-full`, for which no file is there, where two such names or more lead to files;
- a URL whose neighbours, two other links or more into the same folder of the same site, lead to files here;
  with one such neighbour a URL that is written almost as a file here is called;
- an anchor that the page does not have, neither as a heading nor as an HTML id;
- a template, such as `docs/{{ $labels.type }}/README.md`, for which no file is there whatever its labels are,
  or one with a label that the results of the alert's expression cannot have.

The link itself has to lead there: a runbook that names the alert does not mend it. Pages elsewhere are not
looked at, only counted; files outside the folders that are checked are neither. Alerts that link the same
missing page are reported once, at the first.

**Remedy.** Link the page that is there, or write the one that is missing.
"""

from collections.abc import Iterator

from cockpit.contract.model import Place, Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.routing.known import known
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._runbook_links import Dead, links


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each missing page or anchor, at the first alert that links it."""
    found: dict[tuple[str, str], list[tuple[Place, str, Dead]]] = {}
    for each in known(repository):
        for name in repository.settings.runbook_annotations:
            text = each.alert.rule.annotations.get(name, "").strip()
            if text and (dead := links(repository).dead(text, each)) is not None:
                words = f"{each.alert.name} links {text}, {dead.why}"
                found.setdefault(dead.missing, []).append((each.alert.at("annotations", name), words, dead))
    for (place, words, dead), *more in found.values():
        # What is counted stands in the remedy: a baseline knows a finding by its message.
        others = f"; {len(more)} more link it" if more else ""
        yield Problem(
            at=place,
            message=words,
            remedy=f"link the page that is there, or write the one that is missing{others}",
            breaks=dead.breaks,
            rests_on=dead.rests_on,
        )
