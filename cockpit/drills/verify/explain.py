"""Why a condition did not hold in its time: the link of the chain that is broken, named."""

from msgspec.structs import replace

from cockpit.alerts.feed import fetch_board
from cockpit.alerts.why import Ladder, RungState, why
from cockpit.alerts.why.model import RULE, SERIES, TRUE
from cockpit.alerts.why.words import labels_text
from cockpit.drills.model import Condition, Firing, Inhibited, Leftovers, Notified, Pushed, Resolved, Silenced
from cockpit.drills.state import Exercise, Outcome, PhaseState
from cockpit.drills.verify.alerts import standing
from cockpit.drills.verify.broken import lost_end, no_inhibition, not_routed
from cockpit.drills.verify.judge import judge
from cockpit.drills.verify.looked import Look, firing, held, instances, is_own
from cockpit.drills.verify.resolved import not_told
from cockpit.errors import CockpitError
from cockpit.promql import quote
from cockpit.scenarios.play.grouping import JOB
from cockpit.scenarios.run.mixing import MARK
from cockpit.session import Session
from cockpit.text import one_line

_SAID = {SERIES: "", TRUE: "its expression is not true, ", RULE: ""}
"""What is said before the evidence of a rung that is not known by its name alone."""


async def explain(
    session: Session, condition: Condition, phase: PhaseState, look: Look, exercise: Exercise
) -> str:
    """Return one cleaned sentence: why `condition`, one of `phase`, did not hold by the last `look`.

    Servers are asked for what a look has not; one that fails is named. What was settled keeps its words.
    """
    seen = judge(condition, phase, look, exercise)
    if seen.outcome is not Outcome.AWAITED:
        return seen.said
    try:
        said = await _explained(session, condition, phase, look, exercise)
    except CockpitError as error:
        said = f"{seen.said}; why could not be asked: {error}"
    return one_line(said or seen.said, 500)


async def _explained(
    session: Session, condition: Condition, phase: PhaseState, look: Look, exercise: Exercise
) -> str:
    match condition:
        case Pushed():
            return await _unscraped(session, condition.pushed, exercise)
        case Firing():
            return await _not_as_asked(session, condition, look, exercise)
        case Notified():
            name = phase.phase.alert_told(condition)
            return await _not_told(session, condition, name, look, exercise)
        case Inhibited():
            return await _not_inhibited(session, condition, look, exercise)
        case Silenced():
            return await _unless_fires(session, condition.silenced, look, exercise)
        case Resolved():
            return _not_resolved(condition.resolved, look, exercise)
        case Leftovers():
            return ""
    return ""


async def _unscraped(session: Session, scenario: str, exercise: Exercise) -> str:
    """Return why Prometheus lacks a group that stands on the gateway; empty where that is not why."""
    groups = await session.pushgateway.groups() if session.pushgateway else ()
    if not any(each.labels.get("job") == JOB and each.labels.get(MARK) == scenario for each in groups):
        return f"{scenario} does not stand on the Pushgateway: nothing was pushed, or it was deleted"
    wanted = f"{MARK}={quote(scenario)}"
    if (await session.prometheus.query(f"push_time_seconds{{job={quote(JOB)},{wanted}}}")).data.series:
        return ""
    lost = await session.prometheus.query(f"push_time_seconds{{exported_job={quote(JOB)}}}")
    if lost.data.series:
        return (
            f"{scenario} is pushed, but Prometheus scrapes the Pushgateway without honor_labels: "
            f"its job comes out as exported_job, and {lost.data.series[0].labels.get('job', '')!r} as the job"
        )
    return f"{scenario} is pushed, but Prometheus has nothing of it: does it scrape this Pushgateway?"


async def _not_as_asked(session: Session, condition: Firing, look: Look, exercise: Exercise) -> str:
    if fires := firing(condition.firing, look, exercise):
        own, asked = labels_text(fires[0].labels), labels_text(condition.labels)
        return f"{condition.firing} fires with other labels than {asked}: {own}"
    return await _not_firing(session, condition.firing, look, exercise)


async def _not_firing(session: Session, name: str, look: Look, exercise: Exercise) -> str:
    """Return the rung at which the alert stands still."""
    found = instances(name, look, exercise)
    if found and not found[0].firing:
        return f"{name} does not fire: {standing(name, found, look)}"
    for scenario in exercise.drill.scenarios:
        played = look.starts.get(scenario, None)
        groups = () if isinstance(look.groups, CockpitError) else look.groups
        there = any(each.labels.get(MARK) == scenario for each in groups)
        if there and played is None and (said := await _unscraped(session, scenario, exercise)):
            return f"{name} does not fire: {said}"
    ladder = await _ladder(session, name, look, exercise)
    if any(each.name == "firing" and each.state is RungState.OK for each in ladder.rungs):
        return f"{name} fires only now that the time is up"
    broken = ladder.first_broken
    if broken is None:
        return ""
    return f"{name} does not fire: {_SAID.get(broken.name, f'{broken.name}, ')}{broken.evidence}"


async def _ladder(session: Session, name: str, look: Look, exercise: Exercise) -> Ladder:
    """Return the ladder of the exercise's own alert of that name, else of its rule."""
    board = await fetch_board(session)
    mine = tuple(each for each in board.alerts if is_own(each.labels, each.since, look, exercise))
    return await why(session, name, board=replace(board, alerts=mine))


async def _unless_fires(session: Session, name: str, look: Look, exercise: Exercise) -> str:
    """Return why the alert does not fire; empty where it does."""
    if held(name, look, exercise) or firing(name, look, exercise):
        return ""
    return await _not_firing(session, name, look, exercise)


async def _not_told(session: Session, condition: Notified, name: str, look: Look, exercise: Exercise) -> str:
    if said := await _unless_fires(session, name, look, exercise):
        return f"{condition.notified} was not told: {said}"
    if said := not_routed(condition, name, look, exercise):
        return f"{condition.notified} was not told of {name}: {said}"
    ladder = await _ladder(session, name, look, exercise)
    broken = ladder.first_broken
    if broken is None:
        return ""
    more = [each for each in broken.detail if " fails: " in each]
    return f"{condition.notified} was not told of {name}: {'; '.join((broken.evidence, *more))}"


async def _not_inhibited(session: Session, condition: Inhibited, look: Look, exercise: Exercise) -> str:
    name = condition.inhibited
    if said := await _unless_fires(session, name, look, exercise):
        return f"{name} is not inhibited: {said}"
    if condition.by and (said := await _unless_fires(session, condition.by, look, exercise)):
        return f"{name} is not inhibited: {said}"
    targets = [each for each in held(name, look, exercise) if not each[1].inhibited_by]
    if not targets:
        return ""
    peer, target = targets[0]
    sources = [alert for _, alert in held(condition.by, look, exercise)] if condition.by else []
    return f"{name} is not inhibited: {no_inhibition(peer, target, sources)}"


def _not_resolved(name: str, look: Look, exercise: Exercise) -> str:
    missing = not_told(name, look, exercise)
    if missing and not firing(name, look, exercise) and not held(name, look, exercise):
        return f"{name} fires no more, but {lost_end(name, missing, look, exercise)}"
    return ""
