"""The `:` commands: one function each, found by name."""

from typing import TYPE_CHECKING

from cockpit.alerts.filter import parse
from cockpit.errors import UsageError

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit


def _alerts(app: "Cockpit", rest: str) -> None:
    parse(rest)
    app.show_alerts(filter_text=rest)


def _group(app: "Cockpit", rest: str) -> None:
    if not rest or " " in rest:
        raise UsageError("group by one label, or by none", remedy=":group owner")
    app.show_alerts(group_key="" if rest in {"none", "off"} else rest)


def _runbooks(app: "Cockpit", rest: str) -> None:
    app.show_runbooks()


def _runbook(app: "Cockpit", rest: str) -> None:
    if not app.session.library_is_read:
        raise UsageError("the runbooks are still being read", remedy="try again in a moment")
    runbook = app.session.library.get(rest)
    if runbook is None:
        known = ", ".join(app.session.library.names()[:6]) or "none"
        raise UsageError(f"there is no runbook {rest!r}", remedy=f"known: {known}")
    app.open_runbook(runbook)


def _scenarios(app: "Cockpit", rest: str) -> None:
    app.show_scenarios()


def _scenario(app: "Cockpit", rest: str) -> None:
    from cockpit.scenarios.files import names

    folder = app.session.context.scenarios
    known = names(folder) if folder else ()
    if rest not in known:
        raise UsageError(f"there is no scenario {rest!r}", remedy=f"known: {', '.join(known) or 'none'}")
    app.open_scenario(rest)


def _drills(app: "Cockpit", rest: str) -> None:
    app.show_drills()


def _drill(app: "Cockpit", rest: str) -> None:
    from cockpit.drills.files import names

    known = names(app.drills.folder())
    if rest not in known:
        raise UsageError(f"there is no drill {rest!r}", remedy=f"known: {', '.join(known) or 'none'}")
    app.open_drill(rest)


def _contract(app: "Cockpit", rest: str) -> None:
    app.show_contract()


def _check(app: "Cockpit", rest: str) -> None:
    app.show_contract()
    app.check_contract()


def _rules(app: "Cockpit", rest: str) -> None:
    app.show_rules()


def _why(app: "Cockpit", rest: str) -> None:
    if not rest:
        raise UsageError("why needs an alert or a rule", remedy=":why GmailSendErrorRateWarning")
    app.show_why(rest, rest)


def _query(app: "Cockpit", rest: str) -> None:
    if not rest:
        raise UsageError("a query needs an expression", remedy=":query up == 0")
    app.open_query(rest)


def _theme(app: "Cockpit", rest: str) -> None:
    if rest not in app.available_themes:
        raise UsageError(f"there is no theme {rest!r}", remedy=", ".join(sorted(app.available_themes)))
    app.theme = rest


def _seen(app: "Cockpit", rest: str) -> None:
    app.attention.look_at_all()
    app.board = app.board
    app.tell("nothing is new any more")


def _bell(app: "Cockpit", rest: str) -> None:
    if rest not in {"off", "on", "critical", "warning"}:
        raise UsageError(f"the bell is off, on, critical or warning, not {rest!r}")
    app.attention.bell = rest
    app.tell(f"the bell is {rest}")


def _help(app: "Cockpit", rest: str) -> None:
    app.action_help()


def _quit(app: "Cockpit", rest: str) -> None:
    app.leave()


COMMANDS = {
    "alerts": _alerts,
    "filter": _alerts,
    "group": _group,
    "runbooks": _runbooks,
    "runbook": _runbook,
    "scenarios": _scenarios,
    "scenario": _scenario,
    "drills": _drills,
    "drill": _drill,
    "contract": _contract,
    "check": _check,
    "rules": _rules,
    "why": _why,
    "query": _query,
    "theme": _theme,
    "bell": _bell,
    "seen": _seen,
    "help": _help,
    "quit": _quit,
    "q": _quit,
}
HELP = (
    ("alerts [FILTER]", "the alerts, filtered; also filter"),
    ("group LABEL|none", "group by alertname, service, severity, owner or any label"),
    ("runbooks", "the runbook library"),
    ("runbook NAME", "open a runbook without an alert"),
    ("scenarios", "what can be played, what it proves, and what plays now"),
    ("scenario NAME", "open a scenario"),
    ("drills", "what can be rehearsed, and how it went"),
    ("drill NAME", "what a drill is, before it begins"),
    ("contract", "what no longer agrees: alerts, runbooks, queries, scenarios, drills"),
    ("check", "the same, checked again"),
    ("rules", "the alerting rules that are loaded; w says why one does not fire"),
    ("why ALERT", "where an alert stands between scrape and notification"),
    ("query EXPR", "ask Prometheus anything"),
    ("theme NAME", "another colour theme"),
    ("bell off|on|critical|warning", "ring for new alerts that match the filter"),
    ("seen", "nothing on the board is new any more"),
    ("quit", "leave"),
)


def run_command(app: "Cockpit", text: str) -> None:
    """Run `text`, a command and its argument. Raises UsageError that names what is known."""
    word, _, rest = text.strip().partition(" ")
    if not word:
        return
    command = COMMANDS.get(word)
    if command is None:
        known = ", ".join(COMMANDS)
        raise UsageError(f"there is no command {word!r}", remedy=f"known: {known}")
    command(app, rest.strip())
