"""`cockpit scenario prove`: scenarios proven offline, with promtool, against rule files."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cockpit.cli import options

if TYPE_CHECKING:
    from cockpit.scenarios.proof.prove import Proof
    from cockpit.scenarios.proof.rulefiles import Rule, Rules

Names = Annotated[
    list[str] | None, typer.Argument(metavar="NAME", help="The scenarios; without one, all of them.")
]
RuleFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        metavar="PATH",
        help="A rule file, or a folder of them; can be repeated. Default: rules/ beside the scenarios.",
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep", metavar="DIR", help="Leave a test for `promtool test rules` there, one a scenario."
    ),
]
Coverage = Annotated[
    bool,
    typer.Option(
        "--coverage",
        help="Then list the alerts that none of these scenarios proves to fire; exit 1 if there are any. "
        "Rules that look at no series, such as a Watchdog, are left out.",
    ),
]
Output = Annotated[Literal["text", "json"], typer.Option("-o", "--output", help="text or json.")]


def prove(
    ctx: typer.Context,
    names: Names = None,
    *,
    rules: RuleFiles = None,
    keep: Keep = None,
    coverage: Coverage = False,
    output: Output = "text",
) -> None:
    """Prove offline that scenarios make their alerts fire and resolve in time, and leave others quiet.

    Each is run by promtool, alone, against the rule files as they are. Exit 0: all proven; 1: not all; 2: a
    name, a flag or a file that cannot be used; 3: promtool is missing, or says what cannot be understood.
    """
    import asyncio

    from cockpit.scenarios import files
    from cockpit.scenarios.proof import promtool
    from cockpit.scenarios.proof.prove import prove_all
    from cockpit.scenarios.proof.rulefiles import Rules

    began = time.perf_counter()
    folder = scenario_folder(ctx)
    chosen = [files.find(name, folder) for name in dict.fromkeys(names or _all(folder))]
    read = Rules.read([path.expanduser() for path in rules or [folder / "rules"]])
    proofs = asyncio.run(prove_all(chosen, read, program=promtool.find(), keep=keep and keep.expanduser()))
    uncovered = _uncovered(proofs, read) if coverage else None
    if output == "json":
        _write_json(proofs, uncovered)
    else:
        _write_text(proofs, uncovered)
    _journal(proofs, folder, own_rules=rules is None)
    _narrate(proofs, uncovered, time.perf_counter() - began)
    if uncovered or not all(proof.passed for proof in proofs):
        raise typer.Exit(1)


def scenario_folder(ctx: typer.Context) -> Path:
    """Return the folder of scenarios: of a flag, the environment, the chosen context, or the shipped one."""
    from cockpit import config

    if named := options.overrides_of(ctx).scenarios:
        return Path(named).expanduser()
    if options.context_name(ctx) or options.config_of(ctx).contexts:
        return options.context_of(ctx).scenarios or config.shipped("scenarios")
    return config.shipped("scenarios")


def _all(folder: Path) -> tuple[str, ...]:
    from cockpit.errors import UsageError
    from cockpit.scenarios import files

    if not (names := files.names(folder)):
        raise UsageError(f"no scenario in {folder}", remedy="name the folder that has synthetic/ in it")
    return names


def _uncovered(proofs: "Sequence[Proof]", rules: "Rules") -> "list[Rule]":
    """Return the alerts that no proof shows to fire, each once, without those that always do."""
    proven = {
        each.alert for proof in proofs for each in proof.findings if each.kind == "fires" and each.passed
    }
    found: dict[str, Rule] = {}
    for rule in rules.all:
        if rule.is_alert and rule.name not in proven and not rules.always_firing(rule):
            found.setdefault(rule.name, rule)
    return list(found.values())


def _write_json(proofs: "Sequence[Proof]", uncovered: "Sequence[Rule] | None") -> None:
    from cockpit.cli.output import write_json

    document: dict[str, Any] = {
        "passed": all(proof.passed for proof in proofs) and not uncovered,
        "scenarios": proofs,
    }
    if uncovered is not None:
        document["uncovered"] = [{"alert": rule.name, "file": str(rule.path)} for rule in uncovered]
    write_json(document, pretty=True)


def _write_text(proofs: "Sequence[Proof]", uncovered: "Sequence[Rule] | None") -> None:
    from cockpit.cli.output import display_width, write
    from cockpit.text import one_line

    widest = max((display_width(one_line(f.alert)) for p in proofs for f in p.findings), default=0)
    for proof in proofs:
        write(f"{_word(proof.passed)}  {proof.scenario}: {one_line(proof.title, 200)}")
        for each in proof.findings:
            alert = one_line(each.alert)
            gap = " " * (widest - display_width(alert))
            write(f"  {_word(each.passed)}  {alert}{gap}  {each.sentence}")
        if not proof.findings:
            write("  FAIL  it expects nothing, so that nothing is proven")
    for rule in uncovered or ():
        where = one_line(str(rule.path), 300)
        write(f"FAIL  {one_line(rule.name)}: none of these scenarios proves that it fires; see {where}")


def _word(passed: bool) -> str:
    return "PASS" if passed else "FAIL"


def _journal(proofs: "Sequence[Proof]", folder: Path, *, own_rules: bool) -> None:
    """Record the proofs; where that cannot be done they hold all the same."""
    from cockpit.cli.output import narrate
    from cockpit.errors import CockpitError
    from cockpit.journal.journal import Journal
    from cockpit.scenarios.library import note_proof

    try:
        journal = Journal()
        for proof in proofs:
            note_proof(journal, folder, proof.scenario, passed=proof.passed, own_rules=own_rules)
    except CockpitError as error:
        narrate(f"cockpit: the proofs are not in the journal: {error}")


def _narrate(proofs: "Sequence[Proof]", uncovered: "Sequence[Rule] | None", seconds: float) -> None:
    from cockpit.cli.output import narrate

    passed = sum(proof.passed for proof in proofs)
    words = f"{passed} of {len(proofs)} scenarios proven in {seconds:.1f} s"
    if uncovered is not None:
        words += f"; alerts that none proves: {len(uncovered)}"
    narrate(words)
