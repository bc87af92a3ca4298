import pytest

from tests.contract.healthy import Team

RULE = "alerts/unknown-template-label"
RULES = "rules/shop.yml"
SUMMARY = "summary: Many errors in the shop"


def test_a_label_that_the_expression_aggregates_away(team: Team) -> None:
    team.change(RULES, SUMMARY, "summary: Many errors on {{ $labels.instance }}")

    assert team.found() == [(RULE, RULES, team.line(RULES, "$labels.instance"))]


def test_the_line_of_a_text_of_several(team: Team) -> None:
    team.change(RULES, SUMMARY, "summary: >-\n            Many errors\n            on {{ .Labels.instance }}")

    assert team.found() == [(RULE, RULES, team.line(RULES, ".Labels.instance"))]


def test_one_that_is_misspelt(team: Team) -> None:
    team.change(RULES, SUMMARY, "summary: Many errors in {{ $labels.shopp }} and {{ $labels.shopp }}")

    report = team.report()
    assert [each.rule for each in report.findings] == [RULE]
    assert report.findings[0].remedy == "did you mean shop?"


@pytest.mark.parametrize("label", ["severity", "alertname"])
def test_a_label_of_the_rule_itself_which_templates_do_not_see(team: Team, label: str) -> None:
    team.change(RULES, SUMMARY, f"summary: Many errors, {{{{ $labels.{label} }}}}")

    report = team.report()
    assert [each.rule for each in report.findings] == [RULE]
    assert report.findings[0].remedy == f"write the value of {label} out"


def test_an_alert_on_the_absence_of_series(team: Team) -> None:
    text = "expr: 'absent(shop_errors_total{shop=\"berlin\"})'"
    team.change(RULES, "expr: shop:errors:ratio5m > 0.2", text)
    team.change(RULES, SUMMARY, "summary: No errors known of {{ $labels.shop }} at {{ $labels.job }}")

    assert [each for each in team.found() if each[0] == RULE] == [
        (RULE, RULES, team.line(RULES, "$labels.job"))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Errors in {{ $labels.shop }}",
        "Errors{{ with $labels.till }} at {{ . }}{{ end }}",
        "Errors{{ if $labels.till }} at {{ $labels.till }}{{ end }}",
        'Errors at {{ or $labels.till "some till" }}',
        'Errors {{ range query "up" }}{{ .Labels.job }}{{ end }}',
        "Errors {{ $labels }} {{ $externalLabels.cluster }} $labels.till",
    ],
)
def test_what_a_template_can_print_or_asks_about_first(team: Team, text: str) -> None:
    team.change(RULES, SUMMARY, f"summary: '{text}'")

    assert team.found() == []


def test_labels_that_are_not_known(team: Team) -> None:
    team.change(RULES, "shop:errors:ratio5m > 0.2", "up{shop='a'} == 0")
    team.change(RULES, SUMMARY, "summary: Nothing from {{ $labels.anything }}")

    assert [each for each in team.found() if each[0] == RULE] == []


def test_an_alert_whose_expression_is_wrong_has_one_finding(team: Team) -> None:
    team.change(RULES, "shop:errors:ratio5m > 0.2", "sum by (shopp) (shop:errors:ratio5m) > 0.2")
    team.change(RULES, SUMMARY, "summary: Many errors in {{ $labels.shop }}")

    assert [rule for rule, _, _ in team.found()] == ["queries/unknown-label"]
