import pytest

from cockpit.contract.kinds import Kind, is_template, kind_of, may_be_ours, misshapen, sniffed
from cockpit.yaml_lines import Map, documents
from tests.contract.healthy import ALERTMANAGER, DRILL, RULES, SCENARIO

CRD = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n" + "".join(
    f"  {line}\n" for line in RULES.splitlines()
)


def _kind(text: str) -> Kind:
    return kind_of(documents(text)[0])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (RULES, Kind.RULES),
        (CRD, Kind.RULES),
        ("groups: [{name: a, rules: [{record: b, labels: {x: y}}]}]", Kind.RULES),
        (ALERTMANAGER, Kind.ALERTMANAGER),
        (SCENARIO, Kind.SCENARIO),
        (DRILL, Kind.DRILL),
        ("scrape_configs: []", Kind.PROMETHEUS),
    ],
)
def test_what_a_team_has(text: str, kind: Kind) -> None:
    assert _kind(text) is kind
    assert may_be_ours(text)


@pytest.mark.parametrize(
    "text",
    [
        "groups: [admins, users]",
        "groups:\n- name: a\n  rules: [{alert: tcp any any}]",
        "groups: [{name: a, rules: [{uid: x, title: y, data: [{model: {expr: up}}]}]}]",
        "route: {to: {kind: Service}}",
        "signals: [{gauge: 5}, counter]",
        "phases: [{name: build}, {name: test, verify: true}]",
        "scrape_configs: {}",
        "- a\n- b",
        "just words",
    ],
)
def test_what_other_tools_have(text: str) -> None:
    assert _kind(text) is Kind.OTHER


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("groups:\n  a: {rules: [{alert: A, expr: up}]}", 2, "`groups`"),
        ("groups:\n- name: a\n  rules:\n    A: {alert: A, expr: up}", 4, "`rules`"),
        ("spec:\n  groups:\n    a: 1", 3, "`groups`"),
        ("groups:\n- words", 2, "mapping"),
    ],
)
def test_lists_that_are_none(text: str, line: int, words: str) -> None:
    (document,) = documents(text)
    assert isinstance(document, Map)
    found = misshapen(document)

    assert found is not None
    assert found[0] == line
    assert words in found[1]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (RULES + "\tx", Kind.RULES),
        (ALERTMANAGER + "}{", Kind.ALERTMANAGER),
        (SCENARIO + "}{", Kind.SCENARIO),
        (DRILL + "}{", Kind.DRILL),
        ("a: b: c", Kind.OTHER),
        pytest.param("route:\n" * 100_000, Kind.OTHER, id="large"),
    ],
)
def test_what_a_broken_file_seems_to_be(text: str, kind: Kind) -> None:
    assert sniffed(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "{{- if .Values.on }}\ngroups: []\n{{- end }}",
        "{% for x in y %}\n- {{ x }}\n{% endfor %}",
        "<% if x %>\na: b",
        "a: <%= @x -%>",
        "a: {{ x }}",
        "a:\n  - {{ item.name }}",
        'a: {{ include "x" . }}',
    ],
)
def test_templates(text: str) -> None:
    assert is_template(text)


@pytest.mark.parametrize(
    "text",
    [
        RULES,
        "annotations:\n  summary: {{ $labels.x }} is down",
        "annotations:\n    text: |\n        {{ range query `up` }}\n        {{ .Labels.x }}\n"
        "        {{ end }}",
        "text: >\n        {{- with $x }} a {{ else }} b {{ end }}",
    ],
)
def test_templates_of_alerts_are_for_alertmanager_and_prometheus(text: str) -> None:
    assert not is_template(text)
