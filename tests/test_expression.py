"""What an expression asks for: comparisons, selectors, what it lacks its result for, and lost labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.errors import UsageError
from cockpit.expression import Role, Selector, absences, comparisons, gives_up, parsed, selectors, starves


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


def test_what_is_no_promql_or_too_deep_is_refused() -> None:
    for text in ("up >", "", "(" * 150 + "x" + ")" * 150, "x" + " + x" * 300, "x" * 30_000):
        assert parsed(text) is None
        with pytest.raises(UsageError, match="no PromQL that can be read"):
            comparisons(text)


PIECES = (
    "x", 'y{a="b"}', "[5m]", "[5m:]", "rate(", "sum(", "absent(", "(", ")", "{", "}",
    '"s"', "`s`", "'", "\\", "#c\n",
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
    except UsageError:
        return
    assert all(parsed(each.left) is not None for each in found)
    assert all(selectors(str(each)) == (each,) for each in selected)
