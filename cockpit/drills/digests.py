"""What tells whether an alert is still the one that was drilled: its rule, and its runbook."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from cockpit.errors import UsageError
from cockpit.runbooks.library import Library
from cockpit.scenarios.proof.rulefiles import Rules


def digests(alerts: Iterable[str], rules: Path, library: Library) -> dict[str, dict[str, str]]:
    """Return for each alert what changes with its `rule` and with its `runbook`; empty where there is none.

    The rule is that of the files in the folder `rules`, with all that it rests on. Comments, order and
    layout change nothing. Files are read: call it off the event loop.
    """
    try:
        known = Rules.read([rules])
    except UsageError:
        known = Rules(())
    return digests_of(alerts, known, library)


def digests_of(alerts: Iterable[str], rules: Rules, library: Library) -> dict[str, dict[str, str]]:
    """Return what `digests` does, of rules that are read."""
    return {alert: _of(alert, rules, library) for alert in alerts}


def _of(alert: str, rules: Rules, library: Library) -> dict[str, str]:
    own = rules.alerts(alert)
    below = [rule for rule in rules.needed([alert]) if rule.name != alert] if own else []
    ref = library.resolve({"alertname": alert}, own[0].annotations if own else {})
    runbook = library.get(ref.path) if ref else None
    texts = sorted(json.dumps(rule.node, sort_keys=True) for rule in (*own, *below))
    return {"rule": _digest(*texts), "runbook": _digest(runbook.text) if runbook else ""}


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16] if texts else ""
