"""What the live rules share: places in servers, and times, which are the same whenever they are told."""

import time

from cockpit.contract.model import Place
from cockpit.text import one_line


def server(name: str) -> Place:
    """Return the place of what stands in no file but in the server `name`."""
    return Place(name, 0, (0, 0))


def utc(at: float) -> str:
    """Return a Unix time as `2026-11-20 14:05 UTC`."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at))


def said(text: str) -> str:
    """Return somebody else's words, short and on one line."""
    return one_line(text, 200)
