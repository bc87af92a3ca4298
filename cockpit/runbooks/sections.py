"""Sections of a runbook, and which of the six well-known kinds each is, whatever its author called it."""

import re

from cockpit.runbooks.markdown import Heading, Source, headings
from cockpit.runbooks.model import Section, SectionKind

_TWINS: dict[SectionKind, str] = {
    SectionKind.MEANING: (
        "what it means|what this means|what this alert means|what does this mean|what is happening|"
        "meaning|symptom|symptoms|overview|summary|description|alert details|alert description|about|"
        "explanation"
    ),
    SectionKind.TRIAGE: (
        "immediate triage|triage|diagnosis|diagnose|diagnosing|diagnostics|possible checks|checks|"
        "check|troubleshooting|troubleshoot|investigation|investigate|investigating|debugging|debug|"
        "verification|verify|what to check|first steps|initial response|root cause analysis|"
        "possible causes|queries|metrics"
    ),
    SectionKind.MITIGATION: (
        "immediate mitigations|immediate mitigation|mitigation|mitigations|mitigate|mitigating|"
        "resolution|resolutions|resolve|remediation|remediations|remediate|fix|fixes|how to fix|"
        "recovery|recover|workaround|workarounds|solution|solutions|actions|action|what to do|"
        "corrective actions|rollback|repair"
    ),
    SectionKind.IMPACT: (
        "impact|impacts|rollout controller impact|severity|severities|blast radius|consequences"
    ),
    SectionKind.ESCALATION: (
        "escalation|escalations|escalation path|escalation paths|escalate|contacts|contact|"
        "who to contact|support"
    ),
    SectionKind.POST_INCIDENT: (
        "post incident|postincident|postmortem|postmortems|post mortem|follow up|followup|follow ups|"
        "after the incident|lessons learned|prevention|retrospective|preventive measures"
    ),
}
_NAMES = {name: kind for kind, names in _TWINS.items() for name in names.split("|")}
_NOT_ALONE = frozenset(
    {"about", "metrics", "check", "actions", "action", "support", "contact", "queries", "fix"}
)
_NUMBERED = re.compile(
    r"^(?:(?:step|section|phase|part)\s+)?(?:\d+|[ivx]+)\s+(?=\w)|^(?:step|section|phase|part)\s+"
)


def section_kind(title: str, level: int = 2) -> SectionKind | None:
    """Return the kind of a section by its title, the first of `section_kinds`, or None."""
    return next(iter(section_kinds(title, level)), None)


def section_kinds(title: str, level: int = 2) -> tuple[SectionKind, ...]:
    """Return the kinds of a section by its title: `Diagnosis and mitigation` is both.

    Case, punctuation, emoji and numbering (`Step 2: Diagnosis`) do not matter. A short title that holds a
    twin counts too, but not a first-level title, which names the whole runbook.
    """
    words = " ".join(re.sub(r"[\W_]+", " ", title.casefold()).split())
    for name in (words, _NUMBERED.sub("", words)):
        if name in _NAMES:
            return (_NAMES[name],)
    if level == 1 or len(words.split()) > 6:
        return ()
    parts = _NUMBERED.sub("", words).split()
    found: list[SectionKind] = []
    for index, word in enumerate(parts):
        pair = " ".join(parts[index : index + 2])
        if pair in _NAMES:
            found.append(_NAMES[pair])
        elif word in _NAMES and word not in _NOT_ALONE:
            found.append(_NAMES[word])
    return tuple(dict.fromkeys(found))


def sections(source: Source) -> tuple[Section, ...]:
    """Return the sections of a file in order; each lasts to the next heading of its level or a higher one."""
    found = list(headings(source))
    ends = _ends(found, len(source.lines))
    return tuple(
        Section(h.title, h.level, h.anchor, h.line, end, section_kind(h.title, h.level))
        for h, end in zip(found, ends, strict=True)
    )


def _ends(found: list[Heading], last: int) -> list[int]:
    ends = [last] * len(found)
    open_ones: list[int] = []
    for index, heading in enumerate(found):
        while open_ones and found[open_ones[-1]].level >= heading.level:
            ends[open_ones.pop()] = heading.line
        open_ones.append(index)
    return ends
