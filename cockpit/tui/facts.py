"""The head of the incident screen: the alert's facts on one line, and what can be copied or followed."""

from collections.abc import Sequence

from cockpit.alerts.model import Alert, AlertState, Board
from cockpit.alerts.phrases import owner, severity_word, state_phrase, where
from cockpit.runbooks.blocks import command_letter
from cockpit.runbooks.model import Runbook
from cockpit.triage.model import Answer, AnswerState
from cockpit.tui import present, preview
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line, Span, clip, line, span, spread


def alert_line(
    alert: Alert,
    board: Board | None,
    runbook: Runbook | None,
    now: float,
    width: int,
    glyphs: Glyphs,
    *,
    lacks: Sequence[str] = (),
) -> Line:
    """Return name, severity, state, what it `lacks`, labels and owner of `alert` on one line."""
    names = {a.fingerprint: a.name for a in board.alerts} if board and alert.inhibited_by else {}
    old = present.age_of(alert, board, now) if board else 0.0
    word = severity_word(alert)
    state = state_phrase(alert, now - old, names)
    if alert.state is AlertState.FIRING:
        state += f" {present.coarse_age(now - alert.since)}"
    if old:
        state = f"{present.coarse_age(old)} ago: {state}"
    kind = "alarm" if alert.state is AlertState.UNDELIVERED else "dim" if old else "plain"
    left = line(
        Span(" "),
        span(alert.name, "strong"),
        Span("  "),
        Span(word, present.SEVERITY_KINDS.get(word, "plain")),
        Span("  "),
        span(state, kind),
        Span("  "),
        *present.badge(alert, width),
        *present.lack_spans(lacks),
        span(where(alert, without=(present.SYNTHETIC,)), "plain"),
    )
    contact = next(iter(runbook.contacts.values()), "") if runbook else ""
    right = line(span(f"  owner {owner(alert)} {contact} ", "dim"))
    right = clip(right, width // 3, ellipsis=glyphs.ellipsis) if width >= 100 else ()
    return spread(left, right, width, ellipsis=glyphs.ellipsis)


def runbook_line(runbook: Runbook | None, width: int, glyphs: Glyphs) -> Line:
    """Return a runbook's title, owner and review date on one line."""
    if runbook is None:
        return line(span(" runbook", "dim"))
    said = [
        f"owner {runbook.owner}" if runbook.owner else "",
        f"reviewed {runbook.reviewed}" if runbook.reviewed else "",
    ]
    right = line(span("  ".join(filter(None, said)) + " ", "dim"))
    return spread(
        line(Span(" "), span(runbook.title, "strong"), span(f"  {runbook.path}", "dim")),
        right,
        width,
        ellipsis=glyphs.ellipsis,
    )


def all_links(alert: Alert | None, runbook: Runbook | None) -> tuple[tuple[str, str], ...]:
    """Return the http(s) links of both, with what each is called."""
    found: Sequence[tuple[str, str]] = preview.links(alert) if alert else ()
    if runbook is not None:
        web = [(x.text, x.url) for x in runbook.links if x.url.startswith(("http://", "https://"))]
        found = (*found, *web)
    return tuple(dict.fromkeys(found))


def tabs(answers: Sequence[Answer], *, second: bool) -> Line:
    """Return the names of the two panes where one is shown at a time; `second`: the answers are."""
    runbook, cards = ("dim", "title") if second else ("title", "dim")
    problems = sum(each.state is AnswerState.FAILED for each in answers)
    failed = f", {problems} failed" if problems else ""
    return line(
        Span(" [Runbook] ", runbook),
        span(f" [Answers: {len(answers)}{failed}] ", cards),
        Span("  tab switches", "dim"),
    )


def copies(answers: Sequence[Answer], runbook: Runbook | None) -> list[tuple[str, str, str]]:
    """Return what can be copied, the queries first: its sign, what it is called, and the text."""
    items = [(str(each.number), each.query.title, each.expr) for each in answers]
    for at, command in enumerate(runbook.commands if runbook else ()):
        risk = f" ({command.risk} risk)" if command.risk else ""
        items.append((command_letter(at), f"{command.title}{risk}", command.code))
    return items
