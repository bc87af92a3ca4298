"""Conditions that no alert can meet, although one is written almost like them, and whose slip it is. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from cockpit.alerts.routing import Matcher
from cockpit.contract.repository import Repository
from cockpit.contract.routing.known import is_template, known
from cockpit.contract.routing.spelling import misspelt
from cockpit.contract.vocabulary import ADDED_TO_TARGETS

_LITERAL = re.compile(r"[\w .:/@-]+")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        critical warning info informational none error page ticket notice debug emergency fatal
        high medium low major minor severity priority alertname instance
        """,
    )
)


class Slip(Struct, frozen=True):
    """What a condition `asks`, a label or one of its values, and what the alerts called `alerts` have."""

    asks: str
    has: str
    alerts: frozenset[str]
    is_label: bool


class Slips:
    """What the alerts of a repository have, and what is written almost like it."""

    def __init__(self, repository: Repository) -> None:
        self._known = known(repository)
        self._files = repository.files
        self._decided = {label for each in self._known for label in each.decided} | {"alertname"}
        self._values: dict[str, Counter[str] | None] = {}

    def of(self, matcher: Matcher) -> Iterator[Slip]:
        """Yield the slips in a condition that are the condition's, not the alerts'."""
        label = matcher.name
        if label not in self._decided:
            meant = None if self._is_used(label) else misspelt(label, self._decided)
            if meant is not None:
                yield Slip(label, meant, self._with(meant), is_label=True)
        elif matcher.op in {"=", "=~"}:
            for asked in asked_for(matcher):
                meant = self.meant(label, asked, asked_for(matcher))
                if meant is not None and not self.is_of_alert(label, asked, meant):
                    yield Slip(asked, meant, self._with(label, meant), is_label=False)

    def meant(self, label: str, asked: str, others: tuple[str, ...] = ()) -> str | None:
        """Return the value of some alert that a value no alert has is written almost like, or None."""
        values = self._of(label)
        if values is None or not asked or asked in values:
            return None
        meant = misspelt(asked, values)
        return None if meant in others else meant

    def is_of_alert(self, label: str, asked: str, has: str) -> bool:
        """Say whether the alerts are misspelt rather than the configuration.

        Where one alert has the one, and one condition asks for the other, what is written elsewhere decides.
        """
        if label == "alertname":
            return False
        if (asked in _COMMON) != (has in _COMMON):
            return asked in _COMMON
        values = self._of(label) or Counter()
        return asked in values or (values[has] == 1 and self._written(asked) > self._written(has))

    def _written(self, value: str) -> int:
        """Return how often a value is written in all files."""
        word = re.compile(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])")
        return sum(len(word.findall(file.text)) for file in self._files.values() if value in file.text)

    def _is_used(self, label: str) -> bool:
        return label in ADDED_TO_TARGETS or any(each.takes(label) for each in self._known)

    def _of(self, label: str) -> Counter[str] | None:
        """Return the values of a label with their numbers; None where a template or a series makes some."""
        if label not in self._values:
            made = any(
                is_template(each.alert.rule.labels.get(label, "")) or each.takes(label)
                for each in self._known
            )
            found = Counter(value for each in self._known if (value := each.value(label)))
            self._values[label] = None if made and label != "alertname" else found
        return self._values[label]

    def _with(self, label: str, value: str | None = None) -> frozenset[str]:
        return frozenset(
            each.alert.name
            for each in self._known
            if (own := each.value(label)) and (value is None or own == value)
        )


@lru_cache(maxsize=2)
def slips(repository: Repository) -> Slips:
    """Return the slips of `repository`."""
    return Slips(repository)


def asked_for(matcher: Matcher) -> tuple[str, ...]:
    """Return the values that a condition asks for in so many words."""
    if matcher.op == "=":
        return (matcher.value,)
    bare = matcher.value.removeprefix("^").removesuffix("$")
    if bare.startswith("(") and bare.endswith(")") and bare.count("(") == 1:
        bare = bare[1:-1].removeprefix("?:")
    parts = tuple(bare.split("|"))
    return parts if matcher.op == "=~" and all(map(_LITERAL.fullmatch, parts)) else ()
