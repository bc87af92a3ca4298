from time import monotonic

import pytest

from tests.contract.healthy import Team

RULE = "queries/syntax"
ALERT = "rules/shop.yml"
PAGE = "runbooks/shop-errors.md"
PANEL = "dashboards/shop.json"
ASKED = 'sum by (shop) (rate(shop_errors_total{shop="$shop"}[5m]))'


def test_an_alert_that_does_not_parse(team: Team) -> None:
    team.change(ALERT, "shop:errors:ratio5m > 0.2", "shop:errors:ratio5m >> 0.2")

    assert team.found() == [(RULE, ALERT, team.line(ALERT, ">> 0.2"))]


def test_a_recording_rule_that_does_not_parse(team: Team) -> None:
    team.change(ALERT, "(rate(shop_errors_total[5m]))\n", "(rate(shop_errors_total[5m])\n")

    assert team.found() == [(RULE, ALERT, team.line(ALERT, "rate(shop_errors_total"))]


def test_a_function_that_gets_what_it_does_not_take(team: Team) -> None:
    team.change(PAGE, '{shop="$shop"}[5m]', '{shop="$shop"}')

    assert team.found() == [(RULE, PAGE, team.line(PAGE, "rate(shop_errors_total"))]
    assert team.report().findings[0].message == (
        "a query of the runbook Shop errors: expected type matrix in call to function 'rate', got vector"
    )


@pytest.mark.parametrize(
    ("wrong", "message", "remedy"),
    [
        ("up >> 2", "unexpected > after up >", "delete it, or write what is missing before it"),
        ("rate(up[5m]) rate(up[5m])", "unexpected rate after rate(up[5m])", "delete it, or write "),
        ('up{shop="$shop"} b', 'unexpected b after up{shop="$shop"}', "delete it, or write "),
        ("sum by job (up)", "unexpected job after sum by", "delete it, or write "),
        ("up / (3 +)", "unexpected ) after up / (3 +", "delete it, or write "),
        ("up ==", "something is missing after up ==", "write the rest, or delete what has no end"),
        ("sum by (job) ((up)", "the ( after sum by (job) is never closed", "close it"),
        ("rate(up)", "expected type matrix in call to function 'rate', got vector", "give it a range, "),
        ("up{job=a}", "unexpected identifier 'a' in label matching, expected string", "put the value in"),
        ("nofunction(up)", "unknown function with name 'nofunction'", "correct the function's name"),
        ("1 > 2", "comparisons between scalars must use BOOL modifier", "compare a series, or write `bool`"),
        ("rate(up[5x])", "bad number or duration syntax: 5x", "write a duration as 30s, 5m or 1h"),
    ],
)
def test_what_is_wrong_and_where_is_told(team: Team, wrong: str, message: str, remedy: str) -> None:
    team.change(PAGE, ASKED, wrong)
    (finding,) = team.report().findings

    assert finding.message == f"a query of the runbook Shop errors: {message}"
    assert finding.remedy.startswith(remedy)


def test_in_what_nobody_can_read_no_place_is_looked_for(team: Team) -> None:
    team.change(PAGE, ASKED, "up b" + " " * 9_000 + "c")

    assert team.report().findings[0].message.endswith(": this is no PromQL")


def test_the_line_of_what_is_unexpected(team: Team) -> None:
    team.change(ALERT, "/ sum by (shop) (rate(shop_requests", "/ / sum by (shop) (rate(shop_requests")
    team.change(PAGE, ASKED, "# Of all shops\nsum by (shop) (\n  rate(shop_errors_total[5m])\n) >> 3")

    assert team.found() == [
        (RULE, ALERT, team.line(ALERT, "/ /")),
        (RULE, PAGE, team.line(PAGE, ">> 3")),
    ]


def test_a_dashboard(team: Team) -> None:
    team.change(PANEL, "sum by (shop) (rate(", "sum by (shop) ((rate(")

    assert team.found() == [(RULE, PANEL, team.line(PANEL, "expr"))]


