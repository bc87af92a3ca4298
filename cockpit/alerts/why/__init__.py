"""Why an alert does or does not reach anybody: the rungs from the scraped series to the notification."""

from cockpit.alerts.why.ask import why
from cockpit.alerts.why.model import Ladder, Rung, RungState

__all__ = ["Ladder", "Rung", "RungState", "why"]
