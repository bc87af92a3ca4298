"""One scenario as lines: what it plays and expects and, while it plays, what comes of it. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cockpit.scenarios.model import Fires, Scenario
from cockpit.scenarios.play.plays import Play
from cockpit.scenarios.run.live import Driven, Live
from cockpit.scenarios.run.standing import Standing
from cockpit.triage.model import AnswerState
from cockpit.tui.cards import plot_rows
from cockpit.tui.frame import clock
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span, spread, wrap
from cockpit.tui.synthetic import progress
from cockpit.units import format_value, prometheus_duration, short_duration

if TYPE_CHECKING:
    from cockpit.scenarios.proof.prove import Proof

WORDS = {">": "over", "<": "under", ">=": "at least", "<=": "at most", "==": "equal to", "!=": "other than"}
LATE = 4.0
"""Real seconds after which a look, of which there is one a second, is said to be old."""
TALL = 30
"""Rows from which a plot may be large."""
STEPS = ("pushed", "pending", "firing", "notified", "resolved")


def heading(scenario: Scenario, play: Play | None, now: float, width: int, glyphs: Glyphs) -> Line:
    """Return name, title, and how far it is."""
    left = line(Span(" SCENARIO ", "title"), span(scenario.name, "strong"), span(f"  {scenario.title}"))
    said = progress(play, now, play.context) if play else "not playing"
    right = line(span(f"{said} ", "accent" if play else "dim"))
    return spread(left, right, width, ellipsis=glyphs.ellipsis)


def live_lines(
    live: Live, play: Play, series: int, now: float, width: int, height: int, glyphs: Glyphs
) -> tuple[Line, ...]:
    """Return the live view in `width` cells, its plots sized for `height` rows in all."""
    speed = play.speed
    every = prometheus_duration(round(play.interval * speed))
    due = f"   next: {live.due.phrase(now, speed)}" if live.due else ""
    rows: list[Line] = [line(span(f" {series} series every {every} to {play.gateway}", "dim"), span(due))]
    if (age := now - live.asked_at) >= LATE:
        said = f"this is {short_duration(int(age))} old: the servers take long to answer"
        rows += _wrapped(said, "warn", width)
    rows += [row for text in live.problems for row in _wrapped(text, "warn", width)]
    drawn = max(1, len(live.driven))
    room = height - 6 - 3 * len(live.standings) - min(4, len(live.notifications or ()))
    for driven in live.driven:
        rows += [
            EMPTY,
            *_driven(
                driven, play, width, max(5, min(14 if height >= TALL else 8, room // drawn - 2)), glyphs
            ),
        ]
    rows += [EMPTY, *_expected(live.standings, play, now, width, glyphs)]
    return (*rows, EMPTY, *_notifications(live, width, glyphs))


def _driven(driven: Driven, play: Play, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    answer, against = driven.answer, driven.comparison
    bound = format_value(against.bound, driven.unit)
    left = span(f" {against.left}", "code")
    if answer.state is AnswerState.FAILED:
        return [line(left), *_wrapped(f"failed: {answer.error}", "crit", width)]
    if not answer.samples:
        return [
            spread(
                line(left), line(span(f"no series yet; {WORDS[against.op]} {bound} fires ", "warn")), width
            )
        ]
    worst = max if against.op.startswith(">") else min
    value = worst(sample.value for sample in answer.samples)
    held = against.holds(value)
    says = f"{format_value(value, driven.unit)}, {'' if held else 'not '}{WORDS[against.op]} {bound} "
    top = spread(line(left), line(span(says, "crit" if held else "ok")), width, ellipsis=glyphs.ellipsis)
    if not answer.series or answer.start is None:
        return [top]
    marks = [at for at in (play.started_at, play.recovering_at) if at is not None]
    return [top, *plot_rows(answer, width - 2, height, glyphs, marks, indent=1)]


def _expected(
    standings: Sequence[Standing], play: Play, now: float, width: int, glyphs: Glyphs
) -> list[Line]:
    name = min(36, max(26, width // 3))
    rows = [line(span(f" {fit('EXPECTED', name)} {'STATE'}", "dim"))]
    for each, called in zip(standings, _names(standings), strict=True):
        unwanted = each.kind == "quiet" and each.has_fired
        kind = (
            "crit" if each.active else "warn" if each.state in {"pending", "unknown", "no rule"} else "plain"
        )
        said = each.phrase(now, play.speed)
        if each.kind == "quiet" and each.state == "inactive":
            said, kind = "quiet, as it should be", "dim"
        elif each.kind == "fires" and each.active:
            kind = "ok"
        left = line(
            Span(" "),
            span(fit(called, name, ellipsis=glyphs.ellipsis), "crit" if unwanted else "strong"),
            Span(" "),
            span(said, "crit" if unwanted else kind),
        )
        rows.append(spread(left, line(span(f"{_limit(each, play.speed)} ", "dim")), width))
        if each.kind == "fires":
            rows.append(_steps(each, play, now))
    return rows


def _names(standings: Sequence[Standing]) -> list[str]:
    """Return what each is called: with the labels that tell it from others of its alert."""
    out = []
    for each in standings:
        same = [other.labels for other in standings if other.alert == each.alert]
        differs = [v for k, v in each.labels.items() if any(k in other and other[k] != v for other in same)]
        out.append(" ".join((each.alert, *differs)))
    return out


def _limit(standing: Standing, speed: float) -> str:
    if standing.kind == "quiet":
        return "must not fire"
    return f"fires within {prometheus_duration(round((standing.within or 0) * speed))}"


def _steps(standing: Standing, play: Play, now: float) -> Line:
    """Return how far the chain is, each step with when it was reached after the start."""
    reached = (
        play.started_at if play.started_at is not None and now >= play.started_at else None,
        standing.pending_since or standing.firing_since,
        standing.firing_since,
        standing.notified.received_at if standing.notified else None,
        standing.resolved_at,
    )
    out: list[Span] = [Span("   ")]
    for step, at in zip(STEPS, reached, strict=True):
        if at is None:
            out.append(Span(f"- {step}  ", "dim"))
            continue
        after = short_duration(round(max(0.0, at - (play.started_at or at)) * play.speed))
        out += [Span("ok ", "ok"), span(f"{step} {after}  " if step != "pushed" else f"{step}  ")]
    return tuple(out)


def _notifications(live: Live, width: int, glyphs: Glyphs) -> list[Line]:
    if live.notifications is None:
        return [
            line(span(" NOTIFICATIONS", "dim")),
            line(span("   not known: no sink tells who was told", "warn")),
        ]
    rows = [line(span(f" NOTIFICATIONS  {len(live.notifications)}", "dim"))]
    if not live.notifications:
        return [*rows, line(span("   none yet", "dim"))]
    for each in reversed(live.notifications[-20:]):
        kind = "crit" if each.status == "firing" else "ok"
        rows.append(
            spread(
                line(
                    span(f"   {clock(each.received_at)}  ", "dim"),
                    span(fit(each.kind, 10)),
                    span(fit(each.status, 9), kind),
                    span(f" {', '.join(each.alerts)}", "strong"),
                    span(f"  {_first_line(each.text) or _first_line(each.summary)}", "dim"),
                ),
                (),
                width,
                ellipsis=glyphs.ellipsis,
            )
        )
    return rows


def still_lines(scenario: Scenario, width: int) -> tuple[Line, ...]:
    """Return what `scenario` plays and expects, for when it does not play."""
    unhealthy = prometheus_duration(scenario.duration) if scenario.duration else "until stopped"
    recover, interval = prometheus_duration(scenario.recover), prometheus_duration(scenario.interval)
    how = f" unhealthy for {unhealthy}, then healthy for {recover}; pushed every {interval}"
    rows: list[Line] = [EMPTY, line(span(how)), EMPTY, line(span(" EXPECTED", "dim"))]
    for each in scenario.expect:
        if isinstance(each, Fires):
            said = f"fires within {prometheus_duration(each.fires_within)}"
            if each.resolves_within:
                said += f", resolves within {prometheus_duration(each.resolves_within)}"
            rows.append(line(span(f"   {each.alert}", "strong"), span(f"  {said}")))
        else:
            rows.append(line(span(f"   {each.quiet}", "strong"), span("  must not fire", "dim")))
        text = " ".join(f"{name}={value}" for name, value in sorted(each.labels.items()))
        rows += [(Span("     "), *row) for row in wrap([span(text, "dim")], width - 6)] if text else []
    if not scenario.expect:
        rows.append(line(span("   nothing", "dim")))
    return tuple(rows)


def proof_lines(proof: "Proof | None", proving: bool, width: int) -> tuple[Line, ...]:
    """Return how the scenario's proof went that the screen asked for, if it did."""
    if proving:
        return (EMPTY, line(span(" PROOF  promtool runs", "dim")))
    if proof is None:
        return ()
    said = ("proven", "ok") if proof.passed else ("NOT PROVEN", "crit")
    rows: list[Line] = [EMPTY, line(span(" PROOF  ", "dim"), Span(*said))]
    for each in proof.findings:
        sign, kind = ("ok", "ok") if each.passed else (">>", "crit")
        head = line(span(f"   {sign} ", kind), span(f"{each.alert}  ", "strong"))
        text = wrap([*head, span(each.sentence)], width - 2, indent=6)
        rows += text
    return tuple(rows)


def told_lines(title: str, said: Sequence[str], width: int) -> tuple[Line, ...]:
    """Return lines that the process playing it wrote, below `title`."""
    if not said:
        return ()
    kinds = {"PASS": "ok", "FAIL": "crit", "INCONCLUSIVE": "warn"}
    rows = [row for text in said for row in _wrapped(text, kinds.get(text.partition(" ")[0], "dim"), width)]
    return (EMPTY, line(span(f" {title}", "dim")), *rows)


def _wrapped(text: str, kind: str, width: int) -> list[Line]:
    return [(Span("   "), *row) for row in wrap([span(text, kind)], max(20, width - 4))]


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
