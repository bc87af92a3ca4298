"""The command line: what `cockpit` offers. A command's module is imported when that command runs.

Completion and `--help` work from the table below, so they cost no feature's imports.
"""

from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cockpit import __version__
from cockpit.cli import options
from cockpit.errors import UsageError

COMMANDS = {
    "alerts": "List the alerts of all sources, worst first.",
    "why": "Where an alert stands from scrape to notification.",
    "triage": "Answer the linked runbook's queries for one alert.",
    "query": "Ask Prometheus: a table, JSON, CSV or a plot.",
    "runbook": "List runbooks, or show one.",
    "scenario": "List, prove and play synthetic scenarios; see what they left behind.",
    "drill": "Run drills, score them, and report what was seen.",
    "check": "Say where alerts, runbooks, queries, scenarios and drills do not agree.",
    "demo": "A lab with a scenario playing in it, and the screen on it.",
    "lab": "Start, look at or stop real servers on loopback.",
    "config": "Show the configuration in force, or check it.",
}
"""Each command and its line of help; its module is `cockpit.cli.<name>`."""

EPILOG = "Without a command: the screen. Global flags may also follow the command."


def available(name: str) -> bool:
    """Say whether the command `name` is part of this installation."""
    return find_spec(f"cockpit.cli.{name}") is not None


def load(name: str) -> Any:
    """Import the module of the command `name` and return the command, a TyperCommand or TyperGroup.

    The module has either `app`, a Typer with commands, or a function called `name`.
    """
    module = import_module(f"cockpit.cli.{name}")
    app: typer.Typer | None = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name, cls=options.Command)(getattr(module, name))
        return typer.main.get_command(app)
    app.rich_markup_mode = None
    for info in app.registered_commands:
        info.cls = info.cls or options.Command
    group = typer.main.get_group(app)
    group.name = name
    group.help = group.help or COMMANDS[name]
    return group


class Commands(TyperGroup):
    """The top-level group: names and help from the table, the real command only when it runs."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, in the order of the table."""
        return [name for name in COMMANDS if available(name)]

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        """Return a stand-in that knows only its help, enough for `--help` and for completion."""
        known = cmd_name in COMMANDS and available(cmd_name)
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name]) if known else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import and return the command that `args` begin with; raises UsageError with a suggestion."""
        name, *rest = args
        if name not in self.list_commands(ctx):
            if ctx.resilient_parsing:
                return None, None, rest
            near = get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f"did you mean `cockpit {near[0]}`?" if near else "see `cockpit --help`"
            raise UsageError(f"no such command: {name}", remedy=hint)
        command = load(name)
        options.attach(command, [param for param in self.params if param.name in options.NAMES])
        return name, command, rest


def _version(value: bool) -> None:
    if value:
        typer.echo(f"cockpit {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True, epilog=EPILOG)
def root(
    ctx: typer.Context,
    *,
    context: options.ContextFlag = None,
    config: options.ConfigFlag = None,
    prometheus: options.PrometheusFlag = None,
    alertmanager: options.AlertmanagerFlag = None,
    pushgateway: options.PushgatewayFlag = None,
    runbooks: options.RunbooksFlag = None,
    scenarios: options.ScenariosFlag = None,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """A terminal cockpit for whoever is on call: live alerts, the runbook, its queries answered beside it."""
    if ctx.invoked_subcommand is None:
        from cockpit.cli.screen import show

        raise typer.Exit(show(options.flags_of(ctx)))
