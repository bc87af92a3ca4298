import pytest

from cockpit.contract.settings import Settings
from tests.contract.healthy import Team

RULES = "rules/shop.yml"
TEXTS = {"summary": "Alerting works", "description": "This alert fires always."}


@pytest.mark.parametrize("what", TEXTS)
def test_an_alert_without_a_summary_or_a_description(team: Team, what: str) -> None:
    team.change(RULES, f"          {what}: {TEXTS[what]}\n", "")

    assert team.found() == [(f"alerts/no-{what}", RULES, team.line(RULES, "alert: Watchdog"))]


@pytest.mark.parametrize("what", TEXTS)
def test_an_empty_one_is_none_and_is_shown(team: Team, what: str) -> None:
    team.change(RULES, f"{what}: {TEXTS[what]}", f'{what}: " "')

    assert team.found() == [(f"alerts/no-{what}", RULES, team.line(RULES, f'{what}: " "'))]


def test_a_message_is_both(team: Team) -> None:
    team.change(RULES, f"          summary: {TEXTS['summary']}\n", "")
    team.change(RULES, f"description: {TEXTS['description']}", "message: Alerting works")

    assert team.found() == []


def test_the_names_are_settings(team: Team) -> None:
    team.change(RULES, f"summary: {TEXTS['summary']}", "headline: Alerting works")

    assert team.found(Settings(summaries=("headline", "summary"))) == []
