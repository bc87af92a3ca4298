"""What leaves the cockpit as text, JSON, CSV, pictures and files."""

import json
import math
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cockpit.alerts.model import Alert, AlertState
from cockpit.alerts.pick import pick
from cockpit.clients.source import Fetched
from cockpit.clients.wire import QueryResult, WireSeries
from cockpit.errors import CockpitError, UsageError
from cockpit.runbooks.model import Query
from cockpit.triage import report
from cockpit.triage.export import answer_dict, card, distinct, labels_text, result_dict, rows
from cockpit.triage.files import check_writable, write_whole
from cockpit.triage.model import Answer, AnswerState, Level, Sample, Series

T = 1_800_000_000.0
ESC = "\x1b]52;c;x\x07"


def answered(*samples: Sample, state: AnswerState = AnswerState.ANSWERED, **more: object) -> Answer:
    query = Query("Errors", "x", 0, unit="ratio", warn=0.01, crit=0.05)
    return Answer(number=2, query=query, expr="x[5m]", state=state, samples=samples, **more)  # type: ignore[arg-type]


def wire(labels: dict[str, str], *points: tuple[float, float]) -> WireSeries:
    return WireSeries(labels, tuple(t for t, _ in points), tuple(v for _, v in points))


def test_json_has_raw_labels_numbers_and_words_for_what_json_lacks() -> None:
    one = answer_dict(
        answered(Sample({"a": ESC}, 0.02, Level.WARN), Sample({}, math.nan), answered_at=T, source="p")
    )
    assert one["samples"][0] == {"labels": {"a": ESC}, "value": 0.02, "level": "warn"}
    assert one["samples"][1]["value"] == "NaN"
    assert (one["level"], one["answered_at"], one["number"]) == ("warn", "2027-01-15T08:00:00Z", 2)
    assert set(one) >= {
        "title",
        "expr",
        "state",
        "unit",
        "warn",
        "crit",
        "range_seconds",
        "error",
        "unfilled",
    }


def test_a_card_is_readable_and_cannot_act_on_a_terminal() -> None:
    lines = card(answered(Sample({"code": "a" + ESC}, 0.06, Level.CRIT), Sample({}, 0.0, Level.OK)))
    assert lines[0] == "2  Errors"
    assert "6 %" in lines[2]
    assert "crit, over 5 %" in lines[2]
    assert lines[3].split() == ["value", "0", "%", "ok,", "under", "1", "%"]
    assert not any(c in "".join(lines) for c in "\x1b\x07")


def test_a_card_says_what_kept_it_from_an_answer() -> None:
    assert "no label `tenant`" in card(answered(state=AnswerState.UNFILLED, unfilled=("tenant",)))[0]
    assert "no data: nothing matched" in card(answered(state=AnswerState.NO_DATA))[0]
    assert "failed: it broke" in card(answered(state=AnswerState.FAILED, error="it broke"))[0]


def test_a_card_draws_history_with_its_gaps_and_counts_what_it_leaves_out() -> None:
    sample = Sample({"a": "1"}, 4.0)
    history = Series({"a": "1"}, (0.0, 20.0, 30.0), (1.0, 2.0, 4.0))
    lines = card(answered(sample, series=(history,), start=0.0, end=30.0, step=10.0))
    assert lines[2].endswith("▃ ▅█")
    many = [Sample({"n": str(i)}, 1.0) for i in range(15)]
    assert card(answered(*many))[-1] == "   and 5 more"


def test_labels_are_shown_where_they_differ() -> None:
    assert labels_text({"__name__": "up", "b": "2", "a": "1"}) == "up{a=1, b=2}"
    assert labels_text({"__name__": "up"}) == "up"
    assert distinct([{"a": "1", "b": "2"}, {"a": "1"}]) == ({"b": "2"}, {})


def test_query_json_is_what_prometheus_would_write() -> None:
    vector = QueryResult("vector", (wire({"a": "1"}, (T, math.inf)),))
    document = json.loads(json.dumps(result_dict(Fetched(vector, "prom-a", T, ("partial",)))))
    assert document["data"] == {
        "resultType": "vector",
        "result": [{"metric": {"a": "1"}, "value": [T, "+Inf"]}],
    }
    assert (document["source"], document["warnings"]) == ("prom-a", ["partial"])
    matrix = QueryResult("matrix", (wire({}, (T, 1.0), (T + 1, 0.02)),))
    values = result_dict(Fetched(matrix, "p", T))["data"]["result"][0]["values"]
    assert values == [(T, "1"), (T + 1, "0.02")]
    text = QueryResult("string", (), "hi")
    assert result_dict(Fetched(text, "p", T))["data"]["result"] == [T, "hi"]


