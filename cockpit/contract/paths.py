"""Paths of a report for those who do not stand in the current folder."""

import os
from functools import lru_cache
from pathlib import Path

from msgspec.structs import replace

from cockpit.contract.model import Finding, Report, Suppressed


def from_folder(folder: Path, path: str) -> str:
    """Return `path`, relative to the current folder or absolute, relative to `folder`."""
    whole = Path.cwd() / path
    return os.path.relpath(_real(whole.parent) / whole.name, _real(folder.absolute()))


def repository_root(folder: Path) -> Path:
    """Return the root of the repository that `folder` is in, or `folder` itself where it is in none."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def placed(report: Report, root: Path) -> Report:
    """Return a report with paths relative to `root`; what is not below it is absolute."""

    def moved(path: str) -> str:
        own = from_folder(root, path)
        return str((root / own).resolve()) if own.startswith("../") else own

    def found(each: Finding) -> Finding:
        return replace(each, path=moved(each.path)) if each.line else each

    return replace(
        report,
        findings=tuple(map(found, report.findings)),
        consequences=tuple(map(found, report.consequences)),
        suppressed=tuple(Suppressed(found(each.finding), each.reason) for each in report.suppressed),
        not_read=tuple(replace(each, path=moved(each.path)) for each in report.not_read),
    )


@lru_cache
def _real(folder: Path) -> Path:
    return folder.resolve()
