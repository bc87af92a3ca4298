"""Why an expression is refused, in words that help: what stands where, and what to do about it. Pure."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

from cockpit.expression import complaint
from cockpit.text import one_line

_UNTOLD = "invalid promql query"
_UNCLOSED = "unclosed left parenthesis"
_OF_THE_GRAMMAR = (_UNTOLD, "unexpected", "unclosed", "unterminated", "bad number", "invalid")
"""How complaints begin about what stands there; others are about what it means."""

_TOKEN = re.compile(
    r"""\s*+(?:\#[^\n]*\n?|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[\w:.]+|[=!<>]=|[=!]~|.)""", re.DOTALL
)
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
_ENDS = ("", "x", "1", "5m", '"a"', '="a"', "(x)", "(a) x", "(a) (x)", ") x", ") (x)")
"""What may follow a beginning that is right, before what is open in it is closed."""

_SHOWN = 30
_LONGEST = 5_000
"""Characters of an expression in which a place is looked for, by parsing its beginnings."""

_REMEDIES = (
    (r"unclosed|is never closed|unexpected end of input inside", "close it"),
    (r"unterminated", "close the quotes"),
    (r"unexpected right (?:brace|bracket|parenthesis)", "delete it, or open it before"),
    (r"expected type matrix", "give it a range, such as [5m]"),
    (r"expected type vector .* got matrix", "leave the range out, or put rate() around it"),
    (r"comparisons between scalars", "compare a series, or write `bool` after the operator"),
    (r"unexpected identifier .* expected string", "put the value in quotes"),
    (r"in label matching, expected", 'match labels as in {job="a", path=~"/x.*"}'),
    (r"bad number or duration|expected duration", "write a duration as 30s, 5m or 1h"),
    (r"illegal regex", "correct the regular expression"),
    (r"unknown function", "correct the function's name"),
    (r"^expected \d+ argument|wrong number of arguments", "give it as many arguments as it takes"),
    (r"^something is missing", "write the rest, or delete what has no end"),
    (r"^unexpected", "delete it, or write what is missing before it"),
)


class Refusal(Struct, frozen=True):
    """What is wrong with an expression, at which character if that is known, and the remedy."""

    message: str
    at: int | None
    remedy: str


def refusal(expr: str, said: str, written: str) -> Refusal:
    """Return why `expr`, of which the parser `said` something, is refused.

    `written` is what stands in the file: `expr` has something for its placeholders.
    """
    at = None
    if said == _UNTOLD and len(expr) > _LONGEST:
        said = "this is no PromQL"
    elif said == _UNTOLD:
        wrong = _unexpected(expr)
        at = wrong.start if wrong else len(expr.rstrip())
        what = f"unexpected {one_line(wrong.text, _SHOWN)}" if wrong else "something is missing"
        said = what + _after(expr, at, written)
    elif said == _UNCLOSED and (opened := _open(_tokens(expr))):
        at = opened[-1].start
        said = f"the ({_after(expr, at, written)} is never closed"
    remedy = next(
        (words for pattern, words in _REMEDIES if re.search(pattern, said)), "correct the expression"
    )
    return Refusal(one_line(said, 160), at, remedy)


class _Token(Struct, frozen=True):
    text: str
    start: int
    end: int


def _tokens(expr: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(expr):
        text = match.group().strip()
        if text and not text.startswith("#"):
            found.append(_Token(text, match.end() - len(match.group().lstrip()), match.end()))
    return found


def _unexpected(expr: str) -> _Token | None:
    """Return the first token after which nothing can make `expr` right; None where it only lacks its end."""
    tokens = _tokens(expr)
    ends = range(1, len(tokens) + 1)
    found = bisect_left(ends, True, key=lambda end: not _may_begin(expr, tokens[:end]))
    return tokens[found] if found < len(tokens) else None


def _may_begin(expr: str, tokens: Sequence[_Token]) -> bool:
    """Say whether a right expression may begin with these tokens of `expr`."""
    begun = expr[: tokens[-1].end]
    closing = "".join(_CLOSED_BY[each.text] for each in reversed(_open(tokens)))
    for end in _ENDS:
        rest = closing.removeprefix(")") if end.startswith(")") else closing
        if not complaint(f"{begun} {end}{rest}").startswith(_OF_THE_GRAMMAR):
            return True
    return False


def _open(tokens: Sequence[_Token]) -> list[_Token]:
    """Return the brackets that are open after the tokens, the innermost last."""
    left: list[_Token] = []
    for each in tokens:
        if each.text in _CLOSED_BY:
            left.append(each)
        elif left and each.text == _CLOSED_BY[left[-1].text]:
            left.pop()
    return left


def _after(expr: str, at: int, written: str) -> str:
    """Return after which words a place in `expr` is, as they are written; nothing where that is not clear."""
    begun = ""
    if written.startswith(expr[:at]):
        begun = expr[:at]
    elif written.endswith(expr[at:]):
        begun = written[: len(written) - len(expr[at:])]
    words = " ".join(begun.split())
    shown = words if len(words) <= _SHOWN else f"...{words[-_SHOWN:]}"
    return f" after {shown}" if words else ""
