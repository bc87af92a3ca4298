"""What the rules about queries share: how a query is called, what was meant, what rests on it."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from cockpit.alerts.why.words import counted
from cockpit.contract.model import Key, Place
from cockpit.contract.repository import Query, Repository
from cockpit.contract.vocabulary import vocabulary

_LISTED = 3


def meant(word: str, known: Iterable[str]) -> str:
    """Return `did you mean X?` where a known word is almost like `word`; else nothing."""
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else ""


def where(query: Query) -> str:
    """Return what a query is called in a message."""
    if query.rule is not None:
        return query.rule.name
    return f"a query of the {query.origin.kind} {query.origin.name}"


def listed(places: Sequence[Place]) -> str:
    """Return the first few of places, and how many there are."""
    first = ", ".join(f"{each.path}:{each.line}" for each in places[:_LISTED])
    return first if len(places) <= _LISTED else f"{counted(len(places), 'place')}: {first}, ..."


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
