"""Groups on Pushgateways: who plays them, what plays that ended badly have left there, and deleting it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit import config
from cockpit.clients.pushgateway import Group, Pushgateway
from cockpit.clients.source import SourceError
from cockpit.config import Context
from cockpit.errors import UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.play import locks
from cockpit.scenarios.play.grouping import JOB
from cockpit.scenarios.play.plays import CLOSED, Key, Play, close, key_of, lock_path, playing, unclosed
from cockpit.session import Session

OLD = 60.0
"""Seconds without a push after which a group that nobody on this machine plays counts as left over."""

TIMEOUT = 5.0
"""Seconds that a gateway gets to answer."""


class Leftover(Struct, frozen=True, kw_only=True):
    """A group that is there, or may be, and that nobody plays. `pushed_at` is in Unix seconds.

    `known_from` is `journal` or `gateway`. `reason` tells why its gateway could not be asked; then it may be
    gone.
    """

    grouping: dict[str, str]
    gateway: str
    scenario: str
    pushed_at: float | None
    context: str
    known_from: str
    reason: str | None = None

    @property
    def key(self) -> Key:
        """What tells its group from every other."""
        return key_of(self.gateway, self.grouping)


class Look(Struct, frozen=True):
    """What is left over, and the gateways that could not be asked, with the reason."""

    leftovers: tuple[Leftover, ...]
    unasked: dict[str, str]


async def leftovers(session: Session, journal: Journal) -> tuple[Leftover, ...]:
    """Return what is left over, as far as gateways answer; see `look`."""
    return (await look(session, journal)).leftovers


async def look(session: Session, journal: Journal) -> Look:
    """Find what is left over of plays, those in the journal on any gateway, others on the context's.

    What turns out to be gone, with its lab or otherwise, is closed in the journal. Raises CockpitError where
    the journal cannot be read or written.
    """
    played, opened = await asyncio.to_thread(_known, journal)
    own = session.pushgateway.url if session.pushgateway else None
    urls = sorted({key[0] for key in opened} | ({own} if own else set()))
    answers = dict(zip(urls, await asyncio.gather(*(_ask(session, url) for url in urls)), strict=True))
    found = []
    for key, of_one in opened.items():
        left = _judged(of_one[-1], answers[key[0]])
        if left is None:
            _close_all(journal, of_one, "gone")
        else:
            found.append(left)
    asked = answers.get(own) if own else None
    if own and isinstance(asked, tuple):
        known = played | set(opened)
        found += _unknown(session, own, (g for g in asked if key_of(own, g.labels) not in known))
    return Look(tuple(found), {url: said for url, said in answers.items() if isinstance(said, str)})


def _known(journal: Journal) -> tuple[set[Key], dict[Key, list[Play]]]:
    """Return what is played here, and by group what is open and not played; that of labs gone is closed."""
    # In this order: what is journaled holds its lock already, so nothing that begins now looks orphaned.
    journaled = unclosed(journal)
    played = {play.key for play in playing(journal)}
    opened: dict[Key, list[Play]] = {}
    gone = []
    for play in journaled:
        if play.key in played:
            continue
        if _of_a_lab_that_is_gone(play):
            gone.append(play)
        else:
            opened.setdefault(play.key, []).append(play)
    _close_all(journal, gone, "its lab is gone")
    return played, opened


def left_here(journal: Journal) -> tuple[Play, ...]:
    """Return the plays of this machine that were killed, as far as the journal tells; no server is asked."""
    return tuple(plays[-1] for plays in _known(journal)[1].values())


def forget(leftover: Leftover, journal: Journal) -> None:
    """Close a leftover in the journal without having deleted it: its gateway is not there any more."""
    close(journal, leftover.key, "forgotten")


def _close_all(journal: Journal, plays: Iterable[Play], how: str) -> None:
    for play in plays:
        journal.append(CLOSED, run=play.run, how=how)


async def delete(session: Session, leftover: Leftover, journal: Journal) -> None:
    """Delete a leftover from its gateway, and close it in the journal.

    Raises SourceError when the gateway does not, UsageError when it is played meanwhile or the context is
    read-only.
    """
    context, own = session.context, session.pushgateway
    if context.read_only and own is not None and own.url == leftover.gateway:
        raise UsageError(f"the context {context.name} is read-only", remedy="delete it from another context")
    with locks.hold(lock_path(leftover.key), b"") as held:
        if not held:
            raise UsageError(f"{leftover.scenario} is being played on {leftover.gateway}")
        async with _gateway(session, leftover.gateway) as gateway:
            await gateway.delete(leftover.grouping, timeout=TIMEOUT)
        close(journal, leftover.key, "deleted")
        if leftover.known_from == "gateway":
            journal.append(
                CLOSED, run="", how="deleted", gateway=leftover.gateway, grouping=leftover.grouping
            )


def _of_a_lab_that_is_gone(play: Play) -> bool:
    # A context of the config file can be called `lab` too; a lab's servers are on loopback.
    if play.context != config.LAB or urlsplit(play.gateway).hostname != "127.0.0.1":
        return False
    lab = config.running_lab()
    return lab is None or lab.pushgateway != play.gateway


@asynccontextmanager
async def _gateway(session: Session, url: str) -> AsyncIterator[Pushgateway]:
    """Give the client of `url`: the session's own, or one without anybody's credentials."""
    if session.pushgateway is not None and session.pushgateway.url == url:
        yield session.pushgateway
        return
    other = Pushgateway.of(Context(pushgateway=url, timeout=TIMEOUT))
    try:
        yield other
    finally:
        await other.close()


async def _ask(session: Session, url: str) -> tuple[Group, ...] | str:
    """Return the groups of a gateway, or why it does not tell."""
    try:
        async with _gateway(session, url) as gateway:
            return await gateway.groups(timeout=TIMEOUT)
    except (SourceError, UsageError) as error:
        return error.message


def _judged(play: Play, answer: tuple[Group, ...] | str) -> Leftover | None:
    """Return the leftover of a play that nobody holds any more, or None where its group is gone."""
    reason, pushed_at = None, None
    if isinstance(answer, str):
        reason = answer
    else:
        group = next((group for group in answer if group.labels == play.grouping), None)
        if group is None:
            return None
        pushed_at = group.pushed_at
    return Leftover(
        grouping=play.grouping,
        gateway=play.gateway,
        scenario=play.scenario,
        pushed_at=pushed_at,
        context=play.context,
        known_from="journal",
        reason=reason,
    )


def _unknown(session: Session, url: str, groups: Iterable[Group]) -> list[Leftover]:
    """Return what is left over of plays that the journal does not know: of other machines, other users."""
    now = session.now()
    return [
        Leftover(
            grouping=group.labels,
            gateway=url,
            scenario=group.labels.get("synthetic", ""),
            pushed_at=group.pushed_at,
            context=session.context.name,
            known_from="gateway",
        )
        for group in groups
        if group.labels.get("job") == JOB and (group.pushed_at is None or now - group.pushed_at > OLD)
    ]
