"""What the flags that hold everywhere say, read without typer: the screen does not wait for its import.

A flag wins over the environment, which wins over the config file.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cockpit.config import Config, Context, Overrides, from_environment, load, resolve

Flags = dict[str, Any]
"""What was told, by the flag's name without its dashes; repeated flags are lists."""

SINGLE = frozenset({"context", "config", "pushgateway", "scenarios"})
REPEATED = frozenset({"prometheus", "alertmanager", "runbooks"})
NAMES = SINGLE | REPEATED

_COMPLETION = "_COCKPIT_COMPLETE"


def read(argv: Sequence[str]) -> Flags | None:
    """Return the flags of `argv`, or None where it holds anything else, or a doubt: that is up to typer."""
    if _COMPLETION in os.environ:
        return None
    found: Flags = {}
    left = iter(argv)
    for argument in left:
        name, equals, value = argument.removeprefix("--").partition("=")
        value = value if equals else next(left, "")
        if not argument.startswith("--") or name not in NAMES or not value or value.startswith("-"):
            return None
        if name in REPEATED:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def config_path(flags: Flags) -> Path | None:
    """Return the config file that a flag or COCKPIT_CONFIG names, or None for the default place."""
    named = flags.get("config") or os.environ.get("COCKPIT_CONFIG")
    return Path(named).expanduser() if named else None


def context_name(flags: Flags) -> str | None:
    """Return the context that a flag or COCKPIT_CONTEXT names, if any."""
    name: str | None = flags.get("context") or os.environ.get("COCKPIT_CONTEXT")
    return name or None


def overrides(flags: Flags) -> Overrides:
    """Return what the flags, and where they are silent the environment, say of the context."""
    environment = from_environment()
    return Overrides(
        prometheus=tuple(flags.get("prometheus", environment.prometheus)),
        alertmanager=tuple(flags.get("alertmanager", environment.alertmanager)),
        pushgateway=flags.get("pushgateway", environment.pushgateway),
        runbooks=tuple(flags.get("runbooks", environment.runbooks)),
        scenarios=flags.get("scenarios", environment.scenarios),
        environment=frozenset(n for n in NAMES - flags.keys() if getattr(environment, n, None)),
    )


def config_of(flags: Flags) -> Config:
    """Return the config file as read; without one, an empty Config. Raises UsageError for a bad file."""
    return load(config_path(flags))


def context_of(flags: Flags, config: Config) -> Context:
    """Return the context that flags, environment and `config` choose together. Raises UsageError."""
    return resolve(config, context_name(flags), overrides(flags))


def words(flags: Flags) -> tuple[str, ...]:
    """Return `flags` as the words of a command line."""
    return tuple(
        word
        for name, told in flags.items()
        for value in (told if isinstance(told, list) else [told])
        for word in (f"--{name}", str(value))
    )
