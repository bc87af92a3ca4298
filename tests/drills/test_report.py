"""The report that is handed to a team after a drill, as a document and as Markdown."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cockpit.drills import events, report
from cockpit.drills.state import Exercise, Mode
from cockpit.errors import UsageError
from cockpit.text import one_line
from tests.drills.diary import DRILL, Diary

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "``` \n# Owned\n```",
    "| a | b |\n|---|---|",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1)) ![y](z)",
    "\x1b[2J\x1b]0;owned\x07",
    "1. one\n- two\n> three",
    "---",
    "&lt;b&gt; *b* _i_ ~~s~~ `c` ``",
    "\\",
    "\u202e\u2066",
    " ",
]


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path / "20261121-163000-0001.jsonl", operators=("Ann",))


def told(folder: Path, text: str) -> Exercise:
    """Return an exercise that says `text` wherever somebody other than the project may write."""
    path = folder / "20261121-163000-0001.jsonl"
    path.unlink(missing_ok=True)
    people: dict[str, Any] = {"operators": (text, text), "facilitator": text, "context": text}
    diary = Diary(
        path, Mode.FACILITATED, drill=DRILL | {"title": f"{text}.", "debrief": f"{text}."}, **people
    )
    evidence = {"labels": {text: text}, "value": 0.02, "receiver": text, "alerts": [text], "text": text + "."}
    diary.fires("failed", said=f"{text}.", **evidence, body={"x": text})
    events.answer(diary.journal, 2, 2, f"wrong {text}")
    diary.triage(runbook=f"up {text}")
    events.note(diary.journal, text)
    events.score_by_hand(diary.journal, 2, 0.5, f"because {text}", text)
    events.abort(diary.journal, f"as {text}")
    events.action_item(diary.journal, text, text)
    diary.add(events.CLEANED, left=[text])
    return diary.exercise()


def shown(text: str) -> str:
    """Return the words of a Markdown as a reader sees them."""
    inline = (child for each in MARKDOWN.parse(text) for child in each.children or [])
    return " ".join(each.content for each in inline)


def as_json(diary: Diary) -> Any:
    """Return the report as a program reads it."""
    return msgspec.json.decode(msgspec.json.encode(report.document(diary.exercise())))


def structure(text: str) -> list[tuple[str, str, int, list[str]]]:
    """Return the kinds of a Markdown's parts; what text they have, and how much, makes no difference."""
    return [
        (each.type, each.info, each.level, [f"{child.type} {child.level}" for child in each.children or []])
        for each in MARKDOWN.parse(text)
    ]


def test_the_document_has_score_evidence_times_and_why_points_were_lost(diary: Diary) -> None:
    diary.fires(labels={"code": "rate_limited"}, value=0.02)
    diary.add(events.HINT, phase=2)
    diary.triage(runbook="up")
    diary.end()
    events.action_item(diary.journal, "mend the link", "Ann")
    diary.add(events.CLEANED, left=[])
    found = as_json(diary)
    assert found["id"] == "20261121-163000-0001"
    assert found["drill"] == {"name": "tabletop-99", "title": "Two phases"}
    assert found["participants"] == {"operators": ["Ann"], "facilitator": ""}
    assert (found["state"], found["verdict"], found["left_behind"]) == ("finished", "below the pass mark", [])
    assert (found["started_at"], found["ended_at"]) == ("1970-01-01T00:16:42Z", "1970-01-01T00:16:54Z")
    score = {"points": 1.0, "of": 2, "pass_mark": 1.5, "grade": "B", "passed": False}
    assert found["score"] == score | {"unscored": 0, "inconclusive": 0}
    assert found["times"] == {
        "detect_seconds": 6.0,
        "runbook_seconds": 7.0,
        "query_seconds": 8.0,
        "decide_seconds": None,
    }
    assert found["went_wrong"] == [
        "phase 2, Triage: wrong runbook first: up",
        "phase 2, Triage: a hint",
    ]
    assert found["action_items"] == [{"text": "mend the link", "owner": "Ann"}]


def test_a_phase_has_what_was_seen_and_asked_in_it(diary: Diary) -> None:
    diary.fires(labels={"code": "rate_limited"}, value=0.02)
    diary.triage(code="timeout")
    diary.end()
    first, second = as_json(diary)["phases"]
    (condition,) = first["conditions"]
    assert (condition["verifies"], condition["outcome"]) == ("Down fires", "passed")
    assert condition["evidence"] == {
        "firing_since": "1970-01-01T00:16:43Z",
        "labels": {"code": "rate_limited"},
        "value": 0.02,
    }
    assert (first["limit_seconds"], first["took_seconds"], first["points"]) == (300.0, 2.0, 1.0)
    assert [each["outcome"] for each in second["tasks"]] == ["passed", "passed", "failed"]
    assert second["tasks"][2]["accepts"] == ["rate_limited"]
    assert [each["said"] for each in second["wrong_turns"]] == ["wrong answer: timeout"]
    assert second["why"] == ["not in time: Which code?", "wrong answer: timeout"]


