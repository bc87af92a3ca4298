"""The flags that hold everywhere: which context, which servers, which folders.

They may stand before the command or after it, as in kubectl: `attach` gives every command the same options,
and what any of them was told is kept in the click context.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from cockpit.cli.flags import Flags
    from cockpit.config import Config, Context, Overrides

_KEY = "cockpit.flags"


def _keep(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> None:
    if value and param.name:
        kept = ctx.meta.setdefault(_KEY, {})
        kept[param.name] = [*kept.get(param.name, []), *value] if isinstance(value, list) else value


def _flag(name: str, metavar: str, help: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help, callback=_keep, expose_value=False)


_Urls: TypeAlias = list[str] | None
ContextFlag = Annotated[str | None, _flag("--context", "NAME", "The context of the config file to look at.")]
ConfigFlag = Annotated[str | None, _flag("--config", "FILE", "The config file.")]
PrometheusFlag = Annotated[_Urls, _flag("--prometheus", "URL", "A Prometheus; repeat for replicas.")]
AlertmanagerFlag = Annotated[_Urls, _flag("--alertmanager", "URL", "An Alertmanager; repeat for peers.")]
PushgatewayFlag = Annotated[str | None, _flag("--pushgateway", "URL", "The Pushgateway.")]
RunbooksFlag = Annotated[_Urls, _flag("--runbooks", "DIR", "A folder of runbooks; can be repeated.")]
ScenariosFlag = Annotated[str | None, _flag("--scenarios", "DIR", "The folder of scenarios.")]

NAMES = frozenset({"context", "config", "prometheus", "alertmanager", "pushgateway", "runbooks", "scenarios"})
"""The parameter names of the flags above."""


class Command(TyperCommand):
    """A command whose help lists the flags that hold everywhere under their own heading."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, the command's own options, then the global ones."""
        rows: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], "Global options": []}
        for param in self.get_params(ctx):
            shared = param.name in NAMES and not param.expose_value
            own = "Arguments" if param.param_type_name == "argument" else "Options"
            if record := param.get_help_record(ctx):
                rows["Global options" if shared else own].append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def attach(command: Any, flags: Iterable[Any]) -> None:
    """Let `command` and all below it take `flags` too, except where it has an option of that name."""
    taken = {spelling for param in command.params for spelling in param.opts}
    command.params.extend(flag for flag in flags if taken.isdisjoint(flag.opts))
    if isinstance(command, TyperGroup):
        for child in command.commands.values():
            attach(child, flags)


def flags_of(ctx: typer.Context) -> "Flags":
    """Return what the flags said."""
    found: Flags = ctx.meta.get(_KEY, {})
    return found


def config_path(ctx: typer.Context) -> Path | None:
    """Return the config file that a flag or COCKPIT_CONFIG names, or None for the default place."""
    from cockpit.cli import flags

    return flags.config_path(flags_of(ctx))


def context_name(ctx: typer.Context) -> str | None:
    """Return the context that a flag or COCKPIT_CONTEXT names, if any."""
    from cockpit.cli import flags

    return flags.context_name(flags_of(ctx))


def overrides_of(ctx: typer.Context) -> "Overrides":
    """Return what the flags, and where they are silent the environment, say of the context."""
    from cockpit.cli import flags

    return flags.overrides(flags_of(ctx))


def config_of(ctx: typer.Context) -> "Config":
    """Return the config file as read; without one, an empty Config. Raises UsageError for a bad file."""
    from cockpit.cli import flags

    return flags.config_of(flags_of(ctx))


def context_of(ctx: typer.Context) -> "Context":
    """Return the context that flags, environment and config file choose together.

    Raises UsageError when they are wrong, or leave nothing to look at.
    """
    from cockpit.cli import flags

    return flags.context_of(flags_of(ctx), config_of(ctx))