def test_the_one_of_several_in_a_fence(team: Team) -> None:
    team.change(PAGE, ASKED, f"{ASKED}\n\nup ==\n\nup == 1")

    assert team.found() == [(RULE, PAGE, team.line(PAGE, "up ==\n"))]


@pytest.mark.parametrize(
    "wrong", ["nofunction(up)", 'up{job=~"("}', "up{job=a}", "sum(up", "1 > 2", 'up{a="}']
)
def test_what_no_server_takes(team: Team, wrong: str) -> None:
    team.change(PAGE, ASKED, wrong)

    assert [rule for rule, _, _ in team.found()] == [RULE]


@pytest.mark.parametrize(
    "right",
    [
        "info(up)",
        "limitk(2, up)",
        "limit_ratio(0.1, up)",
        "double_exponential_smoothing(up[5m], 0.5, 0.5)",
        "holt_winters(up[5m], 0.5, 0.5)",
        'sort_by_label(up, "job")',
        "mad_over_time(up[5m])",
        "ts_of_max_over_time(up[5m])",
        "first_over_time(up[5m])",
        "rate(up[5m] smoothed)",
        "rate(up[5m * 2])",
        "median_over_time(up[5m])",
        "rate(up[5m]) keep_metric_names",
        "topk_avg(3, up)",
        'up{job=~"\\\\Qx\\\\E"}',
        'up{job=~"[[]"}',
        "rate(up[$__rate_interval])",
        'up{job=~"${job:regex}"}',
        'up{job=~"[[job]]"}',
        "$function(up)",
        "up{...} / ...",
        '{app="shop"} |= "error"',
        'sum(rate({app="shop"} | json | level="error" [5m]))',
    ],
)
def test_what_some_server_takes_or_something_fills_in(team: Team, right: str) -> None:
    team.change(PAGE, ASKED, right)

    assert [each for each in team.found() if each[0] == RULE] == []


@pytest.mark.parametrize(
    "expr", ["up > {{ threshold }}", "up > ${limit}", "up{<labels>} > 1", "up > %(limit)s"]
)
def test_a_rule_that_is_a_template(team: Team, expr: str) -> None:
    team.change(ALERT, "expr: shop:errors:ratio5m > 0.2", f"expr: '{expr}'")

    assert [each for each in team.found() if each[0] == RULE] == []


def test_where_a_team_has_metricsql_only_what_is_wrong_there_too(team: Team) -> None:
    team.change(PANEL, "rate(shop_errors_total[5m])", "median_over_time(shop_errors_total[5m])")
    team.change(PAGE, '{shop="$shop"}[5m]', '{shop="$shop"}')
    assert [each for each in team.found() if each[0] == RULE] == []

    team.change(PAGE, "sum by (shop) (rate(", "sum by (shop) ((rate(")
    assert [each for each in team.found() if each[0] == RULE] == [(RULE, PAGE, team.line(PAGE, "((rate("))]


def test_a_rule_of_loki(team: Team) -> None:
    team.change(
        ALERT,
        "expr: shop:errors:ratio5m > 0.2",
        """expr: 'sum(rate({app="shop"} |= "error" [5m])) > 1'""",
    )

    assert [each for each in team.found() if each[0] == RULE] == []


def test_an_expression_of_the_size_of_a_book(team: Team) -> None:
    team.change(PAGE, ASKED, "(" * 5000 + "up")

    assert [each for each in team.found() if each[0] == RULE] == []


@pytest.mark.parametrize("part", ["{{", '\\"', "<a ", "up["], ids=repr)
def test_what_is_too_long_is_left_alone_at_once(team: Team, part: str) -> None:
    team.change("rules/shop.yml", "expr: shop:errors:ratio5m > 0.2", f"expr: 'up\"{part * 40_000}'")
    began = monotonic()

    assert "queries/syntax" not in {rule for rule, _, _ in team.found()}
    assert monotonic() - began < 20
