"""Whether an alert of the exercise fires without anybody being told: inhibited, or silenced. Pure."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

from cockpit.alerts.why.words import labels_text
from cockpit.clients.wire import WireAlert
from cockpit.drills.model import Inhibited, Silenced
from cockpit.drills.state import Exercise, Seen
from cockpit.drills.verify.alerts import standing
from cockpit.drills.verify.looked import Look, Peer, firing, held, instances, is_own
from cockpit.drills.verify.seen import awaited, failed, inconclusive, passed
from cockpit.drills.verify.settings import Inhibition, Settings
from cockpit.errors import CockpitError

Held = Sequence[tuple[Peer, WireAlert]]

_ALIKE = 0.7
"""How alike two labels are of which one may be the other, misspelt (difflib's ratio)."""


def inhibited(condition: Inhibited, look: Look, exercise: Exercise) -> Seen:
    """Return whether every Alertmanager that has the alert inhibits it, by `by` where that is given."""
    name, found = condition.inhibited, _held(condition.inhibited, "inhibited", look, exercise)
    if isinstance(found, Seen):
        return found
    by = [source for _, alert in found for source in sources(alert, look)]
    if condition.by and any(not _own(condition.by, alert, look, exercise) for _, alert in found):
        names = ", ".join(sorted({each.labels.get("alertname", "") for each in by})) or "an alert unknown"
        own = " of this exercise" if condition.by in names.split(", ") else ""
        return awaited(f"{name} is inhibited by {names}, not by {condition.by}{own}")
    if wrong := _blind(found, look):
        return wrong
    names = ", ".join(sorted({each.labels.get("alertname", "") for each in by})) or "another alert"
    return passed(
        f"{name} is inhibited by {names}",
        alert=name,
        labels=found[0][1].labels,
        inhibited_by=[each.labels for each in by],
        peers=sorted({peer.name for peer, _ in found}),
    )


def silenced(condition: Silenced, look: Look, exercise: Exercise) -> Seen:
    """Return whether every Alertmanager that has the alert has a silence for it."""
    name, found = condition.silenced, _held(condition.silenced, "silenced", look, exercise)
    if isinstance(found, Seen):
        return found
    return passed(
        f"{name} is silenced",
        alert=name,
        labels=found[0][1].labels,
        silences=sorted({mark for _, alert in found for mark in alert.silenced_by}),
        peers=sorted({peer.name for peer, _ in found}),
    )


def _held(name: str, how: Literal["inhibited", "silenced"], look: Look, exercise: Exercise) -> Held | Seen:
    """Return who has the alert, where it is so at every Alertmanager that has it; else what is to be said."""
    if look.silent:
        return inconclusive(look.silent)
    found = held(name, look, exercise)
    if not found:
        return awaited(_absent(name, look, exercise))
    for peer, alert in found:
        if not (alert.inhibited_by if how == "inhibited" else alert.silenced_by):
            return awaited(f"{name} is not {how} at {peer.name} ({labels_text(alert.labels)})")
    return found


def _absent(name: str, look: Look, exercise: Exercise) -> str:
    if firing(name, look, exercise):
        return f"{name} fires, but no Alertmanager has it"
    return f"{name}: {standing(name, instances(name, look, exercise), look, speed=1.0)}"


def sources(alert: WireAlert, look: Look) -> list[WireAlert]:
    """Return the alerts that inhibit `alert`, as far as an Alertmanager has them."""
    there = {
        each.fingerprint: each
        for peer in look.peers
        for each in (() if isinstance(peer.alerts, CockpitError) else peer.alerts)
    }
    return [there[mark] for mark in alert.inhibited_by if mark in there]


def _own(by: str, alert: WireAlert, look: Look, exercise: Exercise) -> bool:
    """Say whether the exercise's own alert of the name `by` inhibits `alert`."""
    return any(
        each.labels.get("alertname") == by and is_own(each.labels, each.starts_at, look, exercise)
        for each in sources(alert, look)
    )


def _blind(found: Held, look: Look) -> Seen | None:
    """Return that an alert is inhibited by a rule whose `equal` has a misspelt label, if so."""
    for peer, alert in found:
        if isinstance(peer.settings, CockpitError):
            continue
        for source in sources(alert, look):
            if misspelt := _misspelt(peer.settings, source.labels, alert.labels, look):
                said = (
                    f"inhibited, but its rule's `equal` names {misspelt}, which no alert and no rule has: "
                    "what both lack counts as equal, so that an alert of anything else inhibits it too"
                )
                return failed(said, alert=alert.labels.get("alertname", ""), labels=alert.labels)
    return None


def _misspelt(own: Settings, source: Mapping[str, str], target: Mapping[str, str], look: Look) -> str:
    """Return the label without which no rule would let `source` inhibit `target`, where nothing has it.

    A label that some alerts have, or may have, is none; nor is one unlike any other beside one that counts.
    """
    letting = [
        each for each in own.inhibitions if each.concerns(source, target) and not each.unequal(source, target)
    ]
    found = [_nowhere(rule, source, target, look) for rule in letting]
    return found[0] if found and all(found) else ""


def _nowhere(rule: Inhibition, source: Mapping[str, str], target: Mapping[str, str], look: Look) -> str:
    blind = rule.blind(source, target)
    others = (source.keys() & target.keys()) - set(rule.equal)
    for label in blind:
        alike = get_close_matches(label, others, 1, _ALIKE)
        if not _known(label, look) and (alike or len(blind) == len(rule.equal)):
            return f"{label} ({alike[0]}?)" if alike else label
    return ""


def _known(label: str, look: Look) -> bool:
    """Say whether any alert or rule has the label, or any expression mentions it."""
    if label in look.external or any(label in alert.labels for alert in _alerts(look)):
        return True
    if isinstance(look.rules, CockpitError):
        return True
    word = re.compile(rf"\b{re.escape(label)}\b")
    return any(
        label in rule.labels or word.search(rule.query) or any(label in each.labels for each in rule.alerts)
        for group in look.rules.data.groups
        for rule in group.rules
    )


def _alerts(look: Look) -> list[WireAlert]:
    told = (peer.alerts for peer in look.peers if not isinstance(peer.alerts, CockpitError))
    return [alert for alerts in told for alert in alerts]
