"""The contract of a context's files on the screen: its last check, and what each alert lacks by it.

Checks run in a process of their own, one at a time.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cockpit.alerts.model import Alert
from cockpit.errors import CockpitError
from cockpit.session import Session

if TYPE_CHECKING:
    from cockpit.contract.apart import Checked


class Contract:
    """What is known. `flags` choose the context for a process of its own.

    `checked` came at the Unix time `at`; `problem` says why the last check brought nothing; `since` is the
    Unix time since which one runs, None while none does.
    """

    def __init__(self, session: Session, flags: Sequence[str]) -> None:
        self._session = session
        self._flags = tuple(flags)
        self._again = False
        self._lacks: dict[str, tuple[str, ...]] = {}
        self._excused: frozenset[str] = frozenset()
        self.checked: Checked | None = None
        self.at = 0.0
        self.problem = ""
        self.since: float | None = None

    @property
    def has_folders(self) -> bool:
        """Whether the context has files to check."""
        return bool(self._session.context.own_folders)

    @property
    def is_begun(self) -> bool:
        """Whether a check runs, or one has ended."""
        return bool(self.since or self.checked or self.problem)

    async def check(self) -> None:
        """Check the folders; what is asked for while a check runs is checked once more when it has ended."""
        from cockpit.contract.apart import check_apart

        self._again = True
        while self._again and self.since is None:
            self._again, self.since = False, self._session.now()
            try:
                self._take(await check_apart(self._session.context, self._flags))
            except CockpitError as error:
                self.problem = str(error)
            finally:
                self.since = None

    def _take(self, checked: "Checked") -> None:
        """Keep what came, and what each alert lacks: of what a team has none at all, nothing is due."""
        from cockpit.contract.covered import NO_RUNBOOK, Lack

        counts = checked.report.counts
        due = {Lack.PROOF: counts.get("scenarios"), Lack.DRILL: counts.get("drills")}
        self._lacks = {
            row.alert: tuple(lack.value for lack in row.lacks if due.get(lack)) for row in checked.covered
        }
        self._excused = frozenset(row.alert for row in checked.covered if NO_RUNBOOK in row.reasons)
        self.checked, self.at, self.problem = checked, self._session.now(), ""

    def lacks(self, alert: Alert) -> tuple[str, ...]:
        """Return in words what `alert` is known to lack: nothing before a check has come.

        Whether it has a runbook is the board's to say, whatever its rule promises.
        """
        if self.checked is None:
            return ()
        looked = bool(self._session.context.runbooks) and self._session.library_is_read
        bare = looked and alert.runbook is None and alert.name not in self._excused
        return (*(("no runbook",) if bare else ()), *self._lacks.get(alert.name, ()))
