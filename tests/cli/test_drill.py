"""`cockpit drill` on the command line: the library, the reports, and every refusal before anything starts."""

import json
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from cockpit import config
from cockpit.cli import drill_ending, drilling
from cockpit.cli.drill_order import pick
from cockpit.cli.playing import Terminal
from cockpit.drills import files, planning
from cockpit.drills.model import Drill
from cockpit.drills.playing import Plays
from cockpit.drills.state import Exercise, Mode, Outcome, Seen
from cockpit.errors import UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.run.mixing import Mixed
from cockpit.session import Session
from tests.drills.diary import Diary

if TYPE_CHECKING:
    from cockpit.drills.engine import Engine

DRILL = """\
name: fire-drill
title: A fire
rubric: {2: A, 0: F}
pass: 2
phases:
  - {name: Fires, limit: 5m, verify: [{firing: Down}]}
  - name: Triage
    limit: 5m
    operator: [{opened: hidden-book}, {answer: "Which code?", accept: [hidden-code]}]
    hints: [hidden-hint]
    debrief: hidden-lesson
"""
ID = "20261121-163000-3f2a"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    drills = tmp_path / "scenarios" / "drills"
    drills.mkdir(parents=True)
    (drills / "fire-drill.yaml").write_text(DRILL)
    return drills.parent


@pytest.fixture
def state(environment: dict[str, str]) -> Path:
    return Path(environment["COCKPIT_STATE_DIR"])


@pytest.fixture
def diary(state: Path) -> Any:
    """Begins the journal of an exercise in the state folder of `run`."""

    def begun(identified: str = ID, mode: Mode = Mode.ALONE, **planned: Any) -> Diary:
        return Diary(state / "drills" / f"{identified}.jsonl", mode, **planned)

    return begun


def played(diary: Diary) -> Exercise:
    """Play the diary's drill to its end, with one wrong answer."""
    diary.fires()
    diary.triage(code="x")
    diary.triage()
    diary.end()
    diary.add("drill.cleaned", left=[])
    return diary.exercise()


def test_list_names_every_shipped_drill(run: Any) -> None:
    ran = run("drill", "list")
    assert (ran.code, ran.err) == (0, "")
    head, *rows = ran.out.splitlines()
    assert head.split() == ["NAME", "TITLE", "PHASES", "LAST", "SCORE", "TREND"]
    assert [row.split()[0] for row in rows] == list(files.names(config.shipped("scenarios")))
    shown = json.loads(run("drill", "list", "-o", "json").out)
    assert {
        "name": rows[0].split()[0],
        "phases": 6,
        "last": None,
        "problem": None,
        "goes_on": None,
    }.items() <= (shown[0].items())


def test_list_tells_the_last_score_what_is_interrupted_and_what_cannot_be_used(
    run: Any, folder: Path, diary: Any
) -> None:
    (folder / "drills" / "odd.yaml").write_text("name: odd\n")
    (folder / "drills" / "tabletop-99.yaml").write_text(DRILL.replace("fire-drill", "tabletop-99"))
    played(diary())
    diary("20261121-170000-aaaa")
    ran = run("drill", "list", "--scenarios", str(folder))
    assert ran.code == 2
    row = next(row for row in ran.out.splitlines() if row.startswith("tabletop-99"))
    assert "1.5 of 2 B" in row
    assert "interrupted" in row
    assert "odd.yaml" in ran.err
    assert "`cockpit drill run --resume 20261121-170000-aaaa` goes on with it" in ran.err
    assert "`cockpit drill abort 20261121-170000-aaaa` ends it" in ran.err


@pytest.mark.parametrize("output", ["text", "json"])
def test_show_gives_no_answer_away_unless_it_is_asked_to(run: Any, folder: Path, output: str) -> None:
    words = ("drill", "show", "fire-drill", "--scenarios", str(folder), "-o", output)
    shown = run(*words)
    assert shown.code == 0
    assert "Which code?" in shown.out
    assert "hidden" not in shown.out
    told = run(*words, "--answers").out
    assert {hidden for hidden in ("book", "code", "hint", "lesson") if f"hidden-{hidden}" in told} == {
        "book", "code", "hint", "lesson",
    }  # fmt: skip


def test_show_tells_phases_limits_and_what_is_verified(run: Any, folder: Path) -> None:
    assert run("drill", "show", "fire-drill", "--scenarios", str(folder)).out == (
        "fire-drill: A fire\n"
        "2 phases, a point each; passed with 2; A from 2, F from 0\n"
        "\n1. Fires, within 5m\n   verified: Down fires\n"
        "\n2. Triage, within 5m\n   operator: open the right runbook\n   operator: Which code?\n"
    )


