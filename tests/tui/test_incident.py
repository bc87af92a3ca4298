"""The incident screen: runbook, answers, and what can be done with them."""

from pathlib import Path

from textual import events

from cockpit.tui.widgets.prompt import Prompt
from tests.tui.driver import Driver, running
from tests.tui.fakes import Servers, alert, gmail_incident

PLAIN = """# Disk
## Immediate Triage
Look at the disk.

```promql {"title": "Used", "unit": "ratio", "warn": 0.8}
disk_used_ratio{instance="$instance"}
```

```promql {"title": "By volume"}
disk_used{volume="$volume"}
```

```bash {"title": "Clean", "risk": "high"}
rm -r /var/cache/relay
```
## Escalation
Call somebody.
"""


def disk_servers(tmp_path: Path) -> tuple[Servers, Path]:
    """Return a full disk whose runbook has one query that a label fills, and one that none does."""
    (tmp_path / "DiskFillingUp.md").write_text(PLAIN)
    return Servers([alert("DiskFillingUp", instance="db1")]), tmp_path


async def opened(driver: Driver) -> None:
    """Open the first alert."""
    await driver.shows("DiskFillingUp")
    await driver.press("enter")
    await driver.shows("Look at the disk")
    await driver.until(lambda: "asking" not in driver.text)


async def test_two_keys_show_the_runbook_with_its_answers_wide() -> None:
    async with running(gmail_incident(), (120, 40)) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("j", "enter")
        await driver.shows("What It Means", "rate_limited", "warn, over 1 %", "crit, over 5 %", "┤")


async def test_two_keys_show_the_runbook_with_its_answers_narrow() -> None:
    async with running(gmail_incident(), (80, 24)) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("j", "enter")
        await driver.shows("What It Means")
        await driver.press("tab")
        await driver.shows("Answers: 8", "rate_limited", "█")


async def test_unfilled_placeholder_is_not_sent_until_it_is_filled_by_hand(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    async with running(servers, runbooks=folder) as driver:
        await opened(driver)
        await driver.shows("unfilled: volume", "disk_used_ratio{instance=")
        await driver.press("2", "f")
        await driver.type('a"b')
        await driver.press("enter")
        await driver.until(lambda: "unfilled" not in driver.text)
        await driver.shows(r'volume="a\"b"')


async def test_query_goes_large_and_its_range_changes(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    async with running(servers, runbooks=folder) as driver:
        await opened(driver)
        await driver.press("1", "enter")
        await driver.shows("1 series", "range 1h")
        await driver.press("greater_than_sign")
        await driver.shows("range 3h")
        await driver.press("less_than_sign", "less_than_sign", "less_than_sign", "less_than_sign")
        await driver.shows("range 5m")


async def test_query_is_edited_and_run_ad_hoc(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    async with running(servers, runbooks=folder) as driver:
        await opened(driver)
        await driver.press("1", "e")
        await driver.shows("promql ")
        await driver.type(" + 1")
        await driver.press("enter")
        await driver.shows("ad hoc", "+ 1")


async def test_commands_and_queries_are_copied_not_run(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    async with running(servers, runbooks=folder) as driver:
        await opened(driver)
        await driver.shows("high risk", "[a]", "[1]")
        await driver.press("y")
        await driver.shows("enter choose", "Clean")
        await driver.press("G", "enter")
        await driver.tells("copied Clean")
        assert driver.app.clipboard == "rm -r /var/cache/relay"


async def test_sections_are_walked_and_searched(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    (folder / "DiskFillingUp.md").write_text(PLAIN + "\n\nline\n" * 80 + "## Last\nneedle\n")
    async with running(servers, runbooks=folder) as driver:
        await opened(driver)
        await driver.press("right_square_bracket")
        await driver.until(lambda: "Immediate Triage" in driver.lines[2])
        await driver.press("slash")
        await driver.type("needle")
        await driver.press("enter")
        await driver.shows("needle")
        await driver.press("slash")
        await driver.type("haystack")
        await driver.press("enter")
        await driver.shows("not found")


async def test_alert_link_starts_at_its_anchor(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    (folder / "DiskFillingUp.md").write_text(PLAIN + "\n\nline\n" * 80)
    servers.alerts[0]["annotations"]["runbook_url"] = "https://x.example/DiskFillingUp.md#escalation"
    async with running(servers, runbooks=folder) as driver:
        await driver.shows("DiskFillingUp")
        await driver.press("enter")
        await driver.until(lambda: "Escalation" in driver.lines[2])


async def test_alert_without_a_runbook_says_how_to_give_it_one(tmp_path: Path) -> None:
    async with running(Servers([alert("Lonely")]), runbooks=tmp_path) as driver:
        await driver.shows("no runbook")
        await driver.press("enter")
        await driver.shows("No runbook for Lonely", "runbook_url", "No runbook, no queries.")


async def test_library_opens_a_runbook_without_an_alert() -> None:
    async with running(Servers()) as driver:
        await driver.shows("All clear")
        await driver.press("2")
        await driver.shows("RUNBOOKS", "Gmail send: high error rate")
        await driver.press("slash")
        await driver.type("stalled")
        await driver.press("enter")
        await driver.shows("1 of ")
        await driver.press("enter")
        await driver.shows("What It Means", "unfilled: controller")
        await driver.press("escape", "1")
        await driver.shows("All clear")


async def test_a_second_enter_at_once_opens_nothing_twice(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    async with running(servers, runbooks=folder) as driver:
        await driver.shows("DiskFillingUp")
        await driver.press("enter", "enter")
        await driver.shows("Look at the disk")
        await driver.press("escape")
        await driver.shows("ALERTS")


async def test_two_enters_at_once_fill_one_placeholder(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    async with running(servers, runbooks=folder) as driver:
        await opened(driver)
        await driver.press("2", "f", "x")
        for _ in range(2):
            driver.app.screen.query_one(Prompt).post_message(Prompt.Submitted("fill", "x"))
        await driver.shows('volume="x"')


async def test_screens_left_at_once_come_to_nothing(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    async with running(servers, runbooks=folder) as driver:
        await driver.shows("DiskFillingUp")
        for _ in range(12):
            driver.app.screen.post_message(events.Key("enter", None))
            await driver.pilot.pause(0.01)
            driver.app.screen.post_message(events.Key("escape", None))
            await driver.pilot.pause(0.01)
        await driver.press("escape")
        await driver.shows("ALERTS")


async def test_link_to_an_html_anchor_starts_there(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    (folder / "DiskFillingUp.md").write_text(
        PLAIN + "\n\nline\n" * 80 + '<a name="deep"></a>\n\nDeep\n' + "\n\nx\n" * 40
    )
    servers.alerts[0]["annotations"]["runbook_url"] = "https://x.example/DiskFillingUp.md#deep"
    async with running(servers, runbooks=folder) as driver:
        await driver.shows("DiskFillingUp")
        await driver.press("enter")
        await driver.until(lambda: any("Deep" in row for row in driver.lines[2:6]))


async def test_hostile_label_is_drawn_harmless_even_while_it_is_edited(tmp_path: Path) -> None:
    servers, folder = disk_servers(tmp_path)
    servers.alerts[0]["labels"]["instance"] = "x\x9b31m\u202e"
    async with running(servers, runbooks=folder) as driver:
        await opened(driver)
        await driver.press("1", "e")
        await driver.shows(r"x\u009b31m\u202e")
        assert "\x9b" not in driver.text
        assert "\u202e" not in driver.text
