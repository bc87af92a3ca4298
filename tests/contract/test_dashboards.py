import json

import pytest

from cockpit.contract import dashboards
from cockpit.contract.repository import File
from tests.contract.healthy import DASHBOARD


def _queries(text: str) -> list[tuple[str, int]]:
    found = dashboards.read(File("x.json", text))
    assert found is not None
    return [(query.expr, query.lines[0]) for query in found[1]]


def test_the_queries_of_panels_with_their_lines() -> None:
    assert _queries(DASHBOARD) == [("sum by (shop) (rate(shop_errors_total[5m]))", 9)]


def test_rows_of_old_dashboards_and_those_within_an_export() -> None:
    old = {"rows": [{"panels": [{"targets": [{"expr": "up"}, {"expr": 'a{b="c"}'}]}]}]}

    assert [expr for expr, _ in _queries(json.dumps({"dashboard": old}))] == ["up", 'a{b="c"}']


def test_several_dashboards_by_their_names() -> None:
    boards = {name: {"title": name, "panels": [{"targets": [{"expr": f"up{name}"}]}]} for name in "ab"}
    found = dashboards.read(File("x.json", json.dumps(boards, indent=1)))

    assert found is not None
    assert [each.title for each in found[0]] == ["a", "b"]
    assert [(each.expr, each.origin.name, each.lines[0]) for each in found[1]] == [
        ("upa", "a", 8),
        ("upb", "b", 20),
    ]


@pytest.mark.parametrize("source", [{"type": "loki"}, "Loki", {"type": "cloudwatch"}])
def test_queries_of_other_sources_are_not_ours(source: object) -> None:
    panel = {"datasource": source, "targets": [{"expr": "up"}]}

    assert _queries(json.dumps({"panels": [panel]})) == []


@pytest.mark.parametrize("text", ["[]", "1", '"panels"', "{}", '{"panels": 1}', '{"dashboard": []}'])
def test_other_json_is_no_dashboard(text: str) -> None:
    assert dashboards.read(File("x.json", text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        pytest.param("[" * 200_000, id="deep"),
        '{"panels": ' + "[" * 150 + "]" * 150 + "}",
        '{"panels": [' + "9" * 5000 + "]}",
    ],
)
def test_what_cannot_be_read_is_said_to_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        dashboards.read(File("x.json", text))


def test_many_queries_take_a_moment() -> None:
    targets = [{"expr": f"up{{n='{n}'}}"} for n in range(5_000)]
    found = _queries(json.dumps({"panels": [{"targets": targets}]}, indent=1))

    assert len(found) == 5_000
    assert len({line for _, line in found}) == 5_000
