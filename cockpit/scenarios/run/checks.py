"""What is looked at before the first push of a scenario: may it be played here, and what would come of it."""

import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from cockpit.clients.source import SourceError
from cockpit.clients.wire import RuleGroups
from cockpit.config import Context
from cockpit.errors import InconclusiveError, UsageError
from cockpit.files import FileError, read_text
from cockpit.scenarios.model import Fires, Scenario
from cockpit.scenarios.own import alert_of, is_own
from cockpit.scenarios.run.mixing import Mixed, marked, mixed
from cockpit.scenarios.run.standing import spoken
from cockpit.session import Session
from cockpit.text import one_line
from cockpit.yaml_file import MAX_BYTES


class Checked(Struct, frozen=True, kw_only=True):
    """What was found. `notes` are sentences for a person, `mixing` asks for consent.

    `active_before` are the labels of expected alerts that are pending or firing already, `marked` the alerts
    that carry the scenario's mark if they are its doing.
    """

    notes: tuple[str, ...] = ()
    mixing: tuple[Mixed, ...] = ()
    active_before: tuple[dict[str, str], ...] = ()
    marked: frozenset[str] = frozenset()


def require_allowed(context: Context) -> None:
    """Raise UsageError, with the remedy, where scenarios may not be played or cannot be."""
    name = one_line(context.name, 100)
    if context.read_only:
        raise UsageError(
            f"the context {name!r} is read-only: nothing is pushed to it",
            remedy=f"take `read_only = true` out of [contexts.{name}], or use another context",
        )
    if not context.synthetic and context.sink is None:
        raise UsageError(
            f"the context {name!r} takes no synthetic series",
            remedy=f"write `synthetic = true` under [contexts.{name}] in its config file, or use a lab",
        )
    if context.pushgateway is None:
        raise UsageError(
            f"the context {name!r} has no Pushgateway",
            remedy=f"pass --pushgateway URL, or write `pushgateway` under [contexts.{name}]",
        )


async def check(session: Session, scenario: Scenario) -> Checked:
    """Look at the rules of `session`'s context. Nothing is changed.

    Raises UsageError for a context that does not allow it, FileError for an alert that no rule defines, and
    InconclusiveError where Prometheus does not answer.
    """
    require_allowed(session.context)
    if not session.prometheus.configured:
        return Checked(notes=("no Prometheus is configured: whatever comes of it is inconclusive",))
    try:
        rules = (await session.prometheus.rules()).data
    except SourceError as error:
        raise InconclusiveError(
            f"nothing is pushed: the rules cannot be read: {error.message}", remedy=error.remedy
        ) from error
    _require_rules(session.context, scenario, rules)
    own = marked(scenario, rules)
    active = active_of(scenario, rules, own)
    names = dict.fromkeys(labels.get("alertname", "") for labels in active)
    notes = [f"{one_line(name, 100)} is active already: what comes of it is inconclusive" for name in names]
    real = session.context.sink is None
    return Checked(
        notes=(*notes, *_too_short(scenario)),
        mixing=mixed(scenario, rules) if real else (),
        active_before=active,
        marked=own,
    )


def _too_short(scenario: Scenario) -> Iterable[str]:
    """Say which alerts may fire later than the unhealthy part lasts."""
    lasts = scenario.duration
    for each in scenario.expect:
        if isinstance(each, Fires) and lasts is not None and each.fires_within > lasts:
            most = f"{one_line(each.alert, 100)} may take {spoken(each.fires_within)} to fire"
            yield f"{most}: if it has not after {spoken(lasts)}, that is inconclusive"


def _require_rules(context: Context, scenario: Scenario, rules: RuleGroups) -> None:
    known = {rule.name for group in rules.groups for rule in group.rules}
    for expected in scenario.expect:
        key = "alert" if isinstance(expected, Fires) else "quiet"
        name = alert_of(expected)
        if name not in known:
            path = (context.scenarios or Path()) / "synthetic" / f"{scenario.name}.yaml"
            problem = f"no rule of context {context.name!r} defines the alert {name!r}"
            raise FileError("scenario", path, problem, line=_line(path, key, name), key=f"expect.{key}")


def _line(path: Path, key: str, name: str) -> int | None:
    try:
        rows = read_text("scenario", path, MAX_BYTES).splitlines()
    except FileError:
        return None
    pattern = re.compile(rf"""\b{key}["']?\s*:\s*["']?{re.escape(name)}(?![\w:])""")
    return next((number for number, row in enumerate(rows, 1) if pattern.search(row)), None)


def active_of(scenario: Scenario, rules: RuleGroups, own: frozenset[str]) -> tuple[dict[str, str], ...]:
    """Return the labels of the expected alerts that are pending or firing; `own` are the marked ones."""
    return tuple(
        alert.labels
        for group in rules.groups
        for rule in group.rules
        for alert in rule.alerts
        if any(is_own(expected, scenario.name, alert.labels, own) for expected in scenario.expect)
    )