def test_report_is_of_the_last_exercise_unless_one_is_named(run: Any, diary: Any) -> None:
    played(diary())
    last = diary("20261121-170000-aaaa")
    last.add("drill.aborted", cause="enough")
    last.add("drill.cleaned", left=[])
    assert json.loads(run("drill", "report", "-o", "json").out)["id"] == "20261121-170000-aaaa"
    named = run("drill", "report", ID[:12])
    assert named.code == 0
    assert named.out.startswith("# ")
    assert "wrong answer: x" in named.out
    unknown = run("drill", "report", "2025")
    assert (unknown.code, unknown.out) == (2, "")
    assert ID in unknown.err


def test_history_tells_scores_and_trend_and_no_blind_drill(run: Any, diary: Any) -> None:
    played(diary())
    second = diary("20261121-170000-aaaa", now=9000.0)
    second.fires()
    second.triage()
    second.end()
    second.add("drill.cleaned", left=[])
    diary("20261121-180000-bbbb", blind=True, now=9900.0)
    rows = json.loads(run("drill", "history", "-o", "json").out)
    assert [(row["points"], row["trend"], row["drill"]) for row in rows] == [
        (1.5, None, "tabletop-99"),
        (2, "better", "tabletop-99"),
        (0, None, None),
    ]
    table = run("drill", "history").out.splitlines()
    assert "2 of 2 A" in table[2]
    assert max(map(len, table)) < 80, "an id that is cut names nothing"
    assert "tabletop" not in table[3]
    assert run("drill", "history", "other").out == ""


