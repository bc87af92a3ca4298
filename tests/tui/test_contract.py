"""Mode 5: findings, one finding, coverage; checks that run beside the screen; what alerts lack."""

import os
from dataclasses import replace as changed
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.config import Ui
from cockpit.contract.model import Report
from cockpit.errors import InconclusiveError
from tests.tui.checked import AGREED, FINDINGS, SOME, Checks, finding, write_payments
from tests.tui.driver import Driver, running
from tests.tui.fakes import Servers, alert, gmail_incident

SIZES = [(80, 24), (120, 40)]
MADE_VISIBLE = {"␛", "␇"}


@pytest.mark.parametrize("size", SIZES)
async def test_findings_are_listed_worst_first_and_told_in_full_below(
    checks: Checks, size: tuple[int, int]
) -> None:
    checks.result = SOME
    async with running(Servers(), size) as driver:
        await driver.press("5")
        await driver.shows(
            "CONTRACT", "2 errors, 2 warnings, 1 info", "in 2.4 s", "1 not read, 1 not checked"
        )
        listed = [
            each for line in driver.lines for each in ("error ", "warning ", "info ") if each in line[:12]
        ]
        assert listed == ["error ", "error ", "warning ", "warning ", "info "]
        await driver.reads("did you mean action_error_total?", "remedy: ask for the metric by the name")
        await driver.press("G")
        await driver.shows("remedy: read it through")


async def test_the_filter_finds_a_file_and_a_rule(checks: Checks) -> None:
    checks.result = SOME
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("TenantMismatchSpike")
        await driver.type("/payments")
        await driver.until(lambda: "TenantMismatchSpike" not in driver.text)
        await driver.shows("1 of 2 errors", "PaymentsDown has no runbook")
        await driver.press("escape")
        await driver.type("/nothing like it")
        await driver.shows("No finding has these words")


async def test_the_screen_answers_while_a_check_runs(checks: Checks) -> None:
    checks.free.clear()
    checks.result = SOME
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("Checking…", "proven with promtool")
        await driver.press("1")
        await driver.shows("ALERTS")
        await driver.press("5")
        await driver.shows("Checking…")
        checks.free.set()
        await driver.shows("2 errors")
        assert checks.begun == 1


async def test_r_checks_again_and_what_was_found_stays_meanwhile(checks: Checks) -> None:
    checks.result = SOME
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("2 errors")
        checks.free.clear()
        await driver.press("r")
        await driver.shows("checking again", "TenantMismatchSpike")
        checks.result = AGREED
        checks.free.set()
        await driver.shows("Everything agrees.", "16 alerts, 14 runbooks", "149 queries looked at")
        await driver.until(lambda: checks.begun == 2)


async def test_what_is_asked_for_while_a_check_runs_is_checked_once_more(checks: Checks) -> None:
    checks.free.clear()
    checks.result = SOME
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("Checking…")
        await driver.press("r", "r", "r")
        checks.free.set()
        await driver.until(lambda: checks.ended == 2)
        await driver.shows("2 errors")
        assert checks.begun == 2


async def test_the_cursor_stays_on_its_finding_when_it_is_checked_again(checks: Checks) -> None:
    checks.result = SOME
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("2 errors")
        await driver.press("j", "j")
        await driver.row_shows(">", "undrilled")
        moved = tuple(replace(each, line=each.line + 7) for each in FINDINGS if each.severity != "error")
        checks.result = replace(SOME, report=replace(SOME.report, findings=moved))
        await driver.press("r")
        await driver.shows("2 warnings, 1 info")
        await driver.row_shows(">", "undrilled", "48")


async def test_no_agreement_is_told_of_what_was_not_looked_at(checks: Checks) -> None:
    checks.result = replace(SOME, report=replace(SOME.report, findings=()))
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("What was checked agrees.", "runbooks/old.md:3", "amtool is not installed")
        assert "Everything agrees" not in driver.text


async def test_folders_without_anything_to_check_are_no_agreement(checks: Checks) -> None:
    checks.result = replace(AGREED, report=Report(counts={"alerts": 0}))
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("Nothing to check")
        assert "agrees" not in driver.text


async def test_a_check_that_fails_says_why_and_r_tries_again(checks: Checks) -> None:
    checks.result = InconclusiveError("settings .cockpit.toml, line 3: unknown key")
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("It could not be checked: settings .cockpit.toml, line 3: unknown key", "r tries")
        checks.result = SOME
        await driver.press("r")
        await driver.shows("2 errors")
        checks.result = InconclusiveError("no such folder")
        await driver.press("r")
        await driver.shows("2 errors", "no such folder")


