"""What Prometheus does to the labels of alerts on sending, read from its own configuration."""

import re
from typing import Any

from cockpit.clients.wire import Relabelling

_SETTING = {"replace", "lowercase", "uppercase", "hashmod", "keepequal", "dropequal"}


def relabelling(config: str) -> Relabelling:
    """Return the external labels and the alert relabelling in the YAML of `/api/v1/status/config`.

    Only the sections `global` and `alerting` are parsed: the scrape configurations can be megabytes. What
    cannot be read counts as absent, and the whole as not known (Prometheus always tells `global`); so does
    a step that makes label names, such as labelmap. Semantics: Prometheus documentation, <relabel_config>.
    """
    external = _section(config, "global", "external_labels")
    alerting = _section(config, "alerting", "alert_relabel_configs")
    labels = external.get("external_labels") if isinstance(external, dict) else None
    steps: list[Any] = []
    if isinstance(alerting, dict):
        steps += alerting.get("alert_relabel_configs") or []
        for manager in alerting.get("alertmanagers") or []:
            steps += (manager.get("alert_relabel_configs") or []) if isinstance(manager, dict) else []
    touched: dict[str, None] = {}
    dropped: dict[str, None] = {}
    told = re.search(r"(?m)^global:", config) is not None and external is not None and alerting is not None
    for step in steps:
        if isinstance(step, dict):
            told &= _take(step, touched, dropped)
    return Relabelling(
        {str(k): str(v) for k, v in labels.items()} if isinstance(labels, dict) else {},
        tuple(touched),
        tuple(dropped),
        known=told,
        drops=any(isinstance(step, dict) and step.get("action") in {"drop", "keep"} for step in steps),
    )


def _take(step: dict[str, Any], touched: dict[str, None], dropped: dict[str, None]) -> bool:
    """Note the names that `step` sets or drops; say whether they can be told without running it."""
    action = str(step.get("action") or "replace").lower()
    pattern = str(step.get("regex") or "(.*)")
    target = str(step.get("target_label") or "")
    if action == "labeldrop":
        dropped[pattern] = None
    elif action == "labelkeep":
        dropped[f"(?!(?:{pattern})$).+"] = None
    elif action in _SETTING and target and "$" not in target:
        touched[target] = None
    else:
        return action in {"keep", "drop"}
    return True


def _section(config: str, name: str, needed: str) -> object:
    """Return the top-level section `name`: empty without the key `needed` in it, None if unreadable."""
    found = re.search(
        rf"(?m)^{name}:[^\n]*\n(?:(?:[ \t#-][^\n]*)?\n)*", config if config.endswith("\n") else config + "\n"
    )
    if found is None or needed not in found.group():
        return {}
    # The YAML reader is imported for those who have such a section only.
    from cockpit.yaml_lines import YamlTrouble, documents

    try:
        loaded = next(iter(documents(found.group())), None)
    except YamlTrouble:
        return None
    return loaded.get(name) if isinstance(loaded, dict) else None
