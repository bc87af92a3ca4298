from pathlib import Path

import pytest

from tests.contract.healthy import Team

RULES = "rules/shop.yml"


def test_an_alert_without_a_link_that_no_runbook_names(team: Team) -> None:
    team.change("rules/shop.yml", "          runbook_url: https://runbooks.example/shop-errors.md\n", "")
    team.change("runbooks/shop-errors.md", "alerts: [ShopErrors, ShopErrorsCritical]", "alerts: [ShopErrors]")

    assert team.found() == [
        ("alerts/no-runbook", "rules/shop.yml", team.line("rules/shop.yml", "alert: ShopErrorsCritical"))
    ]


def test_a_runbook_that_names_the_alert_is_enough(team: Team) -> None:
    team.change("rules/shop.yml", "          runbook_url: https://runbooks.example/shop-errors.md\n", "")

    assert team.found() == []


def test_the_remedy_speaks_of_the_annotation_that_the_team_has(team: Team) -> None:
    rules = (team.folder / RULES).read_text()
    team.write(RULES, rules.replace("runbook_url:", "runbook:"))
    team.change(RULES, "          runbook: https://runbooks.example/watchdog.md\n", "")
    team.change("runbooks/watchdog.md", "alerts: [Watchdog]\n", "")
    (team.folder / "runbooks/watchdog.md").rename(team.folder / "runbooks/no-alert.md")

    found = [each for each in team.report().findings if each.rule == "alerts/no-runbook"]

    assert ["`runbook`" in each.remedy for each in found] == [True]


def test_a_rule_that_an_alias_repeats_is_one(tmp_path: Path) -> None:
    rules = "groups:\n- name: a\n  rules:\n  - &a {alert: A, expr: up, for: 5m}\n- name: b\n  rules: [*a]\n"
    report = Team(tmp_path, {"a.yml": rules}).report()

    assert len({(each.rule, each.line) for each in report.findings}) == len(report.findings)


@pytest.mark.parametrize(
    ("annotation", "is_linked"),
    [
        ("documentation: https://docs.ceph.com/en/latest/health-checks#mon-disk-low", True),
        ("wiki_url: wiki/shop/errors", True),
        ("details: 'Runbook: see https://wiki.example/shop'", True),
        ("dashboard: https://grafana.example/d/shop", False),
        ("documentation: none yet", False),
        ("details: see https://shop.example/", False),
    ],
)
def test_a_page_that_another_annotation_links_will_do(
    team: Team, annotation: str, *, is_linked: bool
) -> None:
    team.change(RULES, "runbook_url: https://runbooks.example/watchdog.md", annotation)
    team.change("runbooks/watchdog.md", "alerts: [Watchdog]\n", "")
    (team.folder / "runbooks/watchdog.md").rename(team.folder / "runbooks/other.md")

    assert ("alerts/no-runbook" in [rule for rule, *_ in team.found()]) is not is_linked
