"""Where every run begins and ends: exit codes, and one line instead of a traceback."""

import gc
import os
import sys
from typing import Any

from cockpit.crash import write_crash
from cockpit.errors import CockpitError
from cockpit.text import one_line

INTERRUPTED = 130
PIPE_CLOSED = 141
"""128 and SIGPIPE, as a shell reports a program whose reader went away."""
INTERNAL = 70
"""EX_SOFTWARE of sysexits.h: a defect of the cockpit itself."""
_COLLECT_AFTER = 50_000
"""New objects between two garbage collections; Python's 700 cost a sixth of the time to start."""


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code; a failure is one line on stderr."""
    gc.set_threshold(_COLLECT_AFTER, 20, 100)
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except BaseException as error:
        return _ended_by(error)
    return code


def _open_what_is_closed() -> None:
    """Let a standard stream that was closed lead nowhere: nothing else may be opened in its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _run(argv: list[str]) -> int:
    from cockpit.cli import flags

    if (told := flags.read(argv)) is not None:
        from cockpit.cli.screen import show

        return show(told)
    import typer

    from cockpit.cli.main import app

    try:
        result = typer.main.get_command(app).main(argv, prog_name="cockpit", standalone_mode=False)
    except typer.TyperException as error:
        return _misused(error)
    except typer.Abort:
        return INTERRUPTED
    except SystemExit as error:
        # typer turns a closed pipe into exit code 1, which here would mean "it does not hold".
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        raise
    return result if isinstance(result, int) else 0


def _misused(error: Any) -> int:
    """Say what typer found wrong with the arguments, or show the help where a group was given none."""
    command = getattr(error, "ctx", None)
    if error.message.startswith("Usage:"):
        sys.stderr.write(f"{error.message}\n")
    else:
        hint = f": see `{command.command_path} --help`" if command else ""
        _say(error.format_message().replace(": Value error, ", ": ").rstrip(".") + hint)
    code: int = error.exit_code
    return code


def _ended_by(error: BaseException) -> int:
    """Say what ended the run, where a person needs to be told, and return the exit code."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, BrokenPipeError):
        # The interpreter flushes stdout once more at its end; that must not fail aloud.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    if isinstance(error, CockpitError):
        _say(str(error))
        return error.exit_code
    _say(f"internal error: {type(error).__name__}: {error}; {write_crash(error)}")
    return INTERNAL


def _say(message: str) -> None:
    try:
        sys.stderr.write(f"cockpit: {one_line(message, 2000)}\n")
        sys.stderr.flush()
    except OSError:
        pass


if __name__ == "__main__":
    sys.exit(main())
