"""`cockpit config`: what is in force, and what is wrong with it. Nothing here asks a server anything."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

import typer
from msgspec import Struct, to_builtins

from cockpit.cli import options
from cockpit.errors import CockpitError, UsageError
from cockpit.files import FileError
from cockpit.text import json_safe, one_line

if TYPE_CHECKING:
    from cockpit.config import Config, Context

app = typer.Typer(no_args_is_help=True)

HARMLESS_HEADERS = frozenset(
    {"x-scope-orgid", "thanos-tenant", "accountid", "projectid", "user-agent", "accept"}
)
"""Header names, in lower case, whose value is no secret. Every other value is hidden."""
HIDDEN = "<hidden>"


class Problem(Struct, frozen=True, kw_only=True):
    """Something in the configuration that cannot be used. `line` counts from 1 where it is known."""

    message: str
    file: str | None = None
    line: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        where = ", line ".join(
            [self.file or "flags and environment", *([str(self.line)] if self.line else [])]
        )
        return ": ".join(part for part in (where, self.key, self.message) if part)


def public_url(url: str) -> str:
    """Return `url` with the password of its user hidden."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    userinfo, _, host = parts.netloc.rpartition("@")
    user, colon, _ = userinfo.partition(":")
    return urlunsplit(parts._replace(netloc=f"{user}{colon}{HIDDEN if colon else ''}@{host}"))


def effective(context: "Context") -> dict[str, Any]:
    """Return the settings of `context` as plain data without secrets, empty ones left out."""
    settings = to_builtins(context, enc_hook=str)
    del settings["speed"], settings["stand_ins"]
    for kind in ("prometheus", "alertmanager"):
        settings[kind] = [public_url(url) for url in settings[kind]]
    if settings["pushgateway"]:
        settings["pushgateway"] = public_url(settings["pushgateway"])
    settings["headers"] = {
        name: value if name.lower() in HARMLESS_HEADERS else HIDDEN
        for name, value in settings["headers"].items()
    }
    return {key: value for key, value in settings.items() if value not in (None, (), [], {})}


@app.command()
def show(
    ctx: typer.Context,
    output: Annotated[Literal["toml", "json"], typer.Option("--output", "-o", help="The format.")] = "toml",
) -> None:
    """Show the context in force: flags over environment over config file, secrets hidden."""
    settings = effective(options.context_of(ctx))
    if output == "json":
        typer.echo(json_safe(json.dumps(settings, indent=2, ensure_ascii=False)))
        return
    name = settings.pop("name")
    typer.echo(f"[contexts.{_toml_key(name)}]")
    for key, value in settings.items():
        typer.echo(f"{key} = {_toml(value)}")


@app.command()
def check(
    ctx: typer.Context,
    output: Annotated[Literal["text", "json"], typer.Option("--output", "-o", help="The format.")] = "text",
) -> None:
    """Check the config file, and the files and folders it names. Exit 2 if anything cannot be used."""
    checked, problems = examine(ctx)
    if output == "json":
        report = {"ok": not problems, "checked": checked, "problems": to_builtins(problems)}
        typer.echo(json_safe(json.dumps(report, indent=2, ensure_ascii=False)))
    else:
        for problem in problems:
            typer.echo(one_line(str(problem)))
        if not problems:
            typer.echo(one_line(f"ok: {', '.join(checked)}"))
    raise typer.Exit(UsageError.exit_code if problems else 0)


def examine(ctx: typer.Context) -> tuple[list[str], list[Problem]]:
    """Return what was checked, in words, and every problem; of a file that does not parse, the first."""
    from cockpit.config import config_file

    path = options.config_path(ctx) or config_file()
    try:
        config = options.config_of(ctx)
    except FileError as error:
        problem = Problem(message=error.problem, file=str(path), line=error.line, key=error.key or None)
        return [str(path)], [problem]
    checked = [str(config.path) if config.path else f"no config file ({path} does not exist)"]
    problems: list[Problem] = []
    for context in config.contexts.values():
        checked.append(f"context {context.name}")
        problems.extend(_of_context(context, config))
    problems.extend(_of_ui(config))
    named, overrides = options.context_name(ctx), options.overrides_of(ctx)
    if named or any(to_builtins(overrides).values()):
        try:
            problems.extend(p for p in _of_context(options.context_of(ctx), None) if not config.contexts)
            checked.append("flags and environment")
        except UsageError as error:
            problems.append(Problem(message=str(error)))
    return checked, problems


def _of_ui(config: "Config") -> Iterable[Problem]:
    """Yield what the screen would refuse."""
    file = str(config.path) if config.path else None
    if config.ui.theme != type(config.ui)().theme:
        from textual.theme import BUILTIN_THEMES

        if config.ui.theme not in BUILTIN_THEMES:
            known = ", ".join(sorted(BUILTIN_THEMES))
            message = f"there is no theme {config.ui.theme!r}: known themes: {known}"
            yield Problem(message=message, file=file, key="ui.theme")
    if config.ui.keys:
        from cockpit.tui.keys import known_keys

        for name in sorted(set(config.ui.keys) - known_keys()):
            message = "there is no key of this name: ? in the program shows them"
            yield Problem(message=message, file=file, key=f"ui.keys.{name}")


def _of_context(context: "Context", config: "Config | None") -> list[Problem]:
    text = config.path.read_text(encoding="utf-8") if config and config.path else ""
    found: list[tuple[str, str]] = []
    if not (context.prometheus or context.alertmanager):
        found.append(("", "neither prometheus nor alertmanager: there is nothing to look at"))
    for folder in context.runbooks:
        if not folder.is_dir():
            found.append(("runbooks", f"{folder} is no folder"))
    if context.scenarios and not context.scenarios.is_dir():
        found.append(("scenarios", f"{context.scenarios} is no folder"))
    if context.http_config:
        found.extend(("http_config", message) for message in _http_problems(context.http_config))
    return [
        Problem(
            message=message,
            file=str(config.path) if config else None,
            line=_line_of(text, context.name, key),
            key=".".join(filter(None, ("contexts", context.name, key))) if config else key or None,
        )
        for key, message in found
    ]


def _http_problems(path: Path) -> list[str]:
    from cockpit.clients import http_config

    try:
        http_config.read(path)
    except CockpitError as error:
        return [str(error)]
    return []


def _line_of(text: str, context: str, key: str) -> int | None:
    """Return the line of `key` in the table of `context`, or of the table's header."""
    header = re.compile(rf"\s*\[\s*contexts\s*\.\s*[\"']?{re.escape(context)}[\"']?\s*\]")
    found = None
    for number, row in enumerate(text.splitlines(), 1):
        if header.match(row):
            found = number
        elif found and row.lstrip().startswith("["):
            break
        elif found and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", row):
            return number
    return found


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml_key(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json_safe(json.dumps(value, ensure_ascii=False))