def test_markdown_leads_with_what_came_of_it_and_shows_the_evidence(diary: Diary) -> None:
    diary.fires(labels={"code": "rate_limited"}, receiver="slack", text="*Down*\nsee the runbook")
    diary.triage()
    diary.end()
    events.action_item(diary.journal, "mend the link", "Ann")
    found = report.markdown(diary.exercise())
    assert found.startswith("# Passed, 2 of 2 points, grade A: Two phases\n")
    assert "| 1 | Fires | passed | 1 | 2s | 5m | - |" in found
    assert "- **passed** `00:16:44` Down fires\n  - firing_since: `1970-01-01T00:16:43Z`\n" in found
    assert "  ```text\n  *Down*\n  see the runbook\n  ```" in found
    assert "| opened the right runbook | 5s |" in found
    assert "## What went wrong\n\nNothing." in found
    assert "- [ ] mend the link (owner: Ann)" in found


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (
            events.PAUSED,
            {"cause": "coffee"},
            "**This exercise is not over.** What follows is how it stands. It",
        ),
        (events.ABORTED, {"cause": "lunch"}, "**This exercise was aborted: lunch.**"),
    ],
)
def test_a_report_of_what_did_not_end_says_so_first(
    diary: Diary, kind: str, data: dict[str, Any], said: str
) -> None:
    diary.fires()
    diary.add(kind, **data)
    head, notice = report.markdown(diary.exercise()).split("\n\n")[:2]
    assert head.startswith(("# Not over", "# Aborted"))
    assert notice.startswith(said)


def test_a_report_of_what_could_not_be_verified_says_so_first(diary: Diary) -> None:
    diary.fires("inconclusive", "Prometheus did not answer")
    diary.triage()
    diary.end()
    found = report.markdown(diary.exercise())
    assert found.startswith(
        "# Inconclusive, 1 of 2 points, grade B: Two phases\n\n**This exercise is inconcl"
    )
    assert "phase 1, Fires: Prometheus did not answer" in found


def test_what_nobody_was_there_for_is_unscored_and_said(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl", Mode.UNATTENDED)
    diary.fires()
    diary.end()
    found = report.markdown(diary.exercise())
    assert found.startswith("# Passed, 1 of 1 points: Two phases\n")
    assert "Unscored phases, for nobody was there to play them: 1." in found


def test_an_aborted_one_names_the_phases_that_were_not_played_and_what_it_left(diary: Diary) -> None:
    diary.fires()
    diary.add(events.ABORTED, cause="lunch")
    diary.add(events.CLEANED, left=["relay_synth/x"])
    assert as_json(diary)["went_wrong"] == [
        "it was aborted: lunch",
        "phase 2, Triage: not played to its end",
        "left behind: relay_synth/x",
    ]


def test_a_blind_one_has_no_report_before_it_is_over(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl", blind=True, drill=DRILL | {"debrief": "It was the rate limit."})
    with pytest.raises(UsageError, match="blind and not over"):
        report.markdown(diary.exercise())
    diary.add(events.ABORTED, cause="")
    assert "It was the rate limit" in report.markdown(diary.exercise())


def test_debrief_and_accepted_answers_wait_for_the_end(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl", drill=DRILL | {"debrief": "It was the rate limit."})
    diary.fires()
    assert "rate" not in report.markdown(diary.exercise())
    assert "rate_limited" not in str(as_json(diary))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, int, list[str]]]:
    """Return the structure of a report in which all texts are harmless."""
    return structure(report.markdown(told(tmp_path_factory.mktemp("plain"), "plain")))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(tmp_path: Path, plain: list[Any], text: str) -> None:
    found = report.markdown(told(tmp_path, text))
    assert structure(found) == plain
    assert shown(found).count(one_line(f"{text}.")) >= 3
    assert "\x1b" not in found


@settings(deadline=None, max_examples=50)
@given(
    st.text(st.sampled_from("`|<>&*_[]()#\\~!-+=.:1aA \n\t\r\x1b\x00\u2028\u202e$@"), min_size=1, max_size=30)
)
def test_whatever_the_text_the_markdown_has_the_same_structure(
    tmp_path_factory: pytest.TempPathFactory, plain: list[Any], text: str
) -> None:
    folder = tmp_path_factory.mktemp("told")
    found = report.markdown(told(folder, text))
    assert structure(found) == plain
    assert shown(found).count(one_line(f"{text}.")) >= 3
    assert not set(found) & set("\x1b\x00\u2028\u202e")


def test_what_was_not_verified_before_its_phase_ended_is_named(diary: Diary) -> None:
    diary.add(events.PHASE_BEGUN, phase=1)
    diary.add(events.PHASE_ENDED, phase=1, cause="it is over")
    assert as_json(diary)["went_wrong"] == ["phase 1, Fires: not verified: Down fires"]
