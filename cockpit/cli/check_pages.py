"""`cockpit check --list` and `--explain`: the rules and their pages."""

import re
from collections.abc import Iterator

from cockpit.cli.check_text import wrapped
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
    write("\n".join(page(rules[name], terminal_width())))


def page(rule: Rule, width: int | None) -> Iterator[str]:
    """Yield the lines of a rule's page under its id and severity; with `width` paragraphs flow anew."""
    yield f"{rule.id} ({rule.severity})"
    for block in rule.page.split("\n\n"):
        yield ""
        if width is None or block.startswith(("    ", "```")):
            yield from block.split("\n")
            continue
        for part in re.split(r"\n(?=- )", block):
            lead = "  " if part.startswith("- ") else ""
            first, *rest = wrapped(part, width, len(lead))
            yield from (first, *(lead + row for row in rest))
