from datetime import UTC, datetime

import pytest

from cockpit.contract.rules.runbooks.review_overdue import times_of
from cockpit.contract.settings import Settings
from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"
FOUND = [("runbooks/review-overdue", BOOK, 5)]


@pytest.mark.parametrize("date", ["2026-01-01", "2027-01-01", "last year", "Spring 2026", "2026-13-41"])
def test_a_date_too_long_ago_or_yet_to_come_or_none(team: Team, date: str) -> None:
    team.change(BOOK, "reviewed: 2026-11-01", f"reviewed: {date}")

    assert team.found() == FOUND


@pytest.mark.parametrize(
    "date",
    ["2026-10-31T12:00:00Z", "31 October 2026", "Oct 31, 2026", "31.10.2026", "10/31/2026", "November 2026"],
)
def test_dates_as_people_write_them(team: Team, date: str) -> None:
    team.change(BOOK, "reviewed: 2026-11-01", f"reviewed: {date}")

    assert team.found() == []


def test_the_age_is_the_team_s(team: Team) -> None:
    assert team.found(Settings(review_age=7 * 86_400.0))[0][0] == "runbooks/review-overdue"
    assert team.found(Settings(review_age=30 * 86_400.0)) == []


def test_no_date_is_reported_where_it_is_usual_to_have_one(team: Team) -> None:
    team.change(BOOK, "reviewed: 2026-11-01\n", "")

    assert team.found() == [("runbooks/review-overdue", BOOK, team.line(BOOK, "# Shop errors"))]

    team.change("runbooks/watchdog.md", "reviewed: 2026-11-01\n", "")
    assert team.found() == []


def test_a_line_of_the_text_will_do(team: Team) -> None:
    team.change(BOOK, "reviewed: 2026-11-01\n", "")
    team.change(BOOK, "Nobody can buy.", "Nobody can buy.\n\n**Last reviewed:** 2025-03-01 by Ann")

    assert team.found() == [("runbooks/review-overdue", BOOK, team.line(BOOK, "2025-03-01"))]


def test_a_date_that_may_mean_two_days_gives_both() -> None:
    assert {datetime.fromtimestamp(each, UTC).date().isoformat() for each in times_of("2/1/2026")} == {
        "2026-02-01",
        "2026-01-02",
    }
