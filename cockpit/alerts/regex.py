"""Regular expressions of filters: anchored, of the kind RE2 knows, and never slow.

Alertmanager's are RE2: no look-around, no back-references, linear time. Python's engine backtracks, so what
could take for ever is refused when it is written rather than met when it runs.
"""

import re
import warnings
from collections.abc import Callable, Iterable
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MAX_PATTERN = 1000
"""Characters of a pattern."""

_LONGEST = (1_000_000, 1_000_000, 6000, 500, 200)
"""Characters of a value that are looked at, by the number of open repetitions such as `.*` in the pattern."""

_FOREIGN = {op.GROUPREF, op.GROUPREF_EXISTS, op.ASSERT, op.ASSERT_NOT}
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}


def compile_anchored(pattern: str) -> Callable[[str], bool]:
    """Return whether-it-matches for `pattern`, anchored at both ends; `.` matches a newline too.

    A value so long that the match could take seconds is matched by its first characters: 6000 with two open
    repetitions such as `.*` in the pattern, 500 with three, 200 with four; more are refused. Raises
    ValueError with the reason.
    """
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"the pattern has {len(pattern)} characters, at most {MAX_PATTERN} are taken")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern, re.DOTALL)
            repeats = _open_repeats(parser.parse(pattern, re.DOTALL), repeated=False)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if repeats >= len(_LONGEST):
        raise ValueError(f"at most {len(_LONGEST) - 1} repetitions such as .* are taken")
    longest = _LONGEST[repeats]
    fullmatch = compiled.fullmatch
    return lambda value: fullmatch(value if len(value) <= longest else value[:longest]) is not None


def _open_repeats(items: Iterable[tuple[Any, Any]], *, repeated: bool) -> int:
    """Count the repetitions of varying length; raise ValueError for what RE2 lacks or Python cannot bound."""
    count = 0
    for kind, value in items:
        if kind in _FOREIGN:
            raise ValueError("look-around and back-references are not known here, as in RE2")
        if kind in _REPEATS:
            low, high, inner = value
            varies = high != low
            if repeated and (varies or high > 1):
                raise ValueError("a repetition inside a repetition can take for ever")
            count += varies and high > 1
            count += _open_repeats(inner, repeated=repeated or high > 1)
        elif kind is op.BRANCH:
            if repeated:
                raise ValueError("alternatives inside a repetition can take for ever")
            count += sum(_open_repeats(branch, repeated=repeated) for branch in value[1])
        elif kind is op.SUBPATTERN:
            count += _open_repeats(value[-1], repeated=repeated)
        elif kind is op.ATOMIC_GROUP:
            count += _open_repeats(value, repeated=repeated)
    return count
