"""Which alerts, and which messages, are a scenario's own doing. Pure."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from cockpit.scenarios.model import Expectation, Fires

if TYPE_CHECKING:
    from cockpit.clients.sink import Notification


def alert_of(expected: Expectation) -> str:
    """Return the name of the alert that is expected to fire, or to stay quiet."""
    return expected.alert if isinstance(expected, Fires) else expected.quiet


def is_own(
    expected: Expectation, scenario: str, labels: Mapping[str, str], marked: Collection[str] = ()
) -> bool:
    """Say whether an alert with `labels` can be what `scenario` (its name) expects.

    It has at least the expected labels, and no other scenario's mark; an alert of those in `marked` has its
    own.
    """
    name = alert_of(expected)
    return (
        labels.get("alertname") == name
        and expected.labels.items() <= labels.items()
        and labels.get("synthetic", "" if name in marked else scenario) == scenario
    )


def is_about(message: "Notification", expected: Expectation, scenario: str) -> bool:
    """Say whether a message speaks of what `scenario` expects, as far as it tells its labels."""
    told = {name: value for name, value in message.labels.items() if name != "alertname"}
    return (
        alert_of(expected) in message.alerts
        and told.get("synthetic", scenario) == scenario
        and all(told.get(name, value) == value for name, value in expected.labels.items())
    )
