"""What promtool prints, as values: outputs recorded from promtool 2.42."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.promql import quote
from cockpit.scenarios.proof.compile import Plan
from cockpit.scenarios.proof.observed import Instance, Span, instances, questions
from cockpit.scenarios.proof.promtool import Ran, find, how_to_install
from cockpit.scenarios.proof.reading import RuleError, marked, read, unquoted

RECORDED = r"""Unit Testing:  proof_test.yml

  FAILED:
    expr: "min_over_time(timestamp(ALERTS{alertname=~\"A|B\"})[10m15s:15s])\n# alert:min:0", time: 10m,
        exp: nil
        got: {alertname="A", alertstate="pending", code="we\"i\\rd\n{}, é\u009b x"} 1.5E+01, {alertname="B", alertstate="firing"} 0E+00
    expr: "max_over_time(timestamp(ALERTS{alertname=~\"A|B\"})[10m15s:15s])\n# alert:max:0", time: 10m,
        exp: nil
        got: {alertname="A", alertstate="pending", code="we\"i\\rd\n{}, é\u009b x"} 6E+02, {alertname="B", alertstate="firing"} 4.5E+02
    expr: "min_over_time(timestamp(ALERTS{alertname=~\"A|B\"})[10m15s:15s])\n# alert:min:1", time: 15m,
        exp: nil
        got: {alertname="A", alertstate="firing", code="we\"i\\rd\n{}, é\u009b x"} 6.15E+02
    expr: "max_over_time(timestamp(ALERTS{alertname=~\"A|B\"})[10m15s:15s])\n# alert:max:1", time: 15m,
        exp: nil
        got: {alertname="A", alertstate="firing", code="we\"i\\rd\n{}, é\u009b x"} 8.85E+02
    expr: "vector(1/0)\n# inf", time: 5m,
        exp: nil
        got: {} +Inf
    expr: "up\n# named", time: 5m,
        exp: nil
        got: {__name__="up", job="j"} 1E+00
    expr: "rate(up[1m\n# broken", time: 5m, err: 1:26: parse error: unclosed left parenthesis
    expr: "mine", time: 5m,
        exp: nil
        got: {} 3E+00
"""  # noqa: E501

FAILED_RULE = """Unit Testing:  proof_test.yml

  FAILED:
    rule: X, time: 0s, err: found duplicate series for the match group {x="2"}: not allowed
"""

WEIRD = 'we"i\\rd\n{}, é\x9b x'


def test_what_promtool_got_is_read() -> None:
    said = read(RECORDED)
    assert said.answers["alert:min:0"] == (
        ({"alertname": "A", "alertstate": "pending", "code": WEIRD}, 15.0),
        ({"alertname": "B", "alertstate": "firing"}, 0.0),
    )
    assert said.answers["inf"] == (({}, math.inf),)
    assert said.answers["named"] == (({"__name__": "up", "job": "j"}, 1.0),)
    assert said.errors == {"broken": "1:26: parse error: unclosed left parenthesis"}
    assert said.rules == ()


def test_newer_words_between_do_no_harm() -> None:
    output = 'test x\n  name: y,\n    expr: "a\\n# one", time: 5m,\n\n  exp:nil\n      got:{"b.c"="1"} 2,\n'
    with pytest.raises(ValueError, match=","):
        read(output)
    assert read(output.replace("2,", "2")).answers == {"one": (({"b.c": "1"}, 2.0),)}


def test_a_histogram_is_no_number() -> None:
    with pytest.raises(ValueError, match="count"):
        read('expr: "h\\n# one", time: 5m,\n exp: nil\n got: {} {count:1, sum:2}\n')


def test_a_rule_that_fails_is_told() -> None:
    assert read(FAILED_RULE).rules == (
        RuleError("X", "0s", 'found duplicate series for the match group {x="2"}: not allowed'),
    )


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_go_strings_are_unquoted(text: str) -> None:
    assert unquoted(quote(text)) == text


def test_go_escapes_that_json_lacks() -> None:
    assert unquoted(r'"\a\v\x00\xff\U0001f600"') == "\a\v\x00\ufffd\U0001f600"


def test_when_alerts_were_pending_and_firing() -> None:
    found = instances(read(RECORDED).answers)
    assert found == {
        "A": (Instance({"alertname": "A", "code": WEIRD}, Span(15.0, 600.0), Span(615.0, 885.0)),),
        "B": (Instance({"alertname": "B"}, None, Span(0.0, 450.0)),),
    }


def test_questions_leave_no_evaluation_out() -> None:
    plan = Plan(interval=15.0, step=15.0, recovers=900.0, deleted=1200.0, end=1500.0)
    checks = [check for check in questions(["A", "B.C"], plan) if ":min:" in check.expr]
    assert [check.at for check in checks] == [600.0, 1200.0, 1500.0]
    # A window is as long as the step between two of them and one evaluation more.
    assert all(r'alertname=~"A|B\\.C"})[10m15s:15s]' in check.expr for check in checks)


def test_each_evaluation_up_to_the_recovery_is_counted_once() -> None:
    plan = Plan(interval=15.0, step=15.0, recovers=910.0, deleted=1200.0, end=1500.0)
    checks = [check for check in questions(["A"], plan) if ":count:" in check.expr]
    over = [(check.at, check.expr.partition('"firing"}')[2].splitlines()[0]) for check in checks]
    # 41 evaluations with that at 0, and 20 more.
    assert over == [(600.0, "[10m7s500ms:15s])"), (900.0, "[4m52s500ms:15s])")]
    answers = {
        f"alert:{kind}": (({"alertname": "A", "alertstate": "firing"}, value),)
        for kind, value in (("min:0", 30.0), ("max:0", 900.0), ("count:0", 39.0), ("count:1", 20.0))
    }
    assert instances(answers) == {"A": (Instance({"alertname": "A"}, None, Span(30.0, 900.0), 59),)}


def test_the_words_of_promtool_are_one_line_without_noise() -> None:
    ran = Ran(1, "Checking a.yml\n\n  FAILED:\na.yml: yaml: line 7: field x not found \x1b[31m\n")
    assert ran.words() == "a.yml: yaml: line 7: field x not found ␛[31m"
    assert Ran(2, "").words() == "exit code 2 and no word"


def test_promtool_is_named_or_found_or_said_to_be_missing(tmp_path: object) -> None:
    from cockpit.errors import InconclusiveError, UsageError

    with pytest.raises(UsageError, match="COCKPIT_PROMTOOL_BIN=nowhere/x: there is no such program"):
        find({"COCKPIT_PROMTOOL_BIN": "nowhere/x", "PATH": str(tmp_path)})
    with pytest.raises(InconclusiveError, match="promtool is not installed: "):
        find({"PATH": str(tmp_path)})
    assert "apt-get install prometheus" in how_to_install("linux", apt=True)
    assert "brew install prometheus" in how_to_install("darwin", apt=False)
    assert "COCKPIT_PROMTOOL_BIN" in how_to_install("linux", apt=False)


def test_a_mark_survives_a_comment() -> None:
    assert marked("up # mine", "m") == "up # mine\n# m"
