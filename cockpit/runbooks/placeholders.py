"""Where the placeholders of an expression stand: inside which string, after which matcher, or bare.

Forms: `$name`, `${name}`, `$labels.name`, `{{ $labels.name }}`, `{{ .Labels.name }}`, `<name>`. An angle
form counts only where PromQL expects a value: after one, `<` compares. `$1` is a regular expression's group,
no placeholder.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

_LITERAL = r'"(?:\\.|[^"\\])*"|' r"'(?:\\.|[^'\\])*'|`[^`]*`"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_DOLLAR = (
    rf"\$\{{(?:labels\.)?(?P<braced>{_NAME})(?::\w+)?\}}|\$labels\.(?P<label>{_NAME})|\$(?P<plain>{_NAME})"
)
_TEMPLATE = (
    rf"\{{\{{-?\s{{0,9}}(?:(?:\$labels|\.Labels|\$?\.CommonLabels)\.(?P<go>{_NAME})"
    r"|(?P<other>[^{}\n]{0,200}?))\s{0,9}-?\}\}"
)
_IN_STRING = re.compile(rf"{_TEMPLATE}|{_DOLLAR}|(?<!\?)(?<!\?P)<(?P<angle>[A-Za-z_][\w .-]*)>")
_TOKEN = re.compile(
    rf"(?P<string>{_LITERAL})|(?P<comment>\#[^\n]*)|{_TEMPLATE}|{_DOLLAR}|(?P<angle_form><(?P<angle>[A-Za-z_][\w-]*)>)"
    r"|(?P<matcher>=~|!~|!=|==|=)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<word>[\w:.]+)|(?P<other_char>\S)"
)
_NAMES = ("go", "braced", "label", "plain", "angle", "other")


class Place(Struct, frozen=True):
    """A placeholder: its name, and where its text stands in the expression.

    `quote` is the quote character of the string around it, empty outside of strings; `matcher` the operator
    of the label matcher it is the value of, empty elsewhere; `bracket` is `[`, `{` or empty: what it stands
    within. `literal` spans the string around it, quotes included.
    """

    name: str
    start: int
    end: int
    quote: str = ""
    matcher: str = ""
    bracket: str = ""
    literal: tuple[int, int] = (0, 0)


def _name(match: re.Match[str]) -> str | None:
    return next((match[group].strip() for group in _NAMES if match[group] is not None), None)


def places(expr: str) -> Iterator[Place]:
    """Yield the placeholders of `expr` from left to right. Comments have none."""
    if not re.search(r"\$|<|\{\{", expr):
        return
    brackets: list[str] = []
    matcher, operand = "", False
    for token in _TOKEN.finditer(expr):
        kind = token.lastgroup
        bracket = brackets[-1] if brackets else ""
        here = matcher if bracket == "{" else ""
        if token["string"]:
            yield from _inside(token, here)
        elif token["comment"] or (token["angle"] and operand):
            continue
        elif (name := _name(token)) is not None:
            yield Place(name, token.start(), token.end(), matcher=here, bracket=bracket)
        elif token["open"]:
            brackets.append(token.group())
        elif token["close"] and brackets:
            brackets.pop()
        matcher = token.group() if kind == "matcher" else ""
        operand = _ends_operand(token)


def _ends_operand(token: re.Match[str]) -> bool:
    if token["word"]:
        return token.group() not in {
            "and",
            "or",
            "unless",
            "by",
            "bool",
            "offset",
            "on",
            "without",
            "ignoring",
        }
    return not (token["matcher"] or token["open"]) and (token["other_char"] in (None, ")"))


def _inside(token: re.Match[str], matcher: str) -> Iterator[Place]:
    start = token.start()
    quote = token.group()[0]
    for match in _IN_STRING.finditer(token.group(), 1, len(token.group()) - 1):
        name = _name(match)
        if name is not None:
            span = (start + match.start(), start + match.end())
            yield Place(name, *span, quote=quote, matcher=matcher, literal=token.span())
