"""A template whose braces never close is looked at as fast as any other."""

from time import monotonic

import pytest

from tests.contract.healthy import Team

RULES = "rules/shop.yml"


@pytest.mark.parametrize("text", ["{{" * 50_000, "{{" + " " * 50_000 + "x"], ids=["open", "wide"])
@pytest.mark.parametrize(
    "old",
    [
        "runbook_url: https://runbooks.example/watchdog.md",
        "description: This alert fires always.",
        "severity: none",
    ],
)
def test_a_template_that_never_closes(team: Team, old: str, text: str) -> None:
    team.change(RULES, old, f'{old.partition(":")[0]}: "{text}"')
    began = monotonic()

    team.report()

    assert monotonic() - began < 20
