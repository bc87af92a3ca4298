"""What stands there when there is no list: honest, and saying what to do next."""

import pytest

from tests.tui.driver import running
from tests.tui.fakes import NOW, Servers, gmail_incident


async def test_all_clear_says_what_it_rests_on() -> None:
    async with running(Servers()) as driver:
        await driver.shows("All clear", "prom (prometheus)", "am (alertmanager)", "Watchdog is firing")
        await driver.shows("alerting rules evaluated without error: 1")


async def test_no_watchdog_is_no_all_clear() -> None:
    servers = Servers()
    servers.watchdog = False
    async with running(servers) as driver:
        await driver.shows("Not an all-clear")
        assert "All clear" not in driver.text


async def test_an_all_clear_that_holds_no_more_goes_before_the_list_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    async with running(Servers()) as driver:
        await driver.shows("All clear")
        monkeypatch.setattr("cockpit.tui.screens.alerts.build", broken)
        driver.servers.watchdog = False
        await driver.refresh()
        await driver.until(lambda: "Not an all-clear" in driver.text and "All clear" not in driver.text)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [("refused", "refused"), (401, "401"), (403, "403"), (429, "429"), (503, "503")],
)
async def test_server_in_trouble_says_why_and_is_no_all_clear(trouble: int | str, reason: str) -> None:
    servers = Servers()
    servers.down = {"prom": trouble, "am": trouble}
    async with running(servers) as driver:
        await driver.shows("No server has answered", reason, "What to do")
        assert "All clear" not in driver.text
        servers.down = {}
        await driver.refresh()
        await driver.shows("All clear")


async def test_failed_poll_keeps_the_alerts_and_says_how_old_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        driver.servers.down = {"prom": "refused"}
        monkeypatch.setattr("time.time", lambda: NOW + 48)
        monkeypatch.setattr(driver.app.session, "now", lambda: NOW + 48)
        await driver.refresh()
        await driver.shows("stale 48s", "prom has not answered for 48 s", "refused")
        await driver.row_shows("GmailSendErrorRateCritical", "48s ago: firing")
        driver.servers.down = {}
        await driver.refresh()
        await driver.until(lambda: "stale" not in driver.text)


async def test_every_doubt_is_on_its_page() -> None:
    servers = gmail_incident()
    servers.watchdog = False
    async with running(servers) as driver:
        await driver.shows("nobody is being told", "Watchdog")
        await driver.press("exclamation_mark")
        await driver.shows("nobody is being told", "Watchdog", "Sources", "http://prom.example")
