import pytest

from tests.contract.healthy import Team

RULE = "queries/unfillable-placeholder"
RULES = "rules/shop.yml"
PAGE = "runbooks/shop-errors.md"


@pytest.mark.parametrize("form", ['"$instance"', '"${instance}"', '"{{ $labels.instance }}"', '"$INSTANCE"'])
def test_a_label_that_the_alerts_aggregate_away(team: Team, form: str) -> None:
    team.change(PAGE, "rate(shop_errors_total{", f"rate(shop_errors_total{{\n    instance={form},")

    line = team.line(PAGE, form)
    assert team.found() == [(RULE, PAGE, line)]


def test_one_that_is_misspelt(team: Team) -> None:
    team.change(PAGE, '"$shop"', '"$shopp"')

    finding = team.report().findings[0]
    assert (finding.rule, finding.line) == (RULE, team.line(PAGE, "$shopp"))
    assert finding.message == (
        "a query of the runbook Shop errors: the 2 alerts that lead here have no label shopp to fill in"
    )
    assert finding.remedy == "did you mean shop?"


@pytest.mark.parametrize(
    "form",
    [
        "$shop",
        "$SHOP",
        "$labels.shop",
        "$severity",
        "$alertname",
        "$cluster",
        "<shop name>",
        "<till>",
    ],
)
def test_what_an_alert_or_a_person_can_fill(team: Team, form: str) -> None:
    team.change(PAGE, '"$shop"', f'"{form}"')

    assert [each for each in team.found() if each[0] == RULE] == []


def test_durations_are_no_labels(team: Team) -> None:
    team.change(PAGE, '{shop="$shop"}[5m]', '{shop="$shop"}[$window]')

    assert team.found() == []


def test_any_of_the_alerts_is_enough(team: Team) -> None:
    team.change(RULES, "shop:errors:ratio5m > 0.05", 'up{instance!=""} == 0')
    team.change(PAGE, '"$shop"', '"$anything"')

    assert [each for each in team.found() if each[0] == RULE] == []


def test_a_runbook_to_which_no_alert_leads(team: Team) -> None:
    text = (team.folder / PAGE).read_text().replace("alerts: [ShopErrors, ShopErrorsCritical]\n", "")
    team.write("runbooks/spare.md", text.replace('"$shop"', '"$nothing"'))

    assert [each for each in team.found() if each[0] == RULE] == []


ALERT = """\
groups:
  - name: more
    rules:
"""
ONE = "      - {{alert: More{n}, expr: 'sum by (shop) (rate(shop_errors_total[5m])) > {n}'}}\n"


@pytest.mark.parametrize(("count", "found"), [(2, 2), (3, 0)])
def test_a_label_that_several_runbooks_ask_for_is_put_on_by_a_server(
    team: Team, count: int, found: int
) -> None:
    team.write("rules/more.yml", ALERT + "".join(ONE.format(n=n) for n in range(count)))
    for n in range(count):
        text = (team.folder / PAGE).read_text().replace("[ShopErrors, ShopErrorsCritical]", f"[More{n}]")
        team.write(f"runbooks/more-{n}.md", text.replace('"$shop"', '"$fleet"'))

    assert len([each for each in team.found() if each[0] == RULE]) == found
