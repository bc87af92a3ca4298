"""Binding a runbook's query to an alert: placeholders become label values, quoted for where they stand."""

import re
from collections.abc import Mapping

import promql_parser
from msgspec import Struct

from cockpit.expression import parsed
from cockpit.promql import escape_regex, quote, quote_inside
from cockpit.runbooks.placeholders import Place, places
from cockpit.units import prometheus_duration

_SAFE_DURATION = re.compile(r"(?:[0-9]{1,15}(?:ms|[smhdwy])){1,7}|[0-9]{1,15}")
_SAFE_BARE = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]{0,200}|[0-9]{1,15}(?:\.[0-9]{1,15})?")
_RESERVED = re.compile(
    r"and|or|unless|atan2|by|without|on|ignoring|group_left|group_right|bool|offset|inf|nan|sum"
    r"|avg|min|max|count|stddev|stdvar|topk|bottomk|quantile|count_values|group|limitk"
    r"|limit_ratio|start|end"
)


class Bound(Struct, frozen=True):
    """An expression with its placeholders filled. `unfilled` names those left as written, in order."""

    expr: str
    unfilled: tuple[str, ...] = ()


def placeholders(expr: str) -> tuple[str, ...]:
    """Return the names of the placeholders of `expr`, each once, in order; Grafana's intervals are none."""
    return tuple(dict.fromkeys(p.name for p in places(expr) if not p.name.startswith("__")))


def bind(
    expr: str, labels: Mapping[str, str], fills: Mapping[str, str] = {}, *, range_seconds: float = 3600
) -> Bound:
    """Fill the placeholders of `expr` from `fills` (typed by hand) and then from the alert's `labels`.

    In a string a value is escaped for it, after `=~` and `!~` for the regular expression first; as the bare
    value of a matcher it becomes a string. Elsewhere only a plain word, number or duration is put in, and
    only if the expression keeps its shape. `range_seconds` stands for Grafana's `$__range`. Never raises.
    """
    found = tuple(places(expr))
    values = {place.name: _value(place.name, labels, fills, range_seconds) for place in found}
    bound, unfilled = _fill(expr, found, values, bare=True)
    if any(_is_bare(p) and p.name not in unfilled for p in found) and not _same_shape(expr, found, bound):
        bound, unfilled = _fill(expr, found, values, bare=False)
    return Bound(bound, tuple(dict.fromkeys(unfilled)))


def neutral(expr: str) -> str | None:
    """Return `expr` with words or numbers for its placeholders, as it parses; None if it is no PromQL."""
    found = tuple(places(expr))
    for word in ("placeholder", "1") if any(_is_bare(p) for p in found) else ("placeholder",):
        filled = _replace(expr, [(p, _stand_in(expr, p, word)) for p in found])
        if parsed(filled) is not None:
            return filled
    return None


def _value(
    name: str, labels: Mapping[str, str], fills: Mapping[str, str], range_seconds: float
) -> str | None:
    for source in (fills, labels):
        if name in source:
            return source[name]
    if name.startswith("__"):
        known = {"__rate_interval": "5m", "__interval": "1m", "__interval_ms": "60000", "__auto": "1m"}
        known |= {"__range": prometheus_duration(range_seconds), "__range_s": str(round(range_seconds))}
        return (known | {"__range_ms": str(round(range_seconds * 1000))}).get(name)
    if name.isupper():
        return next((value for label, value in labels.items() if label.upper() == name), None)
    return None


def _is_bare(place: Place) -> bool:
    return not place.quote and not place.matcher


def _fill(
    expr: str, found: tuple[Place, ...], values: Mapping[str, str | None], *, bare: bool
) -> tuple[str, list[str]]:
    unfilled: list[str] = []
    chosen: list[tuple[Place, str]] = []
    for place in found:
        value = values[place.name]
        text = None if value is None else _written(expr, place, value, bare=bare)
        if text is None:
            unfilled.append(place.name)
        else:
            chosen.append((place, text))
    return _replace(expr, chosen), unfilled


def _written(expr: str, place: Place, value: str, *, bare: bool) -> str | None:
    if place.quote or place.matcher:
        exact = escape_regex(value) if place.matcher in {"=~", "!~"} else value
        return _in_quotes(exact, place.quote) if place.quote else quote(exact)
    if not bare and not place.name.startswith("__"):
        return None
    if place.bracket == "[":
        return value if _SAFE_DURATION.fullmatch(value) else None
    word = _SAFE_BARE.fullmatch(value) and not _RESERVED.fullmatch(value.lower())
    return value if word or _SAFE_DURATION.fullmatch(value) else None


def _in_quotes(value: str, mark: str) -> str:
    inside = quote_inside(value)
    return inside.replace('\\"', '"').replace("'", "\\'") if mark == "'" else inside


def _replace(expr: str, chosen: list[tuple[Place, str]]) -> str:
    out: list[str] = []
    at = 0
    raw = {p.literal for p, _ in chosen if p.quote == "`"}
    for piece in sorted([(p.start, p.end, p, t) for p, t in chosen], key=lambda piece: piece[0]):
        start, end, _, text = piece
        out.append(_requoted(expr, at, start, raw))
        out.append(text)
        at = end
    out.append(_requoted(expr, at, len(expr), raw))
    return "".join(out)


def _requoted(expr: str, start: int, end: int, raw: set[tuple[int, int]]) -> str:
    """Return a stretch of `expr`, with raw strings in it turned into quoted ones, which take escapes."""
    if not raw:
        return expr[start:end]
    out: list[str] = []
    at = start
    for first, last in sorted(raw):
        low, high = max(first, at), min(last, end)
        if low >= high:
            continue
        out.append(expr[at:low])
        inner = expr[max(low, first + 1) : min(high, last - 1)]
        out.append(('"' if low == first else "") + quote_inside(inner) + ('"' if high == last else ""))
        at = high
    out.append(expr[at:end])
    return "".join(out)


def _stand_in(expr: str, place: Place, word: str) -> str:
    if place.quote:
        return "x"
    if place.matcher:
        return '"x"'
    glued = place.end < len(expr) and re.match(r"[a-z]", expr[place.end]) is not None
    if place.bracket == "[":
        return "5" if glued else "5m"
    if re.search(r"\boffset\s+-?$", expr[: place.start]):
        return "5m"
    return word


def _shape(tree: promql_parser.Expr) -> list[tuple[str, int]]:
    nodes: list[tuple[str, int]] = []

    def visit(node: promql_parser.Expr) -> None:
        kind = type(node).__name__
        matchers = len(node.matchers.matchers) if isinstance(node, promql_parser.VectorSelector) else 0
        nodes.append(("leaf" if kind in {"NumberLiteral", "VectorSelector"} else kind, matchers))

    promql_parser.walk(tree, pre_visit=visit)
    return nodes


def _same_shape(expr: str, found: tuple[Place, ...], bound: str) -> bool:
    after = parsed(_replace_left(bound))
    if after is None:
        return False
    for word in ("placeholder", "1"):
        before = parsed(_replace(expr, [(p, _stand_in(expr, p, word)) for p in found]))
        if before is not None and _shape(before) == _shape(after):
            return True
    return False


def _replace_left(bound: str) -> str:
    return neutral(bound) or bound
