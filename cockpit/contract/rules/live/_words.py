"""What the live rules share: places in servers, and times, which are the same whenever they are told."""

import time

from cockpit.alerts.why.words import counted
from cockpit.contract.live.missing import Missing
from cockpit.contract.model import Place
from cockpit.contract.rules.queries._words import where
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


def asked_for(found: Missing) -> str:
    """Return who asks for a metric: the first that does, and how many others."""
    first, others = found.queries[0], len(found.queries) - 1
    places = f" and {counted(others, 'other place')}" if others else ""
    return f"{where(first)}{places} {'ask' if others else 'asks'} for it"
