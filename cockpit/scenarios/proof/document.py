"""A test file for `promtool test rules`, as text. Pure.

Format: Prometheus, docs/configuration/unit_testing_rules.
"""

import json
import re
from collections.abc import Sequence

from msgspec import Struct

from cockpit.promql import quote
from cockpit.text import escape_unsafe, one_line
from cockpit.units import prometheus_duration

_PLAIN = re.compile(r"[ -~]*")


class Input(Struct, frozen=True):
    """A series, and its values at every interval in promtool's notation."""

    name: str
    labels: dict[str, str]
    values: str

    def __str__(self) -> str:
        return self.name + "{" + ", ".join(f"{n}={quote(value)}" for n, value in self.labels.items()) + "}"


class Check(Struct, frozen=True, kw_only=True):
    """At `at` seconds `expr` has exactly `samples`, each its labels as `{label="value"}` and its value."""

    at: float
    expr: str
    samples: tuple[tuple[str, float], ...] = ()
    says: str = ""


class RuleTest(Struct, frozen=True, kw_only=True):
    """A test of one scenario; `interval` is that of the inputs, `step` that of evaluations, in seconds.

    `order` names the groups whose order counts: promtool has none by itself, and takes another each time.
    """

    name: str
    interval: float
    step: float
    order: tuple[str, ...]
    inputs: tuple[Input, ...]
    checks: tuple[Check, ...]


def scalar(text: str) -> str:
    r"""Return `text` as a YAML scalar in quotes; what YAML has no place for is an escape, `\u009b`."""
    if _PLAIN.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    escaped = escape_unsafe(json.dumps(text, ensure_ascii=False))
    return escaped.replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")


def written(test: RuleTest, rule_files: Sequence[str], *, head: Sequence[str] = ()) -> str:
    """Return a test file; `head` are the lines of the comment that it begins with."""
    lines = [f"# {line}".rstrip() for line in head]
    lines += ["rule_files:", *(f"  - {scalar(name)}" for name in rule_files)]
    lines.append(f"evaluation_interval: {prometheus_duration(test.step)}")
    if len(test.order) > 1:
        lines += ["group_eval_order:", *(f"  - {scalar(name)}" for name in test.order)]
    lines += ["", "tests:"]
    lines += [f"  - name: {scalar(test.name)}", f"    interval: {prometheus_duration(test.interval)}"]
    lines.append("    input_series:")
    for each in test.inputs:
        lines += [f"      - series: {scalar(str(each))}", f"        values: {scalar(each.values)}"]
    lines.append("    promql_expr_test:")
    for check in test.checks:
        lines += [f"      # {one_line(check.says, 300)}"] if check.says else []
        lines += [
            f"      - eval_time: {prometheus_duration(check.at)}",
            f"        expr: {scalar(check.expr)}",
        ]
        lines += ["        exp_samples:"] if check.samples else []
        for labels, value in check.samples:
            lines += [f"          - labels: {scalar(labels)}", f"            value: {value:g}"]
    return "\n".join(lines) + "\n"
