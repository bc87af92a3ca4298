"""A scenario that plays: the journal and the lock of this machine say so, as for a real one."""

from collections.abc import Iterator
from contextlib import contextmanager

from cockpit.journal.journal import Journal
from cockpit.scenarios.play import plays
from cockpit.scenarios.play.plays import Play
from tests.tui.fakes import NOW

GATEWAY = "http://gateway.example"


def play_of(
    scenario: str,
    *,
    context: str = "prod",
    opened: float = 730.0,
    gateway: str = GATEWAY,
    player: str = "run",
) -> Play:
    """Return a play that was opened so many seconds before the tests' clock."""
    return plays.new_play(
        scenario=scenario,
        title="t",
        context=context,
        gateway=gateway,
        interval=15.0,
        duration=900.0,
        recover=300.0,
        speed=1.0,
        now=NOW - opened,
        player=player,
    )


@contextmanager
def playing(
    scenario: str, *, opened: float = 730.0, context: str = "prod", player: str = "run"
) -> Iterator[None]:
    """Play `scenario` for as long as the block lasts; its series began to rise 30 s after it was opened."""
    play = play_of(scenario, opened=opened, context=context, player=player)
    with plays.claim(Journal(now=lambda: NOW - opened), play):
        Journal(now=lambda: NOW - opened + 30).append(plays.RISING, run=play.run)
        yield
        plays.close(Journal(now=lambda: NOW), play.key, "deleted")


def left_behind(scenario: str, *, context: str = "prod", gateway: str = GATEWAY) -> None:
    """Leave the group of a play that was killed."""
    play = play_of(scenario, context=context, gateway=gateway)
    Journal(now=lambda: NOW - 900).append(plays.OPENED, **_fields(play))


def _fields(play: Play) -> dict[str, object]:
    return {name: getattr(play, name) for name in play.__struct_fields__ if not name.endswith("_at")}
