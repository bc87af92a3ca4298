from cockpit.clients.wire import Silence
from cockpit.contract.live.model import HeldBack
from tests.contract.healthy import NOW
from tests.contract.live.servers import Servers


def silence(*matchers: tuple[str, str, str], hours: float = 48, comment: str = "") -> Silence:
    return Silence("1a2b", "active", "alice", comment, matchers, NOW - 3600, NOW + hours * 3600)


def test_a_silence_that_matches_nothing(servers: Servers) -> None:
    servers.say(silences=(HeldBack(silence(("alertname", "=", "ShopErors"), comment="old")),))

    assert servers.found() == [("live/stale-silence", "alertmanager", 0)]
    assert servers.message() == (
        'the silence by alice on alertname="ShopErors" ("old") matches no alert now,'
        " and no rule can make one that it matches"
    )


def test_a_silence_that_an_alert_may_come_to_match(servers: Servers) -> None:
    waiting = silence(("alertname", "=~", "Shop.*"), ("severity", "=", "critical"), ("shop", "=", "rome"))
    servers.say(silences=(HeldBack(waiting),))

    assert servers.found() == []


def test_labels_of_no_rule_together_match_nothing(servers: Servers) -> None:
    never = silence(("alertname", "=", "Watchdog"), ("severity", "=", "critical"))
    servers.say(silences=(HeldBack(never),))

    assert [rule for rule, _, _ in servers.found()] == ["live/stale-silence"]


def test_where_alerts_of_other_rules_come_in_it_may_be_for_these(servers: Servers) -> None:
    servers.say(silences=(HeldBack(silence(("alertname", "=", "Theirs"))),), strangers=True)

    assert servers.found() == []


def test_a_silence_that_ends_while_it_is_needed(servers: Servers) -> None:
    servers.say(silences=(HeldBack(silence(("alertname", "=", "ShopErrors"), hours=3), 2),))

    assert servers.message() == (
        'the silence by alice on alertname="ShopErrors" ends 2026-11-21 03:00 UTC,'
        " and what it holds back still fires"
    )


def test_a_silence_that_holds_back_for_longer_than_a_day(servers: Servers) -> None:
    servers.say(silences=(HeldBack(silence(("alertname", "=", "ShopErrors"), hours=25), 2),))

    assert servers.found() == []
