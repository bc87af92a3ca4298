"""What is looked at before an exercise begins: does every name of the drill lead somewhere, and where to.

A name is refused when nothing at all knows it, for then the drill's file is wrong. An alert whose rule alone
is missing is none of these: finding that is what the drill is for.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from cockpit.alerts import routing
from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.source import SourceError
from cockpit.clients.wire import RuleGroups
from cockpit.config import shipped
from cockpit.drills.digests import digests
from cockpit.drills.files import DRILLS
from cockpit.drills.metrics import metrics
from cockpit.drills.model import Drill, Inhibited, Notified, Silenced
from cockpit.drills.references import Kind, Reference, references, unknown
from cockpit.drills.state import Mode, Plan
from cockpit.errors import CockpitError, InconclusiveError, UsageError
from cockpit.files import read_text
from cockpit.runbooks.library import Library
from cockpit.scenarios import files
from cockpit.scenarios.own import alert_of
from cockpit.scenarios.proof.rulefiles import Rules
from cockpit.scenarios.run.checks import active_of, require_allowed
from cockpit.scenarios.run.mixing import Mixed, marked, mixed
from cockpit.session import Session
from cockpit.text import one_line
from cockpit.yaml_file import MAX_BYTES


class Concerns(Struct, frozen=True, kw_only=True):
    """What a person should know before it begins.

    `mixing` are the rules that would mix what is played into real series, which asks for consent; `active`
    are alerts of the drill's scenarios that are pending or firing already.
    """

    mixing: tuple[Mixed, ...] = ()
    active: tuple[str, ...] = ()


async def plan(
    session: Session,
    drill: Drill,
    *,
    mode: Mode,
    operators: tuple[str, ...] = (),
    facilitator: str = "",
    blind: bool = False,
    lab: int | None = None,
) -> Plan:
    """Check every name of `drill` on `session`'s context, and return what the exercise rests on.

    Raises UsageError for a context that does not allow it, FileError with file, line and key for a name that
    nothing knows, and InconclusiveError where a server that has to tell does not.
    """
    context = session.context
    require_allowed(context)
    _require_servers(session, drill)
    folder = _folder(session)
    library = await asyncio.to_thread(lambda: session.library)
    await asyncio.to_thread(_require_files, drill, folder, library)
    rules = await _rules(session)
    await asyncio.to_thread(_require_alerts, drill, folder, library, rules)
    await _require_receivers(session, drill, folder)
    return Plan(
        context=context.name,
        speed=context.speed,
        gateway=session.pushgateway.url if session.pushgateway else "",
        lab=lab,
        mode=mode,
        blind=blind,
        operators=operators,
        facilitator=facilitator,
        scenarios=str(folder),
        metrics=await asyncio.to_thread(metrics, drill, rules, library),
        digests=await asyncio.to_thread(digests, drill.alerts, folder / "rules", library),
        sink=context.sink is not None,
    )


def require_known(drill: Drill, folder: Path, library: Library) -> None:
    """Check by the files under `folder` alone what `plan` checks, for a lab that has its rules and receivers.

    Raises FileError with file, line and key for a name that nothing knows.
    """
    _require_files(drill, folder, library)
    _require_alerts(drill, folder, library, RuleGroups(()))
    try:
        text = read_text("Alertmanager config", folder / "rules" / "alertmanager.yml", MAX_BYTES)
        known = routing.parse(text).receivers
    except UsageError:
        # The lab says what is wrong with it.
        return
    _require(drill, folder, references(drill, Kind.RECEIVER), "Alertmanager's configuration", known)


async def concerns(session: Session, drill: Drill) -> Concerns:
    """Return what a person should know before `drill` begins. Raises as `plan` does."""
    require_allowed(session.context)
    _require_servers(session, drill)
    rules = await _rules(session)
    mixing: dict[Mixed, None] = {}
    active: dict[str, None] = {}
    for name in drill.scenarios:
        scenario = await asyncio.to_thread(files.find, name, _folder(session))
        if session.context.sink is None:
            mixing.update(dict.fromkeys(mixed(scenario, rules)))
        before = active_of(scenario, rules, marked(scenario, rules))
        active.update(dict.fromkeys(labels.get("alertname", "") for labels in before))
    return Concerns(mixing=tuple(mixing), active=tuple(active))


def _folder(session: Session) -> Path:
    return session.context.scenarios or shipped("scenarios")


def _require_servers(session: Session, drill: Drill) -> None:
    conditions = [each for phase in drill.phases for each in phase.verify]
    told = any(isinstance(each, Notified | Inhibited | Silenced) for each in conditions)
    lacking = "prometheus" if not session.prometheus.configured else ""
    lacking = lacking or ("alertmanager" if told and not session.alertmanagers else "")
    if lacking:
        name = one_line(session.context.name, 100)
        raise UsageError(
            f"the context {name!r} has no {lacking.title()}: the drill cannot be verified",
            remedy=f"pass --{lacking} URL, or write `{lacking}` under [contexts.{name}]",
        )


async def _rules(session: Session) -> RuleGroups:
    try:
        return (await session.prometheus.rules()).data
    except SourceError as error:
        raise InconclusiveError(
            f"nothing is begun: the rules cannot be read: {error.message}", remedy=error.remedy
        ) from error


def _require(
    drill: Drill, folder: Path, wanted: Iterable[Reference], where: str, known: Collection[str]
) -> None:
    for each in wanted:
        if each.name not in known:
            raise DRILLS.refused(DRILLS.path_of(drill.name, folder), each.keys, unknown(each, where, known))


def _require_files(drill: Drill, folder: Path, library: Library) -> None:
    """Raise FileError for a scenario or a runbook that is not there, or a scenario that cannot be used."""
    scenarios = references(drill, Kind.SCENARIO)
    _require(drill, folder, scenarios, str(folder / "synthetic"), files.names(folder))
    runbooks = {PurePosixPath(path).stem for path in library.names()}
    _require(drill, folder, references(drill, Kind.RUNBOOK), "the runbook folders", runbooks)
    for name in dict.fromkeys(each.name for each in scenarios):
        files.find(name, folder)


def _require_alerts(drill: Drill, folder: Path, library: Library, rules: RuleGroups) -> None:
    """Raise FileError for an alert that neither a rule nor a scenario nor a runbook knows."""
    known = {rule.name for group in rules.groups for rule in group.rules}
    wanted = [each for each in references(drill, Kind.ALERT) if each.name not in known]
    if not wanted:
        return
    known |= {*_in_rule_files(folder), *_expected(folder)}
    linked = {each.name for each in wanted if library.resolve({"alertname": each.name}, {})}
    _require(drill, folder, wanted, "rules, scenarios and runbooks", known | linked)


def _in_rule_files(folder: Path) -> Iterator[str]:
    try:
        yield from (rule.name for rule in Rules.read([folder / "rules"]).all if rule.is_alert)
    except UsageError:
        return


def _expected(folder: Path) -> Iterator[str]:
    for name in files.names(folder):
        try:
            yield from map(alert_of, files.find(name, folder).expect)
        except CockpitError:
            continue


async def _require_receivers(session: Session, drill: Drill, folder: Path) -> None:
    """Raise FileError for a receiver that no Alertmanager has, InconclusiveError where one does not tell."""
    wanted = references(drill, Kind.RECEIVER)
    if not wanted:
        return
    found = await asyncio.gather(*map(_receivers, session.alertmanagers))
    known = {name for each in found if not isinstance(each, CockpitError) for name in each}
    missing = [each for each in wanted if each.name not in known]
    trouble = next((each for each in found if isinstance(each, CockpitError)), None)
    if missing and trouble:
        raise InconclusiveError(
            f"nothing is begun: the receivers cannot be read: {trouble.message}", remedy=trouble.remedy
        ) from trouble
    _require(drill, folder, missing, "Alertmanager's configuration", known)


async def _receivers(client: Alertmanager) -> Collection[str] | CockpitError:
    try:
        config = (await client.status()).data.config
        return (await asyncio.to_thread(routing.parse, config)).receivers
    except (SourceError, UsageError) as error:
        return error
