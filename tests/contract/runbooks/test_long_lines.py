"""A runbook of one long line is looked at as fast as any other."""

from time import monotonic

import pytest

from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"


@pytest.mark.parametrize("part", [" ", "*", "* ", "_", "|", "| ", "> ", "<!-- ", "`", "<a ", "{{ "], ids=repr)
def test_a_long_line(team: Team, part: str) -> None:
    team.change(BOOK, "Nobody can buy.", "Nobody can buy.\n\n" + part * (400_000 // len(part)) + "x\n")
    began = monotonic()

    team.report()

    assert monotonic() - began < 20
