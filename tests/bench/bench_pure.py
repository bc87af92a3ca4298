"""What is done with all alerts in memory, beside sorting as many plain tuples."""

import gc
import random
import time
from collections.abc import Callable, Iterator
from statistics import median

from cockpit.alerts.filter import parse
from cockpit.alerts.group import counts, group_by, worst_first
from cockpit.alerts.join import Joined, join
from cockpit.alerts.model import Board
from cockpit.clients.source import Fetched
from cockpit.clients.wire import AlertingRule, Relabelling, RuleAlert, RuleGroup, RuleGroups, WireAlert
from cockpit.tui.alerts_view import ViewSpec, build
from tests.bench.table import Result

NOW = 1_800_000_000.0


def _labels(at: int, chance: random.Random) -> dict[str, str]:
    severity = chance.choice(("critical", "warning", "info"))
    return {
        "alertname": f"Bench{at % 50}",
        "instance": f"node-{at:06d}",
        "service": f"s{at % 40}",
        "severity": severity,
    }


def _answers(count: int) -> tuple[Fetched[RuleGroups], Fetched[tuple[WireAlert, ...]]]:
    chance = random.Random(1)
    labels = [_labels(i, chance) for i in range(count)]
    since = [NOW - chance.randrange(86_400) for _ in labels]
    fired = tuple(
        RuleAlert(dict(each), {"summary": "x"}, "firing", start, 1.0)
        for each, start in zip(labels, since, strict=True)
    )
    rule = AlertingRule("Bench", "up > 0", 0, 0, {}, {}, "ok", "", NOW, fired)
    sent = tuple(
        WireAlert(
            f"{chance.getrandbits(64):016x}",
            dict(each),
            {"summary": "x"},
            start,
            NOW,
            NOW,
            "",
            "active",
            (),
            (),
            (),
            ("r",),
        )
        for each, start in zip(labels, since, strict=True)
    )
    groups = RuleGroups((RuleGroup("g", "f", 15, (rule,)),))
    return Fetched(groups, "prometheus", NOW), Fetched(sent, "alertmanager", NOW)


def _median(runs: int, work: Callable[[], object]) -> float:
    values = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        values.append((time.perf_counter() - started) * 1000)
    return median(values)


def measure(quick: bool) -> Iterator[Result]:
    """Measure at two sizes, without collections, as the screen runs."""
    gc.collect()
    gc.disable()
    try:
        yield from _measure(quick)
    finally:
        gc.enable()


def _measure(quick: bool) -> Iterator[Result]:
    runs = 3 if quick else 7
    wanted = parse('severity=~"crit.*|warning", service!="s1"')
    for count in (10_000, 100_000):
        rules, peer = _answers(count)

        def joined(rules: Fetched[RuleGroups] = rules, peer: Fetched[tuple[WireAlert, ...]] = peer) -> Joined:
            return join(
                rules, [peer], all_peers_answered=True, relabelling=Relabelling(), ignore_labels=(),
                watchdog="Watchdog", undelivered_after=60, now=NOW, runbook=lambda *_: None,
            )  # fmt: skip

        alerts = joined().alerts
        board = Board(generated_at=NOW, alerts=alerts)
        rows = [(a.severity, -a.since, a.name, a.fingerprint) for a in alerts]
        reference = _median(runs, lambda rows=rows: sorted(rows))  # type: ignore[misc]
        work: dict[str, Callable[[], object]] = {
            "join": joined,
            "worst_first": lambda alerts=alerts: worst_first(alerts, NOW),  # type: ignore[misc]
            "group_by": lambda alerts=alerts: group_by(alerts, "service"),  # type: ignore[misc]
            "filter": lambda alerts=alerts: wanted.select(alerts, NOW),  # type: ignore[misc]
            "counts": lambda alerts=alerts: counts(alerts),  # type: ignore[misc]
            "view": lambda board=board: build(board, ViewSpec(), NOW),  # type: ignore[misc]
        }
        for name, each in work.items():
            yield Result(name, f"{count} alerts", _median(runs, each), "ms", reference, "sorting tuples")
