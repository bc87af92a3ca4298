"""The few lines below the list about the alert under the cursor, and what must be asked for them."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from cockpit.alerts.group import Group
from cockpit.alerts.history import fired_before
from cockpit.alerts.model import Alert
from cockpit.alerts.model import Span as FiringSpan
from cockpit.alerts.phrases import runbook_text, summary, value_text
from cockpit.errors import CockpitError
from cockpit.promql import quote
from cockpit.runbooks.model import RunbookRef
from cockpit.session import Session
from cockpit.triage.strip import firing_strip
from cockpit.tui import present
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import Line, Span, line, span, spread
from cockpit.units import short_duration

DAY = 86_400.0
STRIP = 24
"""Cells of the strip: an hour each."""


class Detail(Struct, frozen=True):
    """When the alert fired before, and what its runbook offers; `error` says why the former is not known."""

    start: float
    end: float
    spans: tuple[FiringSpan, ...] = ()
    queries: int = 0
    commands: int = 0
    error: str | None = None
    runbook: RunbookRef | None = None


async def fetch(session: Session, alert: Alert) -> Detail:
    """Ask when `alert` fired in the last day (of the lab's time in a lab), and read its runbook."""
    end = session.now()
    hours = 24 / session.context.speed
    runbook = await asyncio.to_thread(session.library.get, alert.runbook.path) if alert.runbook else None
    spans: tuple[FiringSpan, ...] = ()
    error = None
    try:
        spans = await fired_before(session, alert, hours=hours, end=end)
    except CockpitError as problem:
        error = str(problem)
    return Detail(
        end - hours * 3600,
        end,
        spans,
        len(runbook.queries) if runbook else 0,
        len(runbook.commands) if runbook else 0,
        error,
        alert.runbook,
    )


def alert_lines(
    alert: Alert,
    detail: Detail | None,
    now: float,
    speed: float,
    width: int,
    glyphs: Glyphs,
    *,
    lacks: Sequence[str] = (),
) -> tuple[Line, ...]:
    """Return the preview of one alert: what it is, its value and history, its runbook and who was told.

    What it `lacks` stands beside its name, but for the runbook, which has a line of its own.
    """
    dots = glyphs.ellipsis
    title = line(
        Span(" "),
        span(alert.name, "strong"),
        Span("  "),
        *present.badge(alert, width),
        *present.lack_spans([lack for lack in lacks if alert.runbook or lack != "no runbook"]),
        span(summary(alert)),
    )
    expr = " ".join((alert.expr or "expression not known: only Alertmanager has it").split())
    value = f"{value_text(alert)}   " if alert.value is not None else ""
    history = _history(detail, speed, glyphs)
    told = f"receivers: {', '.join(alert.receivers)}" if alert.receivers else ""
    return (
        (Span(glyphs.rule * width, "rule"),),
        spread(title, line(span(f"{told} ", "dim")), width, ellipsis=dots),
        spread(line(Span(" "), span(value, "strong"), span(expr, "code")), history, width, ellipsis=dots),
        spread(_runbook(alert, detail, glyphs), line(span(_fired(detail), "dim")), width, ellipsis=dots),
    )


def _history(detail: Detail | None, speed: float, glyphs: Glyphs) -> Line:
    if detail is None:
        return ()
    if detail.error:
        return line(span("history not known ", "warn"))
    strip = firing_strip(detail.spans, detail.start, detail.end, STRIP, ascii=glyphs.ascii)
    word = "24 h" if speed == 1 else short_duration(DAY / speed)
    return line(span(f"  last {word} ", "dim"), span(strip, "accent"), Span(" "))


def _fired(detail: Detail | None) -> str:
    if detail is None or detail.error:
        return ""
    firing = [s for s in detail.spans if s.firing]
    if not firing:
        return "not firing in that time "
    return f"fired {len(firing)}x, {short_duration(sum(s.end - s.start for s in firing))} "


def _runbook(alert: Alert, detail: Detail | None, glyphs: Glyphs) -> Line:
    if alert.runbook is None:
        return line(
            Span(" "), span("no runbook", "warn"), span(": set runbook_url, or name the alert in one", "dim")
        )
    out = [Span(" runbook ", "dim"), span(runbook_text(alert), "link")]
    if detail is not None:
        out.append(
            span(f" {glyphs.dot} {detail.queries} queries {glyphs.dot} {detail.commands} commands", "dim")
        )
    return tuple(out)


def group_lines(group: Group, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return the preview of a group: how many are in which state, and what differs among them."""
    differs = ", ".join(f"{name} ({count})" for name, count in group.differs) or "nothing"
    return (
        (Span(glyphs.rule * width, "rule"),),
        spread(line(Span(" "), span(group.value or "(none)", "strong")), (), width),
        spread(line(span(f" {len(group.alerts)} alerts: {present.states_phrase(group)}")), (), width),
        spread(line(span(f" what differs: {differs}", "dim")), (), width, ellipsis=glyphs.ellipsis),
    )


def as_matchers(alert: Alert) -> str:
    """Return the alert's labels as matchers that amtool and the filter take back, values byte for byte."""
    return "{" + ", ".join(f"{name}={quote(value)}" for name, value in sorted(alert.labels.items())) + "}"


def links(alert: Alert) -> tuple[tuple[str, str], ...]:
    """Return the http(s) links of an alert with what each is."""
    found = [(name, value) for name, value in sorted(alert.annotations.items())]
    found.append(("generator", alert.generator_url or ""))
    return tuple((name, url) for name, url in found if url.startswith(("http://", "https://")))
