import pytest

from tests.contract.healthy import Team

INDEX = "runbooks/README.md"
ROWS = """\
# Runbooks

| Alert | Fires | Runbook | Owner |
|---|---|---|---|
| ShopErrors | at 5 % | [errors](shop-errors.md) | shop-team |
| `ShopErrorsCritical` | at 20 % | [errors](shop-errors.md#mitigation) | Shop Team |
| [Watchdog](watchdog.md) | always | [it](watchdog.md) | shop-team |
"""


@pytest.fixture(autouse=True)
def index(team: Team) -> None:
    team.write(INDEX, ROWS)


def test_a_true_index(team: Team) -> None:
    assert team.found() == []


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("| ShopErrors |", "| ShopErorrs |", "ShopErorrs"),
        ("| ShopErrors |", "| ShopErrors, TillErrors |", "TillErrors"),
        ("[errors](shop-errors.md) |", "[errors](watchdog.md) |", "| ShopErrors |"),
        ("Shop Team", "till-team", "till-team"),
        ("| ShopErrors | at 5 % | [errors](shop-errors.md) | shop-team |\n", "", "| Alert |"),
    ],
)
def test_a_row_that_is_not_so_or_not_there(team: Team, old: str, new: str, part: str) -> None:
    team.change(INDEX, old, new)

    assert team.found() == [("runbooks/index", INDEX, team.line(INDEX, part))]


def test_an_alert_whose_runbook_stands_elsewhere_needs_no_row(team: Team) -> None:
    (team.folder / "runbooks/watchdog.md").rename(team.folder / "watchdog.md")
    team.change("runbooks/shop-errors.md", "(watchdog.md#meaning)", "(../watchdog.md#meaning)")
    team.change(INDEX, "| [Watchdog](watchdog.md) | always | [it](watchdog.md) | shop-team |\n", "")

    assert team.found() == []


def test_an_alert_that_is_renamed_is_reported_once(team: Team) -> None:
    team.change("runbooks/shop-errors.md", "[ShopErrors, ShopErrorsCritical]", "[TillErrors, ShopErrors]")
    team.change(INDEX, "ShopErrorsCritical", "TillErrors")

    assert [rule for rule, *_ in team.found()] == ["runbooks/unknown-alert"]


def test_tables_about_something_else(team: Team) -> None:
    team.write(INDEX, "| Alert | Runbook |\n|---|---|\n| the shop is down | call |\n| TillErrors | none |\n")

    assert team.found() == []