def test_query_rows() -> None:
    head, body = rows(QueryResult("vector", (wire({"__name__": "up", "a": "1"}, (T, 0.5)),)), "ratio")
    assert (head, body) == (["METRIC", "a", "VALUE"], [["up", "1", "50 %"]])
    head, body = rows(QueryResult("matrix", (wire({"a": "1"}, (T, 2.0), (T, 1.0), (T, math.nan)),)), None)
    assert body == [["1", "2", "1", "2", "NaN", "3"]]


def test_csv_has_every_point_exact_and_labels_cleaned() -> None:
    one = wire({"code": f"a,{ESC}", "value": "7"}, (T, 0.1), (T + 0.25, math.nan))
    text = report.to_csv(QueryResult("matrix", (one, wire({"code": "b"}, (T, 3.0)))))
    assert text.splitlines() == [
        "timestamp,code,exported_value,value",
        '2027-01-15T08:00:00Z,"a,␛]52;c;x␇",7,0.1',
        '2027-01-15T08:00:00.250Z,"a,␛]52;c;x␇",7,NaN',
        "2027-01-15T08:00:00Z,b,,3",
    ]


def test_csv_of_now_and_of_nothing() -> None:
    assert (
        report.to_csv(QueryResult("vector", (wire({"a": "1"}, (T, 2.0)),)))
        == "timestamp,a,value\n2027-01-15T08:00:00Z,1,2\n"
    )
    assert report.to_csv(QueryResult("matrix", ())) == "timestamp,value\n"


def test_pictures_take_any_text_and_any_value() -> None:
    odd = wire({"code": "$x_$漢" + ESC}, (T, 1.0), (T + 15, math.inf), (T + 90, math.nan))
    result = QueryResult("matrix", (odd, wire({"code": "_b"}, (T, 2.0))))
    png = report.picture(result, form="png", title="rate($x{})", unit="ratio", step=15)
    assert png.startswith(b"\x89PNG")
    svg = report.picture(result, form="svg", title="a < b & $c$", step=15)
    assert ET.fromstring(svg).tag.endswith("svg")
    assert svg == report.picture(result, form="svg", title="a < b & $c$", step=15)
    assert report.picture(QueryResult("matrix", ()), form="svg", title="nothing")


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_api_client", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[report\]'"):
        report.require()


def test_a_file_is_written_whole_and_never_over_another_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_whole(path, b"one", force=False)
    with pytest.raises(UsageError, match="--force"):
        check_writable(path, force=False)
    with pytest.raises(UsageError, match="--force"):
        write_whole(path, b"two", force=False)
    assert path.read_bytes() == b"one"
    write_whole(path, b"two", force=True)
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        check_writable(tmp_path / "no" / "a.csv", force=False)
    with pytest.raises(UsageError, match="is a folder"):
        check_writable(tmp_path, force=True)
    with pytest.raises(UsageError, match="No such file"):
        write_whole(tmp_path / "no" / "a.csv", b"", force=True)
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(UsageError, match="--force"):
        check_writable(tmp_path / "link", force=False)


def alert(name: str, fingerprint: str, state: AlertState = AlertState.FIRING, **labels: str) -> Alert:
    return Alert(
        fingerprint=fingerprint, labels={"alertname": name, **labels}, annotations={}, state=state, since=T
    )


ALERTS = (
    alert("Down", "aaaa000000000000", AlertState.SILENCED, zone="a"),
    alert("Down", "aaaa111111111111", zone="b"),
    alert("Slow", "bbbb000000000000", zone="b"),
    alert("bbbb", "cccc000000000000"),
)


@pytest.mark.parametrize(
    ("text", "fingerprints"),
    [
        ("Down", ["aaaa111111111111", "aaaa000000000000"]),
        ("aaaa0", ["aaaa000000000000"]),
        ("bbbb", ["cccc000000000000"]),
        ("BBBB0", ["bbbb000000000000"]),
        ('alertname=Down zone="a"', ["aaaa000000000000"]),
    ],
)
def test_an_alert_is_meant_by_name_then_fingerprint_then_filter(text: str, fingerprints: list[str]) -> None:
    assert [a.fingerprint for a in pick(ALERTS, text, T)] == fingerprints


@pytest.mark.parametrize("text", ["zone=b", "aaaa"])
def test_an_ambiguous_text_is_refused_with_what_it_could_mean(text: str) -> None:
    with pytest.raises(UsageError, match="aaaa111111111111"):
        pick(ALERTS, text, T)


def test_no_such_alert_says_what_there_is() -> None:
    with pytest.raises(CockpitError, match="Slow firing") as caught:
        pick(ALERTS, "alertname=Nope", T)
    assert caught.value.exit_code == 1
    with pytest.raises(CockpitError, match="no alerts now"):
        pick((), "Nope", T)
