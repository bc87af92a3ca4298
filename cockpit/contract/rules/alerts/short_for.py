"""Alert without a `for`, or with one shorter than two scrapes.

One bad sample, from a scrape that came late or a process that just began, is enough to page somebody; and
with the next one the alert resolves again. A `for` of two scrapes asks for two samples that agree.

The time between scrapes is that of the Prometheus configuration in the files (the shortest, where there are
several), else the setting `scrape_interval`. Not reported are alerts that need no `for`:

- those that look at more than one sample anyway: `increase(...[1h]) > 0`, `changes`, `..._over_time`,
  `predict_linear`, a `rate` over half an hour or more or of what is only up or down, windows of different
  length (burn rates), `offset`;
- those about a lack (`absent`), about an age (`time() - ...`), or about other alerts (`ALERTS`);
- those with `keep_firing_for`, and those that look at no series, such as a Watchdog;
- those that read a recording rule that is not in the files, and those that are no PromQL.

**Remedy.** Add a `for` of at least two scrapes; most alerts want `5m` or more.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._samples import needs_a_for
from cockpit.errors import UsageError
from cockpit.units import parse_duration, prometheus_duration


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert that a single sample can make fire."""
    least = 2 * repository.scrape_interval
    for alert in repository.real_alerts:
        held = _held_for(alert)
        if held is None or held >= least or alert.node.text("keep_firing_for"):
            continue
        if needs_a_for(alert.rule.expr, repository.graph, least):
            said = f"a `for` of {alert.node.text('for')}" if "for" in alert.node else "no `for`"
            short = (
                "it is shorter than two scrapes"
                if held
                else "it fires the moment its expression has a result"
            )
            yield Problem(
                at=alert.at("for") if "for" in alert.node else alert.at("alert"),
                message=f"{alert.name} has {said}: {short}",
                remedy=f"let it hold for at least two scrapes, {prometheus_duration(least)}",
            )


def _held_for(alert: RuleEntry) -> float | None:
    """Return its `for` in seconds, or None for one that cannot be read."""
    text = alert.node.text("for")
    try:
        return parse_duration(text) if text else 0.0
    except UsageError:
        return None
