"""A metric that is not there; only what is certain is a finding."""

from typing import Any

import pytest

from cockpit.clients.wire import Target
from cockpit.contract.live.model import Lost, Origin
from tests.contract.healthy import NOW, Team
from tests.contract.live.servers import Servers

RULES, DASHBOARD = "rules/shop.yml", "dashboards/shop.json"
REQUESTS = "shop_requests_total"
DAY = 86_400.0


def gone(servers: Servers, metric: str = REQUESTS, **known: Any) -> None:
    """Let a metric be gone that rose every few seconds."""
    servers.say(
        present=servers.live.present - {metric},
        lost={metric: Lost(**{"since": NOW - DAY, "rises_every": 5.0, "marks": frozenset([""]), **known})},
    )


def ask(team: Team, expr: str) -> Servers:
    """Return the servers of a team whose dashboard asks something else."""
    team.change(DASHBOARD, "sum by (shop) (rate(shop_errors_total[5m]))", expr)
    return Servers(team)


def test_a_metric_that_is_gone(servers: Servers) -> None:
    gone(servers)

    assert servers.found() == [("live/missing-metric", RULES, servers.team.line(RULES, REQUESTS))]
    assert servers.message() == (
        "shop_requests_total is gone since 2026-11-20 00:00 UTC: shop:errors:ratio5m asks for it"
    )


def test_a_metric_of_several_queries_is_one_finding(servers: Servers) -> None:
    gone(servers, "shop_errors_total")

    assert servers.found() == [
        ("live/missing-metric", RULES, servers.team.line(RULES, "rate(shop_errors_total[5m])"))
    ]
    assert "shop:errors:ratio5m and 2 other places ask for it" in servers.message()


def test_the_new_name_is_told(servers: Servers) -> None:
    servers.say(metrics=servers.live.metrics | {"shop_request_total"})
    gone(servers)

    (finding,) = servers.findings()
    assert finding.remedy == "did you mean shop_request_total?"


def test_a_gauge_that_was_never_there(team: Team) -> None:
    servers = ask(team, "shop_carts > 5")
    servers.lose("shop_carts")

    assert servers.found() == [("live/missing-metric", DASHBOARD, team.line(DASHBOARD, "shop_carts"))]
    assert (
        servers.message()
        == "shop_carts was not there within a week: a query of the dashboard Shop asks for it"
    )


def test_a_counter_that_was_never_there_may_have_counted_nothing(team: Team) -> None:
    servers = ask(team, "rate(refunds_total[5m]) > 0")
    servers.lose("refunds_total")

    assert servers.found() == [("live/never-counted", DASHBOARD, team.line(DASHBOARD, "refunds_total"))]
    servers.say(declared=frozenset(["refunds_total"]))
    assert servers.found() == []


@pytest.mark.parametrize("written", ["refunds_totel", "refnuds_total", "refundss_total"])
def test_a_counter_that_is_written_almost_like_one_that_is_there(team: Team, written: str) -> None:
    servers = ask(team, f"rate({written}[5m]) > 0")
    servers.lose(written)
    servers.say(metrics=servers.live.metrics | {"refunds_total", "refunds_count"})

    line = team.line(DASHBOARD, written)
    rule = "misspelt-metric" if written.endswith("_total") else "missing-metric"
    assert servers.found() == [(f"live/{rule}", DASHBOARD, line)]
    assert servers.findings()[0].remedy == "did you mean refunds_total?"


def test_a_counter_that_is_much_like_another_may_have_counted_nothing(team: Team) -> None:
    servers = ask(team, "rate(till_returns_total[5m]) > 0")
    servers.lose("till_returns_total")
    servers.say(metrics=servers.live.metrics | {"till_refunds_total"})

    (finding,) = servers.findings()
    assert finding.rule == "live/never-counted"
    assert finding.remedy.startswith("see whether till_refunds_total is meant, and let")


@pytest.mark.parametrize(
    "expr",
    [
        "absent(shop_carts)",
        "shop_carts > 5 or vector(0) > 1",
        "up == 0 unless shop_carts > 5",
        "shop_carts > 5 or up == 0",
    ],
)
def test_what_a_query_can_do_without_is_not_missing(team: Team, expr: str) -> None:
    servers = ask(team, expr)
    servers.lose("shop_carts")

    assert servers.found() == []


