from pathlib import Path

import pytest

from tests.contract.healthy import FILES, Team

RULES = "rules/shop.yml"
CONFIG = "rules/alertmanager.yml"
LABELS = "labels: {severity: critical, owner: shop-team}"


def found(team: Team) -> list[tuple[str, str, int]]:
    return [each for each in team.found() if each[0] == "alerts/default-route"]


def unroute(team: Team) -> None:
    """Give one alert a severity that no route asks for."""
    team.change(RULES, LABELS, "labels: {severity: page, owner: shop-team}")
    team.change(
        CONFIG, 'source_matchers: [severity="critical"]', 'source_matchers: [severity=~"page|critical"]'
    )


@pytest.mark.parametrize("amtool", ["amtool", "/nowhere/amtool", "/bin/false"])
def test_an_alert_that_no_route_asks_for(team: Team, amtool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_AMTOOL_BIN", amtool)
    unroute(team)

    assert team.found() == [("alerts/default-route", RULES, team.line(RULES, "alert: ShopErrorsCritical"))]


def test_amtool_has_the_last_word(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    amtool = tmp_path / "amtool"
    amtool.write_text("#!/bin/sh\necho route2\n")
    amtool.chmod(0o755)
    monkeypatch.setenv("COCKPIT_AMTOOL_BIN", str(amtool))
    unroute(team)

    assert found(team) == []


def test_a_value_that_is_misspelt_is_shown_where_it_stands(team: Team) -> None:
    team.change(RULES, LABELS, "labels:\n          severity: critcal\n          owner: shop-team")

    assert team.found() == [("alerts/default-route", RULES, team.line(RULES, "critcal"))]
    assert "did you mean severity: critical?" in team.report().findings[0].message


def test_secrets_templates_and_files_are_not_needed(team: Team) -> None:
    unroute(team)
    team.change(
        CONFIG, "route:\n  receiver: mail\n", "templates: [/nowhere/*.tmpl]\nroute:\n  receiver: mail\n"
    )

    assert len(found(team)) == 1


def test_a_label_that_series_may_have_may_be_the_one_that_a_route_asks_for(team: Team) -> None:
    unroute(team)
    team.change(RULES, "expr: shop:errors:ratio5m > 0.2", "expr: up == 0")
    team.change(
        CONFIG,
        "    - matchers: [alertname=",
        "    - matchers: [cell=~'.+']\n      receiver: chat\n    - matchers: [alertname=",
    )

    assert found(team) == []


def test_a_template_may_give_the_label_that_a_route_asks_for(team: Team) -> None:
    team.change(RULES, LABELS, "labels: {severity: '{{ $labels.shop }}', owner: shop-team}")

    assert found(team) == []


def test_a_default_that_half_of_the_alerts_take_is_meant_for_them(team: Team) -> None:
    unroute(team)
    team.change(
        RULES, "labels: {severity: warning, owner: shop-team}", "labels: {severity: page, owner: shop-team}"
    )

    assert found(team) == []


def test_a_configuration_without_other_routes_has_nothing_to_say(team: Team) -> None:
    team.write(CONFIG, "route: {receiver: mail}\nreceivers: [{name: mail}]\n")

    assert found(team) == []


def test_one_of_several_configurations_is_enough(team: Team) -> None:
    unroute(team)
    team.write("rules/other.yml", FILES[CONFIG].replace("critical", "page"))

    assert found(team) == []


def test_an_alert_without_a_severity_is_reported_as_that(team: Team) -> None:
    team.change(RULES, LABELS, "labels: {owner: shop-team}")

    assert [rule for rule, _, _ in team.found()] == ["alerts/no-severity"]
