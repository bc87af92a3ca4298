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


_RULE = r"^[ \t]*(?:-[ \t]+)?(?:alert|record)[ \t]*:[ \t]*\S.*(?:\n.*){0,40}?\n[ \t]*(?:-[ \t]+)?expr[ \t]*:"
_SIGNS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.RULES, (_RULE,)),
    (Kind.ALERTMANAGER, (r"^route[ \t]*:", r"^receivers[ \t]*:")),
    (Kind.SCENARIO, (r"^signals[ \t]*:",)),
    (Kind.DRILL, (r"^phases[ \t]*:", r"\b(?:verify|operator|play)[ \t]*:")),
)
_OF_A_RULE = frozenset({"for", "labels", "annotations", "keep_firing_for"})
_LOOKED_AT = ("verify", "operator")
_SIGNALS = ("counter", "gauge", "histogram")
# Alerts have templates of their own, in strings and further in: `{{ $labels.x }}`, `{{ range query ... }}`.
_TEMPLATE = re.compile(
    r"\.(?:Values|Release|Chart|Capabilities)\b|\{\{-?[ \t]*(?:include|template|define|toYaml|tpl)\b"
    r"|<%[^\n]*%>|^[ \t]*\{%|^[ \t]{0,2}\{\{|^[ \t]*(?:-[ \t]+)?(?:[\w.-]+[ \t]*:[ \t]*)?\{\{-?[ \t]*"
    r"(?!(?:end|else|break|continue|externalURL)\b)[a-zA-Z_][\w.]*[ \t]*(?:\|[^}\n]*)?-?\}\}",
    re.M,
)
_KEYS = re.compile(r"""\b(?:groups|route|scrape_configs|signals|phases|panels)["']?[ \t]*:""")


def may_be_ours(text: str) -> bool:
    """Say whether a text has a key that any of our kinds begins with."""
    return _KEYS.search(text) is not None


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
    signals = document.maps("signals")
    if ("expect" in document or "duration" in document) and any(
        n in each for each in signals for n in _SIGNALS
    ):
        return Kind.SCENARIO
    if any(isinstance(each.get(name), Seq) for each in document.maps("phases") for name in _LOOKED_AT):
        return Kind.DRILL
    return Kind.OTHER


def _has_rules(document: Map) -> bool:
    rules = [rule for group in document.maps("groups") for rule in group.maps("rules")]
    return any(
        "expr" in rule or (("alert" in rule or "record" in rule) and not _OF_A_RULE.isdisjoint(rule))
        for rule in rules
    )


def misshapen(document: Map) -> tuple[int, str] | None:
    """Return the line of what is no list of groups, or of rules, and what it must be; None for neither."""
    for holder in (document, document.map("spec")):
        groups = holder.get("groups")
        if groups is not None and not isinstance(groups, Seq):
            return groups.line, "`groups` must be a list"
        for group in holder.maps("groups"):
            if (rules := group.get("rules")) and not isinstance(rules, Seq):
                return rules.line, "`rules` must be a list"
        if any(not isinstance(group, Map) for group in groups or ()):
            return holder["groups"].line, "each of `groups` must be a mapping"
    return None


def sniffed(text: str) -> Kind:
    """Return what a text that cannot be read as YAML seems to be."""
    found = (kind for kind, signs in _SIGNS if all(re.search(sign, text, re.MULTILINE) for sign in signs))
    return next(found, Kind.OTHER)


def is_template(text: str) -> bool:
    """Say whether a text is written for a template engine, such as Helm's, which makes YAML of it."""
    return _TEMPLATE.search(text) is not None
