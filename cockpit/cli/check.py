"""`cockpit check`: do alerts, runbooks, metrics, scenarios and drills agree?"""

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cockpit.cli import options

if TYPE_CHECKING:
    from cockpit.cli.check_target import Target
    from cockpit.config import Context
    from cockpit.contract.baseline import Baseline
    from cockpit.contract.model import Severity
    from cockpit.contract.run import Outcome

Level = Literal["error", "warning", "info"]
Form = Literal["text", "json", "github", "sarif"]

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Files and folders. Default: the folders of the chosen context, else the current folder.",
        show_default=False,
    ),
]
Live = Annotated[bool, typer.Option("--live", help="Ask the servers of the context too.")]
Output = Annotated[Form, typer.Option("-o", "--output", help="text, json, github or sarif.")]
Explain = Annotated[
    str | None, typer.Option("--explain", metavar="ID", help="Show the page of a rule, and stop.")
]
List = Annotated[bool, typer.Option("--list", help="List all rules, and stop.")]
BaselineFile = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="Report only what this file does not accept."),
]
Accept = Annotated[bool, typer.Option("--accept", help="Write all findings of today to the baseline.")]
FailOn = Annotated[
    Level | None, typer.Option("--fail-on", help="The least severity that exits 1. Default: error.")
]
Least = Annotated[
    Level, typer.Option("--severity", help="The least severity that is shown; the exit code stays.")
]
Consequences = Annotated[
    bool, typer.Option("--consequences", help="List what follows from other findings too.")
]
NoProofs = Annotated[bool, typer.Option("--no-proofs", help="Do not prove the scenarios with promtool.")]
Coverage = Annotated[
    bool, typer.Option("--coverage", help="Add which runbook, proof and drill each alert has.")
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help="The settings. Default: .cockpit.toml here, or nearest above in the repository.",
    ),
]


def check(
    ctx: typer.Context,
    paths: Paths = None,
    *,
    live: Live = False,
    output: Output = "text",
    explain: Explain = None,
    listed: List = False,
    baseline: BaselineFile = None,
    accept: Accept = False,
    fail_on: FailOn = None,
    least: Least = "info",
    no_proofs: NoProofs = False,
    coverage: Coverage = False,
    consequences: Consequences = False,
    settings_file: SettingsFile = None,
) -> None:
    """Say where alerts, runbooks, queries, scenarios and drills no longer agree.

    Exit 0: they agree; 1: there are findings of the severity of --fail-on, or worse; 2: a flag, a path, the
    settings or the baseline cannot be used; 3: something needed could not be asked, or there is nothing to
    check.
    """
    from cockpit.cli import check_pages
    from cockpit.cli.check_forms import write_form
    from cockpit.cli.check_target import target
    from cockpit.cli.output import narrate
    from cockpit.contract.coverage import coverage as rows
    from cockpit.contract.model import Severity

    if listed:
        return check_pages.list_rules()
    if explain is not None:
        return check_pages.explain(explain)
    asked = target(ctx, paths, settings_file)
    if not paths and asked.paths != (Path(),):
        narrate(f"checking {', '.join(map(str, asked.paths))}")
    context = options.context_of(ctx) if live else None
    outcome = _outcome(asked, context, proofs=not no_proofs, file=baseline, accept=accept)
    code = _code(outcome, Severity(fail_on) if fail_on else asked.settings.fail_on)
    write_form(
        outcome,
        output,
        least=Severity(least),
        passed=code == 0,
        baseline=baseline is not None,
        coverage=rows(outcome.repository, outcome.report) if coverage else None,
        consequences=consequences,
    )
    # What was read dies with the process: looking through it for garbage at the end is a tenth of the time.
    gc.freeze()
    raise typer.Exit(code)


def _outcome(
    asked: "Target", context: "Context | None", *, proofs: bool, file: Path | None, accept: bool
) -> "Outcome":
    from cockpit.contract.run import run

    outcome = run(
        asked.paths,
        asked.settings,
        runbook_folders=asked.runbooks,
        context=context,
        proofs=proofs,
        baseline=_baseline(file, accept=accept),
    )
    return _accepted(outcome, file) if accept and file is not None else outcome


def _baseline(file: Path | None, *, accept: bool) -> "Baseline | None":
    from cockpit.contract import baseline
    from cockpit.errors import UsageError

    if accept and file is None:
        raise UsageError("--accept needs a file to write", remedy="name it with --baseline FILE")
    if file is None:
        return None
    if not accept:
        return baseline.read(file.expanduser())
    baseline.spare(file.expanduser())
    return None


def _accepted(outcome: "Outcome", file: Path) -> "Outcome":
    """Write the findings to the baseline, which from then on knows them."""
    from msgspec.structs import replace

    from cockpit.cli.output import narrate
    from cockpit.contract import baseline

    known = baseline.write(file.expanduser(), outcome.report)
    narrate(f"{known} accepted in {file}")
    return replace(outcome, report=replace(outcome.report, findings=(), consequences=(), known=known))


def _code(outcome: "Outcome", limit: "Severity") -> int:
    from cockpit.contract.run import failing

    if failing(outcome.report, limit):
        return 1
    return 3 if outcome.unasked or not any(outcome.report.counts.values()) else 0
