"""Query that Prometheus refuses.

It does not parse, or a function gets what it does not take, such as `rate` a selector without a range. A rule
file with such a rule is not loaded at all; a panel or a runbook's query shows an error when it is needed.

Of runbooks, only fences marked `promql` are judged. What is written for something else is no finding: LogQL,
templates of any kind, MetricsQL, and what newer servers than this check knows take.

**Remedy.** Correct the expression; `promtool check rules FILE` says of rules what Prometheus itself says.
"""

import re
from collections.abc import Iterator

from cockpit.contract.model import Key, Place, Problem, Severity
from cockpit.contract.repository import Query, Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.queries._dialect import UNLIKE_GO, is_metricsql, is_template, may_be_right
from cockpit.contract.rules.queries._refused import Refusal, refusal
from cockpit.contract.rules.queries._words import resting, where
from cockpit.expression import complaint, is_log_query, parsed
from cockpit.expression.tree import LONGEST
from cockpit.runbooks.bind import bind, placeholders

_ANYWHERE = re.compile(r"^(?:unclosed|unterminated|unexpected end|unexpected right)")
_REGEX = re.compile(r"^illegal regex for (.*)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_:][\w:]*")
_NAMED = re.compile(r"'([A-Za-z_]\w*)'")
_FILLED = "5m"


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each query that is wrong for certain."""
    unread = [query for query in repository.queries if query.bound is None]
    other = bool(unread) and is_metricsql(repository)
    for query in unread:
        for part, first in _parts(query):
            filled = _filled(part) or ""
            said = _said(part, filled, query)
            if said and (not other or _ANYWHERE.match(said)):
                why = refusal(filled, said, part)
                line = -1 if why.at is None else filled.count("\n", 0, why.at)
                yield _problem(repository, query, why, _place(query, part, first, line, said))


def _parts(query: Query) -> Iterator[tuple[str, int]]:
    """Yield the parts of a query, each with its first line in it: the paragraphs of a fence of several."""
    whole = [(query.expr, 0)]
    if query.rule is None:
        paragraphs = re.finditer(r"(?:[^\n]*\S[^\n]*(?:\n|$))+", query.expr)
        parts = [(match.group(), query.expr.count("\n", 0, match.start())) for match in paragraphs]
        if any(parsed(_filled(text) or "") is not None for text, _ in parts):
            whole = parts
    yield from whole


def _said(expr: str, filled: str, query: Query) -> str:
    """Return what is wrong with an expression, `filled` too; nothing where that is not certain."""
    if not expr.strip() or len(expr) > LONGEST or is_log_query(expr) or may_be_right(expr):
        return ""
    if query.rule is not None and is_template(expr):
        return ""
    if not filled or is_template(filled):
        return ""
    said = complaint(filled)
    if match := _REGEX.match(said):
        return said if _is_no_regex(match[1]) else ""
    return said


def _filled(expr: str) -> str | None:
    """Return `expr` with something for its placeholders, or None: what some stand for cannot be known."""
    bound = bind(expr, {}, dict.fromkeys(placeholders(expr), _FILLED))
    return None if bound.unfilled else bound.expr


def _is_no_regex(text: str) -> bool:
    """Say whether Go refuses a regular expression too: the parser knows others than Go and Python."""
    if UNLIKE_GO.search(text):
        return False
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return True
    return False


def _place(query: Query, part: str, first: int, line: int, said: str) -> Place:
    """Return the place of a part's line, from 0, if it is known and not -1; else of what is named."""
    start = query.lines[0] + first
    told = part.split("\n")[line : line + 1] if line >= 0 else []
    # A block begins in the line after its key.
    for at in (start + line, start + line + 1):
        if told and told[0].strip() == query.file.line(at).strip():
            return query.file.at(at, query.span)
    if first:
        return query.file.at(start, query.span)
    named = _NAMED.search(said)
    word = named if named and named[1] in part else _WORD.search(part)
    return query.at((word[1] if word is named else word[0]) if word else "")


def _problem(repository: Repository, query: Query, why: Refusal, place: Place) -> Problem:
    return Problem(
        at=place,
        message=f"{where(query)}: {why.message}",
        remedy=why.remedy,
        breaks=frozenset[Key](resting(repository, query)),
    )
