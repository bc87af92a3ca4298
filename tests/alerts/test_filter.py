import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.alerts.filter import Filter, parse, parse_all
from cockpit.alerts.model import AlertState
from cockpit.alerts.regex import compile_anchored
from cockpit.errors import UsageError
from cockpit.runbooks.model import RunbookRef
from tests.alerts.make import NOW, alert

ROW = alert(
    AlertState.PENDING,
    labels={"severity": "warning", "team": "relay", "path": "a,b c"},
    annotations={"summary": "Disk is out of SPACE"},
    receivers=("slack", "pager"),
    runbook=RunbookRef("mail/gmail-errors.md"),
    since=NOW - 600,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alertname=A",
        'alertname="A"',
        "alertname = A",
        'severity=~"warn.*"',
        'severity=~"warning|crit" team=relay',
        "severity=~.*ning",
        "team!=other",
        "team!~oth.*",
        '{alertname="A",team!="x"}',
        "{alertname=A, team=relay} @state=pending",
        'path="a,b c"',
        "missing=",
        'missing=""',
        'missing!="x"',
        'missing=~"|x"',
        "@state=pending",
        "@state!=firing",
        "@state=~pend.*",
        "@age>9m",
        "@age>=10m @age<11m @age<=10m",
        "@runbook=gmail-errors",
        "@runbook=mail/gmail-errors.md",
        "@runbook!=none",
        "@runbook=~gmail.*",
        "@receiver=slack",
        "@receiver!=mail",
        "@receiver=~pa.*",
        "@severity=warning",
        "space",
        "RELAY",
        '"out of space"',
        "!teapot",
        "relay space",
        "relay, space",
    ],
)
def test_passes(text: str) -> None:
    assert parse(text).matches(ROW, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "alertname=B",
        "alertname=a",
        "severity=~warn",
        'team!="relay"',
        "team!~rel.*",
        '{alertname="A",team="x"}',
        "missing!=",
        "missing=~.+",
        "@state=firing",
        "@age>10m",
        "@age<10m",
        "@runbook=none",
        "@runbook!=gmail-errors",
        "@receiver=mail",
        "@receiver!=slack",
        "@receiver=none",
        "@severity=critical",
        "teapot",
        "!space",
        "relay teapot",
    ],
)
def test_does_not_pass(text: str) -> None:
    assert not parse(text).matches(ROW, NOW)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ('a="b', 3, "quote"),
        ('ok "b', 4, "quote"),
        ("a=b team=~(", 5, "regular expression"),
        ("team>5", 1, "labels are compared"),
        ("@state>firing", 1, "@state is compared"),
        ("@state=fire", 1, "one of undelivered, firing"),
        ("@age=10m", 1, "@age is compared"),
        ("@age>ten", 1, "not a duration"),
        ("@nothing=1", 1, "there is no @nothing"),
        ("@state", 1, "needs an operator"),
        ("{a=b", 5, "not closed"),
        ("{word}", 2, "inside { }"),
        ("a=~(b+)+", 1, "take for ever"),
    ],
)
def test_says_where_and_what_is_wrong(text: str, column: int, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert f"column {column}:" in str(caught.value)
    assert words in str(caught.value)


def test_several_filters_must_all_hold() -> None:
    assert parse_all(["team=relay", "@state=pending"]).matches(ROW, NOW)
    assert not parse_all(["team=relay", "@state=firing"]).matches(ROW, NOW)
    assert parse_all([]) == Filter.EMPTY


def test_missing_label_is_the_empty_string_and_none_runbook() -> None:
    bare = alert()
    assert parse("@runbook=none @receiver=none severity=").matches(bare, NOW)
    assert not parse("@runbook=gmail-errors").matches(bare, NOW)
    assert parse("@runbook!=gmail-errors").matches(bare, NOW)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_quoted_value_is_that_value(value: str, other: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    found = parse(f'x="{quoted}"')
    assert found.matches(alert(labels={"x": value}), NOW)
    assert found.matches(alert(labels={"x": other}), NOW) == (other == value)


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse(text).matches(ROW, NOW) in {True, False}


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+",
        r"(a*)*b",
        r"(a|aa)+",
        r"((a?)*)+",
        r"(.*,)*",
        r"(?=a)b",
        r"(a)\1",
        "a*a*a*a*a*",
        "a" * 1001,
        "(" * 500,
        "[",
    ],
)
def test_refuses_what_could_take_for_ever_or_is_none(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        compile_anchored(pattern)


@pytest.mark.parametrize("pattern", [".*a.*b", ".*a.*a.*b", "a*a*a*a*b", "(a|b).*c.*[0-9]+"])
def test_a_hostile_value_does_not_stall_it(pattern: str) -> None:
    start = time.process_time()
    assert not compile_anchored(pattern)("a" * 10_000 + "!")
    assert time.process_time() - start < 5


@pytest.mark.parametrize("text", ["severity==warning", "severity=~~x", "=x", "~x", ">5m"])
def test_an_operator_that_is_none_is_refused_not_matched_as_text(text: str) -> None:
    with pytest.raises(UsageError, match="operator"):
        parse(text)
