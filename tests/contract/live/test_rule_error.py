from tests.contract.healthy import NOW
from tests.contract.live.servers import Servers

RULES = "rules/shop.yml"


def test_a_rule_that_cannot_be_evaluated(servers: Servers) -> None:
    servers.change_rule(
        "ShopErrors", health="err", last_error="many-to-many\x1b[31m matching not allowed\nhere"
    )

    line = servers.team.line(RULES, "expr: shop:errors:ratio5m > 0.05")
    assert servers.found() == [("live/rule-error", RULES, line)]
    assert servers.message().startswith("ShopErrors cannot be evaluated: many-to-many")
    assert "\x1b" not in servers.message()


def test_a_group_that_is_late_is_one_finding(servers: Servers) -> None:
    for name in ("shop:errors:ratio5m", "ShopErrors", "ShopErrorsCritical", "Watchdog"):
        servers.change_rule(name, last_evaluation=NOW - 7200)

    assert servers.found() == [("live/rule-error", RULES, servers.team.line(RULES, "expr: |"))]
    assert servers.message() == "the group shop has not been evaluated since 2026-11-20 22:00 UTC"


def test_of_a_rule_that_was_just_loaded_nothing_is_known(servers: Servers) -> None:
    servers.change_rule("ShopErrors", health="unknown", last_evaluation=0.0)

    assert servers.found() == []


def test_another_expression_explains_its_error(servers: Servers) -> None:
    servers.change_rule("ShopErrors", health="err", last_error="no", query="up * up")

    assert [rule for rule, _, _ in servers.found()] == ["live/rules-differ"]
