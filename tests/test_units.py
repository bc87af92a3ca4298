"""Durations and values read and written as people on call expect, and as Prometheus does."""

import math
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.errors import UsageError
from cockpit.units import (
    format_value,
    parse_duration,
    parse_time,
    prometheus_duration,
    rfc3339,
    short_duration,
)


@given(st.integers(0, 10**12))
def test_durations_round_trip_to_the_millisecond(milliseconds: int) -> None:
    assert round(parse_duration(prometheus_duration(milliseconds / 1000)) * 1000) == milliseconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("15s", 15),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("1d", 86400),
        ("2w", 1209600),
        ("1y", 31536000),
        ("1m1ms", 60.001),
        (" 5m ", 300),
        ("0s", 0),
    ],
)
def test_parse_duration_reads_what_prometheus_reads(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "5", "m", "-5m", "1.5h", "5m1h", "5 m", "5m\n1", "1s1s", "٣s", "1e3s", "inf"]
)
def test_parse_duration_refuses_what_prometheus_refuses(text: str) -> None:
    with pytest.raises(UsageError, match="not a duration"):
        parse_duration(text)


@given(st.text(max_size=20))
def test_parse_duration_fails_in_one_way_only(text: str) -> None:
    with suppress(UsageError):
        assert parse_duration(text) >= 0


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (0.4, "0.4s"),
        (12.9, "12s"),
        (60, "1m00s"),
        (252, "4m12s"),
        (3600, "1h00m"),
        (7860, "2h11m"),
        (86400, "1d"),
        (273600, "3d4h"),
        (864000 + 7200, "10d"),
        (-90, "-1m30s"),
    ],
)
def test_short_duration_has_at_most_two_units(seconds: float, shown: str) -> None:
    assert short_duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.061, "ratio", "6.1 %"),
        (0.0205, "ratio", "2.05 %"),
        (41.0, "percent", "41 %"),
        (0.41, "seconds", "0.41 s"),
        (0.025, "seconds", "25 ms"),
        (0.0000042, "seconds", "4.2 µs"),
        (600, "seconds", "10m00s"),
        (1536, "bytes", "1.5 KiB"),
        (0, "bytes", "0 B"),
        (50.2, "per_second", "50.2/s"),
        (12345, None, "12.3 k"),
        (1234, None, "1234"),
        (3, "jobs", "3 jobs"),
        (math.nan, "ratio", "NaN"),
        (math.inf, None, "+Inf"),
        (-math.inf, "seconds", "-Inf"),
        (0, None, "0"),
    ],
)
def test_format_value_has_three_digits_and_its_unit(value: float, unit: str | None, shown: str) -> None:
    assert format_value(value, unit) == shown


@given(st.floats(), st.sampled_from([None, "ratio", "percent", "seconds", "bytes", "per_second", "widgets"]))
def test_format_value_shows_every_float_shortly(value: float, unit: str | None) -> None:
    assert 0 < len(format_value(value, unit)) < 30


@given(st.integers(0, 4_000_000_000_000))
def test_times_round_trip_to_the_millisecond(milliseconds: int) -> None:
    assert round(parse_time(rfc3339(milliseconds / 1000)) * 1000) == milliseconds


def test_times_as_the_servers_write_them() -> None:
    expected = datetime(2026, 11, 20, 17, 0, 0, 123456, UTC).timestamp()
    assert parse_time("2026-11-20T17:00:00.123456789Z") == pytest.approx(expected, abs=1e-6)
    assert parse_time("2026-11-20T18:00:00.123456+01:00") == pytest.approx(expected, abs=1e-6)
    assert rfc3339(0) == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize("text", ["293y", "9" * 19 + "w", "9" * 5000 + "s"])
def test_more_than_prometheus_counts_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError):
        parse_duration(text)
