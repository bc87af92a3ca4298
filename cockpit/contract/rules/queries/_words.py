"""What the rules about queries share: how a query is called, and what rests on it."""

from collections.abc import Iterator

from cockpit.contract.model import Key
from cockpit.contract.repository import Query, Repository
from cockpit.contract.vocabulary import vocabulary


def where(query: Query) -> str:
    """Return what a query is called in a message."""
    if query.rule is not None:
        return query.rule.name
    return f"a query of the {query.origin.kind} {query.origin.name}"


def resting(repository: Repository, query: Query) -> Iterator[Key]:
    """Yield the keys of the alerts that rest on the result of a rule's query, and of the metrics that do."""
    if query.rule is None:
        return
    if query.rule.rule.is_alert:
        yield "alert", query.rule.name
        return
    known = vocabulary(repository)
    yield from (("alert", name) for name in known.alerts_on(query.rule.name))
    yield from (("labels", name) for name in known.recorded_on(query.rule.name))
