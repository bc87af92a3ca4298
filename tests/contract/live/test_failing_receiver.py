import pytest

from cockpit.contract.live.model import Delivery
from tests.contract.live.servers import Servers


def delivery(sent: float, failed: float, window: float | None = 3600.0) -> tuple[Delivery, ...]:
    return (Delivery(server="am-1", integration="slack", sent=sent, failed=failed, window=window),)


@pytest.mark.parametrize(
    ("sent", "failed", "window", "said"),
    [
        (40.2, 3.01, 3600.0, "3 of 40 notifications by slack failed in the last hour"),
        (1.0, 1.2, 3600.0, "1 of 1 notification by slack failed in the last hour"),
        (7.0, 7.0, None, "7 of 7 notifications by slack failed since Alertmanager's start"),
    ],
)
def test_notifications_that_fail(
    servers: Servers, sent: float, failed: float, window: float | None, said: str
) -> None:
    servers.say(deliveries=delivery(sent, failed, window))

    assert servers.found() == [("live/failing-receiver", "am-1", 0)]
    assert servers.message() == said


@pytest.mark.parametrize(
    ("sent", "failed", "window"), [(40.0, 0.0, 3600.0), (40.0, 0.3, 3600.0), (40.0, 3.0, None)]
)
def test_what_arrives_or_did_later(
    servers: Servers, sent: float, failed: float, window: float | None
) -> None:
    servers.say(deliveries=delivery(sent, failed, window))

    assert servers.found() == []