async def test_a_defect_of_a_check_is_told_and_ends_nothing(checks: Checks) -> None:
    checks.result = RuntimeError("boom")
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.tells("the contract could not be checked: RuntimeError: boom")
        await driver.press("1")
        await driver.shows("ALERTS")


async def test_a_context_without_folders_is_never_checked(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.tui.app.CHECK_AFTER", 0.01)
    async with running(gmail_incident()) as driver:
        context = driver.app.session.context
        driver.app.session.context = changed(context, runbooks=(), scenarios=None)
        await driver.press("5")
        await driver.shows("names no folders to check", "--runbooks DIR")
        await driver.press("r")
        await driver.shows("names no folders to check")
        assert checks.begun == 0


async def test_a_check_begins_after_the_first_board_and_only_once(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.tui.app.CHECK_AFTER", 0.01)
    checks.result = SOME
    async with running(gmail_incident()) as driver:
        await driver.until(lambda: checks.ended == 1)
        assert driver.app.board is not None
        await driver.press("5")
        await driver.shows("2 errors")
        await driver.refresh()
        assert checks.begun == 1


async def test_a_check_is_ended_with_the_program(checks: Checks) -> None:
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.until(lambda: checks.begun == 1)
    assert checks.ended == 1


@pytest.mark.parametrize("words", [":contract", ":check"])
async def test_commands_lead_there(checks: Checks, words: str) -> None:
    checks.result = SOME
    async with running(Servers()) as driver:
        await driver.type(words)
        await driver.press("enter")
        await driver.shows("CONTRACT", "2 errors")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_payments(tmp_path)


@pytest.mark.parametrize("size", SIZES)
async def test_a_finding_is_shown_with_its_lines_its_remedy_and_its_rule(
    checks: Checks, file: Path, size: tuple[int, int]
) -> None:
    checks.result = SOME
    async with running(Servers(), size) as driver:
        await _open_payments(driver)
        await driver.shows("error  alerts/no-runbook", "payments.yml:6", "remedy: link one with a")
        await driver.row_shows(" 6 │", ">", "- alert: PaymentsDown")
        await driver.shows("4 │", "7 │", "␛]0;owned␇", "Alert without a runbook")
        assert "\x1b]0" not in driver.text


async def _open_payments(driver: Driver) -> None:
    await driver.press("5")
    await driver.shows("2 errors")
    await driver.press("j", "enter")
    await driver.shows("remedy: link one with a", "PaymentsDown has no runbook")


async def test_a_file_that_is_gone_is_said(
    checks: Checks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    checks.result = SOME
    async with running(Servers()) as driver:
        await _open_payments(driver)
        await driver.shows("cannot be read: No such file")
        await driver.press("e")
        await driver.tells("is not there any more: r checks again")


async def test_a_finding_that_was_mended_is_gone_after_the_next_check(checks: Checks, file: Path) -> None:
    checks.result = SOME
    async with running(Servers()) as driver:
        await _open_payments(driver)
        checks.result = AGREED
        await driver.press("r")
        await driver.shows("Gone: the last check does not find this any more")
        checks.result = SOME
        await driver.press("r")
        await driver.until(lambda: "Gone:" not in driver.text)


async def test_file_and_line_are_copied(checks: Checks) -> None:
    checks.result = SOME
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("2 errors")
        await driver.press("y")
        await driver.tells("copied file and line")
        assert driver.app.clipboard == "runbooks/gmail-send-high-error-rate.md:48"


@pytest.mark.parametrize("size", SIZES)
async def test_coverage_says_what_each_alert_has_or_lacks(checks: Checks, size: tuple[int, int]) -> None:
    checks.result = SOME
    async with running(Servers(), size) as driver:
        await driver.press("5")
        await driver.shows("2 errors")
        await driver.press("c")
        await driver.shows("Coverage", "6 alerts: 1 no runbook, 2 unproven, 2 undrilled")
        await driver.row_shows("GmailSendErrorRateWarning", "error-rate", "tabletop-01")
        await driver.row_shows("PaymentsDown", "no runbook", "unproven", "undrilled")
        await driver.row_shows("Watchdog", "fires always")
        await driver.row_shows("PushgatewayDown", "none: the")
        await driver.press("G")
        await driver.shows("Not read", "is no UTF-8 text", "Not checked", "amtool is not installed")


@pytest.mark.parametrize("size", SIZES)
async def test_an_alert_says_what_it_lacks_once_that_is_known(checks: Checks, size: tuple[int, int]) -> None:
    checks.result = SOME
    checks.free.clear()
    async with running(gmail_incident(), size) as driver:
        await driver.shows("PaymentsDown")
        driver.app.check_first()
        await driver.press("g", "j")
        await driver.row_shows("Gmail send errors are over 5 %", "GmailSendErrorRateCritical")
        assert "undrilled" not in driver.text
        checks.free.set()
        await driver.row_shows("Gmail send errors are", "GmailSendErrorRateCritical  undrilled")
        if size[0] >= 110:
            await driver.row_shows("> CRIT", "undrilled")
            await driver.row_shows("CRIT PaymentsDown", "region=eu  no runbook +2")
        await driver.press("enter")
        await driver.row_shows("CRIT  firing", "undrilled")


async def test_an_alert_that_the_check_does_not_know_lacks_what_the_board_knows(checks: Checks) -> None:
    checks.result = SOME
    servers = Servers([alert("OfAnotherTeam", region="eu"), alert("GmailSendErrorRateWarning")])
    async with running(servers) as driver:
        await driver.shows("OfAnotherTeam")
        driver.app.check_first()
        await driver.row_shows(" OfAnotherTeam", "no runbook")
        assert "undrilled" not in driver.text
        assert "unproven" not in driver.text


async def test_nothing_is_due_of_which_a_team_has_none(checks: Checks) -> None:
    checks.result = replace(SOME, report=Report(counts={"alerts": 4, "runbooks": 2}))
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        driver.app.check_first()
        await driver.row_shows("> CRIT PaymentsDown", "no runbook ")
        assert "undrilled" not in driver.text
        assert "unproven" not in driver.text


async def test_ascii_screens_have_no_other_character(checks: Checks, file: Path) -> None:
    checks.result = SOME
    async with running(gmail_incident(), ui=Ui(ascii=True)) as driver:
        await driver.shows("PaymentsDown")
        await _open_payments(driver)
        await driver.shows(" 6 |")
        assert not {each for each in driver.text if not each.isascii()} - MADE_VISIBLE
        await driver.press("escape", "c")
        await driver.shows("Coverage")
        assert not {each for each in driver.text if not each.isascii()} - MADE_VISIBLE
        await driver.press("escape", "1")
        await driver.shows("undrilled")
        assert not {each for each in driver.text if not each.isascii()} - MADE_VISIBLE


async def test_text_of_findings_is_data(checks: Checks) -> None:
    hostile = finding("a/b", "error", "x\x1b[2J[red]\u202e.yml", 1, "m\x1b]0;t\x07 [bold]m[/bold]", "r\nr")
    checks.result = replace(SOME, report=Report(findings=(hostile,), counts={"alerts": 1}))
    async with running(Servers()) as driver:
        await driver.press("5")
        await driver.shows("[bold]m[/bold]")
        assert not {"\x1b", "\x07", "\u202e"} & set(driver.text)
        await driver.press("enter")
        await driver.shows("[bold]m[/bold]", "cannot be read")
        assert not {"\x1b", "\x07", "\u202e"} & set(driver.text)


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("vim", ["vim", "+6", "FILE"]),
        ("/usr/bin/nvim -p", ["/usr/bin/nvim", "-p", "+6", "FILE"]),
        ("code --wait", ["code", "--wait", "-g", "FILE:6"]),
        ("hx", ["hx", "FILE:6"]),
        ("'my editor' -x", ["my editor", "-x", "FILE"]),
        ("vim; rm -rf $HOME", ["vim;", "rm", "-rf", "$HOME", "FILE"]),
    ],
)
def test_an_editor_is_told_file_and_line_in_its_own_way(
    file: Path, monkeypatch: pytest.MonkeyPatch, editor: str, words: list[str]
) -> None:
    from cockpit.tui.editor import command

    monkeypatch.setenv("VISUAL", editor)
    monkeypatch.setenv("EDITOR", "ed")
    given = command(file.relative_to(Path.cwd()), 6)
    assert [word.replace(os.fspath(file), "FILE") for word in given] == words


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        ("", "no editor is set: set EDITOR, such as EDITOR=vim"),
        ("'", "EDITOR cannot be read: No closing quotation"),
        ("vim", "no editor can be opened from this terminal"),
    ],
)
async def test_an_editor_that_cannot_be_opened_is_one_line(
    checks: Checks, file: Path, monkeypatch: pytest.MonkeyPatch, editor: str, said: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    checks.result = SOME
    async with running(Servers()) as driver:
        await _open_payments(driver)
        await driver.press("e")
        await driver.tells(said)
        await driver.until(lambda: not driver.app.edits)


async def test_a_real_check_brings_findings_and_coverage(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.contract.apart.check_apart", checks.real)
    async with running(gmail_incident()) as driver:
        await driver.press("5")
        await driver.shows("Checking…")
        await driver.until(lambda: driver.app.contract.checked is not None, within=60)
        await driver.press("c")
        await driver.shows("Coverage")
        await driver.row_shows("GmailSendErrorRateWarning", "error-rate-warn", "tabletop-01")
