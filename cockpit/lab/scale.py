"""Rule and server files for a faster clock: every duration divided by the lab's speed, the rest as it was.

Where durations stand: Prometheus, docs/configuration (recording_rules, alerting_rules, configuration) and
Alertmanager, docs/configuration. The unscaled files are the only source; nothing here reads or writes a file.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cockpit.errors import UsageError
from cockpit.promql import divide_durations
from cockpit.text import one_line
from cockpit.units import parse_duration, prometheus_duration

PLACEHOLDER = "http://127.0.0.1:9/"
"""What every notification URL in a shipped alertmanager.yml begins with; the lab puts its sink there."""

FASTEST = 0.1
"""Seconds: no scrape or evaluation interval is divided below this, or the servers cannot keep up."""

SCRAPE_INTERVAL = 15.0
"""Seconds between scrapes, and between evaluations of groups that name no interval, at speed 1."""


def divide(text: str, speed: float, *, at_least: float = 0.001) -> str:
    """Return the duration `text` divided by `speed`, not below `at_least` seconds; zero stays zero.

    A duration shorter than `at_least` to begin with keeps its length. Raises UsageError for no duration.
    """
    seconds = parse_duration(text)
    if speed == 1 or seconds == 0:
        return text
    return prometheus_duration(max(seconds / speed, min(seconds, at_least)))


def scrape_interval(speed: float) -> float:
    """Return the seconds between two scrapes in a lab at `speed`."""
    return max(FASTEST, SCRAPE_INTERVAL / speed)


def scale_rules(text: str, speed: float, *, name: str = "rules") -> str:
    """Return a rule file with its durations divided: intervals, offsets, `for`, and those in expressions.

    Raises UsageError that names the file `name`, and what in it is no duration.
    """

    def change(key: str, value: Any) -> Any:
        if key == "interval":
            return divide(str(value), speed, at_least=FASTEST)
        if key in {"for", "keep_firing_for", "query_offset"}:
            return divide(str(value), speed)
        return divide_durations(value, speed) if key == "expr" and isinstance(value, str) else value

    return _rewrite(text, change, name, apart=("labels", "annotations"))


def scale_alertmanager(
    text: str, speed: float, *, sink: str | None = None, name: str = "alertmanager.yml"
) -> str:
    """Return an Alertmanager file with its durations divided and, with `sink`, what it sends going there.

    `sink` is the base URL that takes the place of PLACEHOLDER. Raises UsageError that names the file `name`.
    """

    def change(key: str, value: Any) -> Any:
        if key in {"group_wait", "group_interval", "repeat_interval", "resolve_timeout"}:
            return divide(str(value), speed)
        if sink is not None and isinstance(value, str) and value.startswith(PLACEHOLDER):
            return f"{sink.rstrip('/')}/{value.removeprefix(PLACEHOLDER)}"
        return value

    return _rewrite(text, change, name)


def prometheus_config(
    *,
    speed: float,
    rule_files: tuple[str, ...],
    pushgateway: str,
    alertmanagers: tuple[str, ...],
    prometheus: str,
    external_labels: Mapping[str, str] | None = None,
) -> str:
    """Return a prometheus.yml for a lab at `speed`. Servers are given as `host:port`."""
    interval = prometheus_duration(scrape_interval(speed))

    def job(name: str, *targets: str, **extra: Any) -> dict[str, Any]:
        return {"job_name": name, **extra, "static_configs": [{"targets": list(targets)}]}

    document = {
        "global": {
            "scrape_interval": interval,
            "scrape_timeout": interval,
            "evaluation_interval": interval,
            **({"external_labels": dict(external_labels)} if external_labels else {}),
        },
        "rule_files": list(rule_files),
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]},
        "scrape_configs": [
            job("pushgateway", pushgateway, honor_labels=True),
            job("prometheus", prometheus),
            # Its counters over time tell whether a receiver fails.
            job("alertmanager", *alertmanagers),
        ],
    }
    return _dump(document)


def _rewrite(text: str, change: Callable[[str, Any], Any], name: str, apart: tuple[str, ...] = ()) -> str:
    """Write `text` anew, every scalar replaced by `change(key, value)` but those under the keys `apart`."""

    def walk(key: str, node: Any) -> Any:
        if isinstance(node, dict):
            return {k: v if k in apart else walk(str(k), v) for k, v in node.items()}
        return [walk(key, v) for v in node] if isinstance(node, list) else change(key, node)

    try:
        document = YAML(typ="safe", pure=True).load(text)
        if not isinstance(document, dict):
            raise UsageError("not a YAML mapping")
        return _dump(walk("", document))
    except YAMLError as error:
        raise UsageError(f"{name}: {one_line(str(error), 300)}") from error
    except UsageError as error:
        raise UsageError(f"{name}: {error.message}", remedy=error.remedy) from error


def _dump(document: Any) -> str:
    yaml = YAML()
    yaml.width = 4096
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()
