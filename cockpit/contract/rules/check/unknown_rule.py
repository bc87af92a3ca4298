"""Suppression of an unknown rule.

A comment `cockpit: ignore` names a rule that does not exist, so it suppresses nothing. Neither does one with
another word before the rule, such as `cockpit: ignroe alerts/short-for`: there is only `ignore`, and
`ignore-file`.

**Remedy.** Name the rule as the finding does. `cockpit check --list` lists all rules; `alerts/*` stands for
all of a category.
"""

from collections.abc import Iterator

from cockpit.contract.comments import INSTRUCTIONS
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import all_rules, meant, rule
from cockpit.contract.suppress import comments
from cockpit.text import one_line


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each name in a comment that no rule has."""
    held = comments(repository)
    categories = {each.category for each in all_rules()}
    for comment in held.others:
        # Prose speaks of other things than rules alone.
        if comment.ids and all(name.partition("/")[0] in categories and "/" in name for name in comment.ids):
            word = one_line(comment.word, 100)
            yield Problem(
                at=comment.at,
                message=f"there is no instruction {word}{meant(word.lower(), INSTRUCTIONS)}",
                remedy="write `ignore`, or `ignore-file` for the whole file",
            )
    for comment in held.all:
        known = {name for each in all_rules() for name in (each.id, each.category + "/*")}
        # Without a reason it suppresses nothing anyway, and its words may be meant to be one.
        for name in [each for each in comment.ids if each not in known] if comment.reason else ():
            yield Problem(
                at=comment.at,
                message=f"there is no rule {one_line(name, 100)}{meant(name, known)}",
                remedy="name the rule as the finding does; `cockpit check --list` lists them",
            )
        if comment.reason and not comment.ids:
            yield Problem(
                at=comment.at,
                message="this comment names no rule, and so suppresses nothing",
                remedy="name the rule as the finding does",
            )
