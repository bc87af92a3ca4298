"""What a query relies on: label values come into it as values, whatever they hold, and never as syntax."""

import re

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.expression import parsed
from cockpit.runbooks.bind import Bound, bind, neutral, placeholders

LABELS = {
    "instance": "db-1:9100",
    "job": "node",
    "n": "3",
    "range": "5m",
    "odd": 'x"} or vector(1) #',
    "word": "or",
}


@pytest.mark.parametrize(
    "written",
    [
        "$instance",
        "${instance}",
        "$labels.instance",
        "{{ $labels.instance }}",
        "{{.Labels.instance}}",
        "<instance>",
        "$INSTANCE",
    ],
)
def test_every_form_of_placeholder_is_filled(written: str) -> None:
    assert bind(f'up{{instance="{written}"}}', LABELS) == Bound('up{instance="db-1:9100"}')


@pytest.mark.parametrize(
    ("expr", "bound"),
    [
        ('up{a=~"$instance|x.*"}', r'up{a=~"db-1:9100|x.*"}'),
        ('up{a!~".*$odd"}', 'up{a!~".*x\\"\\\\} or vector\\\\(1\\\\) #"}'),
        ("up{a='$odd'}", "up{a='x\"} or vector(1) #'}"),
        ("up{a=`$job\\d`}", 'up{a="node\\\\d"}'),
        ("up{a=$job}", 'up{a="node"}'),
        ("topk($n, x_total)", "topk(3, x_total)"),
        ("rate(x_total[$range])", "rate(x_total[5m])"),
        ("x_total offset $range", "x_total offset 5m"),
        ("x_total > <n>", "x_total > 3"),
        ("rate(x_total[$__rate_interval])", "rate(x_total[5m])"),
        ("rate(x_total[$__range])", "rate(x_total[2h])"),
        ("rate(x_total[${__interval}])", "rate(x_total[1m])"),
        ("a <n> b", "a <n> b"),
        ("sum(a) <n> 3", "sum(a) <n> 3"),
        (
            'label_replace(up, "a", "$1", "b", "(?P<job>.*)$")',
            'label_replace(up, "a", "$1", "b", "(?P<job>.*)$")',
        ),
        ('# about $job\nup{a="$job"}', '# about $job\nup{a="node"}'),
    ],
)
def test_values_are_quoted_for_where_they_stand(expr: str, bound: str) -> None:
    assert bind(expr, LABELS, range_seconds=7200) == Bound(bound)


@pytest.mark.parametrize(
    ("expr", "unfilled"),
    [
        ('up{a="$tenant", b="$job"}', ("tenant",)),
        ("rate(x_total[$odd])", ("odd",)),
        ("$odd + 1", ("odd",)),
        ("x_total $word y_total", ("word",)),
        ("sum by ($n) (x_total)", ("n",)),
        ('up{a="<your namespace>"}', ("your namespace",)),
        ('up{a="{{ $value }}"}', ("$value",)),
        ('up{a="$b", c="$a", d="$b"}', ("b", "a")),
    ],
)
def test_what_cannot_be_filled_is_named_and_left(expr: str, unfilled: tuple[str, ...]) -> None:
    bound = bind(expr, LABELS)
    assert bound.unfilled == unfilled
    for name in unfilled:
        assert name in bound.expr


def test_what_is_typed_by_hand_wins() -> None:
    assert (
        bind('up{a="$job", b="$tenant"}', LABELS, {"job": "x", "tenant": 'a"'}).expr == 'up{a="x", b="a\\""}'
    )


def test_placeholders_are_named_once_and_intervals_are_none() -> None:
    assert placeholders('a{b="$x", c="<y>", d="$x"}[$__range]') == ("x", "y")


def selectors(expr: str) -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append([(m.name, m.value) for m in node.matchers.matchers])

    tree = parsed(expr)
    assert tree is not None, expr
    promql_parser.walk(tree, pre_visit=visit)
    return found


VALUES = st.text(max_size=60) | st.text(alphabet="\"'`\\$<>{}[]()|.*+?^#=~!,\n\0 ab", max_size=60)


@given(value=VALUES, quote=st.sampled_from(['"', "'", "`"]))
def test_any_value_stays_one_value(value: str, quote: str) -> None:
    text = value.encode("utf-8", "replace").decode()
    expr = f'sum(rate(x_total{{a={quote}$v{quote},b="c"}}[5m])) > 1'
    assert selectors(bind(expr, {"v": value}).expr) == [[("a", text), ("b", "c")]]


@given(value=VALUES)
def test_any_value_is_taken_literally_by_a_regular_expression(value: str) -> None:
    text = value.encode("utf-8", "replace").decode()
    [[(_, pattern)]] = selectors(bind('x_total{a=~"$v"}', {"v": value}).expr)
    assert re.fullmatch(pattern, text)
    assert not re.fullmatch(pattern, text + "x")


@given(value=VALUES)
def test_a_bare_value_never_changes_the_query(value: str) -> None:
    for expr in (
        "x_total > $v",
        "topk($v, x_total)",
        "rate(x_total[$v])",
        "x_total offset $v",
        "sum by ($v) (x_total)",
    ):
        bound = bind(expr, {"v": value})
        if not bound.unfilled:
            assert len(selectors(bound.expr)) <= 2
            assert " or " not in bound.expr
            assert parsed(bound.expr) is not None


@given(expr=st.text(max_size=200) | st.text(alphabet="$<>{}[]()\"'`\\=~!#ab{}.", max_size=80))
def test_no_expression_makes_it_raise(expr: str) -> None:
    bind(expr, {"a": "b"})
    placeholders(expr)
    neutral(expr)
