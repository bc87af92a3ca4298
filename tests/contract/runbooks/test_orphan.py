from tests.contract.healthy import RULES, RUNBOOK, Team

PAGE = RUNBOOK.replace("alerts: [ShopErrors, ShopErrorsCritical]\n", "").replace("# Shop", "# Till")


def test_a_runbook_that_no_alert_leads_to(team: Team) -> None:
    team.write("runbooks/till.md", PAGE)

    assert team.found() == [("runbooks/orphan", "runbooks/till.md", team.line("runbooks/till.md", "# Till"))]


def test_a_link_is_enough(team: Team) -> None:
    team.write("runbooks/till.md", PAGE)
    team.write("rules/shop.yml", RULES.replace("example/shop-errors.md#triage", "example/till.md"))

    assert team.found() == []


def test_runbooks_alone_are_no_orphans(team: Team) -> None:
    for name in ("rules/shop.yml", "synthetic/shop-errors.yaml", "synthetic/shop-errors-critical.yaml"):
        (team.folder / name).unlink()
    team.write("runbooks/till.md", PAGE)

    assert not any(rule.startswith("runbooks/") for rule, *_ in team.found())


def test_other_pages_are_no_runbooks(team: Team) -> None:
    team.write("docs/architecture.md", "# How it works\n\n## Overview\n\nIt works.\n")

    assert team.found() == []


def test_an_alert_in_a_template_may_lead_to_it(team: Team) -> None:
    team.write("runbooks/till.md", PAGE)
    team.write(
        "chart/rules.yaml", "{{- if .Values.on }}\ngroups:\n" + RULES.partition("\n")[2] + "{{- end }}\n"
    )

    assert team.found() == []
