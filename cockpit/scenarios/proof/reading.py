r"""What promtool said of a test whose every check fails on purpose, as values. Pure.

promtool prints, of a check that has other samples than expected, `expr: "EXPR", time: T, exp: ..., got: ...`
with the labels and values of all it got (Prometheus, cmd/promtool/unittest.go). A check is known again by
the comment at the end of its expression.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

Labels = dict[str, str]
Answer = tuple[tuple[Labels, float], ...]

_STRING = r'"(?:[^"\\]|\\.)*"'
_CHECK = re.compile(
    rf"expr: (?P<expr>{_STRING}), time: [^,\n]+,\s*"
    r"(?:err: (?P<err>[^\n]*)|exp:(?P<exp>.*?)\n\s*got: ?(?P<got>[^\n]*))",
    re.DOTALL,
)
_RULE = re.compile(r"rule: (?P<rule>.*), time: (?P<time>\S+), err: (?P<err>[^\n]*)")
_LABEL = re.compile(rf"\s*(?P<name>[^\s=\",{{}}]+|{_STRING})=(?P<value>{_STRING}),?")
_VALUE = re.compile(r"\s*(?P<value>[-+]?(?:Inf|NaN|[0-9.]+(?:[eE][-+]?\d+)?))(?:, |\s*$)")
_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_MARK = re.compile(r"\n# (\S+)$")


class RuleError(Struct, frozen=True):
    """A rule that could not be evaluated, when (as promtool writes it), and why."""

    rule: str
    time: str
    reason: str


class Said(Struct, frozen=True):
    """What each marked check got, why one could not be answered, and which rules failed."""

    answers: dict[str, Answer]
    errors: dict[str, str]
    rules: tuple[RuleError, ...] = ()


def marked(expr: str, mark: str) -> str:
    """Return `expr` with a comment by which `read` knows it again."""
    return f"{expr}\n# {mark}"


def read(output: str) -> Said:
    """Return what `output` says. Raises ValueError for a value that is not written as is known."""
    answers: dict[str, Answer] = {}
    errors: dict[str, str] = {}
    for match in _CHECK.finditer(output):
        mark = _MARK.search(unquoted(match["expr"]))
        if mark is None:
            continue
        if match["err"] is not None:
            errors[mark[1]] = match["err"].strip()
        else:
            answers[mark[1]] = tuple(_samples(match["got"]))
    rules = tuple(RuleError(m["rule"], m["time"], m["err"].strip()) for m in _RULE.finditer(output))
    return Said(answers, errors, rules)


def unquoted(literal: str) -> str:
    r"""Return the text of a Go string literal in double quotes; `\xNN`, of no UTF-8, becomes U+FFFD."""

    def plain(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] == "x" and len(code) == 3:
            return chr(int(code[1:], 16)) if int(code[1:], 16) < 0x80 else "\ufffd"
        if len(code) > 1:
            return chr(int(code[1:], 16))
        return _SIMPLE.get(code, code)

    return _ESCAPE.sub(plain, literal[1:-1])


def _samples(text: str) -> Iterator[tuple[Labels, float]]:
    """Yield the samples of `{a="1"} 2E+00, {a="2"} 3E+00`; nothing for `nil`."""
    at, text = 0, text.strip()
    if text == "nil":
        return
    while at < len(text):
        start = text.find("{", at)
        if start < 0:
            raise ValueError(text[at:])
        labels = {"__name__": text[at:start].strip()} if text[at:start].strip() else {}
        at = start + 1
        while label := _LABEL.match(text, at):
            name = label["name"]
            labels[unquoted(name) if name.startswith('"') else name] = unquoted(label["value"])
            at = label.end()
        value = _VALUE.match(text, at + 1) if text[at : at + 1] == "}" else None
        if value is None:
            raise ValueError(text[at:])
        yield labels, float(value["value"])
        at = value.end()
