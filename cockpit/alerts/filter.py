"""The filter language: Alertmanager's matchers, pseudo-labels that begin with @, and plain words.

    alertname=X severity=~"warn.*" team!=relay {a="b"} @state=pending @age>10m disk "out of space" !word

Terms stand side by side and must all hold. Source of the matchers' meaning: Alertmanager,
pkg/labels/matcher.go: regular expressions are anchored, and a label that is missing is the empty string.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from cockpit.alerts.model import Alert, AlertState
from cockpit.alerts.regex import compile_anchored
from cockpit.alerts.severity import severity
from cockpit.errors import UsageError
from cockpit.text import one_line
from cockpit.units import parse_duration

Test = Callable[[Alert, float], bool]

MAX_FILTER = 4000
"""Characters of a filter."""

_TERM = re.compile(
    r"(@?[A-Za-z_][A-Za-z0-9_.:\-]*|\"(?:[^\"\\]|\\.)*\")\s*(=~|!~|!=|>=|<=|=|>|<)\s*", re.DOTALL
)
_BETWEEN = re.compile(r"[\s,]*")
_QUOTED = {q: re.compile(rf"{q}((?:[^{q}\\]|\\.)*){q}", re.DOTALL) for q in "\"'"}
_BARE = re.compile(r"[^\s,]+")
_BARE_IN_BRACES = re.compile(r"[^\s,}]+")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class Filter:
    """A parsed filter. `text` is what was written; two filters of the same text are equal."""

    EMPTY: ClassVar["Filter"]

    def __init__(self, text: str, tests: tuple[Test, ...]) -> None:
        self.text = text
        self._tests = tests
        self.matches: Test = _all_of(tests)
        """Return whether an alert passes at a time in Unix seconds."""

    def select(self, alerts: Iterable[Alert], now: float) -> tuple[Alert, ...]:
        """Return the alerts that pass at `now` (Unix seconds), in their order."""
        if not self._tests:
            return tuple(alerts)
        matches = self.matches
        return tuple(alert for alert in alerts if matches(alert, now))

    def __and__(self, other: "Filter") -> "Filter":
        return Filter(f"{self.text} {other.text}".strip(), self._tests + other._tests)

    def __bool__(self) -> bool:
        return bool(self._tests)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Filter({self.text!r})"


def _all_of(tests: tuple[Test, ...]) -> Test:
    if not tests:
        return lambda alert, now: True
    if len(tests) == 1:
        return tests[0]
    first, rest = tests[0], _all_of(tests[1:])
    return lambda alert, now: first(alert, now) and rest(alert, now)


Filter.EMPTY = Filter("", ())


def parse(text: str) -> Filter:
    """Return the filter that `text` describes; empty text passes everything.

    Raises UsageError that names the column (from 1) of what cannot be understood.
    """
    if len(text) > MAX_FILTER:
        raise UsageError(f"the filter has {len(text)} characters, at most {MAX_FILTER} are taken")
    return Filter(text.strip(), tuple(_Parser(text).terms()))


def parse_all(texts: Iterable[str]) -> Filter:
    """Return the filter that holds when each of `texts` does."""
    result = Filter.EMPTY
    for text in texts:
        result = result & parse(text)
    return result


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.braces = False

    def terms(self) -> Iterable[Test]:
        while True:
            self.at = _end(_BETWEEN, self.text, self.at)
            if self.at == len(self.text):
                if self.braces:
                    raise _error(self.at, "a `{` is not closed")
                return
            char = self.text[self.at]
            if char == "{" and not self.braces:
                self.braces, self.at = True, self.at + 1
            elif char == "}" and self.braces:
                self.braces, self.at = False, self.at + 1
            else:
                yield self._term()

    def _term(self) -> Test:
        start = self.at
        found = _TERM.match(self.text, start)
        if found is None:
            return self._word()
        name, sign = found.groups()
        self.at = found.end()
        if self.text[self.at : self.at + 1] in {"=", "~"}:
            raise _error(start, f"{sign}{self.text[self.at]} is no operator: write =, !=, =~ or !~")
        value = self._value(allow_nothing=True)
        try:
            if name.startswith("@"):
                return _pseudo(name, sign, value)
            if name.startswith('"'):
                name = _unescape(name[1:-1])
            if sign in {">", ">=", "<", "<="}:
                raise ValueError(f"labels are compared with =, !=, =~ and !~, not with {sign}")
            return _label(name, sign, value)
        except (ValueError, UsageError) as error:
            raise _error(start, one_line(str(error))) from error

    def _word(self) -> Test:
        start = self.at
        if self.braces:
            raise _error(start, "inside { } each term is label, operator, value")
        negative = (
            self.text[start] == "!" and len(self.text) > start + 1 and not self.text[start + 1].isspace()
        )
        self.at += negative
        if self.text[self.at] == "@":
            raise _error(start, "a pseudo-label needs an operator and a value, like @state=pending")
        if self.text[self.at] in "=<>~":
            raise _error(start, "an operator needs a label before it, or quotes around the word")
        word = self._value().lower()

        def has(alert: Alert, now: float) -> bool:
            return (
                word in "\n".join((*alert.labels.values(), *alert.annotations.values())).lower()
            ) != negative

        return has

    def _value(self, *, allow_nothing: bool = False) -> str:
        quote = self.text[self.at : self.at + 1]
        if quote in {'"', "'"}:
            found = _QUOTED[quote].match(self.text, self.at)
            if found is None:
                raise _error(self.at, "a quote is not closed")
            self.at = found.end()
            return _unescape(found[1])
        bare = (_BARE_IN_BRACES if self.braces else _BARE).match(self.text, self.at)
        if bare is None:
            if allow_nothing:
                return ""
            raise _error(self.at, "a value is missing")
        self.at = bare.end()
        return bare[0]


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _unescape(text: str) -> str:
    # As in Alertmanager, an escape that is none (a regex's \d) keeps its backslash.
    known = {"n": "\n", '"': '"', "'": "'", "\\": "\\"}
    return _ESCAPE.sub(lambda m: known.get(m[1], m[0]), text)


def _error(at: int, what: str) -> UsageError:
    return UsageError(f"filter, column {at + 1}: {what}")


def _text_test(sign: str, value: str) -> Callable[[str], bool]:
    if sign == "=":
        return lambda found: found == value
    if sign == "!=":
        return lambda found: found != value
    matches = compile_anchored(value)
    return matches if sign == "=~" else lambda found: not matches(found)


def _label(name: str, sign: str, value: str) -> Test:
    if sign == "=":
        return lambda alert, now: alert.labels.get(name, "") == value
    if sign == "!=":
        return lambda alert, now: alert.labels.get(name, "") != value
    test = _text_test(sign, value)
    return lambda alert, now: test(alert.labels.get(name, ""))


def _state(sign: str, value: str) -> Test:
    if sign in {"=", "!="} and value not in set(AlertState):
        raise ValueError(f"@state is one of {', '.join(AlertState)}")
    test = _text_test(sign, value)
    return lambda alert, now: test(alert.state.value)


def _age(sign: str, value: str) -> Test:
    if sign not in _ORDER:
        raise ValueError("@age is compared with >, >=, < and <=")
    seconds, holds = parse_duration(value), _ORDER[sign]
    return lambda alert, now: holds(now - alert.since, seconds)


def _runbook(sign: str, value: str) -> Test:
    if value == "none" and sign in {"=", "!="}:
        return lambda alert, now: (alert.runbook is None) == (sign == "=")
    test = _text_test("=" if sign in {"=", "!="} else "=~", value)

    def named(alert: Alert, now: float) -> bool:
        if alert.runbook is None:
            return sign.startswith("!")
        path = alert.runbook.path
        stem = path.rpartition("/")[2].removesuffix(".md")
        return (test(path) or test(stem)) != sign.startswith("!")

    return named


def _receiver(sign: str, value: str) -> Test:
    test = _text_test("=" if sign in {"=", "!="} else "=~", value)
    if value == "none" and sign in {"=", "!="}:
        return lambda alert, now: (not alert.receivers) == (sign == "=")
    return lambda alert, now: any(map(test, alert.receivers)) != sign.startswith("!")


def _severity(sign: str, value: str) -> Test:
    test = _text_test(sign, value)
    return lambda alert, now: test(severity(alert).name.lower())


_PSEUDO: Mapping[str, Callable[[str, str], Test]] = {
    "@state": _state, "@age": _age, "@runbook": _runbook, "@receiver": _receiver, "@severity": _severity,
}  # fmt: skip


def _pseudo(name: str, sign: str, value: str) -> Test:
    make = _PSEUDO.get(name)
    if make is None:
        raise ValueError(f"there is no {name}; there are {', '.join(_PSEUDO)}")
    if name != "@age" and sign in {">", ">=", "<", "<="}:
        raise ValueError(f"{name} is compared with =, !=, =~ and !~, not with {sign}")
    return make(sign, value)


def half_typed(text: str) -> bool:
    """Say whether a filter ends in an operator, whose value is still to come."""
    return text.rstrip().endswith(("=", "~", "!", "<", ">"))
