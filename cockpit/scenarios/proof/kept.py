"""The test that a proof leaves behind: ordinary promtool input, which holds whenever the proof does.

It asks whether alerts fired by their labels, not for their annotations, so that a new wording breaks none.
It breaks when the proof does, but for three things that it does not ask: that an alert which is to stay quiet
has a rule at all, and that one which is to fire would not without the scenario, and does not pause.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cockpit.errors import CockpitError
from cockpit.files import FileError, read_regular, write_whole
from cockpit.promql import quote
from cockpit.scenarios.model import Expectation, Fires, Scenario
from cockpit.scenarios.own import alert_of
from cockpit.scenarios.proof.compile import Plan
from cockpit.scenarios.proof.document import Check, Input, RuleTest, written
from cockpit.scenarios.proof.findings import shown
from cockpit.scenarios.proof.rulefiles import Rules
from cockpit.text import one_line
from cockpit.units import prometheus_duration

HEAD = "Made by `cockpit scenario prove --keep`; run it with `promtool test rules`."
"""What the first line of a kept file says; one that begins otherwise is not overwritten."""

_GLOB = re.compile(r"[\\*?\[\]]")
_MAX = 50_000_000


def path_of(scenario: Scenario, folder: Path, step: float | None = None) -> Path:
    """Return where the test of `scenario` is kept; `step` tells one of several from the others."""
    every = "" if step is None else f"-{prometheus_duration(step)}"
    return folder / f"{scenario.name}{every}_test.yml"


def check_free(path: Path) -> None:
    """Raise FileError where something is in the way of a kept test at `path`."""
    try:
        there = read_regular(path, _MAX)
    except FileNotFoundError:
        return
    except OSError as error:
        raise FileError("kept test", path, error.strerror or str(error)) from error
    if not there.startswith(f"# {HEAD}".encode()):
        raise FileError("kept test", path, "there is another file, which is not overwritten")


def keep(scenario: Scenario, plan: Plan, inputs: Sequence[Input], rules: Rules, path: Path) -> None:
    """Write the test of `scenario` to `path`. Raises CockpitError."""
    check_free(path)
    folder = path.parent
    order = rules.order(alert_of(each) for each in scenario.expect)
    text = text_of(scenario, plan, inputs, [_relative(each.path, folder) for each in rules.files], order)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as error:
        where = one_line(str(path), 300)
        raise CockpitError(f"{where}: {error.strerror}", remedy="name another folder with --keep") from error


def text_of(
    scenario: Scenario, plan: Plan, inputs: Sequence[Input], rule_files: Sequence[str], order: Sequence[str]
) -> str:
    """Return the test of `scenario`; `rule_files` are as the file names them, `order` is of their groups."""
    checks = tuple(check for each in scenario.expect for check in _checks(each, scenario, plan))
    test = RuleTest(
        name=one_line(f"{scenario.name}: {scenario.title}", 300),
        interval=plan.interval,
        step=plan.step,
        order=tuple(order),
        inputs=tuple(inputs),
        checks=checks,
    )
    return written(test, rule_files, head=(HEAD,))


def _checks(expected: Expectation, scenario: Scenario, plan: Plan) -> Iterator[Check]:
    name = alert_of(expected)
    own = {"alertname": name, "alertstate": "firing", **expected.labels}
    matchers = [f"{label}={quote(value)}" for label, value in own.items()]
    if "synthetic" not in expected.labels:
        matchers.append(f'synthetic=~"({scenario.name})?"')
    alerts = f"ALERTS{{{', '.join(matchers)}}}"
    if not isinstance(expected, Fires):
        yield _none(alerts, plan.end + plan.step / 2, plan, f"{name} is quiet throughout")
        return
    until = expected.fires_within // plan.step * plan.step
    over = prometheus_duration(until + plan.step / 2)
    yield Check(
        at=until,
        expr=f"max(max_over_time({alerts}[{over}]))",
        samples=(("{}", 1.0),),
        says=f"{name} fires within {shown(expected.fires_within)}",
    )
    if expected.resolves_within is not None:
        gone = (plan.recovers + expected.resolves_within) // plan.step * plan.step
        within, recovery = shown(expected.resolves_within), shown(plan.recovers)
        says = f"{name} is resolved {within} after the recovery at {recovery}"
        yield _none(alerts, plan.end - gone + plan.step / 2, plan, says)


def _none(alerts: str, seconds: float, plan: Plan, says: str) -> Check:
    expr = f"count(count_over_time({alerts}[{prometheus_duration(seconds)}]))"
    return Check(at=plan.end, expr=expr, says=says)


def _relative(path: Path, folder: Path) -> str:
    # promtool takes names in rule_files for patterns.
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
    return _GLOB.sub(lambda match: "\\" + match.group(), relative)
