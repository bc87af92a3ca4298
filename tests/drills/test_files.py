"""Drill files: a bad one is refused with file, line, key and a sentence."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.drills import files
from cockpit.drills.model import Drill
from cockpit.errors import UsageError

HEAD = "name: x\ntitle: t\nrubric: {1: A, 0: F}\npass: 1\n"
PHASE = HEAD + "phases:\n  - name: p\n    limit: 5m\n"
VERIFY = PHASE + "    verify:\n      - "
OPERATOR = PHASE + "    operator:\n      - "
FIRES = VERIFY + "firing: A\n"


def said(text: str) -> str:
    """Return what is said of a file, less its name."""
    with pytest.raises(UsageError) as caught:
        files.parse(text, "f.yaml")
    assert "\n" not in caught.value.message
    return caught.value.message.removeprefix("drill f.yaml, ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (VERIFY + "{fires: A}", "line 9: phases.0.verify.0.fires: unknown verb: what is verified is one of"),
        (OPERATOR + "{open: a}", "line 9: phases.0.operator.0.open: unknown verb: what the operator does is"),
        (VERIFY + "fires", "line 9: phases.0.verify.0: unknown verb: what is verified is one of"),
        (VERIFY + "{}", "line 9: phases.0.verify.0: unknown verb: what is verified is one of"),
        (VERIFY + "{firing: A, notified: b}", "line 9: phases.0.verify.0.notified: `firing` stands here"),
        (VERIFY + "{firing: A, label: b}", "line 9: phases.0.verify.0.label: unknown key"),
        (VERIFY + "{notified: a}", "line 9: phases.0.verify.0.notified: it needs `alert`: nothing fires"),
        (
            VERIFY + "{notified: a, alert: b, within: soon}",
            "line 9: phases.0.verify.0.within: not a duration",
        ),
        (VERIFY + "{notified: a, alert: b, carrying: tea}", "line 9: phases.0.verify.0.carrying"),
        (VERIFY + "{expr: up}", "line 9: phases.0.verify.0.expr: it needs `above`, `below` or `equals`"),
        (VERIFY + '{expr: "a b", above: 1}', "line 9: phases.0.verify.0.expr: no PromQL that can be read"),
        (VERIFY + "{leftovers: some}", "line 9: phases.0.verify.0.leftovers: it must be 'none'"),
        (OPERATOR + "{answer: a, accept: []}", "line 9: phases.0.operator.0.accept: it is empty"),
        (OPERATOR + "{answer: a}", "line 9: phases.0.operator.0.accept: it is needed"),
        (
            OPERATOR + "{choice: a, of: [b, c], accept: d}",
            "line 9: phases.0.operator.0.accept: it is none of",
        ),
        (FIRES + "    inject: y", "line 10: phases.0.inject: unknown key"),
        (FIRES + "    play: X", "line 10: phases.0.play: a scenario's name has small letters"),
        (FIRES + "    stop: y", "line 10: phases.0.stop: it does not play by then"),
        (PHASE, "line 6: phases.0.name: it needs `verify` or `operator`"),
        (FIRES.replace("5m", "-5m"), "line 7: phases.0.limit: not a duration"),
        (FIRES.replace("5m", "99y"), "line 7: phases.0.limit: it must be at most"),
        (FIRES.replace("1: A", "much: A"), "line 3: rubric.much: a number is needed"),
        (FIRES.replace("pass: 1", "pass: 2"), "line 4: pass: there are 1 points only"),
        (FIRES.replace("name: x", "name: X Y"), "line 1: name: a drill's name has small letters"),
        (HEAD + "phases: []", "line 5: phases: it is empty"),
        (HEAD, "line 1: phases: it is needed"),
        (FIRES + "name: y\n", "line 10: found duplicate key"),
        pytest.param("a: " + "[" * 100_000, "drill f.yaml: nested too deeply", id="deep"),
        pytest.param(
            "a0: &a0 [x]\n"
            + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20)),
            "drill f.yaml: more than 500000 values, aliases counted",
            id="bomb",
        ),
        ("", "drill f.yaml: it is empty"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_key(text: str, says: str) -> None:
    assert said(text).startswith(says)


@given(st.text())
def test_any_text_is_a_drill_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(files.parse(text, "f.yaml"), Drill)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "drills"
    folder.mkdir()
    (folder / "x.yaml").write_text(FIRES)
    (folder / "noise.yaml").write_bytes(b"name: \xff")
    with (folder / "huge.yaml").open("wb") as file:
        file.truncate(100 * 2**20)
    assert files.find("x", tmp_path).name == "x"
    with pytest.raises(UsageError, match=r"drill .*noise.yaml: not UTF-8"):
        files.find("noise", tmp_path)
    with pytest.raises(UsageError, match=r"drill .*huge.yaml: larger than 1 MiB"):
        files.find("huge", tmp_path)
    with pytest.raises(UsageError, match=r"no drill 'y' in .*drills: there are: huge, noise, x"):
        files.find("y", tmp_path)
