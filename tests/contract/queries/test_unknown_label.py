import pytest

from tests.contract.healthy import Team

RULE = "queries/unknown-label"
RULES = "rules/shop.yml"
PAGE = "runbooks/shop-errors.md"
PANEL = "dashboards/shop.json"
ASKED = 'sum by (shop) (rate(shop_errors_total{shop="$shop"}[5m]))'


def test_a_matcher_of_a_runbook(team: Team) -> None:
    team.change(PAGE, '{shop="$shop"}', '{shopp="$shop"}')

    assert team.found() == [(RULE, PAGE, team.line(PAGE, "{shopp="))]
    assert team.report().findings[0].remedy == "did you mean shop?"


def test_a_matcher_of_an_alert_on_what_the_recording_rule_drops(team: Team) -> None:
    team.change(RULES, "shop:errors:ratio5m > 0.2", 'shop:errors:ratio5m{instance="a"} > 0.2')

    assert team.found() == [(RULE, RULES, team.line(RULES, "instance="))]
    assert team.report().findings[0].remedy == "keep it where shop:errors:ratio5m is recorded"


def test_grouping_by_it_in_a_dashboard(team: Team) -> None:
    team.change(PANEL, "sum by (shop)", "sum by (shop, till)")

    assert team.found() == [(RULE, PANEL, team.line(PANEL, "till"))]
    assert team.report().findings[0].remedy == "ask for one that it has: shop, synthetic"


def test_a_misspelt_label_of_a_recording_rule_is_the_cause_of_what_lacks_it(team: Team) -> None:
    text = (team.folder / RULES).read_text()
    team.write(RULES, text.replace("sum by (shop)", "sum by (shopp)"))
    team.change(PANEL, "rate(shop_errors_total[5m])", 'shop:errors:ratio5m{shop=\\"berlin\\"}')

    first = text[: text.index("sum by (shop)")].count("\n") + 1
    assert team.found() == [(RULE, RULES, first), (RULE, RULES, first + 1)]


@pytest.mark.parametrize(
    "asked",
    [
        'shop_errors_total{instance="a", job="b"}',
        'shop_errors_total{pod!="", cluster="eu", exported_shop="x"}',
        'shop_errors_total{till=""}',
        'shop_errors_total{till!~"a|b"}',
        'shop_errors_total{till=~"a|"}',
        'shop_errors_total{till=~"$till"}',
        'shop:errors:ratio5m{region="eu"}',
        "sum without (till) (shop_errors_total)",
        'sum by (till) (label_replace(shop_errors_total, "till", "$1", "shop", "(.*)"))',
        'up{anything="x"}',
        'ALERTS{anything="x"}',
        "sum by ($label) (shop_errors_total)",
    ],
)
def test_what_may_be_there(team: Team, asked: str) -> None:
    team.change(PAGE, ASKED, asked)

    assert [each for each in team.found() if each[0] == RULE] == []


def test_labels_of_series_that_no_scenario_pushes_are_not_known(team: Team) -> None:
    for name in (
        "synthetic/shop-errors.yaml",
        "synthetic/shop-errors-critical.yaml",
        "drills/shop-night.yaml",
    ):
        (team.folder / name).unlink()
    team.change(PAGE, '{shop="$shop"}', '{till="7", shop="$shop"}')

    assert [each for each in team.found() if each[0] == RULE] == []


def test_a_label_that_several_recorded_metrics_are_asked_for_is_put_on_by_a_server(team: Team) -> None:
    recorded = "".join(
        f"      - {{record: 'shop:r{n}', expr: 'sum by (shop) (rate(shop_requests_total[{n}m]))'}}\n"
        for n in (1, 2, 3)
    )
    team.change(RULES, "    rules:\n", f"    rules:\n{recorded}")
    asked = [f'shop:r{n}{{fleet="x"}}' for n in (1, 2, 3)]

    team.change(PAGE, ASKED, asked[0])
    assert [rule for rule, _, _ in team.found()] == [RULE]

    team.change(PAGE, asked[0], " + on () ".join(asked))
    assert [each for each in team.found() if each[0] == RULE] == []
