"""The small interface of a rule: a module below `cockpit.contract.rules` with one function `check`.

Its id is its place there, `alerts/no-runbook`; its page is the docstring of its module, in Markdown, whose
first line is its title. `@rule(Severity.ERROR)` makes it known.
"""

import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from msgspec import Struct

from cockpit.contract import rules
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository

Check = Callable[[Repository], Iterator[Problem]]


class Rule(Struct, frozen=True):
    """A rule: `severity` is what its findings have where the settings are silent."""

    id: str
    severity: Severity
    check: Check
    page: str

    @property
    def title(self) -> str:
        """The first line of its page, without a full stop."""
        return self.page.partition("\n")[0].rstrip(".")

    @property
    def category(self) -> str:
        """The first part of its id."""
        return self.id.partition("/")[0]


def rule(severity: Severity) -> Callable[[Check], Rule]:
    """Make a rule of the function `check` of a module."""

    def made(check: Check) -> Rule:
        name = check.__module__.removeprefix(f"{rules.__name__}.").replace(".", "/").replace("_", "-")
        return Rule(name, severity, check, inspect.cleandoc(sys.modules[check.__module__].__doc__ or ""))

    return made


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, by id."""
    names = (
        module.name
        for module in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}.")
        if not module.ispkg and not module.name.rpartition(".")[2].startswith("_")
    )
    found = [import_module(name).check for name in names]
    return tuple(sorted((each for each in found if isinstance(each, Rule)), key=lambda each: each.id))


def meant(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` where a known word is like `word`; else nothing."""
    near = get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
