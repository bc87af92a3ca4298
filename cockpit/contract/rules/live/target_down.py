"""Target that is down.

Prometheus cannot scrape it: alerts on its metrics stay silent or fire for want of data, and queries of
runbooks have no answer for it. Targets of one job that are down are one finding.

**Remedy.** Bring the target back; or, where it is gone for good, remove it from the scrape configuration.
"""

from collections import defaultdict
from collections.abc import Iterator

from cockpit.alerts.why.words import counted, scrape_error
from cockpit.clients.wire import Target
from cockpit.contract.live.model import Live, origin_of
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.live._words import said, server, utc

_NAMED = 3


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each job with targets that are down."""
    live = repository.live
    if live is None:
        return
    jobs: dict[str, list[Target]] = defaultdict(list)
    for each in live.targets:
        jobs[origin_of(each).job].append(each)
    for job, targets in sorted(jobs.items()):
        if down := [each for each in targets if each.health == "down"]:
            yield _problem(job, down, len(targets), live)


def _problem(job: str, down: list[Target], of: int, live: Live) -> Problem:
    down.sort(key=lambda each: origin_of(each).instance)
    names = [said(origin_of(each).instance or each.url) for each in down]
    error = scrape_error(down[0].last_error) or "no error is told"
    if len(down) == 1:
        subject = f"{names[0]} of job {said(job)} is down{_since(down, live)}"
    else:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        listed = f"{', '.join(names[:_NAMED])}{more}"
        count = f"{len(down)} of {counted(of, 'target')}"
        subject = f"{count} of job {said(job)} are down{_since(down, live)}: {listed}"
    return Problem(
        at=server(live.prometheus),
        message=f"{subject}: {said(error)}",
        remedy="bring it back, or remove it from the scrape configuration if it is gone for good",
        breaks=frozenset(("target", job, origin_of(each).instance) for each in down),
    )


def _since(down: list[Target], live: Live) -> str:
    """Return since when the first of them is down, where it was up within a week."""
    known = [live.up_until[origin] for each in down if (origin := origin_of(each)) in live.up_until]
    if not known:
        return ""
    return f"{', the first' if len(down) > 1 else ''} since {utc(min(known))}"