def test_coverage_lists_every_alert_of_the_rules(run: Any) -> None:
    ran = run("drill", "coverage", "-o", "json")
    assert ran.code == 0
    rows = json.loads(ran.out)
    assert {"GmailSendErrorRateWarning", "RelayMetricsMissing"} <= {row["alert"] for row in rows}
    assert not any(row["drilled"] for row in rows)
    assert ran.err == f"0 of {len(rows)} alerts drilled\n"
    assert len(run("drill", "coverage").out.splitlines()) == len(rows) + 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "the screen needs a terminal: without one use `cockpit drill run --unattended`"),
        (("--unattended", "--blind"), "--blind with --unattended"),
        (("--unattended", "--operator", "eve"), "--operator with --unattended"),
        (("--unattended", "--facilitator", "eve"), "--facilitator with --unattended"),
        (("--unattended", "--random"), "name one drill"),
        (("--unattended", "--speed", "0"), "--speed 0: it lies between 1 and 1000"),
        (("--unattended", "--context", "nowhere"), "there is no context 'nowhere'"),
        (("--unattended", "--prometheus", "http://127.0.0.1:1"), "takes no synthetic series"),
        (
            ("--unattended", "--prometheus", "http://127.0.0.1:1", "--speed", "10"),
            "is at speed 1: leave --speed out",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_starts(
    run: Any, folder: Path, state: Path, words: tuple[str, ...], said: str
) -> None:
    ran = run("drill", "run", "fire-drill", "--scenarios", str(folder), *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not state.exists()


def test_no_name_and_an_unknown_one_are_refused(run: Any, folder: Path) -> None:
    ran = run("drill", "run", "--unattended")
    assert (ran.code, ran.out) == (2, "")
    assert "which drill?" in ran.err
    ran = run("drill", "run", "nope", "--unattended", "--scenarios", str(folder))
    assert ran.code == 2
    assert "there are: fire-drill" in ran.err


def test_an_unknown_verb_is_named_with_file_line_and_key(run: Any, folder: Path, state: Path) -> None:
    path = folder / "drills" / "fire-drill.yaml"
    path.write_text(DRILL.replace("firing:", "fires:"))
    ran = run("drill", "run", "fire-drill", "--unattended", "--scenarios", str(folder))
    assert (ran.code, ran.out) == (2, "")
    assert f"drill {path}, line 6: phases." in ran.err
    assert not state.exists()


def test_any_drill_is_one_that_can_be_used(folder: Path) -> None:
    for name in "abcdefgh":
        (folder / "drills" / f"odd-{name}.yaml").write_text("name: odd\n")
    assert pick("", folder).name == "fire-drill"
    (folder / "drills" / "fire-drill.yaml").unlink()
    with pytest.raises(UsageError, match="can be used: `cockpit drill list` says why"):
        pick("", folder)


def test_an_exercise_goes_on_as_it_began(run: Any, diary: Any) -> None:
    diary(mode=Mode.UNATTENDED)
    for words in (("--blind",), ("--operator", "eve"), ("--speed", "60")):
        ran = run("drill", "run", ID, "--resume", *words)
        assert (ran.code, ran.out) == (2, "")
        assert "goes on as it began" in ran.err


@pytest.mark.parametrize("words", [("run", "--resume"), ("abort",)])
def test_what_is_over_is_neither_resumed_nor_aborted(run: Any, diary: Any, words: tuple[str, ...]) -> None:
    ran = run("drill", *words)
    assert (ran.code, ran.out) == (2, "")
    assert "interrupted" in ran.err
    played(diary())
    ran = run("drill", *words, ID)
    assert (ran.code, ran.out) == (2, "")
    assert f"{ID} is over" in ran.err


def test_an_exercise_whose_lab_is_gone_can_be_aborted(run: Any, diary: Any) -> None:
    left = diary(gateway="http://127.0.0.1:1", sink=True, lab=1)
    diary("20261121-170000-aaaa", gateway="http://127.0.0.1:1", sink=True)
    several = run("drill", "abort")
    assert several.code == 2
    assert f"name one: {ID}, 20261121-170000-aaaa" in several.err
    assert run("drill", "abort", ID).code == 0
    ended = left.exercise()
    assert (ended.state, ended.left) == ("aborted", ())


def test_an_abort_says_what_a_killed_play_left_and_how_to_delete_it(
    diary: Any, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(state))
    monkeypatch.setattr(Plays, "left", lambda plays: ("busy on http://127.0.0.1:1",))
    diary(gateway="http://127.0.0.1:1", sink=True, lab=1)
    drill_ending.abort(ID)
    said = "left behind: busy on http://127.0.0.1:1; `cockpit scenario leftovers --delete` deletes it"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outcome", "left", "code"),
    [("passed", [], 0), ("passed", ["x"], 3), ("failed", [], 1), ("inconclusive", [], 3)],
)
def test_it_ends_by_what_the_machine_saw(tmp_path: Path, outcome: str, left: list[str], code: int) -> None:
    diary = Diary(tmp_path / f"{ID}.jsonl", Mode.UNATTENDED)
    diary.fires(outcome)
    assert drilling.exit_code(diary.exercise()) == 130
    diary.end()
    diary.add("drill.cleaned", left=left)
    assert drilling.exit_code(diary.exercise()) == code


def test_a_lost_point_is_told_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drilling.show(played(Diary(tmp_path / f"{ID}.jsonl")), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "PASS 1. Fires, 2s",
        "PASS 2. Triage, 10s, 0.5",
        "  wrong answer: x",
        "1.5 of 2, grade B: passed",
    ]


def test_a_phase_that_brought_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    diary = Diary(tmp_path / f"{ID}.jsonl")
    diary.fires()
    diary.add("operator.hint", phase=2)
    diary.triage(code="x")
    diary.triage()
    diary.end()
    drilling.show(diary.exercise(), as_json=False)
    assert "PASS 2. Triage, 11s, 0" in capsys.readouterr().out.splitlines()


async def test_real_series_are_mixed_with_consent_alone(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def plan(session: Session, drill: Drill, *, mode: Mode) -> None:
        assert session.context.name == "prod"

    async def concerns(session: Session, drill: Drill) -> planning.Concerns:
        return planning.Concerns(mixing=(Mixed("Down", "alerting", "g", "up"),), active=("Other",))

    monkeypatch.setattr(planning, "plan", plan)
    monkeypatch.setattr(planning, "concerns", concerns)
    drill = files.parse(DRILL, "fire-drill.yaml")
    async with Session.open(config.Context(name="prod")) as session:
        with pytest.raises(UsageError, match=r"nothing is pushed: a rule would mix .* --yes"):
            await drilling.ask_consent(session, drill, Terminal(), given=False)
        await drilling.ask_consent(session, drill, Terminal(), given=True)
    said = capfd.readouterr().err.splitlines()
    assert said[:2] == [
        "Other is active already",
        "would mix synthetic series into real ones: alerting rule Down (group g): it selects up",
    ]
    async with Session.open(config.Context(name="prod")) as session:
        await drilling.ask_consent(session, drill, Terminal(), given=True, blind=True)
    assert "active already" not in capfd.readouterr().err


def test_ctrl_c_ends_it_also_where_the_journal_cannot_be_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "drills").write_text("")
    done: list[str] = []
    engine = SimpleNamespace(
        journal=Journal(tmp_path / "drills" / "x.jsonl"),
        hurry=lambda: done.append("hurry"),
        wake=lambda: done.append("wake"),
    )
    ending = drilling.Ending(cast("Engine", engine), Terminal())
    with pytest.raises(SystemExit, match="130"):
        ending.take(signal.SIGINT)
    assert done == ["hurry"]
    assert "COCKPIT_STATE_DIR" in capfd.readouterr().err


def test_a_countdown_alone_is_not_told_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    diary = Diary(tmp_path / f"{ID}.jsonl", Mode.UNATTENDED)
    narration = drilling.Narration(Terminal())
    diary.add("phase.begun", phase=1)
    for said in ("pending, 9m of 10m left", "pending, 8m12s of 10m left", "fires"):
        narration.tell(diary.exercise(), (Seen(outcome=Outcome.AWAITED, said=said),))
    told = capfd.readouterr().err.splitlines()
    assert told == ["planned", "begun", "phase 1, Fires, begins", "  pending, 9m of 10m left", "  fires"]
