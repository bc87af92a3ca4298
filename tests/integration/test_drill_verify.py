"""What a drill verifies, on real servers: each verb holds and does not, and each broken link is named."""

import asyncio
import json
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from cockpit import config
from cockpit.config import Context, LabFile
from cockpit.drills.state import Exercise, Outcome, Seen
from cockpit.drills.verify import Look, explain, judge, look
from cockpit.lab import scale
from cockpit.lab.lab import Lab
from cockpit.scenarios.play.grouping import grouping_of
from cockpit.session import Session
from tests.drills.exercising import exercise
from tests.waiting import wait_until

pytestmark = pytest.mark.servers

SPEED = 60.0
LINK = "https://runbooks.example/disk.md"
RULES = f"""
groups:
- name: drill
  interval: 15s
  rules:
  - alert: Warn
    expr: load > 1
    for: 1m
    labels: {{severity: warning}}
    annotations: {{summary: The disk is busy, runbook_url: "{LINK}"}}
  - alert: Crit
    expr: full > 5
    labels: {{severity: critical}}
    annotations: {{summary: The disk is full, runbook_url: "{LINK}"}}
"""
METRICS = {"busy": "load", "worse": "full"}
PUSHED: dict[str, Any] = {"pushed": "busy"}
FIRING: dict[str, Any] = {"firing": "Warn"}
TOLD: dict[str, Any] = {
    "notified": "slack",
    "alert": "Warn",
    "within": "2m",
    "carrying": ["runbook", "summary"],
}
INHIBITED: dict[str, Any] = {"inhibited": "Warn", "by": "Crit"}
RESOLVED: dict[str, Any] = {"resolved": "Warn"}

_numbers = count(1)


class Judged(Struct):
    """What one condition came to, and why it did not hold."""

    seen: Seen
    why: str = ""


class Stage:
    """An exercise with two scenarios that nobody else's test plays, on one disk, in a lab."""

    def __init__(self, lab: LabFile, context: Context | None = None) -> None:
        self.lab, self.context = lab, context or config.lab_context(lab)
        self.disk = f"disk-{next(_numbers)}"
        self.names = {"busy": f"busy-{self.disk}", "worse": f"worse-{self.disk}"}
        self.begun_at = time.time()
        self.before: Look | None = None

    def push(self, name: str, load: float) -> None:
        """Let the scenario's one series have this value."""
        body = f'{METRICS[name]}{{service="{self.disk}"}} {load}\n'.encode()
        self._gateway(name, "PUT", body)

    def delete(self, name: str) -> None:
        self._gateway(name, "DELETE", b"")

    def _gateway(self, name: str, method: str, body: bytes) -> None:
        path = "".join(f"/{key}/{value}" for key, value in grouping_of(self.names[name]).items())
        url = f"{self.lab.pushgateway}/metrics{path}"
        request = urllib.request.Request(url, data=body, method=method)
        urllib.request.urlopen(request, timeout=5).close()

    def exercise(self, *verify: dict[str, Any]) -> Exercise:
        named = [
            {**each, "pushed": self.names[each["pushed"]]} if "pushed" in each else each for each in verify
        ]
        first, second = self.names.values()
        plan: dict[str, Any] = {"scenarios": str(config.shipped("scenarios")), "speed": SPEED}
        return exercise(*named, begun_at=self.begun_at, first=first, second=second, **plan)

    def judge(self, *verify: dict[str, Any], explained: bool = False) -> list[Judged]:
        """Look once, and judge."""

        async def judged() -> list[Judged]:
            of = self.exercise(*verify)
            phase = of.phase
            assert phase is not None
            async with Session.open(self.context) as session:
                starts = dict.fromkeys(self.names.values(), self.begun_at)
                self.before = found = await look(session, of, starts, self.before)
                return [
                    Judged(
                        judge(each, phase, found, of),
                        await explain(session, each, phase, found, of) if explained else "",
                    )
                    for each in phase.phase.verify
                ]

        return asyncio.run(judged())

    def until(self, verb: dict[str, Any], outcome: Outcome = Outcome.PASSED) -> Seen:
        """Wait until the condition stands so."""
        last: list[str] = []

        def probe() -> Seen | None:
            (found,) = self.judge(verb)
            last[:] = [found.seen.said]
            return found.seen if found.seen.outcome is outcome else None

        try:
            return wait_until(probe, f"{verb} {outcome}", within=20)
        except AssertionError as error:
            raise AssertionError(f"{error}; {last}") from None

    def explained(self, verb: dict[str, Any], *words: str) -> str:
        """Wait until it is said with `words` why the condition does not hold."""
        last: list[str] = []

        def probe() -> str | None:
            (found,) = self.judge(verb, explained=True)
            assert found.seen.outcome is not Outcome.PASSED, found.seen
            last[:] = [found.why]
            return found.why if all(word in found.why for word in words) else None

        try:
            return wait_until(probe, f"{verb}: {words}", within=20)
        except AssertionError as error:
            raise AssertionError(f"{error}; {last}") from None


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "drill.yml").write_text(RULES)
    shutil.copy(config.shipped("scenarios") / "rules" / "alertmanager.yml", folder)
    return folder


