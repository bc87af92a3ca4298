"""What a check finds: problems at places in files, and what could not be looked at. Pure values.

Lines count from 1. Paths are as they are to be shown: relative to where the check runs, where they can be.
"""

from enum import StrEnum

from msgspec import Struct

Key = tuple[str, ...]
"""What a problem breaks, or rests on: a kind, and what it is of.

    alert, labels, severity, owner, route NAME   its expression, labels, ... are wrong
    alert-name, named-alert NAME                 something speaks of an alert that is not there
    renamed, drilled, documented NAME            a scenario, drill or runbook means it by another name
    metric NAME; label PATH LINE LABEL           nothing has it; that rule drops the label
    runbook, front-matter PATH                   it is missing, or cannot be read
    section PATH KIND; anchor PATH ANCHOR        that page lacks it
    file PATH; folder; rules                     it, some folder, some rule file cannot be read
    receiver NAME; asked LABEL VALUE; inhibition PATH NUMBER   of an Alertmanager configuration
    loaded NAME; target JOB INSTANCE             of live servers
"""


class Severity(StrEnum):
    """How bad a finding is. An error means that something does not work."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Place(Struct, frozen=True):
    """A line of a file, and the first and last line of the thing it belongs to: a rule, a section, a file.

    What is to be found beyond files, in a server, has the server's name for its path, and line 0.
    """

    path: str
    line: int = 1
    span: tuple[int, int] = (1, 1)


class Problem(Struct, frozen=True, kw_only=True):
    """What a rule reports: what is wrong at a place, in one sentence, and the remedy in another.

    Of what `breaks` names, other rules may complain too; a problem that `rests_on` a key that another one
    breaks is a consequence, and is kept apart. A cause is as bad as its worst consequence.
    """

    at: Place
    message: str
    remedy: str
    breaks: frozenset[Key] = frozenset()
    rests_on: frozenset[Key] = frozenset()


class Finding(Struct, frozen=True, kw_only=True):
    """A problem with the id and the severity of its rule; `source` is the line of the file."""

    rule: str
    severity: Severity
    path: str
    line: int
    message: str
    remedy: str
    source: str = ""


class Suppressed(Struct, frozen=True):
    """A finding that a comment in the file accepts, and the reason that it gives."""

    finding: Finding
    reason: str


class NotRead(Struct, frozen=True):
    """A file that was not read, and why; `line` is 0 where no line is known."""

    path: str
    reason: str
    line: int = 0


class Report(Struct, frozen=True, kw_only=True):
    """What came of a check.

    `counts` says how many there were of what was read: rules, alerts, runbooks, queries, scenarios, drills,
    dashboards. `not_checked` says, a sentence each, what could not be checked, and why; `consequences` are
    findings that follow from others; `known` is how many of all a baseline accepts, `gone` how many it
    accepts that are no more.
    """

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    not_read: tuple[NotRead, ...] = ()
    not_checked: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    consequences: tuple[Finding, ...] = ()
    known: int = 0
    gone: int = 0
