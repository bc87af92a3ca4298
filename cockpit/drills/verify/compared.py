"""Whether the values of an expression lie where they should. Pure."""

import math

from cockpit.alerts.why.words import labels_text
from cockpit.drills.model import Compared
from cockpit.drills.state import Seen
from cockpit.drills.verify.looked import NOT_ASKED, Look
from cockpit.drills.verify.seen import awaited, inconclusive, passed
from cockpit.errors import CockpitError
from cockpit.units import format_value

_SHOWN = 20


def compared(condition: Compared, look: Look) -> Seen:
    """Return whether every value of the expression, one at least, holds."""
    found = look.values.get(condition.expr, NOT_ASKED)
    if isinstance(found, CockpitError):
        return inconclusive(str(found))
    values = [(each.labels, each.values[-1]) for each in found.data.series if each.values]
    if not values:
        return awaited("the expression has no value")
    wrong = [(labels, why) for labels, value in values if (why := _wrong(condition, value))]
    if wrong:
        labels, why = wrong[0]
        return awaited(f"{why} {labels_text(labels)}".strip())
    shown = ", ".join(format_value(value) for _, value in values[:3])
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""
    kept = [{"labels": labels, "value": value} for labels, value in values[:_SHOWN]]
    are = "is" if len(values) == 1 else "has the values"
    return passed(f"{condition.expr} {are} {shown}{more}", values=kept)


def _wrong(condition: Compared, value: float) -> str:
    """Return what is wrong with a value; nothing where it holds. NaN never does."""
    shown = format_value(value)
    if condition.above is not None and not value > condition.above:
        return f"{shown}, not above {format_value(condition.above)}"
    if condition.below is not None and not value < condition.below:
        return f"{shown}, not below {format_value(condition.below)}"
    if condition.equals is not None and not math.isclose(value, condition.equals, rel_tol=1e-9):
        return f"{shown}, not {format_value(condition.equals)}"
    return ""
