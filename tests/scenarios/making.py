"""Scenarios of all kinds for property tests."""

from typing import Any

from hypothesis import strategies as st

from cockpit.scenarios.model import Scenario

DURATION = 600

_hundredths = st.integers(0, 10_000).map(lambda n: n / 100)
_times = st.integers(1, 120)
labels = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
"""Label values, however hostile."""


def scenario(*signals: object, **more: object) -> Scenario:
    """Return a scenario of 10 minutes and 5 of recovery."""
    return Scenario.model_validate(
        {"name": "x", "title": "t", "duration": DURATION, "recover": 300, "signals": signals, **more}
    )


@st.composite
def over_time(draw: st.DrawFn) -> dict[str, Any]:
    """Return a value over time that is never negative and may touch nothing; its times are whole seconds."""
    floor, at, steps = draw(_hundredths), 0, []
    for number in range(draw(st.integers(1, 4))):
        over = draw(st.integers(0, 50)) if number else 0
        steps.append({"at": at, "value": floor + draw(st.just(0.0) | _hundredths), "over": over})
        at += over + draw(st.integers(0, 90))
    share = draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))
    made: dict[str, Any] = {"steps": steps}
    if draw(st.booleans()):
        phase = draw(st.integers(0, 200))
        made["sine"] = {"amplitude": floor * share, "period": draw(st.integers(10, 300)), "phase": phase}
    if draw(st.booleans()):
        every = draw(_times)
        length = draw(st.integers(1, every))
        made["spikes"] = {"height": draw(_hundredths), "every": every, "for": length, "at": draw(_times)}
    if draw(st.booleans()):
        seed = draw(st.none() | st.integers())
        # Together they stay under the floor, whatever a sum of floats rounds to.
        amplitude = floor * (1 - share) * 0.999
        made["noise"] = {"amplitude": amplitude, "every": draw(_times), "seed": seed}
    return made


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Return a scenario with a counter, a gauge and a histogram, some of it gone for a while."""
    gone = draw(st.sampled_from([False, "5m", [{"from": "1m", "to": "3m"}]]))
    p50 = draw(st.integers(1, 1000)) / 100
    spread: dict[str, Any] = {"p50": p50, "p95": min(10.0, p50 * draw(st.integers(1, 10)))}
    if draw(st.booleans()):
        spread = {
            "values": draw(st.lists(st.sampled_from([0.01, 0.2, {"value": 3, "weight": 7}]), min_size=1))
        }
    return scenario(
        {"counter": "c_total", "rate": draw(over_time()), "gone": gone},
        {"counter": "d", "rate": draw(over_time()), "healthy": draw(st.just(0) | _hundredths)},
        {"gauge": "g", "value": draw(over_time())},
        {"histogram": "h", "rate": draw(over_time()), **spread, "healthy": {"p50": 0.1, "p95": 0.2}},
        labels={"hostile": draw(labels)},
    )
