"""A runbook as the cockpit reads it: sections, the queries and commands in them, and where they stand."""

from enum import StrEnum
from pathlib import Path

from msgspec import Struct


class SectionKind(StrEnum):
    """The six sections of a full runbook, whatever their well-known twins are called in a file."""

    MEANING = "meaning"
    TRIAGE = "triage"
    MITIGATION = "mitigation"
    IMPACT = "impact"
    ESCALATION = "escalation"
    POST_INCIDENT = "post-incident"


class RunbookRef(Struct, frozen=True):
    """A runbook that an alert leads to: its path below the runbook folder, and the anchor to start at."""

    path: str
    anchor: str | None = None


class Section(Struct, frozen=True):
    """A heading and what follows it. Lines count from 0 in the file; `end` is the line after the last."""

    title: str
    level: int
    anchor: str
    start: int
    end: int
    kind: SectionKind | None = None


class Query(Struct, frozen=True):
    """A triage query of a runbook. `expr` still has its placeholders; thresholds are in the query's unit.

    `crit >= warn` means a value over them is bad, `crit < warn` that one under them is.
    `range_seconds` is the range to plot over; None is the reader's default.
    """

    title: str
    expr: str
    line: int
    section: str | None = None
    unit: str | None = None
    warn: float | None = None
    crit: float | None = None
    range_seconds: float | None = None


class Command(Struct, frozen=True):
    """A command of a runbook, to read and to copy. `code` has no prompts; `risk` is the author's word."""

    title: str
    code: str
    line: int
    section: str | None = None
    language: str = "sh"
    risk: str | None = None


class Link(Struct, frozen=True):
    """A link of a runbook, as written."""

    text: str
    url: str
    line: int


class Runbook(Struct, frozen=True, kw_only=True):
    """One Markdown file. `path` is below `folder`; `text` is cleaned and keeps its front matter.

    Line numbers everywhere in a runbook are those of `text`, which has the lines of the file.
    """

    path: str
    folder: Path
    title: str
    text: str
    alerts: tuple[str, ...] = ()
    owner: str | None = None
    contacts: dict[str, str] = {}
    reviewed: str | None = None
    sections: tuple[Section, ...] = ()
    queries: tuple[Query, ...] = ()
    commands: tuple[Command, ...] = ()
    links: tuple[Link, ...] = ()
