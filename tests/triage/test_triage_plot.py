"""Pictures in a terminal: what a person reads from them, cell by cell."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.alerts.model import Span
from cockpit.triage.model import Series
from cockpit.triage.plot import MAX_DRAWN, PlotText, plot_lines
from cockpit.triage.scale import value_axis
from cockpit.triage.strip import firing_strip, sparkline

HOUR = 3600.0


def line(*points: tuple[float, float]) -> Series:
    return Series({}, tuple(t for t, _ in points), tuple(v for _, v in points))


def ramp(values: list[float], step: float = 60.0) -> Series:
    return line(*((i * step, v) for i, v in enumerate(values)))


def kinds(plot: PlotText) -> set[str]:
    return {s.kind for row in plot.rows for s in row}


def test_a_ramp_with_threshold_and_mark() -> None:
    plot = plot_lines(
        [ramp([i / 1000 for i in range(61)])], 40, 7,
        start=0, end=HOUR, unit="ratio", thresholds=(0.05,), marks=(1800,),
    )  # fmt: skip
    assert str(plot).splitlines() == [
        "5 % ┤╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌⣀⣀⡠⠤⠒⠒⠉",
        "4 % ┤                     ⢀⣀⠤⠔⠒⠊⠉",
        "    │              ⣀⡠⠤⠤⠒⠊⠉⠁",
        "2 % ┤       ⣀⡠⠤⠔⠒⠉⠉",
        "0 % ┤⣀⠤⠤⠒⠊⠉⠉",
        "    └─────────────────▲─────────────────",
        "UTC  00:00          00:30          01:00",
    ]
    assert kinds(plot) == {"blank", "axis", "label", "threshold", "mark", "series0"}


def test_ascii_uses_nothing_but_ascii() -> None:
    plot = plot_lines(
        [ramp([0, 1, 2, 3]), ramp([3, 3, 3, 3])], 30, 6,
        start=0, end=180, unit="seconds", thresholds=(1.5,), marks=(0,), ascii=True,
    )  # fmt: skip
    assert str(plot).isascii()
    assert "*" in str(plot)
    assert "o" in str(plot)
    assert "^" in str(plot)


def test_a_gap_stays_a_gap() -> None:
    whole = [(float(t), 1.0) for t in range(0, 3601, 60)]
    broken = [p for p in whole if not 1200 < p[0] < 2400]
    plot = plot_lines([line(*broken)], 60, 6, start=0, end=HOUR, unit=None)
    drawn = next(row for row in str(plot).splitlines() if "⠉" in row)
    assert "   " in drawn.split("┤")[1].strip()
    full = plot_lines([line(*whole)], 60, 6, start=0, end=HOUR, unit=None)
    assert "   " not in next(row for row in str(full).splitlines() if "⠉" in row).split("┤")[1].strip()


def test_one_missing_step_is_a_gap_when_the_step_is_known() -> None:
    two = line((0, 1.0), (120, 1.0))
    joined = plot_lines([two], 12, 1, start=0, end=120, unit=None)
    apart = plot_lines([two], 12, 1, start=0, end=120, unit=None, step=60)
    assert " " not in str(joined)
    assert "          " in str(apart)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_breaks_the_line(value: float) -> None:
    plot = plot_lines([line((0, 1.0), (60, value), (120, 1.0))], 12, 1, start=0, end=120, unit=None)
    assert "          " in str(plot)


def test_a_single_point_is_a_dot() -> None:
    plot = plot_lines([line((1800, 5.0))], 40, 6, start=0, end=HOUR, unit=None)
    assert sum(0x2800 < ord(c) < 0x2900 for c in str(plot)) == 1


def test_where_lines_meet_the_first_is_seen() -> None:
    same = ramp([1, 1, 1])
    assert "series1" not in kinds(plot_lines([same, same], 40, 6, start=0, end=120, unit=None))


def test_zero_and_a_near_threshold_belong_to_the_axis_a_far_one_does_not() -> None:
    assert value_axis([3.0, 9.0], (), 2).low == 0
    assert value_axis([98.0, 99.0], (), 2).low > 90
    assert value_axis([0.01, 0.02], (0.05,), 2).high >= 0.05
    assert value_axis([0.01, 0.02], (0.07,), 2).high < 0.07
    assert value_axis([5.0, 6.0], (2.0,), 2).low <= 2
    assert value_axis([0.0], (0.01, 0.05), 2).high == pytest.approx(0.01)
    assert value_axis([-9.0, -3.0], (), 2).high == 0


def test_a_threshold_line_stands_where_an_equal_value_would() -> None:
    for height in range(6, 30):
        plot = plot_lines([line((0, 0.02))], 40, height, start=0, end=10, unit="ratio", thresholds=(0.02,))
        row = next(r for r in plot.rows if any(s.kind == "threshold" and "╌" in s.text for s in r))
        assert any(s.kind == "series0" for s in row)


def test_labels_have_the_day_over_a_long_range_and_seconds_over_a_short_one() -> None:
    assert "00:00:30" in str(plot_lines([], 60, 6, start=0, end=60, unit=None))
    assert "01-04 12:00" in str(plot_lines([], 60, 6, start=0, end=7 * 86_400, unit=None))


def test_no_more_than_the_limit_is_drawn_and_it_says_so() -> None:
    many = [ramp([i, i]) for i in range(MAX_DRAWN + 5)]
    assert plot_lines(many, 40, 6, start=0, end=60, unit=None).drawn == MAX_DRAWN


def test_a_unit_of_somebody_else_cannot_break_the_picture() -> None:
    plot = plot_lines([ramp([1, 2])], 40, 6, start=0, end=60, unit="\x1b[31m漢字" * 50)
    assert "\x1b" not in str(plot)
    assert {sum(len(s.text) for s in row) for row in plot.rows} == {40}


points = st.lists(st.tuples(st.floats(-1e9, 1e12), st.floats()), max_size=30)


@given(
    st.lists(points, max_size=4),
    st.integers(0, 70),
    st.integers(0, 14),
    st.floats(-1e12, 1e12),
    st.floats(-1e6, 1e9),
    st.lists(st.floats(), max_size=3),
    st.lists(st.floats(), max_size=3),
    st.sampled_from([None, "ratio", "seconds", "bytes"]),
    st.booleans(),
)
def test_any_series_fits_any_space(
    data: list[list[tuple[float, float]]],
    width: int,
    height: int,
    start: float,
    span: float,
    thresholds: list[float],
    marks: list[float],
    unit: str | None,
    ascii: bool,
) -> None:
    plot = plot_lines(
        [line(*p) for p in data], width, height,
        start=start, end=start + span, unit=unit, thresholds=thresholds, marks=marks, ascii=ascii,
    )  # fmt: skip
    assert len(plot.rows) == (height if width else 0)
    assert all(sum(len(s.text) for s in row) == width for row in plot.rows)


@given(st.lists(st.floats(), min_size=1), st.lists(st.floats(), max_size=3), st.integers(1, 6))
def test_an_axis_holds_its_values_between_finite_ticks(
    values: list[float], limits: list[float], intervals: int
) -> None:
    axis = value_axis(values, limits, intervals)
    assert axis.low < axis.high
    assert math.isfinite(axis.high - axis.low)
    assert 2 <= len(axis.ticks) <= intervals + 4
    assert all(a < b for a, b in pairwise(axis.ticks))
    for v in values:
        if math.isfinite(v) and abs(v) < 1e299:
            slack = (axis.high - axis.low) * 1e-6
            assert axis.low - slack <= v <= axis.high + slack


def test_sparkline() -> None:
    assert sparkline([0, 1, 2, None, 3, 4, 5, 6, 7], 9) == "▁▂▃ ▄▅▆▇█"
    assert sparkline([0, 1, 2, None, 3, 4, 5, 6, 7], 9, ascii=True) == "_.- =+*%#"
    assert sparkline([0, 0], 9) == "▁▁"
    assert sparkline([5, 5], 9) == "▄▄"
    assert sparkline([0.2, 0.2 + 1e-9], 9) == "▄▄"
    assert sparkline([], 9) == ""
    assert sparkline([math.nan, None], 9) == "  "


def test_sparkline_never_loses_a_peak() -> None:
    values = [0.0] * 500
    values[333] = 1.0
    assert sparkline(values, 10).count("█") == 1


@given(st.lists(st.none() | st.floats()), st.integers(0, 50))
def test_sparkline_fits(values: list[float | None], width: int) -> None:
    assert len(sparkline(values, width)) == min(width, len(values))


def test_strip_shows_firing_over_pending_over_quiet() -> None:
    spans = [Span(0, 20, firing=False), Span(15, 35), Span(90, 100)]
    assert firing_strip(spans, 0, 100, 10) == "▃▇▇▇▁▁▁▁▁▇"
    assert firing_strip(spans, 0, 100, 10, ascii=True) == "-###_____#"
    assert firing_strip([], 0, 100, 4) == "▁▁▁▁"
    assert firing_strip([Span(50, 50)], 0, 100, 4) == "▁▁▇▁"


@given(st.floats(0, 1e6), st.floats(0, 10), st.integers(1, 300))
def test_any_firing_shows_however_short(at: float, length: float, width: int) -> None:
    strip = firing_strip([Span(at, at + length)], 0, 1e6, width)
    assert len(strip) == width
    assert "▇" in strip


def test_strip_leaves_out_what_lies_outside() -> None:
    assert firing_strip([Span(-20, -10), Span(200, 300)], 0, 100, 5) == "▁▁▁▁▁"
    assert firing_strip([Span(-20, 300)], 0, 100, 5) == "▇▇▇▇▇"
