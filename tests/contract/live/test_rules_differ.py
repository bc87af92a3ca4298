import pytest
from msgspec.structs import replace

from cockpit.clients.wire import AlertingRule, RuleGroup, RuleGroups
from tests.contract.healthy import Team
from tests.contract.live.servers import Servers

RULES = "rules/shop.yml"
OTHER = """\
groups:
  - name: other
    rules:
      - record: other:up:sum
        expr: sum(up)
      - record: other:up:count
        expr: count(up)
"""


def test_files_that_are_loaded(servers: Servers) -> None:
    assert servers.found() == []


def test_a_lab_has_its_durations_divided(team: Team) -> None:
    assert Servers(team, speed=60).found() == []


def test_without_servers_nothing_is_said(servers: Servers) -> None:
    assert servers.team.found() == []


def test_a_rule_that_is_not_loaded(servers: Servers) -> None:
    servers.unload("ShopErrors")

    line = servers.team.line(RULES, "- alert: ShopErrors\n")
    assert servers.found() == [("live/rules-differ", RULES, line)]
    assert servers.message() == "ShopErrors is not loaded in prometheus"


@pytest.mark.parametrize(
    ("change", "part", "said"),
    [
        ({"query": "shop:errors:ratio5m > 0.3"}, "expr: shop:errors:ratio5m > 0.2", "another expression"),
        ({"labels": {"severity": "warning", "owner": "shop-team"}}, "{severity: critical", "other labels"),
        ({"annotations": {}}, "summary: Many", "other annotations"),
    ],
)
def test_a_rule_that_is_loaded_otherwise(
    servers: Servers, change: dict[str, object], part: str, said: str
) -> None:
    servers.change_rule("ShopErrorsCritical", **change)

    line = servers.team.line(RULES, part) - (part.startswith("summary"))
    assert servers.found() == [("live/rules-differ", RULES, line)]
    assert f"is loaded in prometheus with {said}: " in servers.message()


def test_another_for_is_said_in_the_time_of_the_files(team: Team) -> None:
    servers = Servers(team, speed=60)
    servers.change_rule("ShopErrors", duration=10.0)

    assert servers.message() == "ShopErrors is loaded in prometheus with another `for`: 10m00s"


def test_how_prometheus_prints_an_expression_is_no_difference(servers: Servers) -> None:
    servers.change_rule(
        "shop:errors:ratio5m",
        query="(sum(rate(shop_errors_total[300s])) by (shop))"
        " / sum by (shop) (rate(shop_requests_total[5m]))",
    )

    assert servers.found() == []


def test_a_rule_that_was_loaded_by_hand(servers: Servers) -> None:
    (group,) = servers.live.groups.groups
    by_hand = replace(group, rules=(*group.rules, AlertingRule("ByHand", "up == 5", health="ok")))
    servers.say(groups=RuleGroups((by_hand,)))

    assert servers.found() == [("live/rules-differ", "prometheus", 0)]


def test_groups_of_others_are_no_business_of_the_check(servers: Servers) -> None:
    theirs = RuleGroup("theirs", "b.yml", 15.0, (AlertingRule("Theirs", "up == 5", health="err"),))
    same_name = replace(theirs, name="shop")
    servers.say(groups=RuleGroups((*servers.live.groups.groups, theirs, same_name)))

    assert servers.found() == []


def test_a_file_that_is_loaded_twice(servers: Servers) -> None:
    (group,) = servers.live.groups.groups
    servers.say(groups=RuleGroups((group, replace(group, file="/etc/copy.yml"))))

    assert servers.found() == []


def test_a_rule_that_moved_to_another_group_is_loaded(servers: Servers) -> None:
    (group,) = servers.live.groups.groups
    servers.say(groups=RuleGroups((replace(group, name="moved"),)))

    assert servers.found() == []


def test_a_file_of_which_nothing_is_loaded_is_one_finding(servers: Servers) -> None:
    servers.team.write("rules/other.yml", OTHER)

    assert servers.found() == [("live/rules-differ", "rules/other.yml", 4)]
    assert servers.message() == "none of the 2 rules of this file is loaded in prometheus"


def test_a_file_that_something_rewrites_is_one_finding(servers: Servers) -> None:
    for name in ("shop:errors:ratio5m", "ShopErrors", "ShopErrorsCritical", "Watchdog"):
        servers.change_rule(name, labels={"namespace": "shop"})

    assert servers.found() == [("live/rules-differ", RULES, 4)]
    assert (
        servers.message() == "all 4 rules of this file are loaded in prometheus otherwise, with other labels"
    )


def test_a_server_without_any_rules_is_not_the_one_that_evaluates_them(servers: Servers) -> None:
    servers.say(groups=RuleGroups())

    assert servers.found() == []
