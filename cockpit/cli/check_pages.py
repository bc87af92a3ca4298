"""`cockpit check --list` and `--explain`: the rules and their pages."""

from cockpit.cli.output import table, terminal_width, write
from cockpit.contract.rule import Rule, all_rules, meant
from cockpit.errors import UsageError


def list_rules() -> None:
    """Write every rule with its severity and its title."""
    rows = [(rule.id, rule.severity.value, rule.title) for rule in all_rules()]
    write(table(("RULE", "SEVERITY", "REPORTS"), rows, width=terminal_width()))


def explain(name: str) -> None:
    """Write the page of a rule. Raises UsageError for one that is not there."""
    rules = {rule.id: rule for rule in all_rules()}
    if name not in rules:
        hint = meant(name, rules).removeprefix("; ") or "see `cockpit check --list`"
        raise UsageError(f"there is no rule {name!r}", remedy=hint)
    write(page(rules[name]))


def page(rule: Rule) -> str:
    """Return the page of a rule under its id and severity."""
    return f"{rule.id} ({rule.severity})\n\n{rule.page}"
