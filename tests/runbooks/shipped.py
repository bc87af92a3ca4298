"""What the tests of the shipped runbooks stand on: the alerts of the shipped rules and their runbooks."""

import re
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from cockpit.config import shipped
from cockpit.runbooks.library import Library
from cockpit.runbooks.model import Runbook
from cockpit.runbooks.parse import parse

RUNBOOKS = shipped("runbooks")
SCENARIOS = shipped("scenarios")
RULES = [
    path
    for path in sorted((SCENARIOS / "rules").glob("*.yml"))
    if path.name != "alertmanager.yml" and not path.name.endswith("_test.yml")
]
LEFT_BY_THE_EXPRESSION = {
    "gmail-send": {"provider": "google", "action": "gmail.send"},
    "rollout-controller": {"controller": "rollout"},
    "action-validation": {"provider": "google", "action": "gmail.send"},
    "mime-build": {"provider": "google"},
    "html-sanitizer": {"provider": "google"},
    "replay-guard": {"store": "redis"},
    "policy-engine": {"reason_family": "content"},
    "tenant-isolation": {"tenant": "t01"},
    "message-integrity": {"pipeline": "outbound"},
    "privacy-guard": {"kind": "recipient_leak"},
    "ingestion": {"source": "gmail_watch"},
    "relay": {},
    "monitoring": {},
}


def rules() -> list[dict[str, Any]]:
    loaded = [YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) for path in RULES]
    return [rule for file in loaded for group in file["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDED = {rule["record"] for rule in rules() if "record" in rule}
FILES = sorted(path.name for path in RUNBOOKS.glob("*.md"))
SHIPPED = [name for name in FILES if name != "README.md"]


@cache
def library() -> Library:
    return Library.read([RUNBOOKS], annotations=["runbook_url", "runbook"], paths={})


@cache
def opened(name: str) -> Runbook:
    return parse((RUNBOOKS / name).read_text(encoding="utf-8"), path=name, folder=RUNBOOKS)


def labels_of(alert: str) -> dict[str, str]:
    """The labels of a real alert: those of the rule and those its expression keeps; none says `synthetic`."""
    fixed: dict[str, str] = ALERTS[alert]["labels"]
    return {"alertname": alert, **LEFT_BY_THE_EXPRESSION[fixed["service"]], **fixed}


def runbook_of(alert: str) -> Runbook:
    ref = library().resolve(labels_of(alert), ALERTS[alert]["annotations"])
    assert ref is not None, f"{alert} has no runbook"
    runbook = library().get(ref.path)
    assert runbook is not None
    return runbook


def first_action(name: str) -> str:
    below = (RUNBOOKS / name).read_text(encoding="utf-8").split("\n# ", 1)[1].splitlines()[1:]
    return next(line for line in below if line)


def queries_in(text: str) -> set[int]:
    listed = re.finditer(r"Quer(?:y|ies)\s+(\d+(?:, \d+)*(?:\s+(?:and|or)\s+\d+)?)", text)
    return {int(number) for match in listed for number in re.findall(r"\d+", match[1])}
