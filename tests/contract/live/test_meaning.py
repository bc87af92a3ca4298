import pytest

from cockpit.contract.live.meaning import same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "sum(rate(a{x='1', y!=\"2\"}[5m])) by (b, c) > 1e3 # why",
            'sum by (c, b) (rate(a{x="1",y!="2"}[300s])) > 1000',
        ),
        ("- (1) * x", "-1 * x"),
        ("a / b", "a / ignoring () b"),
        ("a and on() b", "a and on () b"),
        ("sum(x)", "sum by () (x)"),
        ("a{b=~`\\d+`}", 'a{b=~"\\\\d+"}'),
        ('{__name__="a"}', "a"),
        ("(a + b) * c", "(a + b) * (c)"),
        ("a[5m:]", "a[300s:]"),
        ("a == NaN", "a == NaN"),
        ("what is this", "no PromQL at all"),
    ],
)
def test_what_is_the_same(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a > 1", "a > 2"),
        ("a > 1", "a > bool 1"),
        ("a and b", "a and on () b"),
        ("(a + b) * c", "a + b * c"),
        ("rate(a[500ms])", "rate(a[600ms])"),
        ("a offset 1h", "a offset 2h"),
        ("a @ end()", "a @ start()"),
        ("a[5m:]", "a[5m:1m]"),
        ("sum by (x) (a)", "sum without (x) (a)"),
        ("a * on (x) group_left (y) b", "a * on (x) group_left () b"),
        ('a{b="1"}', 'a{b!="1"}'),
        ("-a", "a"),
    ],
)
def test_what_differs(one: str, other: str) -> None:
    assert not same(one, other)
