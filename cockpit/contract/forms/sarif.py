"""A report as SARIF 2.1.0 (OASIS), as code scanning services take it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from cockpit import __version__
from cockpit.contract.model import Finding, NotRead, Report, Severity
from cockpit.contract.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def log(report: Report, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return a SARIF log of one run: what is suppressed among the results, what was not read as notes."""
    reasons = [*([""] * len(report.findings)), *(each.reason for each in report.suppressed)]
    found = [*report.findings, *(each.finding for each in report.suppressed)]
    index = {rule.id: number for number, rule in enumerate(rules)}
    results = [
        _result(finding, index[finding.rule], mark, reason)
        for finding, mark, reason in zip(found, _fingerprints(found), reasons, strict=True)
    ]
    notes = [_unread(each) for each in report.not_read]
    notes += [_note(sentence, "warning") for sentence in report.not_checked]
    run = {
        "tool": {
            "driver": {"name": "cockpit", "version": __version__, "rules": [_rule(each) for each in rules]}
        },
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": f"{rule.title}."},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: int, fingerprint: str, reason: str) -> dict[str, Any]:
    message = f"{finding.message}\nRemedy: {finding.remedy}" if finding.remedy else finding.message
    held: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_location(finding.path, finding.line)],
        "partialFingerprints": {"cockpitFinding/v1": fingerprint},
    }
    if reason:
        held["suppressions"] = [{"kind": "inSource", "justification": reason}]
    return held


def _location(path: str, line: int) -> dict[str, Any]:
    """Return where something is: in a file, or without a line in a server."""
    if not line:
        return {"logicalLocations": [{"fullyQualifiedName": path}]}
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(path)}, "region": {"startLine": line}},
    }


def _uri(path: str) -> str:
    return ("file://" if path.startswith("/") else "") + quote(path.encode("utf-8", "surrogateescape"))


def _unread(unread: NotRead) -> dict[str, Any]:
    where = {"physicalLocation": {"artifactLocation": {"uri": _uri(unread.path)}}}
    return {**_note(f"not read: {unread.reason}", "note"), "locations": [where]}


def _note(text: str, level: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": text}}


def _fingerprints(found: Iterable[Finding]) -> Iterator[str]:
    """Yield what a finding is known by wherever in its file it moves; those that are alike are numbered."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for each in found:
        identity = (each.path, each.rule, each.message)
        seen[identity] += 1
        text = "\0".join((*identity, str(seen[identity])))
        yield hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
