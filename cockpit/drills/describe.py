"""What a phase verifies and asks, in words. Pure; cleaned, for both front ends and the report."""

from cockpit.alerts.why.expand import equalling
from cockpit.drills.model import (
    Asked,
    Choice,
    Compared,
    Condition,
    Copied,
    Decision,
    Firing,
    Inhibited,
    Leftovers,
    Notified,
    Opened,
    Phase,
    Pushed,
    Quiet,
    RanQuery,
    Resolved,
    Silenced,
    Task,
)
from cockpit.expression import Selector
from cockpit.scenarios.run.standing import spoken
from cockpit.text import one_line


def condition_words(condition: Condition, phase: Phase) -> str:
    """Return what `condition`, one of `phase`, verifies: `slack told within 2m, with runbook, summary`."""
    return one_line(_condition(condition, phase), 300)


def alert_words(condition: Firing | Quiet) -> str:
    """Return the alert that is meant, with the labels it has to have: `Stalled{controller="canary"}`."""
    name = condition.firing if isinstance(condition, Firing) else condition.quiet
    return str(Selector(name, equalling(condition.labels)))


def _condition(condition: Condition, phase: Phase) -> str:
    match condition:
        case Pushed():
            return f"{condition.pushed} is pushed and scraped"
        case Firing():
            return f"{alert_words(condition)} fires"
        case Quiet():
            return f"{alert_words(condition)} stays quiet"
        case Notified():
            within = f" within {spoken(condition.within)}" if condition.within else ""
            carrying = f", with {' and '.join(condition.carrying)}" if condition.carrying else ""
            return f"{condition.notified} told of {phase.alert_told(condition)}{within}{carrying}"
        case Inhibited():
            return f"{condition.inhibited} inhibited" + (f" by {condition.by}" if condition.by else "")
        case Silenced():
            return f"{condition.silenced} silenced"
        case Resolved():
            return f"{condition.resolved} resolves, and all who were told are told"
        case Leftovers():
            return "nothing is left on the Pushgateway"
        case Compared():
            bounds = {"above": condition.above, "below": condition.below, "equal to": condition.equals}
            said = " and ".join(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)
            return f"{condition.expr} {said}"


def task_words(task: Task) -> str:
    """Return what `task` asks of the operator; of `opened` not which runbook, for that is the question."""
    return one_line(_task(task), 500)


def _task(task: Task) -> str:
    match task:
        case Opened():
            return "open the right runbook"
        case RanQuery():
            return "open a triage query"
        case Copied():
            return "copy a command of the runbook"
        case Silenced():
            return f"silence {task.silenced}"
        case Asked():
            return task.answer
        case Decision():
            return task.decision
        case Choice():
            return f"{task.choice} ({', '.join(task.of)})"
