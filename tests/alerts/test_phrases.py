import pytest

from cockpit.alerts import phrases
from cockpit.alerts.model import AlertState
from cockpit.runbooks.model import RunbookRef
from tests.alerts.make import NOW, alert


def phrase(state: AlertState, **fields: object) -> str:
    return phrases.state_phrase(alert(state, **fields), NOW, {"h": "Head\x1b[31m"})


def test_state_with_what_matters_about_it() -> None:
    assert phrase(AlertState.PENDING, fires_at=NOW + 200) == "pending, 3m20s left"
    assert phrase(AlertState.PENDING, fires_at=NOW - 1) == "pending, about to fire"
    assert phrase(AlertState.FIRING) == "firing"
    assert phrase(AlertState.UNDELIVERED, since=NOW - 180, for_seconds=60.0) == "UNDELIVERED 2m00s"
    assert phrase(AlertState.INHIBITED, inhibited_by=("h", "x")) == "inhibited by Head␛[31m +1"
    assert phrase(AlertState.INHIBITED, inhibited_by=("x",)) == "inhibited"
    assert phrase(AlertState.MUTED, muted_by=("nights",)) == "muted by nights"
    assert phrase(AlertState.SILENCED) == "silenced"
    assert phrase(AlertState.RESOLVED, ended_at=NOW - 60) == "resolved 1m00s ago"


@pytest.mark.parametrize(
    ("name", "expr", "unit"),
    [
        ("A", "gmail_send:error_ratio:rate5m > 0.01", "ratio"),
        ("DiskRatioHigh", "a / b > 0.9", "ratio"),
        ("A", "gmail_send:latency_seconds:p95_5m > 0.5", "seconds"),
        ("A", "histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[5m]))) > 2", "seconds"),
        ("A", "time() - job_last_success_timestamp_seconds > 900", "seconds"),
        ("A", "rate(x_seconds_count[5m]) > 2", None),
        ("A", "rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])", None),
        ("A", "busy_seconds / idle_seconds > 2", None),
        ("A", "node_memory_free_bytes < 1e6", "bytes"),
        ("A", "rate(errors_total[5m]) > 0.01", None),
        ("A", 'up{unit="ratio"} == 0', None),
        ("A", "sum by (ratio) (up) == 0", None),
    ],
)
def test_unit_only_where_a_name_says_so(name: str, expr: str, unit: str | None) -> None:
    assert phrases.guess_unit(name, expr) == unit


def test_value_text() -> None:
    assert phrases.value_text(alert(value=0.061, expr="x:error_ratio > 0.05")) == "6.1 %"
    assert phrases.value_text(alert()) == "-"


def test_everything_said_is_clean() -> None:
    hostile = alert(
        labels={"severity": "\x1b[2J", "owner": "a\nb", "zone": "\u202eevil", "alertname": "N\x07"},
        annotations={"summary": "two\nlines\x9b"},
        runbook=RunbookRef("a\x1b.md", "x"),
    )
    said = [
        phrases.severity_word(hostile),
        phrases.name_of(hostile),
        phrases.where(hostile),
        phrases.owner(hostile),
        phrases.summary(hostile),
        phrases.runbook_text(hostile),
    ]
    assert said == ["␛[2J", "N␇", "zone=<U+202E>evil", "a b", "two lines<U+009B>", "a␛.md#x"]


def test_where_leaves_out_what_has_its_own_column() -> None:
    row = alert(labels={"severity": "x", "service": "s", "owner": "o", "b": "2", "a": "1"})
    assert phrases.where(row) == "a=1 b=2"
    assert phrases.where(row, without={"a"}) == "b=2"
    assert phrases.since_text(row, NOW) == "1m40s"
