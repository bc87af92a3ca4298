"""A report as annotations of GitHub Actions.

Workflow commands: docs.github.com, "Workflow commands for GitHub Actions"; what is escaped in them is what
the toolkit's `packages/core/src/command.ts` escapes.
"""

from collections.abc import Iterable, Iterator

from cockpit.contract.model import Finding, Severity
from cockpit.text import clean

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def annotations(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a workflow command for each finding; one that is in no file names where it is in its message."""
    for each in findings:
        where = f"file={_property(each.path)},line={each.line}," if each.line else ""
        what = each.message if each.line else f"{each.path}: {each.message}"
        text = _data(f"{what}\nRemedy: {each.remedy}" if each.remedy else what)
        yield f"::{_COMMANDS[each.severity]} {where}title={_property(each.rule)}::{text}"


def plain(line: str) -> str:
    """Return a line that is shown in the log as it is: none that the runner would take for a command."""
    line = line.replace("##[", "## [")
    return f". {line}" if line.lstrip().startswith("::") else line


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
