"""What a phase verifies and asks, in words."""

from typing import Any

import pytest

from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.model import Phase

CONDITIONS: list[tuple[dict[str, Any], str]] = [
    ({"pushed": "error-rate-warn"}, "error-rate-warn is pushed and scraped"),
    ({"firing": "Down"}, "Down fires"),
    ({"firing": "Down", "labels": {"zone": "b"}}, 'Down{zone="b"} fires'),
    ({"quiet": "Slow"}, "Slow stays quiet"),
    ({"notified": "slack"}, "slack told of Down"),
    ({"notified": "slack", "alert": "Slow", "within": "2m"}, "slack told of Slow within 2m"),
    (
        {"notified": "slack", "carrying": ["runbook", "summary"]},
        "slack told of Down, with runbook and summary",
    ),
    ({"inhibited": "Slow"}, "Slow inhibited"),
    ({"inhibited": "Slow", "by": "Down"}, "Slow inhibited by Down"),
    ({"silenced": "Down"}, "Down silenced"),
    ({"resolved": "Down"}, "Down resolves, and all who were told are told"),
    ({"leftovers": "none"}, "nothing is left on the Pushgateway"),
    ({"expr": "up", "above": 0.5, "below": 2}, "up above 0.5 and below 2"),
    ({"expr": "up\n== 1", "equals": 1}, "up == 1 equal to 1"),
    ({"firing": "Down\x1b[2J\n"}, "Down␛[2J fires"),
]
TASKS: list[tuple[dict[str, Any], str]] = [
    ({"opened": "down"}, "open the right runbook"),
    ({"ran_query": True}, "open a triage query"),
    ({"copied": True}, "copy a command of the runbook"),
    ({"silenced": "Down"}, "silence Down"),
    ({"answer": "Which code?", "accept": ["rate_limited"]}, "Which code?"),
    ({"decision": "What would you do?"}, "What would you do?"),
    ({"choice": "Roll back?", "of": ["yes", "no"], "accept": ["yes"]}, "Roll back? (yes, no)"),
]


@pytest.mark.parametrize(("written", "words"), CONDITIONS)
def test_a_condition_says_what_it_verifies(written: dict[str, Any], words: str) -> None:
    verify = [written, *([{"firing": "Down"}] if written.get("firing") is None else [])]
    phase = Phase.model_validate({"name": "Fires", "limit": "5m", "verify": verify})
    assert condition_words(phase.verify[0], phase) == words


@pytest.mark.parametrize(("written", "words"), TASKS)
def test_a_task_says_what_it_asks_and_gives_no_answer_away(written: dict[str, Any], words: str) -> None:
    phase = Phase.model_validate({"name": "Triage", "limit": "5m", "operator": [written]})
    assert task_words(phase.operator[0]) == words
