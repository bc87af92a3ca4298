"""The alert list as its user drives it."""

import asyncio

import pytest

from cockpit.alerts.model import Alert
from cockpit.config import Ui
from cockpit.tui.app import Cockpit
from tests.tui.driver import Driver, running
from tests.tui.fakes import Servers, alert, gmail_incident, session


async def selects(driver: Driver, name: str) -> None:
    """Wait until the cursor is on `name`."""
    await driver.row_shows(" > ", name)


async def test_worst_is_on_top_and_says_that_nobody_is_told() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("UNDELIVERED 2m05s")
        await selects(driver, "PaymentsDown")
        await driver.shows("1 alert fires that no Alertmanager has: nobody is being told")


async def test_each_state_is_said_in_words() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.row_shows("GmailSendLatencyWarning", "pending, 3m20s left")
        await driver.row_shows("GmailSendErrorRateWarning", "inhibited by Gmail")
        await driver.row_shows("CertExpiresSoon", "silenced")
        await driver.row_shows("GmailSendErrorRateCritical", "firing")


async def test_cursor_stays_on_its_alert_over_refresh_filter_and_grouping() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("j")
        await selects(driver, "GmailSendErrorRateCritical")
        driver.servers.alerts.insert(0, alert("DatabaseDown", severity="critical", age=1))
        await driver.refresh()
        await driver.shows("DatabaseDown")
        await selects(driver, "GmailSendErrorRateCritical")
        await driver.press("slash")
        await driver.type("gmail")
        await driver.press("enter")
        await driver.shows("3 of 18")
        await selects(driver, "GmailSendErrorRateCritical")
        await driver.press("escape", "b")
        await driver.shows("by alertname")
        await selects(driver, "GmailSendErrorRateCritical")


async def test_a_new_alert_is_marked_until_it_is_looked_at() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        assert "new" not in driver.row("ALERTS")
        driver.servers.alerts.append(alert("DatabaseDown", severity="critical", age=1))
        await driver.refresh()
        await driver.shows("1 new")
        await driver.until(lambda: driver.row("DatabaseDown").startswith(" + "))
        await driver.press("n")
        await driver.until(lambda: "1 new" not in driver.text)


async def test_filter_that_cannot_be_read_says_where_it_is_wrong() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("slash")
        await driver.type('severity=~"(')
        await driver.shows("filter, column 11")
        await driver.press("escape")
        await driver.shows("GmailSendErrorRateCritical")


async def test_filter_without_a_match_says_how_to_go_back() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("slash")
        await driver.type("nowhere")
        await driver.press("enter")
        await driver.shows("None of 17 alerts matches", "esc clears the filter")
        assert "All clear" not in driver.text
        await driver.press("escape")
        await driver.shows("PaymentsDown")


async def test_typing_into_a_prompt_presses_no_key() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("slash")
        await driver.type("q1r2bn?yo")
        await driver.shows("q1r2bn?yo")
        await driver.press("escape")
        await driver.shows("PaymentsDown")


async def test_hundreds_of_equals_are_one_line_until_opened() -> None:
    many = [alert("DiskFillingUp", instance=f"db{i:03}") for i in range(212)]
    async with running(Servers([*many, alert("CertExpiresSoon", age=9000)])) as driver:
        await driver.shows("DiskFillingUp")
        await driver.press("b")
        await driver.shows("DiskFillingUp (212)", "instance: 212", "212 firing")
        assert "db007" not in driver.text
        await driver.press("g", "enter")
        await driver.shows("db007")


async def test_marked_alerts_are_copied_together() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("space", "space", "y")
        await driver.tells("copied 2 alerts")
        assert driver.app.clipboard.splitlines()[0].startswith('{alertname="PaymentsDown", ')


async def test_bell_rings_for_what_is_new_bad_enough_and_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(gmail_incident(), ui=Ui(ascii=False, bell="critical")) as driver:
        rung: list[int] = []
        monkeypatch.setattr(driver.app, "bell", lambda: rung.append(1))
        await driver.shows("PaymentsDown")
        driver.servers.alerts.append(alert("SlowDisk", age=1))
        await driver.refresh()
        await driver.shows("SlowDisk")
        assert not rung
        driver.servers.alerts.append(alert("DatabaseDown", severity="critical", age=1))
        await driver.refresh()
        await driver.shows("DatabaseDown")
        await driver.until(lambda: rung == [1])


