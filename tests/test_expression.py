"""What an expression asks for: comparisons, selectors, ranges, labels; what it lacks; labels it loses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.errors import UsageError
from cockpit.expression import (
    Role,
    Selector,
    absences,
    comparisons,
    complaint,
    gives_up,
    is_log_query,
    labels,
    named_labels,
    parsed,
    reads,
    selectors,
    starves,
)


def compared(expr: str) -> list[tuple[str, str, float]]:
    return [(each.left, each.op, each.bound) for each in comparisons(expr)]


def named(found: tuple[Selector, ...]) -> list[str]:
    return [str(each) for each in found]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("x > 0.01", [("x", ">", 0.01)]),
        ("0.01 < x", [("x", ">", 0.01)]),
        ("5 >= (x)", [("x", "<=", 5.0)]),
        ("x > -(2 * 5)", [("x", ">", -10.0)]),
        ("x / y != 0", [("x / y", "!=", 0.0)]),
        ("x > 1 and (y < 2 or z == 3)", [("x", ">", 1.0), ("y", "<", 2.0), ("z", "==", 3.0)]),
        ("(x > 5) * 2", [("x", ">", 5.0)]),
        ("count(up == 0) > 3", [("count(up == 0)", ">", 3.0)]),
        ("x > bool 5", []),
        ("(x > bool 5) == 1", [("x > bool 5", "==", 1.0)]),
        ("x > y", []),
        ("absent(x)", []),
        ("vector(1)", []),
        ("sum(rate(x[5m])) by (a) > 1", [("sum by (a)(rate(x[5m]))", ">", 1.0)]),
        ("time() - x > 1h30m", [("time() - x", ">", 5400.0)]),
        ("rate(x[5m] offset 1d) > 5m", [("rate(x[5m] offset 1d)", ">", 300.0)]),
    ],
)
def test_comparisons_with_a_number(expr: str, expected: list[tuple[str, str, float]]) -> None:
    assert compared(expr) == expected


@pytest.mark.parametrize(
    "left",
    [
        r'x{a="b\"c\\d\n"}',
        r'x{a=~"\\d+\\.x"}',
        "x{a='q\"'}",
        r"x{a=~`\d+\"`}",
        'x{a="{}5m<0>"}',
        "rate(x[250ms] offset 1s500ms)",
        "max_over_time(rate(a:rate:5m[1m])[1h:15s])",
        "max_over_time(rate(x[1m])[1h:])",
        'label_replace(x, "a", "$1\\"", "b", "(.*)\\\\.")',
        'sum by ("a.b")(x{"c.d"="<0>"})',
    ],
)
def test_the_left_side_is_the_query_that_was_written(left: str) -> None:
    assert compared(f'{left} > 1 # "comment" > 3') == [(left, ">", 1.0)]


def test_a_comparison_says_whether_a_value_is_beyond_its_bound() -> None:
    holding = {each: comparisons(f"x {each} 2")[0] for each in (">", "<", ">=", "<=", "==", "!=")}
    assert [op for op, each in holding.items() if each.holds(2.0)] == [">=", "<=", "=="]
    assert [op for op, each in holding.items() if each.holds(3.0)] == [">", ">=", "!="]


def test_a_comparison_says_what_it_is_to_its_expression() -> None:
    expr = "(w > 1 and (x > 2 or y > 3)) unless (z > 4 or v > 5)"
    assert [(each.left, each.role) for each in comparisons(expr)] == [
        ("w", Role.NEEDED),
        ("x", Role.EITHER),
        ("y", Role.EITHER),
        ("z", Role.UNWANTED),
        ("v", Role.UNWANTED),
    ]


def test_a_label_name_that_is_no_identifier_is_quoted() -> None:
    evil = Selector("x", (('a="b"} or y{c', "=", "d"), ("e.f", "!=", "g")))
    assert str(evil) == r'x{"a=\"b\"} or y{c"="d", "e.f"!="g"}'
    assert selectors(str(evil)) == (evil,)


def test_selectors_are_found_once_each_and_print_as_they_match() -> None:
    expr = r'rate(x{a="b\"", c=~"d.*"}[5m]) / x{a="b\"", c=~"d.*"} > sum(y) unless {__name__="z", e!="f"}'
    assert named(selectors(expr)) == [r'x{a="b\"", c=~"d.*"}', "y", '{__name__="z", e!="f"}']


def test_absences_are_the_selectors_inside_absent() -> None:
    expr = 'absent(up{job="a"}) or absent_over_time(x[5m]) or y > 1'
    assert named(absences(expr)) == ['up{job="a"}', "x"]


@pytest.mark.parametrize(
    ("expr", "lacks", "starved"),
    [
        ("rate(x[5m]) > 1", ["x"], True),
        ("x / y > 1", ["y"], True),
        ("x and y", ["y"], True),
        ("x or y", ["y"], False),
        ("x or y", ["x", "y"], True),
        ("x unless y", ["y"], False),
        ("x unless y", ["x"], True),
        ("absent(x)", ["x"], False),
        ("x > scalar(y)", ["y"], False),
        ("x or vector(0)", ["x"], False),
        ("sum by (a) (max_over_time(x[1h:]))", ["x"], True),
        ("x > 1", ["y"], False),
        ("x > 1", [], False),
    ],
)
def test_what_lacks_its_result_for_series_that_are_missing(
    expr: str, lacks: list[str], starved: bool
) -> None:
    assert starves(expr, [Selector(name) for name in lacks]) is starved


@pytest.mark.parametrize(
    ("expr", "lost"),
    [
        ("sum(x)", ["x"]),
        ("sum by (tenant) (x)", []),
        ("sum without (tenant) (x)", ["x"]),
        ("sum without (a) (x)", []),
        ("topk(3, x)", []),
        ("absent(x)", ["x"]),
        ("x / on (a) y", ["x", "y"]),
        ("x / ignoring (tenant) y", ["x", "y"]),
        ("x / on (a) group_left () y", []),
        ("x unless sum(y)", []),
        ("sum by (tenant) (rate(x[5m])) / sum(y)", ["y"]),
    ],
)
def test_where_a_label_is_given_up(expr: str, lost: list[str]) -> None:
    assert named(gives_up(expr, "tenant")) == lost


def test_reads_are_the_selectors_with_their_ranges() -> None:
    expr = "rate(x[1m30s]) / x + max_over_time(rate(x[1m30s])[1h:5m]) + sum(topk(scalar(y offset 1d), z))"
    assert [
        (str(each.selector), each.range_seconds, each.is_subquery) for each in reads(f"{expr} + {expr}")
    ] == [
        ("x", 90.0, False),
        ("x", None, False),
        ("x", 90.0, True),
        ("y", None, False),
        ("z", None, False),
    ]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("sum by (a, b) (rate(x[5m]))", "x:a x:b"),
        ("sum without (a) (x)", ""),
        ("x / ignoring (a) y", ""),
        ("topk by (a) (3, x)", "x:a"),
        ("sum by (__name__) (x)", ""),
        ("sum by (a) (sum by (b) (x))", "x:b"),
        ("sum by (a) (sum(x))", ""),
        ("sum by (a) (topk(1, x))", "x:a"),
        ("sum by (a, b) (sum without (a) (x))", "x:b"),
        ("sum by (a) (1 - x > 2)", "x:a"),
        ("sum by (a) (x > scalar(y))", "x:a"),
        ("sum by (a) (x / y)", "x:a y:a"),
        ("sum by (a, b) (x / on (b) y)", "x:b y:b"),
        ("sum by (a, b) (x / ignoring (b) y)", "x:a y:a"),
        ("sum by (a, b, c) (x * on (b) group_left (c) y)", "x:a x:b y:b y:c"),
        ("sum by (a, b, c) (x * on (b) group_right (c) y)", "y:a x:b y:b x:c"),
        ("sum by (a, b, c) (x * ignoring (b) group_left (c) y)", "x:a y:a x:b y:c"),
        ("sum by (a) (x + on (b) fill (0) y)", "x:b y:b"),
        ("sum by (a) (x or y)", ""),
        ("sum by (a) (x unless on (b) y)", "x:a x:b y:b"),
        ("sum by (a) (absent(x))", ""),
        ("sum by (a) (info(x))", ""),
        ("sum by (a) (vector(1))", ""),
        ("sum by (le, a) (histogram_quantile(0.9, sum by (le) (x)))", "x:le"),
        ("x * on (b) group_left (c) y", "x:b y:b y:c"),
        ("sum by (le) (histogram_quantile(0.9, x))", ""),
        ("sum by (b) (count_values by (b) ('b', x))", ""),
        ("count_values by (a, b) ('b', x)", "x:a"),
        ("sum by (a, b) (count_values by (a) ('b', x))", "x:a"),
        ("label_replace(x, 'a', '$1', 'b', '(.*)')", "x:b"),
        ("label_replace(x, 'a', 'b', '', '.+')", ""),
        ("label_replace(x, 'a', 'b', 'none', '')", ""),
        ("label_replace(x, 'a', 'b', 'c', '.+')", "x:c"),
        ("label_join(x, 'a', '-', 'b', 'c')", "x:b x:c"),
        ("sum by (a, b) (label_replace(x, 'a', '$1', 'c', '(.*)'))", "x:b x:c"),
        ("sum(x) / scalar(sum by (a) (y))", "y:a"),
    ],
)
def test_labels_are_asked_of_the_selectors_they_must_come_from(expr: str, expected: str) -> None:
    assert {f"{found}:{label}" for found, label in named_labels(expr)} == set(expected.split())


@pytest.mark.parametrize(
    ("expr", "is_log"),
    [
        ('sum(rate({app="a"} |= "error" [5m])) > 1', True),
        ('{app="a"} | json | status >= 500', True),
        ('count_over_time({app="a"} != "debug" [5m])', True),
        ('{app="a"} !~ `debug|info`', True),
        ('sum(bytes_over_time({app="a"}[1h]))', True),
        ('{app="a"} | line_format "{{.a}}"', True),
        ('sum(rate({app="a"}[5m])) > 1', False),
        ('x{a=~"b|c", d=~`e|f`} != 5', False),
        ('{a="b"} != 5 # a | b', False),
        ('{a="b"} != # "a"\n 5', False),
        ("x{a={{ labels.a | quote }}}", False),
        ('x{a=~"b|c} > 5', False),
    ],
)
def test_log_queries_are_told_by_what_promql_does_not_have(expr: str, is_log: bool) -> None:
    assert is_log_query(expr) is is_log


def test_what_is_no_promql_or_too_deep_is_refused() -> None:
    for text in ("up >", "", "(" * 150 + "x" + ")" * 150, "x" + " + x" * 300, "x" * 30_000):
        assert parsed(text) is None
        with pytest.raises(UsageError, match="no PromQL that can be read"):
            comparisons(text)


PIECES = (
    "x", 'y{a="b"}', "[5m]", "[5m:]", "rate(", "sum(", "absent(", "(", ")", "{", "}",
    '"s"', "`s`", "'", "\\", "#c\n",
    "topk(1,", 'count_values("a",', 'label_replace(x, "a", "$1", "b",', 'label_join(x, "a",',
    ">", "==", "!=", "and", "or", "unless", "by (a)", "on(a)", "group_left", "bool", "offset 5m",
    "@ end()", "-", "/", "^", "1", "0x1F", "1e400", "NaN", "5m", ",", "\x00", "é", "\ud800", "time()", "<0>",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
def test_whatever_is_written_is_read_or_refused_and_what_is_read_can_be_asked(expr: str) -> None:
    try:
        found = comparisons(expr)
        selected = selectors(expr)
        gives_up(expr, "a")
        starves(expr, selected)
        reading = reads(expr)
        asked = named_labels(expr)
        had = labels(expr)
    except UsageError:
        return
    assert all(parsed(each.left) is not None for each in found)
    assert all(selectors(str(each)) == (each,) for each in selected)
    assert {each.selector for each in reading} == set(selected)
    assert {each for each, _ in asked} <= set(selected)
    assert had.surely | set(had.values) <= had.names
    assert not had.lacking & had.names


@given(st.text() | st.lists(st.sampled_from([*PIECES, "|", "{{", "}}"])).map("".join))
def test_any_text_is_a_log_query_or_not(expr: str) -> None:
    assert is_log_query(expr) in {True, False}


@pytest.mark.parametrize("pattern", ["-(", "sum by (a) (", "abs(x + ", "x + (", "x + on (a) ("])
def test_the_deepest_query_that_is_read_can_be_asked(pattern: str) -> None:
    expr = f"{pattern * 99}{'x' + ' - x' * 90}{')' * 99}"
    assert labels(expr).can_have("b") is (pattern in {"-(", "abs(x + ", "x + ("})
    assert {str(each.selector) for each in reads(expr)} == {"x"}
    assert {label for _, label in named_labels(expr)} <= {"a"}


@pytest.mark.parametrize(
    "expr",
    [
        "up offset 2147483647d",
        "rate(up[2147483647d])",
        "up + (up offset 9999999y)",
        "sum(up[2147483647d:5m])",
    ],
)
def test_a_duration_that_nothing_can_hold_is_no_expression(expr: str) -> None:
    assert parsed(expr) is None
    assert complaint(expr)


def test_a_name_with_many_digits_is_a_name() -> None:
    assert parsed("rate(requests_12345678s[5m] offset 9999999s)") is not None
