"""Quoting into PromQL and dividing its durations, checked with a real PromQL parser."""

import re

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.promql import divide_durations, escape_regex, quote, quote_inside

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def string_of(expression: str) -> str:
    parsed = promql_parser.parse(expression)
    assert isinstance(parsed, promql_parser.StringLiteral)
    return str(parsed.val)


def matcher_of(expression: str) -> tuple[str, str]:
    parsed = promql_parser.parse(expression)
    assert isinstance(parsed, promql_parser.VectorSelector)
    (matcher,) = parsed.matchers.matchers
    return str(matcher.op), str(matcher.value)


@given(TEXT)
def test_a_quoted_value_is_one_string_that_parses_back(value: str) -> None:
    assert string_of(quote(value)) == value


@given(TEXT)
def test_a_quoted_value_stays_inside_its_matcher(value: str) -> None:
    _, found = matcher_of(f"up{{a={quote(value)}}}")
    assert found == value
    _, found = matcher_of(f'up{{a="{quote_inside(value)}"}}')
    assert found == value


@given(TEXT)
def test_an_escaped_regex_matches_exactly_its_value(value: str) -> None:
    _, pattern = matcher_of(f"up{{a=~{quote(escape_regex(value))}}}")
    assert re.fullmatch(pattern, value, re.DOTALL)
    assert not re.fullmatch(pattern, f"{value}x")


def test_a_lone_surrogate_becomes_what_prometheus_stores() -> None:
    assert quote("a\ud800b") == '"a\ufffdb"'


@pytest.mark.parametrize(
    ("expr", "divided"),
    [
        ("rate(x[5m])", "rate(x[5s])"),
        ("rate(x[1h30m])", "rate(x[1m30s])"),
        ("x offset 10m", "x offset 10s"),
        ("x offset -10m", "x offset -10s"),
        ("max_over_time(rate(x[5m])[1h:1m])", "max_over_time(rate(x[5s])[1m:1s])"),
        ("max_over_time(x[1h:])", "max_over_time(x[1m:])"),
        ("rate(x[30s])", "rate(x[500ms])"),
        ("x > 300", "x > 300"),
        ('x{a="rate(y[5m]) offset 5m"}', 'x{a="rate(y[5m]) offset 5m"}'),
        ("x{a='[5m]', b=`[5m]`}", "x{a='[5m]', b=`[5m]`}"),
        ('x{a="\\"[5m]"}', 'x{a="\\"[5m]"}'),
        ("x # not [5m]\n + rate(y[5m])", "x # not [5m]\n + rate(y[5s])"),
        ("rate(x[1ms])", "rate(x[1ms])"),
    ],
)
def test_durations_are_divided_and_nothing_else(expr: str, divided: str) -> None:
    assert divide_durations(expr, 60) == divided
    promql_parser.parse(divided)


@given(TEXT, st.integers(1, 100_000), st.sampled_from([2, 10, 60, 3600]))
def test_dividing_keeps_strings_and_divides_ranges(value: str, seconds: int, speed: int) -> None:
    divided = divide_durations(f"rate(x{{a={quote(value)}}}[{seconds}s])", speed)
    parsed = promql_parser.parse(divided)
    assert isinstance(parsed, promql_parser.Call)
    (selector,) = parsed.args
    assert isinstance(selector, promql_parser.MatrixSelector)
    assert selector.vector_selector.matchers.matchers[0].value == value
    assert selector.range.total_seconds() == pytest.approx(seconds / speed, abs=0.001)


def test_speed_one_changes_not_a_byte() -> None:
    assert divide_durations("rate( x [ 5m ] )", 1) == "rate( x [ 5m ] )"


def test_quote_writes_what_a_terminal_acts_on_as_escapes() -> None:
    assert quote("a\x9b\u202e\x7f") == r'"a\u009b\u202e\u007f"'
    assert quote("\U000e0001") == r'"\U000e0001"'
