"""Findings of today, accepted so that a check fails on new ones only: a file that is kept with the code.

A finding is known again by its rule, its file and its message, so that it may move within the file. Where
there are several of one kind, as many as were accepted are.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from cockpit.contract.model import Finding
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


Baseline = Counter[tuple[str, str, str]]
"""How many findings are accepted, by path, rule and message."""


def read(path: Path) -> Baseline:
    """Return the baseline of a file. Raises FileError."""
    try:
        held = msgspec.json.decode(read_regular(path, MAX_BYTES), type=_File)
    except FileNotFoundError as error:
        raise FileError(_KIND, path, "there is no such file; write it with --accept") from error
    except OSError as error:
        raise FileError(_KIND, path, error.strerror or str(error)) from error
    except ValueError as error:
        raise FileError(_KIND, path, f"{error}; write it anew with --accept") from error
    return Counter({(each.path, each.rule, each.message): each.count for each in held.accepted})


def write(path: Path, findings: Iterable[Finding]) -> None:
    """Write a baseline that accepts `findings`, in an order that is the same in any run."""
    counted = Counter(map(_identity, findings))
    held = _File(tuple(sorted(Accepted(*key, count=count) for key, count in counted.items())))
    text = json_safe(msgspec.json.format(msgspec.json.encode(held), indent=2).decode())
    try:
        write_whole(path, text.encode() + b"\n")
    except OSError as error:
        raise CockpitError(f"{_KIND} {path} is not written: {error.strerror or error}") from error


def apply(baseline: Baseline, findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], int]:
    """Return the findings that the baseline does not accept, and how many it accepts that are no more."""
    left = Counter(baseline)
    new = []
    for each in findings:
        if left[_identity(each)] > 0:
            left[_identity(each)] -= 1
        else:
            new.append(each)
    return tuple(new), sum(count for count in left.values() if count > 0)


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.path, finding.rule, finding.message
