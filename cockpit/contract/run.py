"""A whole check, as a front end asks for it: files read, proofs run, servers asked, rules applied."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cockpit.config import Context
from cockpit.contract import baseline as baselines
from cockpit.contract.check import check
from cockpit.contract.coverage import unlooked
from cockpit.contract.drilled import drilled
from cockpit.contract.model import Report, Severity
from cockpit.contract.proofs import prove
from cockpit.contract.read import read
from cockpit.contract.repository import Repository
from cockpit.contract.rules.alerts._runbook_links import unlooked as pages_unlooked
from cockpit.contract.settings import Settings
from cockpit.contract.vocabulary import not_checked
from cockpit.errors import CockpitError


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of a check: what was read, the report, and how long it took in seconds.

    `unasked` are those sentences of the report's `not_checked` that speak of something asked for in vain.
    """

    repository: Repository
    report: Report
    unasked: tuple[str, ...]
    seconds: float


def run(
    paths: Sequence[Path],
    settings: Settings,
    *,
    runbook_folders: Sequence[Path] = (),
    context: Context | None = None,
    proofs: bool = True,
    baseline: baselines.Baseline | None = None,
) -> Outcome:
    """Check `paths`: with `proofs` scenarios are proven, with a `context` its servers are asked.

    It takes seconds, and an interrupt at any time. Raises UsageError for a path that is not there.
    """
    began = time.perf_counter()
    repository = read(paths, settings, runbook_folders=runbook_folders)
    unasked = asyncio.run(_gather(repository, context, proofs=proofs))
    report = replace(
        check(repository),
        counts=counts(repository),
        not_checked=(
            *repository.not_checked,
            *not_checked(repository),
            *unlooked(repository, proofs=proofs),
            *pages_unlooked(repository),
            *unasked,
        ),
    )
    if baseline is not None:
        report = baselines.apply(baseline, report)
    seconds = time.perf_counter() - began
    return Outcome(repository=repository, report=report, unasked=unasked, seconds=seconds)


async def _gather(repository: Repository, context: Context | None, *, proofs: bool) -> tuple[str, ...]:
    """Add to a repository what is not in its files, and return what of it was asked for in vain."""
    unasked: list[str] = []
    try:
        repository.covered = {each.alert: each for each in drilled(repository)}
    except CockpitError as error:
        unasked.append(f"the exercises of this machine are not read: {error}")
    if proofs:
        repository.proofs, problem = await prove(repository)
        unasked += [problem] if problem else []
    if context is not None:
        from cockpit.contract.live.ask import ask
        from cockpit.session import Session

        async with Session.open(context) as session:
            asked = await ask(repository, session)
        repository.live = asked.live
        repository.not_checked += asked.not_offered
        unasked += asked.failed
    return tuple(unasked)


def counts(repository: Repository) -> dict[str, int]:
    """Return how many there are of each kind of thing that was read."""
    return {
        "rules": len(repository.rules),
        "alerts": len(repository.alerts),
        "recordings": len(repository.rules) - len(repository.alerts),
        "alertmanagers": len(repository.alertmanagers),
        "runbooks": len(repository.runbooks),
        "scenarios": len(repository.scenarios),
        "drills": len(repository.drills),
        "dashboards": len(repository.dashboards),
        "queries": len(repository.queries),
    }


def failing(report: Report, fail_on: Severity) -> int:
    """Return how many findings are at least as bad as `fail_on`."""
    return sum(each.severity.rank <= fail_on.rank for each in report.findings)
