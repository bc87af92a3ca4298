"""Receiver that is not reached.

Notifications fail: the alert fires, and nobody hears of it. They are counted by integration (`slack`,
`pagerduty`, ...) over the last hour where Prometheus scrapes Alertmanager; else since Alertmanager's start,
and then reported where all of them failed.

**Remedy.** Alertmanager's log has the answer of the receiver: a token that ran out, a channel that is gone,
a proxy. Test it with `amtool alert add`.
"""

from collections.abc import Iterator

from cockpit.contract.live.model import Delivery
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.live._words import said, server


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each integration whose notifications fail."""
    for each in repository.live.deliveries if repository.live else ():
        failed = round(each.failed)
        if failed >= 1 and (each.window is not None or failed >= round(each.sent)):
            yield _problem(each, failed)


def _problem(delivery: Delivery, failed: int) -> Problem:
    total = max(round(delivery.sent), failed)
    span = "in the last hour" if delivery.window is not None else "since Alertmanager's start"
    many = "notification" if total == 1 else "notifications"
    return Problem(
        at=server(delivery.server),
        message=f"{failed} of {total} {many} by {said(delivery.integration)} failed {span}",
        remedy="see Alertmanager's log for the receiver's answer; until then tell people in another way",
    )
