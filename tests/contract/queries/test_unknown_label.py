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
    assert team.found() == [(RULE, RULES, first)]
    assert team.report().findings[0].message == (
        "shop:errors:ratio5m asks for the label shopp of shop_errors_total and shop_requests_total, "
        "which cannot have it"
    )


def drop(team: Team, by: str = "sum by (shop)") -> int:
    """Let the recording rule drop the label, and return the line in which it does."""
    text = (team.folder / RULES).read_text()
    team.write(RULES, text.replace(by, "sum by (job)"))
    return text[: text.index(by)].count("\n") + 1


def test_a_label_that_a_recording_rule_drops_is_reported_there(team: Team) -> None:
    line = drop(team)
    team.change(PANEL, "rate(shop_errors_total[5m])", 'shop:errors:ratio5m{shop=\\"berlin\\"}')
    finding = team.report().findings[0]

    assert team.found() == [(RULE, RULES, line)]
    assert finding.message == (
        "shop:errors:ratio5m does not keep the label shop, which several places ask for"
    )
    assert finding.remedy == (
        "keep shop in its expression, or do not ask for it in 4 places: "
        f"{team.folder / PANEL}:{team.line(PANEL, 'expr')}, {team.folder / PAGE}:{team.line(PAGE, '$shop')}, "
        f"{team.folder / RULES}:{first_of(team, 'to {{ $labels.shop')}, ..."
    )


def first_of(team: Team, part: str) -> int:
    text = (team.folder / RULES).read_text()
    return text.count("\n", 0, text.index(part)) + 1


def test_one_that_a_rule_far_below_drops(team: Team) -> None:
    line = drop(team)
    rules = (team.folder / RULES).read_text().replace("expr: shop:errors", "expr: shop:errors:held")
    team.write(RULES, rules.replace("held:ratio5m", "held"))
    held = "      - {record: 'shop:errors:held', expr: 'sum by (shop, job) (shop:errors:ratio5m)'}\n"
    team.write("rules/held.yml", f"groups:\n  - name: held\n    rules:\n{held}")

    assert team.found() == [(RULE, RULES, line)]


def test_one_that_an_alert_drops(team: Team) -> None:
    text = (team.folder / RULES).read_text()
    team.write(RULES, text.replace("expr: shop:errors:ratio5m", "expr: sum(shop:errors:ratio5m)"))
    team.change(RULES, "expr: sum(shop:errors:ratio5m) > 0.2", "expr: shop:errors:ratio5m > 0.2")
    team.change(PAGE, "alerts: [ShopErrors, ShopErrorsCritical]", "alerts: [ShopErrors]")
    team.change(RULES, "shop-errors.md\n", "watchdog.md\n")

    found = [each for each in team.found() if each[1] == RULES]
    assert found == [(RULE, RULES, team.line(RULES, "expr: sum(shop:"))]


def test_one_that_nothing_can_have_is_wrong_where_it_is_asked_for(team: Team) -> None:
    team.change(PAGE, ASKED, 'shop:errors:ratio5m{till="1"}')
    team.change(PANEL, "rate(shop_errors_total[5m])", 'shop:errors:ratio5m{till=\\"1\\"}')

    assert team.found() == [
        (RULE, PANEL, team.line(PANEL, "till")),
        (RULE, PAGE, team.line(PAGE, "till")),
    ]


def test_what_one_page_misspells_is_not_dropped(team: Team) -> None:
    for name in ("shop-errors", "shop-errors-critical"):
        team.change(f"synthetic/{name}.yaml", "{shop: berlin}", "{shop: berlin, shops: all}")
    team.change(
        PAGE,
        ASKED,
        'shop:errors:ratio5m{shops="$shop"}\n```\n\n```promql\nshop:errors:ratio5m{shops="$shop"}',
    )

    assert {path for _, path, _ in team.found()} == {PAGE}
    assert len(team.found()) == 2


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
