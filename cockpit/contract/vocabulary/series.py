"""The series of servers and of scenarios: their metrics, and the labels that these can have. Pure."""

import re

from cockpit.contract.repository import Repository
from cockpit.expression import Labels
from cockpit.scenarios.model import Histogram, name_of
from cockpit.scenarios.play.grouping import grouping_of

_WORD = re.compile(r"\S+")

ADDED_OUTSIDE = frozenset(
    _WORD.findall("""
    account_id availability_zone az cloud cluster cluster_id cluster_name datacenter dc env environment
    k8s_cluster location monitor project_id prometheus prometheus_replica receive_replica region replica
    rule_replica ruler_replica site tenant_id zone
    """)
)
"""Labels that servers commonly put on everything they hand on (external labels), recorded series too."""

ADDED_TO_TARGETS = ADDED_OUTSIDE | frozenset(
    _WORD.findall("""
    app application component container endpoint exported_instance exported_job host hostname instance job
    metrics_path name namespace node pod role service
    """)
)
"""Labels that a scrape commonly puts on the series of a target (service discovery, relabelling)."""

_PREFIXES = (
    "scrape",
    "prometheus",
    "alertmanager",
    "pushgateway",
    "go",
    "process",
    "promhttp",
    "net_conntrack",
)
ALWAYS = (*(f"{prefix}_*" for prefix in _PREFIXES), "up", "ALERTS", "ALERTS_FOR_STATE")
"""Patterns of the metrics that servers have of themselves."""

_OF_PUSHES = frozenset({"push_time_seconds", "push_failure_time_seconds"})


def pushed(repository: Repository) -> dict[str, frozenset[str]]:
    """Return the metrics that scenarios push, and the labels that they have there."""
    found: dict[str, frozenset[str]] = {}
    for entry in repository.scenarios:
        scenario = entry.scenario
        group = frozenset(grouping_of(scenario.name))
        for metric in _OF_PUSHES:
            found[metric] = group
        for signal in scenario.signals:
            name, labels = name_of(signal), group | scenario.labels.keys() | signal.labels.keys()
            parts = {name: labels}
            if isinstance(signal, Histogram):
                parts = {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
            for part, its in parts.items():
                found[part] = found.get(part, frozenset()) | its
    return found


def relabelled(of: Labels, own: dict[str, str]) -> Labels:
    """Return the labels after a rule has put its own on; an empty one takes a label away."""
    put, gone = ({n for n, value in own.items() if bool(value) is there} for there in (True, False))
    return Labels(
        (of.names | put) - gone, of.is_open, (of.lacking | gone) - put if of.is_open else frozenset()
    )


def either(one: Labels, other: Labels) -> Labels:
    """Return the labels of series of which each is from the one side or the other."""
    lacking = {n for n in one.lacking | other.lacking if not one.can_have(n) and not other.can_have(n)}
    return Labels(one.names | other.names, one.is_open or other.is_open, frozenset(lacking))