async def test_keys_are_remapped_by_id_and_shown_so() -> None:
    async with running(gmail_incident(), ui=Ui(ascii=False, keys={"alerts.filter": "ctrl+s"})) as driver:
        await driver.shows("PaymentsDown")
        await driver.until(lambda: "ctrl-s filter" in driver.lines[-1])
        await driver.press("ctrl+s")
        await driver.type("cert")
        await driver.shows("1 of 17")


@pytest.mark.parametrize("key", ["ctrl+d", "ctrl+k", "d", "x", "delete"])
async def test_no_key_by_itself_destroys_anything(key: str) -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown", "last 24 h")
        asked = len(driver.servers.asked)
        before = driver.text
        await driver.press(key)
        assert driver.text == before
        assert len(driver.servers.asked) == asked


async def test_commands_group_filter_and_complain() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("colon")
        await driver.type("group owner")
        await driver.press("enter")
        await driver.shows("by owner", "relay-oncall (3)")
        await driver.press("colon")
        await driver.type("grope owner")
        await driver.press("enter")
        await driver.shows("there is no command 'grope'")
        await driver.press("escape")


async def test_command_shows_an_ad_hoc_query() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("colon")
        await driver.type("query sum(action_exec_total)")
        await driver.press("enter")
        await driver.shows("ad hoc", "1 series")


async def test_help_names_the_keys_of_the_screen() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("question_mark")
        await driver.shows("Open the runbook with its answers", "alerts.open")
        await driver.press("escape")
        await driver.shows("PaymentsDown")


async def test_modes_keep_their_place() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("j", "2")
        await driver.shows("RUNBOOKS")
        await driver.press("1")
        await driver.shows("PaymentsDown")
        await selects(driver, "GmailSendErrorRateCritical")


async def test_unknown_name_of_a_key_is_refused() -> None:
    async with session(Servers()) as opened:
        app = Cockpit(opened, Ui(ascii=False, keys={"alerts.fliter": "f"}))
        async with app.run_test() as pilot:
            await pilot.pause()
    assert app.failure is not None
    assert "'alerts.fliter'" in app.failure


async def test_command_palette_offers_the_modes() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("ctrl+p")
        await driver.type("runb")
        await driver.shows("The runbook library")


async def test_alert_in_another_state_is_marked_again() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        assert "new" not in driver.row("ALERTS")
        pending = next(a for a in driver.servers.alerts if a["state"] == "pending")
        pending["state"] = "firing"
        await driver.refresh()
        await driver.shows("1 new")
        await driver.until(lambda: driver.row("GmailSendLatencyWarning").startswith(" + "))


async def test_bell_does_not_ring_for_what_a_cleared_filter_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(gmail_incident(), ui=Ui(ascii=False, bell="on")) as driver:
        rung: list[int] = []
        await driver.shows("PaymentsDown")
        monkeypatch.setattr(driver.app, "bell", lambda: rung.append(1))
        await driver.press("slash")
        await driver.type("cert")
        await driver.press("enter")
        driver.servers.alerts.append(alert("SlowDisk", age=1))
        await driver.refresh()
        await driver.shows("1 of 18")
        await driver.press("escape")
        await driver.refresh()
        await driver.shows("SlowDisk")
        assert not rung


async def test_list_that_cannot_be_built_says_that_it_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        monkeypatch.setattr("cockpit.tui.screens.alerts.build", broken)
        await driver.refresh()
        await driver.tells("the list could not be built, and is old")
        monkeypatch.undo()


async def test_slow_history_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def slow(session: object, shown: Alert, **_: object) -> tuple[()]:
        asked.append(shown.name)
        await asyncio.sleep(1.5)
        return ()

    monkeypatch.setattr("cockpit.tui.preview.fired_before", slow)
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("j")
        await driver.shows("not firing in that time")
        assert asked.count("GmailSendErrorRateCritical") == 1
