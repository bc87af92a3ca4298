"""What a file is, told by what is in it: rules, routes, scenarios, drills, or none of these. Pure."""

import re
from enum import StrEnum

from cockpit.yaml_lines import Map, Seq, Value


class Kind(StrEnum):
    """What a document is; `OTHER` is what belongs to other tools."""

    RULES = "rule file"
    ALERTMANAGER = "Alertmanager config"
    PROMETHEUS = "Prometheus config"
    SCENARIO = "scenario"
    DRILL = "drill"
    OTHER = "file"


_SIGNS = (
    (
        Kind.RULES,
        r"^[ \t]*(?:-[ \t]+)?(?:alert|record)[ \t]*:[ \t]*\S.*(?:\n.*){0,40}?\n[ \t]*(?:-[ \t]+)?expr[ \t]*:",
    ),
    (
        Kind.ALERTMANAGER,
        r"^route[ \t]*:[ \t]*(?:#.*)?$[\s\S]*^receivers[ \t]*:|^receivers[ \t]*:[\s\S]*^route[ \t]*:",
    ),
    (Kind.SCENARIO, r"^signals[ \t]*:"),
    (Kind.DRILL, r"^phases[ \t]*:[\s\S]*\b(?:verify|operator|play)[ \t]*:"),
)
_SIGNALS = ("counter", "gauge", "histogram")
_TEMPLATE = re.compile(
    r"^[ \t]*\{\{|^[ \t]*\{%|:[ \t]*\{\{|^[ \t]*-[ \t]*\{\{|\{\{-? *(?:if|range|include|end|\.Values)", re.M
)


def kind_of(document: Value) -> Kind:
    """Return what a YAML document is."""
    if not isinstance(document, Map):
        return Kind.OTHER
    if _has_rules(document) or _has_rules(document.map("spec")):
        return Kind.RULES
    if document.map("route") and isinstance(document.get("receivers"), Seq):
        return Kind.ALERTMANAGER
    if isinstance(document.get("scrape_configs"), Seq):
        return Kind.PROMETHEUS
    if any(name in each for each in document.maps("signals") for name in _SIGNALS):
        return Kind.SCENARIO
    if any(name in each for each in document.maps("phases") for name in ("verify", "operator", "play")):
        return Kind.DRILL
    return Kind.OTHER


def _has_rules(document: Map) -> bool:
    rules = [rule for group in document.maps("groups") for rule in group.maps("rules")]
    return any("expr" in rule and ("alert" in rule or "record" in rule) for rule in rules)


def sniffed(text: str) -> Kind:
    """Return what a text that cannot be read as YAML seems to be."""
    return next((kind for kind, sign in _SIGNS if re.search(sign, text, re.MULTILINE)), Kind.OTHER)


def is_template(text: str) -> bool:
    """Say whether a text is written for a template engine, such as Helm's, which makes YAML of it."""
    return _TEMPLATE.search(text) is not None
