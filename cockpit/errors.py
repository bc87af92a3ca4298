"""What the cockpit can fail with, and the exit code each failure ends a command with.

    CockpitError            1   it does not hold
    ├── UsageError          2   wrong usage, or a file that cannot be used
    └── InconclusiveError   3   something needed could not be asked, or had no data
        └── SourceError         a server that did not answer properly (cockpit.clients.source)

The message of each is one line for a person: it names the thing, and the remedy where there is one.
"""


class CockpitError(Exception):
    """Base of every failure that is shown to a user as one line. `remedy` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


class UsageError(CockpitError):
    """A wrong flag, argument, or file; a file is named with line and key where they are known."""

    exit_code = 2


class InconclusiveError(CockpitError):
    """Something needed could not be asked, or had no data: neither a pass nor a failure."""

    exit_code = 3
