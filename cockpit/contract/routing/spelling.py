"""Words that are written almost alike: one for the other by mistake, or two on purpose. Pure."""

import re
from collections.abc import Iterable

_SHORTENED = frozenset({"warning", "critical", "error", "information", "informational", "emergency"})
_SHORTEST_FORM = 3
_SHORTEST = 4
_LONG = 8


def misspelt(word: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that `word` is a slip of the pen for, or None.

    A slip is a letter too many, too few, swapped, wrong, or in the other case; in a long word two of these.
    What differs in a digit, or in a part of its own (`team-a`, `team-b`), does so on purpose.
    """
    found = sorted((_distance(word, other), other) for other in known if _is_slip(word, other))
    return found[0][1] if found else None


def is_shortened(word: str, other: str) -> bool:
    """Say whether one is the short form of the other, a severity: `warn` and `warning`."""
    short, whole = sorted((word, other), key=len)
    return whole in _SHORTENED and short != whole and len(short) >= _SHORTEST_FORM and whole.startswith(short)


def _is_slip(word: str, other: str) -> bool:
    if is_shortened(word, other):
        return True
    if word == other or min(len(word), len(other)) < _SHORTEST or abs(len(word) - len(other)) > 2:
        return False
    if re.sub(r"\D", "", word) != re.sub(r"\D", "", other):
        return False
    own, others = re.split(r"[\W_]+", word), re.split(r"[\W_]+", other)
    if len(own) == len(others) > 1:
        differing = [(a, b) for a, b in zip(own, others, strict=True) if a != b]
        return len(differing) == 1 and (_is_slip(*differing[0]) or _is_short_slip(*differing[0]))
    distance = _distance(word.casefold(), other.casefold())
    return distance <= (2 if min(len(word), len(other)) >= _LONG else 1)


def _is_short_slip(part: str, other: str) -> bool:
    """Say whether a short part of a word has a letter too many or too few."""
    return (
        min(len(part), len(other)) >= _SHORTEST - 1
        and len(part) != len(other)
        and _distance(part, other) == 1
    )


def _distance(a: str, b: str) -> int:
    """Return how many letters are too many, too few, wrong, or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]