@pytest.fixture(scope="module")
def lab(binaries: dict[str, str], tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Iterator[LabFile]:
    """A lab that no test breaks."""
    up = Lab(speed=SPEED, rules=rules)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COCKPIT_STATE_DIR", str(tmp_path_factory.mktemp("state")))
            file = up.up()
        yield file
    finally:
        up.down()


@pytest.fixture
def stage(lab: LabFile) -> Iterator[Stage]:
    found = Stage(lab)
    yield found
    for name in found.names:
        found.delete(name)


def test_before_anything_is_pushed_nothing_holds_but_that_nothing_is_left(stage: Stage) -> None:
    verbs = (
        {"expr": f'load{{service="{stage.disk}"}}', "above": 1},
        PUSHED,
        FIRING,
        TOLD,
        INHIBITED,
        RESOLVED,
    )
    found = stage.judge(*verbs, {"silenced": "Warn"}, {"leftovers": "none"})
    assert [each.seen.outcome for each in found] == [Outcome.AWAITED] * 7 + [Outcome.PASSED]
    said = stage.explained(PUSHED, "nothing was pushed, or it was deleted")
    assert said.startswith(f"{stage.names['busy']} does not stand on the Pushgateway")


def test_what_is_pushed_fires_and_is_told(stage: Stage) -> None:
    stage.push("busy", 3)
    pushed = stage.until(PUSHED)
    assert " is pushed, 1 series, scraped " in pushed.said
    fired = stage.until(FIRING)
    assert fired.said.startswith("Warn fired after ")
    assert fired.said.endswith("m, its value is 3") or "s, its value is 3" in fired.said
    assert fired.evidence["labels"]["synthetic"] == stage.names["busy"]
    assert fired.evidence["firing_since"] == pytest.approx(fired.evidence["active_at"] + 1)
    told = stage.until(TOLD)
    assert " after it fired, with runbook and summary" in told.said
    assert (told.evidence["by"], told.evidence["runbook"]) == ("sink", LINK)
    assert told.evidence["body"]["channel"] == "#ops-relay"
    stage.until({"quiet": "Warn"}, Outcome.FAILED)
    assert stage.judge({"quiet": "Crit"})[0].seen.said == "Crit has not fired"
    value = f'load{{service="{stage.disk}"}}'
    found = stage.judge({"expr": value, "above": 2}, {"expr": value, "below": 2}, {"leftovers": "none"})
    assert [each.seen.outcome for each in found] == [Outcome.PASSED, Outcome.AWAITED, Outcome.AWAITED]
    assert found[1].seen.said.startswith("3, not below 2")


def test_anothers_alert_is_not_the_exercises_own(lab: LabFile, stage: Stage) -> None:
    other = Stage(lab)
    other.push("busy", 3)
    try:
        other.until(TOLD)
        found = stage.judge(FIRING, TOLD, {"quiet": "Warn"}, {"leftovers": "none"})
    finally:
        other.delete("busy")
    assert [each.seen.outcome for each in found] == [Outcome.AWAITED] * 3 + [Outcome.PASSED]


def test_inhibited_silenced_resolved_and_nothing_left(stage: Stage) -> None:
    stage.push("busy", 3)
    stage.until(TOLD)
    assert stage.judge(INHIBITED)[0].seen.said.startswith("Warn is not inhibited at alertmanager")
    stage.push("worse", 9)
    inhibited = stage.until(INHIBITED)
    assert inhibited.evidence["inhibited_by"][0]["synthetic"] == stage.names["worse"]
    wrong = stage.until({"inhibited": "Warn", "by": "Watchdog"}, Outcome.AWAITED)
    assert wrong.said == "Warn is inhibited by Crit, not by Watchdog"
    assert stage.judge({"silenced": "Warn"})[0].seen.outcome is Outcome.AWAITED
    silence(stage)
    assert stage.until({"silenced": "Warn"}).evidence["silences"]
    critical = {"notified": "slack-and-pagerduty", "alert": "Crit", "carrying": "runbook"}
    told = stage.until(critical)
    assert {told.evidence["kind"], told.evidence["others"][0]["kind"]} == {"slack", "pagerduty"}
    stage.push("worse", 0)
    over = stage.until({"resolved": "Crit"})
    assert over.said == "Crit resolved, pagerduty and slack told"
    stage.delete("busy")
    stage.delete("worse")
    stage.until({"leftovers": "none"})


def silence(stage: Stage) -> None:
    body = {
        "matchers": [{"name": "service", "value": stage.disk, "isRegex": False, "isEqual": True},
                     {"name": "severity", "value": "warning", "isRegex": False, "isEqual": True}],
        "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "kim", "comment": "",
    }  # fmt: skip
    post(f"{stage.lab.alertmanager}/api/v2/silences", json.dumps(body).encode())


def post(url: str, body: bytes = b"") -> None:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()


def test_of_what_ends_while_it_is_inhibited_nobody_is_told_before_that_is_over(stage: Stage) -> None:
    stage.push("busy", 3)
    stage.until(TOLD)
    stage.push("worse", 9)
    stage.until(INHIBITED)
    stage.push("busy", 0)
    why = "slack was not told that it is over: Crit inhibits it, and nobody is told before that is over"
    stage.explained(RESOLVED, why)
    stage.push("worse", 0)
    stage.until(RESOLVED)


def test_where_there_is_no_sink_the_counters_are_evidence_of_another_kind(lab: LabFile) -> None:
    stage = Stage(lab, replace(config.lab_context(lab), sink=None))
    stage.judge(TOLD)
    stage.push("busy", 3)
    try:
        told = stage.until(TOLD)
    finally:
        stage.delete("busy")
    assert told.evidence["by"] == "alertmanager"
    assert told.said.endswith("counted by Alertmanager, not seen to arrive")
    late = Stage(lab, stage.context)
    late.names, late.begun_at = stage.names, stage.begun_at
    assert late.judge(TOLD)[0].seen.outcome is not Outcome.PASSED


def test_a_server_that_does_not_answer_makes_it_inconclusive(stage: Stage) -> None:
    nowhere = "http://127.0.0.1:1"
    stage.context = replace(
        stage.context, prometheus=(nowhere,), alertmanager=(nowhere,), pushgateway=nowhere, sink=nowhere
    )
    verbs = (PUSHED, FIRING, TOLD, INHIBITED, RESOLVED, {"quiet": "Warn"}, {"silenced": "Warn"})
    found = stage.judge(*verbs, {"leftovers": "none"}, {"expr": "up", "equals": 1}, explained=True)
    assert {each.seen.outcome for each in found} == {Outcome.INCONCLUSIVE}
    assert all("refused" in each.why for each in found), found


LOUD, BOTH = {"busy": 3.0}, {"busy": 3.0, "worse": 9.0}
Change = tuple[str, str, str]
BROKEN: dict[str, tuple[Change, dict[str, float], dict[str, Any], tuple[str, ...]]] = {
    "equal differs": (
        ("alertmanager.yml", "equal: [service", "equal: [synthetic"),
        BOTH, INHIBITED, ("the inhibition rule for Crit asks for an equal synthetic (worse-",),
    ),
    "template without summary": (
        ("alertmanager.yml", "{{ .Annotations.summary }}", ""),
        LOUD, TOLD, ("without a summary: the alert has it, and the receiver's template leaves it out",),
    ),
}  # fmt: skip


@pytest.fixture
def broken(
    binaries: dict[str, str], rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Change | None], Stage]]:
    """Start a lab with one change to its files."""
    started: list[Lab] = []

    def start(change: Change | None) -> Stage:
        monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
        folder = Path(shutil.copytree(rules, tmp_path / "rules"))
        if change:
            name, before, after = change
            text = (folder / name).read_text()
            assert before in text
            (folder / name).write_text(text.replace(before, after))
        started.append(Lab(speed=SPEED, rules=folder))
        return Stage(started[0].up())

    yield start
    for up in started:
        up.down()


