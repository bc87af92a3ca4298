import pytest

from tests.contract.healthy import Team
from tests.contract.live.servers import Servers

DASHBOARD = "dashboards/shop.json"


def ask(team: Team, expr: str) -> Servers:
    team.change(DASHBOARD, "sum by (shop) (rate(shop_errors_total[5m]))", expr.replace('"', '\\"'))
    return Servers(team)


@pytest.mark.parametrize("expr", ['shop_carts{size="big"} > 5', "max by (size) (shop_carts) > 5"])
def test_a_label_that_no_series_has(team: Team, expr: str) -> None:
    servers = ask(team, expr)
    servers.say(labels={**servers.live.labels, "shop_carts": frozenset(["sizes"])})

    assert servers.found() == [("live/missing-label", DASHBOARD, team.line(DASHBOARD, "shop_carts"))]
    (finding,) = servers.findings()
    assert finding.message == (
        "a query of the dashboard Shop asks for the label size of shop_carts, which none of its series has"
    )
    assert finding.remedy.endswith("did you mean sizes?")


@pytest.mark.parametrize(
    "expr",
    [
        'shop_carts{size!="big"} > 5',
        'shop_carts{size=~".*"} > 5',
        'shop_carts{size=""} > 5',
        'shop_carts{size=~"$size"} > 5',
        'shop_carts{size="big"} > 5 or shop_carts > 9',
        "max by (cluster, synthetic) (shop_carts) > 5",
        "max without (size) (shop_carts) > 5",
    ],
)
def test_a_label_that_a_query_can_do_without(team: Team, expr: str) -> None:
    servers = ask(team, expr)
    servers.say(labels={**servers.live.labels, "shop_carts": frozenset()})

    assert servers.found() == []


def test_of_a_metric_that_is_not_there_no_label_is_missed(servers: Servers) -> None:
    servers.say(labels={}, present=frozenset(), metrics=frozenset())

    assert servers.found() == []
