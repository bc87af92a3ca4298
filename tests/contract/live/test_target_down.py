from cockpit.clients.wire import Target
from cockpit.contract.live.model import Origin
from tests.contract.healthy import NOW
from tests.contract.live.servers import UP, Servers

REFUSED = 'Get "http://shop-2:80/metrics": dial tcp: connection refused'


def down(instance: str, job: str = "shop") -> Target:
    return Target({"job": job, "instance": instance}, health="down", last_error=REFUSED)


def test_a_target_that_is_down_with_its_error_and_since_when(servers: Servers) -> None:
    servers.say(targets=(UP, down("shop-2:80")), up_until={Origin("shop", "shop-2:80"): NOW - 3600})

    assert servers.found() == [("live/target-down", "prometheus", 0)]
    assert servers.message() == (
        "shop-2:80 of job shop is down since 2026-11-20 23:00 UTC: dial tcp: connection refused"
    )


def test_many_of_a_job_are_one_finding(servers: Servers) -> None:
    targets = tuple(down(f"shop-{number}:80") for number in range(5))
    servers.say(targets=(UP, *targets), up_until={Origin("shop", "shop-3:80"): NOW - 60})

    assert servers.message() == (
        "5 of 6 targets of job shop are down, the first since 2026-11-20 23:59 UTC:"
        " shop-0:80, shop-1:80, shop-2:80 and 2 more: dial tcp: connection refused"
    )


def test_each_job_is_a_finding(servers: Servers) -> None:
    servers.say(targets=(UP, down("a"), down("b", "db")))

    assert servers.found() == [("live/target-down", "prometheus", 0)] * 2


def test_a_target_that_was_not_scraped_yet_is_not_down(servers: Servers) -> None:
    servers.say(targets=(UP, Target({"job": "new"}, health="unknown")))

    assert servers.found() == []
