"""What the live rules share: places in servers, times, and how much more of a kind there is."""

import time

from cockpit.contract.model import Place
from cockpit.text import one_line
from cockpit.units import short_duration


def server(name: str) -> Place:
    """Return the place of what stands in no file but in the server `name`."""
    return Place(name, 0, (0, 0))


def utc(at: float) -> str:
    """Return a Unix time as `2026-11-20 14:05 UTC`."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at))


def since(at: float, now: float) -> str:
    """Return `since 2026-11-20 14:05 UTC (2h11m)`."""
    return f"since {utc(at)} ({short_duration(max(0.0, now - at))})"


def said(text: str) -> str:
    """Return somebody else's words, short and on one line."""
    return one_line(text, 200)
