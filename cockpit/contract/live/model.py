"""What the servers of a context say, as the live rules look at it. Pure; times are Unix seconds."""

from msgspec import Struct

from cockpit.clients.wire import RuleGroups, Target


class Live(Struct, frozen=True, kw_only=True):
    """What was asked at `at` of the context called `context`, whose clock runs `speed` times as fast."""

    at: float
    context: str
    speed: float = 1.0
    groups: RuleGroups = RuleGroups()
    targets: tuple[Target, ...] = ()
