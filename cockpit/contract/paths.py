"""Paths of a report for those who do not stand in the current folder."""

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from msgspec.structs import replace

from cockpit.contract.model import Finding, Report, Suppressed

_NAME = re.compile(r"[^\s,;:?#()`'\"]*[./][^\s,;:?#()`'\"]*\w")


def from_folder(folder: Path, path: str) -> str:
    """Return `path`, relative to the current folder or absolute, relative to `folder`."""
    whole = Path.cwd() / path
    return os.path.relpath(_real(whole.parent) / whole.name, _real(folder.absolute()))


def repository_root(folder: Path) -> Path:
    """Return the root of the repository that `folder` is in, or `folder` itself where it is in none."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def moved(finding: Finding, move: Callable[[str], str]) -> Finding:
    """Return a finding whose path, and those of files that its texts name, are what `move` makes of them.

    What is found in a server has its name for a path, and stays.
    """

    def told(text: str) -> str:
        return _NAME.sub(lambda name: move(name[0]) if Path(name[0]).is_file() else name[0], text)

    path = move(finding.path) if finding.line else finding.path
    return replace(finding, path=path, message=told(finding.message), remedy=told(finding.remedy))


def placed(report: Report, root: Path) -> Report:
    """Return a report with paths relative to `root`; what is not below it is absolute."""

    def move(path: str) -> str:
        own = from_folder(root, path)
        return str((root / own).resolve()) if own.startswith("../") else own

    return replace(
        report,
        findings=tuple(moved(each, move) for each in report.findings),
        consequences=tuple(moved(each, move) for each in report.consequences),
        suppressed=tuple(Suppressed(moved(each.finding, move), each.reason) for each in report.suppressed),
        not_read=tuple(replace(each, path=move(each.path)) for each in report.not_read),
    )


@lru_cache
def _real(folder: Path) -> Path:
    return folder.resolve()
