"""What `cockpit check` looks at: the paths, the folders that hold runbooks only, and the settings."""

from dataclasses import replace
from pathlib import Path

import typer
from msgspec import Struct

from cockpit.cli import options
from cockpit.config import LAB, Config, Context
from cockpit.contract import settings_file
from cockpit.contract.settings import Settings


class Target(Struct, frozen=True):
    """Files and folders to read, folders whose Markdown is all runbooks, and what is wanted of the check."""

    paths: tuple[Path, ...]
    runbooks: tuple[Path, ...]
    settings: Settings


def target(ctx: typer.Context, paths: list[Path] | None, named: Path | None) -> Target:
    """Return what the arguments, the flags, the environment and the config file say together.

    Without paths it is the folders that the context names, if any, else the current folder. Raises
    UsageError for a context that is not there and for settings that cannot be used.
    """
    named_context = chosen(ctx)
    context = named_context or Context()
    folders = options.overrides_of(ctx)
    runbooks = tuple(Path(each).expanduser() for each in folders.runbooks) or context.runbooks
    scenarios = Path(folders.scenarios).expanduser() if folders.scenarios else context.scenarios
    own = (*runbooks, *([scenarios] if scenarios else []))
    given = tuple(path.expanduser() for path in paths or ())
    return Target(given or own or (Path(),), runbooks, _settings(named, named_context))


def chosen(ctx: typer.Context) -> Context | None:
    """Return the context that a flag, the environment or the config file names, if any.

    Raises UsageError for one that is not there.
    """
    config = options.config_of(ctx)
    name = options.context_name(ctx) or _default(config)
    if name in config.contexts or name in {"", LAB}:
        return config.contexts.get(name)
    return options.context_of(ctx)


def _default(config: Config) -> str:
    only = next(iter(config.contexts)) if len(config.contexts) == 1 else ""
    return config.default or only


def _settings(named: Path | None, context: Context | None) -> Settings:
    base = Settings()
    if context is not None:
        base = replace(base, runbook_paths=dict(context.runbook_paths))
        # A context that names none has the two that the screen looks at, and a check knows more.
        if context.runbook_annotations != Context().runbook_annotations:
            base = replace(base, runbook_annotations=context.runbook_annotations)
    file = named.expanduser() if named else settings_file.find(Path.cwd())
    return settings_file.load(file, base) if file else base
