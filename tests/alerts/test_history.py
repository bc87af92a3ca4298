import pytest

from cockpit.alerts.history import MAX_POINTS, selector, spans, step_for
from cockpit.alerts.model import Span
from cockpit.clients.wire import Relabelling, WireSeries


def series(state: str, *times: float, **labels: str) -> WireSeries:
    return WireSeries({"alertstate": state, **labels}, times, (1.0,) * len(times))


def test_samples_that_touch_are_one_span() -> None:
    found = spans([series("pending", 0, 15), series("firing", 30, 45, 60, 150)], 15, 155)
    assert found == (Span(0, 30, firing=False), Span(30, 75), Span(150, 155))


def test_series_that_overlap_are_one_span() -> None:
    assert spans([series("firing", 0, 15), series("firing", 15, 30, pod="b")], 15, 100) == (Span(0, 45),)
    assert spans([], 15, 100) == ()


@pytest.mark.parametrize("seconds", [60, 86_400, 7 * 86_400, 365 * 86_400])
@pytest.mark.parametrize("speed", [1, 60])
def test_never_more_points_than_prometheus_gives(seconds: float, speed: float) -> None:
    assert seconds / step_for(seconds, speed) + 1 <= MAX_POINTS


def test_selector_has_the_labels_of_the_rule_only() -> None:
    labels = {"alertname": 'A"b', "cluster": "eu", "replica": "1", "zone": "z", "team": "t"}
    relabelling = Relabelling(external={"cluster": "eu", "zone": "other"}, touched=("team",))
    assert selector(labels, relabelling, ["replica"]) == 'ALERTS{alertname="A\\"b",zone="z"}'
