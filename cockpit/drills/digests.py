"""What tells whether an alert is still the one that was drilled: its rule, and its runbook."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cockpit.errors import UsageError
from cockpit.runbooks.library import Library
from cockpit.scenarios.proof.rulefiles import Rule, Rules


def digests(alerts: Iterable[str], rules: Path, library: Library) -> dict[str, dict[str, str]]:
    """Return for each alert what changes with its `rule` and with its `runbook`; empty where there is none.

    The rule is that of the files in the folder `rules`, with all that it rests on. Comments, order and
    layout change nothing. Files are read: call it off the event loop.
    """
    try:
        known = Rules.read([rules])
    except UsageError:
        known = Rules(())
    return {alert: _of(alert, known, library) for alert in alerts}


def _of(alert: str, rules: Rules, library: Library) -> dict[str, str]:
    own = [_written(rule, rules) for rule in rules.alerts(alert)]
    below = [_written(rule, rules) for rule in rules.needed([alert]) if rule.name != alert]
    annotations = own[0].get("annotations") if own else None
    linked = {str(k): str(v) for k, v in annotations.items()} if isinstance(annotations, dict) else {}
    ref = library.resolve({"alertname": alert}, linked)
    runbook = library.get(ref.path) if ref else None
    texts = sorted(json.dumps(rule, sort_keys=True) for rule in (*own, *below))
    return {"rule": _digest(*texts), "runbook": _digest(runbook.text) if runbook else ""}


def _written(rule: Rule, rules: Rules) -> dict[str, Any]:
    """Return the rule as its file has it."""
    (file,) = (each for each in rules.files if each.path == rule.path)
    group, index = rule.place
    written: dict[str, Any] = file.groups[group]["rules"][index]
    return written


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16] if texts else ""
