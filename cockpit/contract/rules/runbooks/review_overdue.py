"""Runbook whose review is overdue.

A runbook that nobody has read for a long time is wrong in places, and is found to be at night. Its last
review, `reviewed` in the front matter or a line `Last reviewed: ...`, is longer ago than `review_age` in the
settings; or it lies in the future, or cannot be read as a date. A runbook without any date is reported only
where half of the runbooks have one.

**Remedy.** Read it against the system as it is, mend it, and write the date.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.rule import rule
from cockpit.units import short_duration

_DAY = 86_400.0
_REVIEWED = re.compile(
    r"^[ \t>*+|-]*+[*_`\"']*+(?:last[ _-]?review(?:ed)?|reviewed)(?:[ _-]?(?:on|at|date))?[*_`\"']*"
    r"[ \t]*[:=|][ \t*_`\"']*(?P<value>[^\n|]*)",
    re.I | re.M,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_FORMS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd|th)?[ -](?:of )?" + _MONTH + r",?[ -](?P<y>\d{4})", re.I),
    re.compile(_MONTH + r" (?:(?P<d>\d{1,2})(?:st|nd|rd|th)?,? )?(?P<y>\d{4})", re.I),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    re.compile(r"(?<!\d)(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})"),
)


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each runbook whose last review is too long ago, impossible, or not known."""
    written = [(entry, _written(entry)) for entry in repository.runbooks]
    usual = 2 * sum(bool(value) for _, (_, value) in written) >= len(written)
    for entry, (line, value) in written:
        if not value and not usual:
            continue
        trouble = _trouble(value, repository.now, repository.settings.review_age)
        if trouble:
            yield Problem(
                at=entry.at(line) if line is not None else entry.head,
                message=f"{entry.runbook.title} {trouble}",
                remedy="review it, and write the date as `reviewed: 2026-01-31` in its front matter",
                rests_on=frozenset((kind, entry.runbook.path) for kind in ("runbook", "front-matter")),
            )


def _written(entry: RunbookEntry) -> tuple[int | None, str]:
    """Return the line, from 0, and the text of the last review."""
    text = entry.runbook.text
    found = _REVIEWED.search(text)
    value = entry.runbook.reviewed or (found["value"].strip() if found else "")
    return (text.count("\n", 0, found.start("value")) if found else None), value


def _trouble(value: str, now: float, age: float) -> str:
    if not value:
        return "has no review date"
    times = list(times_of(value))
    if not times:
        return f"has a review date that cannot be read: {value}"
    if min(times) > now + _DAY:
        return f"was reviewed in the future: {value}"
    if max(times) < now - age:
        return f"was last reviewed {value}, more than {short_duration(age)} ago"
    return ""


def times_of(text: str) -> Iterator[float]:
    """Yield the Unix times of the day that `text` names; of 1/2/2026 or a month, those it may mean."""
    for form in _FORMS:
        if (found := form.search(text)) is None:
            continue
        parts = found.groupdict()
        month = parts.get("m") or _MONTHS.index(parts["month"][:3].lower()) + 1
        for day in [parts["d"]] if parts["d"] else [1, 28]:
            try:
                yield datetime(int(parts["y"]), int(month), int(day), tzinfo=UTC).timestamp()
            except ValueError:
                continue
