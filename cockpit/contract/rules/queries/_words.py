"""What the rules about queries share: how a query is called, what was meant, what rests on it."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from cockpit.contract.model import Key
from cockpit.contract.repository import Query, Repository
from cockpit.contract.vocabulary import vocabulary


def meant(word: str, known: Iterable[str]) -> str:
    """Return `did you mean X?` where a known word is almost like `word`; else nothing."""
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else ""


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