def test_of_two_names_of_one_thing_one_has_to_be_there(team: Team) -> None:
    servers = ask(team, "shop_carts > 5 or shop_baskets > 5")
    servers.lose("shop_carts", "shop_baskets")

    line = team.line(DASHBOARD, "shop_carts")
    assert servers.found() == [("live/missing-metric", DASHBOARD, line)] * 2


@pytest.mark.parametrize(
    "known",
    [
        {"since": NOW - 60},
        {"longest_gap": 2 * DAY},
        {"rises_every": None},
        {"rises_every": DAY / 2},
    ],
    ids=["a restart", "it was away longer and came back", "it rose not at all", "it rose seldom"],
)
def test_a_counter_that_may_come_again(servers: Servers, known: dict[str, Any]) -> None:
    gone(servers, **known)

    assert servers.found() == []


def test_a_counter_that_begins_at_zero_needs_no_event_to_come_again(servers: Servers) -> None:
    gone(servers, rises_every=None, from_zero=True)

    assert [rule for rule, _, _ in servers.found()] == ["live/missing-metric"]


def test_what_a_target_exposes_that_is_down_follows_from_it(servers: Servers) -> None:
    origin = Origin("shop", "shop-1:80")
    gone(servers, origins=(origin,))
    servers.say(targets=(Target({"job": "shop", "instance": "shop-1:80"}, health="down"),))

    assert [rule for rule, _, _ in servers.found()] == ["live/target-down"]

    up = Target({"job": "shop", "instance": "shop-2:80"}, health="up")
    servers.say(targets=(*servers.live.targets, up))
    gone(servers, origins=(origin, Origin("shop", "shop-2:80")))
    assert {rule for rule, _, _ in servers.found()} == {"live/target-down", "live/missing-metric"}


@pytest.mark.parametrize("playing", [False, True])
def test_what_a_scenario_pushes_is_there_while_it_plays(servers: Servers, playing: bool) -> None:
    names = frozenset(["shop-errors"] if playing else [])
    servers.say(takes_scenarios=True, playing=names)
    found = [("live/missing-metric", RULES, servers.team.line(RULES, REQUESTS))] if playing else []

    gone(servers, marks=frozenset(["shop-errors"]))
    assert servers.found() == found

    servers.say(lost={})
    servers.lose(REQUESTS)
    assert servers.found() == found


def test_what_a_scenario_withholds_is_not_missing(servers: Servers) -> None:
    for name in ("shop-errors", "shop-errors-critical"):
        old = "  - {counter: shop_requests_total, rate: 50}"
        servers.team.change(f"synthetic/{name}.yaml", old, old.replace("}", ", gone: 1m}"))
    servers.say(takes_scenarios=True, playing=frozenset(["shop-errors"]))
    servers.lose(REQUESTS)

    assert servers.found() == []


def test_what_the_files_alone_tell_is_said_once(servers: Servers) -> None:
    servers.team.change("dashboards/shop.json", "shop_errors_total", "shop_erors_total")

    assert [rule for rule, _, _ in servers.found()] == ["queries/unknown-metric"]


def test_a_metric_that_a_server_has_is_known_though_nothing_here_produces_it(servers: Servers) -> None:
    servers.team.change("dashboards/shop.json", "shop_errors_total", "shop_erors_total")
    there = frozenset(["shop_erors_total"])
    servers.say(metrics=servers.live.metrics | there, present=servers.live.present | there)

    assert servers.found() == []


def test_where_metrics_could_not_be_asked_none_is_missing(servers: Servers) -> None:
    servers.say(metrics=frozenset(), present=frozenset())

    assert servers.found() == []


def test_rules_of_which_none_is_loaded_may_be_for_another_server(team: Team, servers: Servers) -> None:
    group = "groups: [{name: other, rules: [{record: 'other:carts:sum', expr: sum(shop_carts)}]}]\n"
    team.write("rules/other.yml", group)

    assert [rule for rule, _, _ in servers.found()] == ["live/rules-differ"]
