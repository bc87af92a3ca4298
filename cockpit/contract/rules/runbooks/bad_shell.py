"""Command that does not parse.

A shell fence of a runbook holds code that `bash -n` refuses: a quote or a bracket that is not closed, an `if`
without `fi`. It is read, never run. Looked at are fences marked `bash`, `sh`, `shell` or `console`, these
without their prompts and output; what the reader is to fill in (`<pod>`, `{{ .x }}`, `...`) is no mistake.

**Remedy.** Mend the command, or mark the fence as what it is.
"""

import re
from collections.abc import Iterator

from cockpit.contract import shell
from cockpit.contract.model import Place, Problem, Severity
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.rule import rule
from cockpit.runbooks.model import Command

_FENCE = re.compile(r"[\s>*+\-\d.)]*(?:`{3,}|~{3,})[ \t]*\{?[ \t]*\.?(?:bash|sh|shell|console)\b", re.I)


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each command fence that bash cannot parse, where bash says, or where what is open begins."""
    asked = [
        (entry, command, lines)
        for entry in repository.runbooks
        for lines in [entry.runbook.text.split("\n")]
        for command in entry.runbook.commands
        if _FENCE.match(lines[command.line]) and not _is_part(command, lines)
    ]
    troubles = shell.troubles([command.code for _, command, _ in asked])
    for index, trouble in sorted(troubles.items()):
        entry, command, lines = asked[index]
        if trouble.open_ended and _is_prompted(command, lines):
            continue
        yield Problem(
            at=_place(entry, command, lines, trouble.line),
            message=f"bash cannot parse this command: {trouble.problem}",
            remedy="mend the command, or mark the fence as what it is",
            rests_on=frozenset([("runbook", entry.runbook.path)]),
        )


def _is_prompted(command: Command, lines: list[str]) -> bool:
    """Say whether prompts and output were taken out of a fence to have its commands."""
    own = command.code.split("\n")
    first = next((at for at in range(command.line + 1, len(lines)) if lines[at].strip()), 0)
    return [each.strip() for each in own] != [each.strip() for each in lines[first : first + len(own)]]


def _is_part(command: Command, lines: list[str]) -> bool:
    """Say whether a session's command may go on in lines that cannot be told from its output."""
    return shell.is_compound(command.code) and _is_prompted(command, lines)


def _place(entry: RunbookEntry, command: Command, lines: list[str], number: int) -> Place:
    at = command.line
    for part in command.code.split("\n")[:number]:
        at = next((n for n in range(at + 1, len(lines)) if part.strip() in lines[n]), at + 1)
    return entry.at(at)