@pytest.mark.parametrize(("change", "loads", "verb", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_each_broken_link_is_named(
    broken: Callable[[Change | None], Stage],
    change: Change,
    loads: dict[str, float],
    verb: dict[str, Any],
    words: tuple[str, ...],
) -> None:
    stage = broken(change)
    for name, load in loads.items():
        stage.push(name, load)
    stage.explained(verb, *words)


def test_a_receiver_that_answers_500(broken: Callable[[Change | None], Stage]) -> None:
    stage = broken(None)
    post(f"{stage.lab.sink}/fail?status=500&count=100000")
    stage.push("busy", 3)
    stage.explained(TOLD, "slack was not told of Warn: ", "slack fails: ", " requests since ")


def test_an_end_that_is_told_to_nobody(broken: Callable[[Change | None], Stage]) -> None:
    stage = broken(("alertmanager.yml", "send_resolved: true", "send_resolved: false"))
    stage.push("busy", 3)
    stage.until(TOLD)
    stage.push("busy", 0)
    stage.explained(RESOLVED, "slack was not told that it is over: send_resolved is off for slack")


def test_a_gateway_scraped_without_honor_labels(
    broken: Callable[[Change | None], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = scale.prometheus_config

    def changed(**options: Any) -> str:
        return honest(**options).replace("honor_labels: true", "honor_labels: false")

    monkeypatch.setattr(scale, "prometheus_config", changed)
    stage = broken(None)
    stage.push("busy", 3)
    stage.explained(PUSHED, "without honor_labels: its job comes out as exported_job")
