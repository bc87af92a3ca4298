"""What stands on the Pushgateway: what was pushed, and that nothing of it is left. Pure."""

from cockpit.clients.pushgateway import Group
from cockpit.drills.model import Pushed
from cockpit.drills.state import Exercise, Seen
from cockpit.drills.verify.looked import SAME_MOMENT, Look, began
from cockpit.drills.verify.seen import awaited, inconclusive, passed
from cockpit.errors import CockpitError
from cockpit.scenarios.play.grouping import JOB, grouping_of
from cockpit.scenarios.run.mixing import MARK
from cockpit.units import short_duration


def pushed(condition: Pushed, look: Look, exercise: Exercise) -> Seen:
    """Return whether the scenario's group stands on the gateway, and Prometheus has it under its labels."""
    name = condition.pushed
    if isinstance(look.groups, CockpitError):
        return inconclusive(str(look.groups))
    wanted = grouping_of(name)
    group = next((each for each in look.groups if each.labels == wanted), None)
    if group is None or not fresh(group, exercise):
        return awaited(f"{name} is not pushed yet")
    if not group.series:
        return awaited(f"{name} is pushed without any series")
    scraped = look.scraped.get(name)
    if isinstance(scraped, CockpitError):
        return inconclusive(str(scraped))
    if scraped is None or scraped < began(exercise):
        return awaited(f"{name} is pushed, {group.series} series, but Prometheus has not scraped it so")
    ago = short_duration(max(0.0, look.at - scraped))
    said = f"{name} is pushed, {group.series} series, scraped {ago} ago"
    return passed(
        said, labels=group.labels, series=group.series, pushed_at=group.pushed_at, scraped_at=scraped
    )


def fresh(group: Group, exercise: Exercise) -> bool:
    """Say whether `group` was pushed to since the exercise began."""
    return group.pushed_at is not None and group.pushed_at >= began(exercise) - SAME_MOMENT


def leftovers(look: Look, exercise: Exercise) -> Seen:
    """Return whether the gateway has no group of the drill's scenarios any more."""
    if isinstance(look.groups, CockpitError):
        return inconclusive(str(look.groups))
    left = left_over(look.groups, exercise)
    if left:
        return awaited(f"{', '.join(left)} still on the Pushgateway")
    return passed("nothing is left on the Pushgateway", groups=[each.labels for each in look.groups])


def left_over(groups: tuple[Group, ...], exercise: Exercise) -> list[str]:
    """Return the names of the drill's scenarios that have a group."""
    mine = exercise.drill.scenarios
    found = (each.labels.get(MARK, "") for each in groups if each.labels.get("job") == JOB)
    return sorted({name for name in found if name in mine})
