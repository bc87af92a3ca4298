"""Scenarios on the screen: the banner in every mode, the library, the live view, and the ladder."""

import threading
from typing import Any

import pytest

from cockpit.tui import plays
from tests.tui.driver import running
from tests.tui.fakes import Servers, gmail_incident, played_incident
from tests.tui.playing import GATEWAY, left_behind, playing

PLAYED: dict[str, Any] = {"pushgateway": GATEWAY, "sink": "http://sink.example"}


async def test_every_mode_says_that_a_scenario_plays() -> None:
    with playing("error-rate-warn", opened=400):
        async with running(gmail_incident(), **PLAYED) as driver:
            await driver.shows("SYNTHETIC", "error-rate-warn playing in prod, 6m10s of 15m")
            for key, there in (("2", "RUNBOOKS"), ("3", "SCENARIOS"), ("1", "ALERTS")):
                await driver.press(key)
                await driver.shows(there, "SYNTHETIC", "6m10s of 15m")


async def test_the_banner_goes_with_the_play() -> None:
    async with running(gmail_incident(), **PLAYED) as driver:
        with playing("error-rate-warn"):
            await driver.shows("SYNTHETIC")
        await driver.until(lambda: "SYNTHETIC" not in driver.text)


async def test_a_play_on_another_gateway_is_none_of_this_context() -> None:
    with playing("latency-warn", context="lab"), playing("error-rate-warn"):
        async with running(gmail_incident(), pushgateway="http://other.example") as driver:
            await driver.shows("error-rate-warn playing")
            assert "latency-warn" not in driver.text


async def test_what_was_left_behind_is_said_with_its_remedy() -> None:
    left_behind("error-rate-warn")
    async with running(gmail_incident(), **PLAYED) as driver:
        await driver.shows("LEFT BEHIND", f"error-rate-warn at {GATEWAY}", "D deletes")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_an_alert_says_that_a_scenario_caused_it(size: tuple[int, int]) -> None:
    async with running(played_incident(), size) as driver:
        await driver.shows("GmailSendErrorRateWarning", "Gmail send errors are")
        await driver.row_shows("> WARN", "SYNTH")
        await driver.row_shows("Gmail send errors are", "SYNTHETIC")
        await driver.press("enter")
        await driver.shows("What It Means")
        await driver.row_shows("WARN  firing", "SYNTHETIC")


async def test_alerts_of_a_scenario_played_elsewhere_are_named() -> None:
    async with running(played_incident()) as driver:
        await driver.shows("come from error-rate-warn, which nobody plays on this machine")


async def test_the_library_says_what_each_scenario_makes_fire_and_what_plays() -> None:
    with playing("error-rate-warn", opened=400):
        async with running(Servers(), **PLAYED) as driver:
            await driver.press("3")
            await driver.shows("SCENARIOS", "baseline", "tenant-mismatch-spike")
            await driver.row_shows(" error-rate-warn  ", "6m10s of 15m", "GmailSendErrorRateWarning", "never")
            await driver.type("/tenant")
            await driver.until(lambda: "latency-warn" not in driver.text)
            await driver.shows("1 of ")


async def test_the_live_view_tells_how_far_the_chain_is_and_who_was_told() -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), **PLAYED) as driver:
            await driver.type(":scenario error-rate-warn")
            await driver.press("enter")
            await driver.shows("playing in prod, 11m40s of 15m", "gmail_send:error_ratio:rate5m", "over 1 %")
            await driver.shows("firing, for 1m, slack told", "fires within", "must not fire")
            await driver.row_shows("resolved", "ok pushed", "ok firing 10m40s", "- resolved")
            await driver.row_shows("Gmail send errors are over 1 %", "slack")


async def test_a_live_view_without_an_answer_says_so_and_stays() -> None:
    with playing("error-rate-warn"):
        async with running(played_incident(), **PLAYED) as driver:
            await driver.type(":scenario error-rate-warn")
            await driver.press("enter")
            await driver.shows("over 1 %")
            driver.servers.down = {"prom": "refused"}
            await driver.shows("refused")
            assert "SYNTHETIC" in driver.text


async def test_a_scenario_at_rest_says_what_it_expects() -> None:
    async with running(Servers(), **PLAYED) as driver:
        await driver.press("3")
        await driver.shows("tenant-mismatch-spike")
        await driver.type("/tenant")
        await driver.press("enter")
        await driver.shows("1 of ")
        await driver.press("enter")
        await driver.shows("not playing", "TenantMismatchSpike", "fires within")


async def test_rules_that_do_not_fire_are_listed_and_lead_to_their_ladder() -> None:
    async with running(played_incident(), **PLAYED) as driver:
        await driver.type(":rules")
        await driver.press("enter")
        await driver.shows("RULES", "GmailSendErrorRateCritical")
        await driver.row_shows("GmailSendErrorRateCritical", "inactive")
        await driver.row_shows("GmailSendErrorRateWarning", "firing")
        await driver.type("/critical")
        await driver.press("enter", "w")
        await driver.shows("why is it not firing?", "first rung that does not hold")


async def test_w_shows_the_ladder_of_the_alert_under_the_cursor() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.press("w")
        await driver.shows("PaymentsDown", "why is nobody told?", "received", "no Alertmanager")
        await driver.press("escape")
        await driver.shows("ALERTS")


async def test_why_of_a_name_that_nothing_has_says_so() -> None:
    async with running(gmail_incident()) as driver:
        await driver.shows("PaymentsDown")
        await driver.type(":why Nonsense")
        await driver.press("enter")
        await driver.shows("Nonsense", "no rule")


async def test_what_plays_is_not_played_once_more_and_the_labs_own_is_not_stopped() -> None:
    with playing("error-rate-warn", player="lab"):
        async with running(played_incident(), **PLAYED, synthetic=True) as driver:
            await driver.type(":scenario error-rate-warn")
            await driver.press("enter")
            await driver.shows("over 1 %")
            await driver.press("p")
            await driver.tells("error-rate-warn plays already: s stops it")
            await driver.press("s")
            await driver.tells("played by the lab itself")
            await driver.press("1")
            await driver.shows("ALERTS")


async def test_the_labs_baseline_plays_but_is_no_banner() -> None:
    with playing("baseline", player="lab"):
        async with running(Servers(), **PLAYED) as driver:
            await driver.press("3")
            await driver.shows("validation-spike")
            await driver.row_shows(" baseline ", "of 15m")
            assert "SYNTHETIC" not in driver.text
            await driver.press("p")
            await driver.tells("baseline plays already")


async def test_plays_in_two_contexts_are_told_apart() -> None:
    with playing("error-rate-warn"), playing("latency-warn", context="staging"):
        async with running(Servers(), **PLAYED) as driver:
            await driver.shows("in prod: error-rate-warn", "in staging: latency-warn")


async def test_what_the_screen_started_is_known_to_go_on_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def listened(words: object, said: object) -> tuple[int, tuple[str, ...]]:
        ended.wait(60)
        return 0, ()

    monkeypatch.setattr(plays, "_listened", listened)
    async with running(played_incident(), **PLAYED, synthetic=True) as driver:
        app = driver.app
        await driver.type(":scenario error-rate-warn")
        await driver.press("enter")
        await driver.shows("not playing")
        await driver.press("p")
        await driver.until(lambda: app.plays.running == ("error-rate-warn",))
    assert app.plays.running == ("error-rate-warn",)
    ended.set()
