import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.alerts.document import document
from cockpit.alerts.filter import Filter, parse
from cockpit.alerts.model import AlertState, Board
from cockpit.cli.alerts import Output, _print, complete
from cockpit.cli.output import display_width, shorten, table, to_json, write_json
from cockpit.clients.source import Failure, Source
from cockpit.runbooks.model import RunbookRef
from tests.alerts.make import NOW, alert, source


def test_columns_align_by_what_a_terminal_shows() -> None:
    lines = table(("A", "N", "B"), [("日本", "1", "x"), ("e\u0301a", "100", "y")], right=("N",)).splitlines()
    assert lines == ["A       N  B", "日本    1  x", "e\u0301a    100  y"]
    assert {display_width(line) for line in lines} == {12}


def test_cells_are_cleaned_and_stay_on_one_line() -> None:
    assert table(("A",), [("x\x1b[2J\ny",)]).splitlines() == ["A", "x␛[2J y"]


def test_only_a_terminal_cuts_and_says_so() -> None:
    rows = [("short", "w" * 100)]
    assert "w" * 100 in table(("A", "B"), rows)
    cut = table(("A", "B"), rows, width=30).splitlines()
    assert all(display_width(line) <= 30 for line in cut)
    assert cut[1].startswith("short")
    assert cut[1].endswith("…")


@given(st.text(max_size=30), st.integers(min_value=1, max_value=20))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert display_width(shorten(text, width)) <= width


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=4))
def test_every_row_is_one_line(rows: list[tuple[str, str]]) -> None:
    assert len(table(("A", "B"), rows, width=30).split("\n")) == len(rows) + 1


def test_json_is_exact_and_safe_to_show() -> None:
    value = {"x": "\x1b]52;c;AAAA\x07\u202e", "nan": float("nan")}
    text = to_json(value)
    assert text.isprintable()
    assert json.loads(text) == {"x": value["x"], "nan": None}


@pytest.mark.parametrize("text", ["plain", "\x1b[2J", "\x7f", "é", "\u202e", "\x9b2J"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "utf-16"])
def test_json_on_stdout_is_exact_and_safe_whatever_the_encoding(
    text: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding))
    write_json({"x": text})
    shown = raw.getvalue().decode(encoding)
    assert shown.endswith("}\n")
    assert shown.strip().isprintable()
    assert json.loads(shown) == {"x": text}


BOARD = Board(
    generated_at=NOW,
    alerts=(
        alert(AlertState.SILENCED, fingerprint="quiet"),
        alert(
            AlertState.PENDING,
            fingerprint="soon",
            fires_at=NOW + 12.5,
            runbook=RunbookRef("a.md", "x"),
            generator_url="javascript:alert(1)",
            annotations={"dashboard": "file:///etc/passwd", "dashboard_url": "https://grafana/d/1"},
        ),
    ),
    watchdogs=(alert(seen_by=("prom-a",)),),
    sources=(source(), source(name="prom-b", answered_at=None)),
    doubts=("prom-b has not answered yet",),
)


def test_document_has_the_agreed_keys() -> None:
    found = json.loads(to_json(document(BOARD, Filter.EMPTY)))
    assert list(found) == ["generated_at", "all_clear", "doubts", "sources", "watchdog", "alerts"]
    assert [row["fingerprint"] for row in found["alerts"]] == ["soon", "quiet"]
    soon = found["alerts"][0]
    assert soon["pending_left_seconds"] == 12.5
    assert soon["runbook"] == {"path": "a.md", "anchor": "x"}
    assert soon["links"] == {"generator": None, "dashboard": "https://grafana/d/1"}
    assert [s["state"] for s in found["sources"]] == ["fresh", "never"]
    assert [s["age_seconds"] for s in found["sources"]] == [0.0, None]
    assert found["watchdog"] == {"present": True, "seen_by": ["prom-a"]}
    agreed = """fingerprint name state severity labels annotations since ended_at value expr for_seconds
        pending_left_seconds silenced_by inhibited_by muted_by receivers seen_by runbook links"""
    assert list(soon) == agreed.split()
    assert (soon["state"], soon["since"], soon["labels"]) == (
        "pending",
        "1970-01-12T13:45:00Z",
        {"alertname": "A"},
    )
    assert [row.fingerprint for row in document(BOARD, parse("@state=silenced")).alerts] == ["quiet"]


@pytest.mark.parametrize(
    ("found", "whole"),
    [
        ((source(), source("alertmanager", "am-a")), True),
        ((source(failure=Failure.REFUSED), source("alertmanager", "am-a")), False),
        ((source(answered_at=None, failure=Failure.REFUSED), source("alertmanager", "am-a")), False),
        ((source(), source(name="prom-b", answered_at=None, standby=True)), True),
        ((source(), source(name="prom-b", failure=Failure.REFUSED, standby=True)), True),
        ((), False),
    ],
)
def test_a_board_with_a_failed_source_is_inconclusive(found: tuple[Source, ...], whole: bool) -> None:
    assert complete(found) is whole


def test_an_empty_table_is_never_a_false_all_clear(capsys: pytest.CaptureFixture[str]) -> None:
    _print(
        Board(generated_at=NOW, sources=(source(),), doubts=("x",)),
        Filter.EMPTY,
        Output.TABLE,
        one_line=False,
    )
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["not an all-clear: x", "no alerts, as far as is known"]


def test_an_all_clear_says_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    clear = Board(
        generated_at=NOW, sources=(source(),), rules=7, watchdogs=(alert(labels={"alertname": "Dog"}),)
    )
    _print(clear, Filter.EMPTY, Output.TABLE, one_line=False)
    assert capsys.readouterr().err == (
        "all clear at 1970-01-12T13:46:40Z: asked prom-a; 7 alerting rules watch; Dog is there\n"
    )


def test_a_filter_that_hides_everything_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    _print(BOARD, parse("nothing-like-it"), Output.TABLE, one_line=False)
    assert "no alert passes the filter; without it: 1 pending 1 quiet" in capsys.readouterr().err
