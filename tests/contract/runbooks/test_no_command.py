from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"


def test_a_runbook_in_which_nothing_is_to_be_run(team: Team) -> None:
    team.change(BOOK, "```bash\nshopctl restart --all\n```\n", "Restart it.\n")

    assert team.found() == [("runbooks/no-command", BOOK, team.line(BOOK, "# Shop errors"))]


def test_a_command_in_a_sentence_is_one(team: Team) -> None:
    team.change(BOOK, "```bash\nshopctl restart --all\n```\n", "Run `kubectl rollout restart deploy/shop`.\n")

    assert team.found() == []
