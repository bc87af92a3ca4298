from tests.contract.healthy import Team


def test_nothing_is_found_where_everything_agrees(team: Team) -> None:
    report = team.report()

    assert report.findings == ()
    assert report.not_read == ()
