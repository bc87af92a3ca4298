"""Silence that outlives its reason.

An active silence that matches nothing holds back whatever matches it next: it holds back no alert now, and
none of the rules can make one that it would. Or it ends within a day while what it holds back still fires:
then the notifications come, at whatever hour that is.

Of a rule's alerts only the name and the labels that the rule itself sets are known, so a silence on others
is taken to match. Where alerts come in that neither the files nor this Prometheus have rules for, silences
that match nothing are not judged.

**Remedy.** Expire the silence (`amtool silence expire ID`), or extend it until the alert is mended.
"""

from collections.abc import Iterator, Mapping

from cockpit.alerts.routing import Matcher
from cockpit.clients.wire import Silence
from cockpit.contract.live.model import DAY, Live
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.live._words import said, server, utc


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each silence that matches nothing, or ends while it is needed."""
    live = repository.live
    if live is None:
        return
    own = list(_labels(repository, live))
    for each in live.silences:
        left = each.silence.ends_at - live.at
        if each.alerts and 0 < left <= live.scaled(DAY):
            yield _ends(each.silence, live)
        elif not each.alerts and own and not live.strangers and not _can_match(each.silence, own):
            yield _idle(each.silence, live)


def _labels(repository: Repository, live: Live) -> Iterator[Mapping[str, str]]:
    """Yield the labels that the rules set, of the files and of Prometheus."""
    for entry in repository.alerts:
        yield {**entry.rule.labels, "alertname": entry.name}
    for each in (each for group in live.groups.groups for each in group.rules):
        yield {**each.labels, "alertname": each.name}


def _can_match(silence: Silence, rules: list[Mapping[str, str]]) -> bool:
    return any(all(_may(Matcher(*each), labels) for each in silence.matchers) for labels in rules)


def _may(matcher: Matcher, labels: Mapping[str, str]) -> bool:
    if matcher.name not in labels or "{{" in labels[matcher.name]:
        return True
    try:
        return matcher.matches(labels)
    except ValueError:
        return True


def _idle(silence: Silence, live: Live) -> Problem:
    return Problem(
        at=server(live.alertmanager),
        message=f"{_named(silence)} matches no alert now, and no rule can make one that it matches",
        remedy=f"expire it with `amtool silence expire {said(silence.id)}`",
    )


def _ends(silence: Silence, live: Live) -> Problem:
    return Problem(
        at=server(live.alertmanager),
        message=f"{_named(silence)} ends {utc(silence.ends_at)}, and what it holds back still fires",
        remedy="mend what fires, or extend the silence; else its receivers are told then",
    )


def _named(silence: Silence) -> str:
    matchers = ", ".join(str(Matcher(*each)) for each in silence.matchers)
    comment = f' ("{said(silence.comment)}")' if silence.comment else ""
    return f"the silence by {said(silence.created_by) or 'somebody'} on {said(matchers)}{comment}"
