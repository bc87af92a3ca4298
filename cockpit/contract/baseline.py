"""Findings of today, accepted so that a check fails on new ones only: a file that is kept with the code.

A finding is known again by its rule, its file and its message, so that it may move within the file. Where
there are several of one kind, as many as were accepted are. What follows from others is accepted with them:
it would be new as soon as its cause is mended. Paths are relative to the folder of the baseline.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cockpit.contract.model import Finding, Report
from cockpit.contract.paths import from_folder, moved
from cockpit.errors import CockpitError
from cockpit.files import FileError, read_regular, write_whole
from cockpit.text import json_safe

MAX_BYTES = 100_000_000
_KIND = "baseline"


class Accepted(Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """A finding that is accepted, `count` times."""

    path: str
    rule: str
    message: str
    count: int = 1


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    accepted: tuple[Accepted, ...]


_Identity = tuple[str, str, str]


class Baseline(Struct, frozen=True):
    """How many findings are accepted, by path, rule and message; the paths are seen from `folder`."""

    folder: Path
    accepted: Counter[_Identity]


def read(path: Path) -> Baseline:
    """Return the baseline of a file. Raises FileError."""
    try:
        held = msgspec.json.decode(read_regular(path, MAX_BYTES), type=_File)
    except FileNotFoundError as error:
        raise FileError(_KIND, path, "there is no such file; write it with --accept") from error
    except OSError as error:
        raise FileError(_KIND, path, error.strerror or str(error)) from error
    except ValueError as error:
        raise FileError(_KIND, path, f"is no baseline ({error})") from error
    counts = Counter({(each.path, each.rule, each.message): each.count for each in held.accepted})
    return Baseline(path.parent, counts)


def spare(path: Path) -> None:
    """Raise FileError where a file is there that a baseline must not overwrite: anything but a baseline."""
    if not os.path.lexists(path):
        return
    try:
        read(path)
    except FileError as error:
        raise FileError(_KIND, path, f"{error.problem}: not overwritten") from error


def write(path: Path, report: Report) -> int:
    """Write a baseline that accepts all findings of a report, and return how many they are.

    The order is the same in any run. Raises FileError for a file that is there and is no baseline.
    """
    spare(path)
    counted = Counter(each for _, each in _identities((*report.findings, *report.consequences), path.parent))
    held = _File(tuple(sorted(Accepted(*key, count=count) for key, count in counted.items())))
    text = json_safe(msgspec.json.format(msgspec.json.encode(held), indent=2).decode())
    try:
        write_whole(path, text.encode() + b"\n")
    except OSError as error:
        raise CockpitError(f"{_KIND} {path} is not written: {error.strerror or error}") from error
    return counted.total()


def apply(baseline: Baseline, report: Report) -> Report:
    """Return a report without the findings that the baseline accepts, and with how many these are."""
    left = Counter(baseline.accepted)
    findings, consequences = (
        tuple(_new(each, baseline.folder, left)) for each in (report.findings, report.consequences)
    )
    known = len(report.findings) + len(report.consequences) - len(findings) - len(consequences)
    return replace(report, findings=findings, consequences=consequences, known=known, gone=(+left).total())


def _new(findings: Sequence[Finding], folder: Path, left: Counter[_Identity]) -> Iterator[Finding]:
    """Yield the findings that are not among those that are `left` to accept, and take the others off."""
    for each, identity in _identities(findings, folder):
        if left[identity] > 0:
            left[identity] -= 1
        else:
            yield each


def _identities(findings: Sequence[Finding], folder: Path) -> Iterator[tuple[Finding, _Identity]]:
    for each in findings:
        own = moved(each, partial(from_folder, folder))
        yield each, (own.path, own.rule, own.message)
