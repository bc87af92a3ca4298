"""What is pushed: the flattened series to the byte, going on from where a group stood."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.exposition import Base, text
from cockpit.scenarios.signals import Series, series, values_at
from tests.scenarios.making import labels, scenario, scenarios

Flat = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(body: bytes) -> Flat:
    families = text_string_to_metric_families(body.decode())
    lines = [sample for family in families for sample in family.samples]
    found = {(line.name, frozenset(line.labels.items())): line.value for line in lines}
    assert len(found) == len(lines)
    assert all(line.timestamp is None for line in lines)
    return found


def flat(made: Scenario, t: float) -> Flat:
    return {key(each): each.value for each in series(values_at(made, t))}


def key(each: Series) -> tuple[str, frozenset[tuple[str, str]]]:
    return each.name, frozenset(each.labels.items())


@given(scenarios(), st.integers(0, 1200))
def test_the_text_holds_the_flattened_series_to_the_byte(made: Scenario, t: int) -> None:
    assert parsed(text(values_at(made, t))) == flat(made, t)


@given(st.dictionaries(st.sampled_from("abcd"), labels))
def test_hostile_label_values_arrive_to_the_byte(hostile: dict[str, str]) -> None:
    made = scenario({"gauge": "g", "value": 1, "labels": hostile})
    assert parsed(text(values_at(made, 0))) == {("g", frozenset(hostile.items())): 1}


def test_quotes_line_ends_escapes_and_emoji_are_written_as_the_format_says() -> None:
    made = scenario({"gauge": "g", "value": 1, "labels": {"a": 'q"b\\n\n\x1b[31m\r😀{},='}})
    assert text(values_at(made, 0)).decode().splitlines(keepends=False)[0].startswith("# HELP g")
    assert 'g{a="q\\"b\\\\n\\n\x1b[31m\r😀{},="} 1.0\n' in text(values_at(made, 0)).decode()


def test_each_family_has_one_type_and_its_bounds_are_written_as_prometheus_does() -> None:
    made = scenario(
        {"counter": "c_total", "labels": {"code": "a"}, "rate": 1},
        {"counter": "c_total", "labels": {"code": "b"}, "rate": 2},
        {"counter": "requests", "rate": 1},
        {"counter": "_total", "rate": 1},
        {"gauge": "g", "value": 2},
        {"histogram": "h_seconds", "rate": 1, "p50": 0.1, "p95": 0.2, "buckets": [0.1, 1, 2.5e6]},
    )
    written = text(values_at(made, 10)).decode()
    assert written.count("# TYPE c_total counter") == 1
    types = {family.name: family.type for family in text_string_to_metric_families(written)}
    assert types == {
        "c": "counter",
        "requests": "unknown",
        "_total": "unknown",
        "g": "gauge",
        "h_seconds": "histogram",
    }
    bounds = [each.labels["le"] for each in series(values_at(made, 10)) if "le" in each.labels]
    assert bounds == ["0.1", "1.0", "2.5e+06", "+Inf"]


def test_what_rises_is_told_from_what_does_not() -> None:
    made = scenario(
        {"counter": "c_total", "rate": 1},
        {"gauge": "g", "value": 2},
        {"histogram": "h", "rate": 1, "values": [1], "buckets": [1]},
    )
    kinds = [(each.name, each.cumulative) for each in series(values_at(made, 10))]
    parts = [("h_bucket", True), ("h_bucket", True), ("h_count", True), ("h_sum", True)]
    assert kinds == [("c_total", True), ("g", False), *parts]


def as_a_pushgateway_has_it(made: Scenario, t: float) -> Base:
    """Return the series with the labels and the bounds as a Pushgateway hands them on."""
    put_on = {"job": "relay_synth", "synthetic": "x", "instance": ""}
    held = {}
    for each in series(values_at(made, t)):
        le = {"le": each.labels["le"].removesuffix(".0")} if "le" in each.labels else {}
        held[each.name, frozenset({**each.labels, **put_on, **le}.items())] = each.value
    return held


@given(scenarios(), st.integers(0, 1200), st.integers(0, 1200))
def test_a_restarted_player_goes_on_from_where_the_gateway_stands(made: Scenario, stood: int, t: int) -> None:
    base, now = flat(made, stood), flat(made, t)
    found = parsed(text(values_at(made, t), as_a_pushgateway_has_it(made, stood)))
    rising = {key(each) for each in series(values_at(made, t)) if each.cumulative}
    assert found == {
        each: value + (base.get(each, 0) if each in rising else 0) for each, value in now.items()
    }


@given(scenarios(), st.data())
def test_buckets_stay_cumulative_on_a_base_that_lacks_some(made: Scenario, data: st.DataObject) -> None:
    whole = flat(made, 500)
    base = {each: whole[each] for each in sorted(whole, key=str) if data.draw(st.booleans())}
    found = parsed(text(values_at(made, 100), base))
    buckets = sorted(
        (float(dict(labels)["le"]), value) for (name, labels), value in found.items() if name == "h_bucket"
    )
    assert all(low <= high for (_, low), (_, high) in pairwise(buckets))
    (count,) = [value for (name, _), value in found.items() if name == "h_count"]
    assert buckets[-1] == (math.inf, count)
    assert all(found[each] >= value for each, value in base.items() if each in found and each[0] != "g")
