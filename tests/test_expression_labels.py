"""Which labels the results of an expression can have, after Prometheus's semantics."""

import pytest

from cockpit.errors import UsageError
from cockpit.expression import ANY, Labels, labels

METRICS = {
    "x": Labels(frozenset({"job", "pod"}), is_open=False, surely=frozenset({"job"})),
    "y": Labels(
        frozenset({"job", "node"}), is_open=False, values={"node": "n1"}, surely=frozenset({"job", "node"})
    ),
    "b": Labels(frozenset({"job", "le"}), is_open=False, surely=frozenset({"job", "le"})),
}


def of_metric(name: str) -> Labels:
    return METRICS.get(name, ANY)


# The names: "!" where surely, "=" and the value where known, "..." where open, "-" where lacking.
def told(expr: str) -> str:
    found = labels(expr, of_metric)
    words = [
        name + "!" * (name in found.surely) + (f"={found.values[name]}" if name in found.values else "")
        for name in sorted(found.names)
    ]
    return " ".join(
        [*words, *(["..."] if found.is_open else []), *(f"-{name}" for name in sorted(found.lacking))]
    )


CASES = {
    "selectors": [
        ("x", "job! pod"),
        ("other", "..."),
        ('{__name__="x"}', "job! pod"),
        ('{__name__=~"x"}', "..."),
        ('other{a="1", b="", c!="", d!="2", e=~".+", f=~".*", g=~"v", h!~"", i!~"w"}',
         "a!=1 c! e! g!=v h! ... -b"),
        ('other{a=~"b|c", d=~"b|", e=~"b?", f=~"(b)", g=~"http.*", h=~"h*"}', "a! g! ..."),
        ('y{node="{{ node }}", job="$job", pod="[[pod]]"}', "job node pod"),
        ('x{pod!=""} offset 5m', "job! pod!"),
        ('y{node=""} @ end()', "job!"),
        ('rate(x{job="a"}[5m])', "job!=a pod"),
    ],
    "aggregations": [
        ("sum(x)", ""),
        ("sum by (job, zone) (x)", "job!"),
        ("sum by (job, zone) (other)", "job zone"),
        ("sum by () (x)", ""),
        ("sum without (pod) (x)", "job!"),
        ("sum without (pod) (other)", "... -pod"),
        ("quantile by (job) (0.9, x)", "job!"),
        ("topk by (job) (3, x)", "job! pod"),
        ("limitk(3, x)", "job! pod"),
        ('count_values("value", x)', "value!"),
        ('count_values by (job) ("value", x)', "job! value!"),
        ('count_values without (pod) ("value", x)', "job! value!"),
        ('count_values without (value) ("value", x)', "job! pod"),
        ('count_values ("node", y)', "node!"),
    ],
    "functions": [
        ("histogram_quantile(0.9, b)", "job!"),
        ("histogram_fraction(0, 1, b)", "job! le"),
        ("clamp_max(x, scalar(y))", "job! pod"),
        ("quantile_over_time(0.9, x[5m])", "job! pod"),
        ("max_over_time(sum by (job) (x)[1h:5m])", "job!"),
        ("vector(scalar(x))", ""),
        ("time()", ""),
        ("hour()", ""),
        ("hour(x)", "job! pod"),
        ("info(x)", "..."),
        ('absent(x{job="a", pod=~"b", node!="c", zone=""})', "job!=a"),
        ('absent(x{job="a", job="b", pod="c"})', "pod!=c"),
        ('absent_over_time(x{job="a"}[5m])', "job!=a"),
        ('absent_over_time(x{job="a"}[5m:])', ""),
        ('absent(x{job="a", pod="$pod"})', "job!=a pod"),
        ('absent(sum(x{job="a"}))', ""),
        ('absent({__name__="x"})', ""),
    ],
    "labels that a function makes": [
        ('label_replace(x, "a", "$1", "pod", "(.*)")', "a job! pod"),
        ('label_replace(x, "a", "v", "pod", ".+")', "a job! pod"),
        ('label_replace(x, "job", "v", "pod", ".+")', "job! pod"),
        ('label_replace(x, "job", "$1", "pod", ".+")', "job pod"),
        ('label_replace(y, "node", "v", "job", ".+")', "job! node!"),
        ('label_replace(y, "node", "n1", "job", ".+")', "job! node!=n1"),
        ('label_replace(x, "a", "v", "", "")', "a!=v job! pod"),
        ('label_replace(x, "a", "v", "pod", ".*")', "a job! pod"),
        ('label_replace(x, "a", "v", "none", ".*")', "a!=v job! pod"),
        ('label_replace(x, "a", "v", "none", ".+")', "a job! pod"),
        ('label_replace(x, "a", "{{ team }}", "", "")', "a job! pod"),
        ('label_replace(x, "pod", "", "", "")', "job!"),
        ('label_replace(x, "job", "", "pod", "a")', "job pod"),
        ('label_replace(x, "__name__", "z", "", "")', "job! pod"),
        ('label_join(x, "a", "", "pod")', "a job! pod"),
        ('label_join(x, "a", "-", "pod", "zone")', "a! job! pod"),
        ('label_join(x, "a", "", "pod", "job")', "a! job! pod"),
        ('label_join(y, "node", "", "zone")', "job! node"),
    ],
    "operators": [
        ("x * 2 > 1", "job! pod"),
        ("time() - x", "job! pod"),
        ("-x", "job! pod"),
        ("(x) > bool 1", "job! pod"),
        ("1 + 2", ""),
        ('"text"', ""),
        ("x / x", "job! pod"),
        ("other / x", "job! pod"),
        ('other{zone=""} / another{cell=""}', "... -cell -zone"),
        ("other > on (job, zone) x", "job!"),
        ("x > on (job) y", "job!"),
        ("other / ignoring (pod) x", "job!"),
        ("other / ignoring (pod) another", "... -pod"),
        ('x / on (job) other{job="a"}', "job!=a"),
        ("x * on (job) group_left (node, zone) y", "job! node!=n1 pod"),
        ("y * on (job) group_right (node, zone) x", "job! node!=n1 pod"),
        ("other * on (job) group_left (zone) y", "job! ... -zone"),
        ("x * on (job) group_left (pod) y", "job!"),
        ('x * on (job) group_left () other{job="a"}', "job!=a pod"),
        ('x * ignoring (pod) group_left () other{job="a"}', "job!=a pod"),
        ("x * ignoring (pod) group_left (pod) sum by (job) (x)", "job!"),
        ("other + on (job) fill (0) x", "..."),
    ],
    "sides that can never match": [
        ("y / sum(x)", "job! node!=n1"),
        ('other{job="a"} / another{job=""}', "job!=a ..."),
        ('x{job="a"} / x{job="b"}', "job!=a pod"),
    ],
    "sets": [
        ("x and y", "job! pod"),
        ("x unless on (job) y", "job! pod"),
        ("x or y", "job! node pod"),
        ('x{job="a"} or y{job="a"}', "job!=a node pod"),
        ('x{job="a"} or y{job="b"}', "job! node pod"),
        ("x or vector(0)", "job pod"),
        ("x or other", "job pod ..."),
        ('other{job="", pod=""} or y', "job node ... -pod"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("expr", "expected"), [each for cases in CASES.values() for each in cases])
def test_the_labels_of_a_result(expr: str, expected: str) -> None:
    assert told(expr) == expected


def test_a_label_can_be_had_where_nothing_rules_it_out() -> None:
    closed, lacking = labels("sum by (a) (x)"), labels('x{a=""}')
    assert [closed.can_have(name) for name in "ab"] == [True, False]
    assert [lacking.can_have(name) for name in "ab"] == [False, True]


def test_of_names_of_prometheus_itself_nothing_is_said() -> None:
    for expr in ("sum(x)", "sum by (__name__) (x)", '{__name__!=""}', 'absent({__name__="x"})'):
        found = labels(expr)
        assert found.can_have("__name__")
        assert "__name__" not in found.names | found.surely


def test_what_is_no_promql_has_no_labels_to_tell() -> None:
    with pytest.raises(UsageError, match="no PromQL that can be read"):
        labels("sum by (")
