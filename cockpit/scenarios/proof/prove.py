"""Proving scenarios: each is evaluated alone, at speed 1, by promtool against the unscaled rule files.

A first run asks when the expected alerts were pending and firing; where that does not tell why an
expectation does not hold, a second one asks for the values of the expression's parts. An alert that begins at
once has to stay quiet where nothing is pushed, or the scenario proves nothing. Since promtool evaluates all
groups at one interval, alerts of groups with different ones are run apart.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cockpit.errors import CockpitError, InconclusiveError, UsageError
from cockpit.scenarios.model import Expectation, Scenario
from cockpit.scenarios.own import alert_of
from cockpit.scenarios.proof import kept, promtool, reasons
from cockpit.scenarios.proof.compile import Plan, inputs, plan
from cockpit.scenarios.proof.document import Check, Input, RuleTest, written
from cockpit.scenarios.proof.findings import (
    Finding,
    begins_at_once,
    finding,
    first_firing,
    judge,
    no_rule,
)
from cockpit.scenarios.proof.observed import Instance, instances, questions
from cockpit.scenarios.proof.pieces import Piece, pieces
from cockpit.scenarios.proof.reading import Answer, RuleError, Said, marked, read
from cockpit.scenarios.proof.rulefiles import DEFAULT_INTERVAL, Rules
from cockpit.text import one_line

_CONTROL = "control"
_TEST = "proof_test.yml"


class Proof(Struct, frozen=True, kw_only=True):
    """What is proven of a scenario: whether all its expectations hold, each finding, and how long it took."""

    scenario: str
    title: str
    passed: bool
    findings: tuple[Finding, ...]
    seconds: float


async def prove(
    scenario: Scenario, rules: Sequence[Path], *, promtool: str, keep: Path | None = None
) -> Proof:
    """Prove one scenario against the rule files of `rules`, files or folders. Raises as `prove_all`."""
    read_rules = await asyncio.to_thread(Rules.read, rules)
    return (await prove_all([scenario], read_rules, program=promtool, keep=keep))[0]


async def prove_all(
    scenarios: Sequence[Scenario], rules: Rules, *, program: str, keep: Path | None = None
) -> tuple[Proof, ...]:
    """Prove `scenarios` with the promtool `program`, as many at once as there are cores.

    With `keep` a test of each is written into that folder, whether it holds or not. Raises UsageError for
    rules that promtool refuses and for files in the way, InconclusiveError where promtool cannot be run or
    understood.
    """
    provers = [_provers(scenario, rules, program, keep) for scenario in scenarios]
    for prover in (each for several in provers for each in several):
        if prover.kept is not None:
            kept.check_free(prover.kept)
    cores = asyncio.Semaphore(os.cpu_count() or 1)
    await _accepted(rules, program)

    async def one(number: int, folder: Path) -> Proof:
        async with cores:
            return await _proof(scenarios[number], provers[number], folder / str(number))

    try:
        with tempfile.TemporaryDirectory(prefix="cockpit-proof-") as folder:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(number, Path(folder))) for number in range(len(scenarios))]
    except (BaseExceptionGroup, OSError) as failed:
        raise _told(failed) from failed
    return tuple(task.result() for task in tasks)


async def _accepted(rules: Rules, program: str) -> None:
    """Raise UsageError, with promtool's own words, for rule files that it refuses."""
    ran = await promtool.run(program, ["check", "rules", "--", *(str(file.path) for file in rules.files)])
    if ran.code and "FAILED" not in ran.output:
        tool = await promtool.version(program)
        raise InconclusiveError(f"{tool} cannot check the rules: {ran.words()}")
    if ran.code:
        remedy = "mend it, or name the rule files alone with --rules"
        raise UsageError(f"promtool refuses the rules: {ran.words(1000)}", remedy=remedy)
    if unread := next((file for file in rules.files if file.unread), None):
        raise UsageError(f"rule file {one_line(str(unread.path), 300)}: its groups cannot be read")


def _provers(scenario: Scenario, rules: Rules, program: str, keep: Path | None) -> "list[_Prover]":
    """Return who proves what `scenario` expects: one for each interval that its alerts are evaluated at."""
    steps = [rules.step(alert_of(each)) for each in scenario.expect]
    known = sorted({step for step in steps if step}) or [DEFAULT_INTERVAL]
    provers = []
    for step in known:
        # An expectation without a rule can be told by anyone.
        expect = [each for each, own in zip(scenario.expect, steps, strict=True) if (own or known[0]) == step]
        path = keep and kept.path_of(scenario, keep, step if len(known) > 1 else None)
        part = scenario.model_copy(update={"expect": tuple(expect)})
        provers.append(_Prover(part, plan(scenario, step), rules, program, path))
    return provers


async def _proof(scenario: Scenario, provers: "Sequence[_Prover]", folder: Path) -> Proof:
    """Return the proof of `scenario`, whose files are written below `folder`."""
    began = time.perf_counter()
    found: dict[int, Finding] = {}
    for number, prover in enumerate(provers):
        findings = await prover.prove(folder / str(number))
        found |= dict(zip(map(id, prover.scenario.expect), findings, strict=True))
    in_order = tuple(found[id(each)] for each in scenario.expect)
    return Proof(
        scenario=scenario.name,
        title=scenario.title,
        passed=bool(in_order) and all(each.passed for each in in_order),
        findings=in_order,
        seconds=time.perf_counter() - began,
    )


class _Prover:
    """The proof of what one scenario expects of alerts that are evaluated at one interval.

    `kept` is where to leave its test.
    """

    def __init__(self, scenario: Scenario, plan: Plan, rules: Rules, program: str, kept: Path | None) -> None:
        self.scenario, self.plan, self.rules, self.program, self.kept = scenario, plan, rules, program, kept
        self.folder = Path()
        self.inputs: tuple[Input, ...] = ()

    async def prove(self, folder: Path) -> tuple[Finding, ...]:
        """Return the finding on each expectation; its files are written into `folder`, which is made."""
        await asyncio.to_thread(folder.mkdir, parents=True)
        self.folder = folder
        self.inputs = await asyncio.to_thread(inputs, self.scenario, self.plan)
        if self.kept is not None:
            kept.keep(self.scenario, self.plan, self.inputs, self.rules, self.kept)
        return await self._findings()

    async def _findings(self) -> tuple[Finding, ...]:
        expected = self.scenario.expect
        missing = {i: none for i, each in enumerate(expected) if (none := no_rule(each, self.rules))}
        names = list(dict.fromkeys(alert_of(e) for i, e in enumerate(expected) if i not in missing))
        found, failed = await self._observed(names)
        findings: list[Finding] = []
        for number, each in enumerate(expected):
            name = alert_of(each)
            if number in missing:
                findings.append(missing[number])
            elif name in failed:
                error = failed[name]
                words = f"the rule {error.rule} cannot be evaluated at {error.time}: {error.reason}"
                findings.append(finding(each, one_line(words, 500)))
            else:
                findings.append(judge(each, self.scenario, self.plan, self.rules, found.get(name, ())))
        return await self._explained(await self._earned(findings, found), found)

    async def _earned(
        self, findings: Sequence[Finding], found: Mapping[str, tuple[Instance, ...]]
    ) -> list[Finding]:
        """Return `findings`, in which no alert passes that fires as well where nothing is pushed."""
        name = self.scenario.name
        suspects = {
            each.alert
            for each, expected in zip(findings, self.scenario.expect, strict=True)
            if each.passed and begins_at_once(expected, name, found.get(each.alert, ()))
        }
        idle, _ = await self._observed(sorted(suspects), pushed=()) if suspects else ({}, {})
        earned = []
        for each, expected in zip(findings, self.scenario.expect, strict=True):
            first = first_firing(expected, self.scenario, idle.get(each.alert, ()))
            if each.alert in suspects and first is not None:
                words = "fires, but also where nothing is pushed: it does not rest on the scenario"
                each = replace(each, passed=False, sentence=words)  # noqa: PLW2901
            earned.append(each)
        return earned

    async def _observed(
        self, names: Sequence[str], pushed: Sequence[Input] | None = None
    ) -> tuple[Mapping[str, tuple[Instance, ...]], Mapping[str, RuleError]]:
        """Return the instances of each alert, and for those that rest on one the rule that fails."""
        failed: dict[str, RuleError] = {}
        while left := [name for name in names if name not in failed]:
            said = await self._asked(left, tuple(questions(left, self.plan)), pushed)
            if not said.rules:
                return instances(said.answers), failed
            for name in left:
                needed = {rule.name for rule in self.rules.needed([name])}
                if error := next((each for each in said.rules if each.rule in needed), None):
                    failed[name] = error
            if failed.keys().isdisjoint(left):
                error = said.rules[0]
                failed |= dict.fromkeys(left, error)
        return {}, failed

    async def _explained(
        self, findings: Sequence[Finding], found: Mapping[str, tuple[Instance, ...]]
    ) -> tuple[Finding, ...]:
        """Return `findings`, those without a sentence with one, for which promtool is asked again."""
        open_ones = [n for n, each in enumerate(findings) if not each.sentence]
        if not open_ones:
            return tuple(findings)
        parts: dict[int, Piece | None] = {}
        checks: list[Check] = []
        for number in open_ones:
            expected = self.scenario.expect[number]
            first = first_firing(expected, self.scenario, found.get(alert_of(expected), ()))
            rule = self.rules.likely(alert_of(expected), first.labels if first else expected.labels)
            if first is not None and first.firing is not None:
                checks.append(Check(at=first.firing.first, expr=marked(rule.expr, f"fired:{number}")))
                continue
            parts[number] = pieces(rule.expr, self.rules)
            if (piece := parts[number]) is not None:
                checks += reasons.questions(number, piece, self.plan)
        names = list(dict.fromkeys(findings[n].alert for n in open_ones))
        said = await self._asked(names, tuple(checks))
        explained = list(findings)
        for number in open_ones:
            sentence = self._reason(number, parts.get(number), found, said.answers)
            explained[number] = replace(findings[number], sentence=sentence)
        return tuple(explained)

    def _reason(
        self,
        number: int,
        piece: Piece | None,
        found: Mapping[str, tuple[Instance, ...]],
        answers: Mapping[str, Answer],
    ) -> str:
        expected: Expectation = self.scenario.expect[number]
        name = alert_of(expected)
        if first := first_firing(expected, self.scenario, found.get(name, ())):
            static = self.rules.likely(name, first.labels).labels
            return reasons.fired(first, answers.get(f"fired:{number}", ()), static)
        values = {} if piece is None else reasons.values(number, piece, self.plan, answers)
        return reasons.never_fired(piece, values, expected, self.plan, self.inputs, self.rules)

    async def _asked(
        self, alerts: Sequence[str], checks: Sequence[Check], pushed: Sequence[Input] | None = None
    ) -> Said:
        """Return what promtool answers, with other series than those of the scenario if they are given.

        Raises InconclusiveError for what is no answer, or cannot be read.
        """
        await asyncio.to_thread(self._write, alerts, checks, self.inputs if pushed is None else pushed)
        ran = await promtool.run(self.program, ["test", "rules", _TEST], self.folder)
        try:
            said = read(ran.output)
        except ValueError as error:
            raise await self._unreadable(f"{error}") from error
        if not said.rules and said.answers.get(_CONTROL) != (({}, 42.0),):
            raise await self._unreadable(ran.words())
        if said.errors:
            raise await self._unreadable(next(iter(said.errors.values())))
        return said

    def _write(self, alerts: Sequence[str], checks: Sequence[Check], pushed: Sequence[Input]) -> None:
        """Write the test, and the rules that it needs: fewer are sooner evaluated."""
        files = self.rules.reduced(self.rules.needed(alerts))
        names = [f"rules-{number}.yml" for number in range(len(files))]
        # A check that always fails shows that the answers are there and can be read.
        control = Check(at=self.plan.end, expr=marked("vector(42)", _CONTROL))
        test = RuleTest(
            name=self.scenario.name,
            interval=self.plan.interval,
            step=self.plan.step,
            order=self.rules.order(alerts),
            inputs=tuple(pushed),
            checks=(*checks, control),
        )
        for name, text in zip(names, files, strict=True):
            (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / _TEST).write_text(written(test, names), encoding="utf-8")

    async def _unreadable(self, words: str) -> InconclusiveError:
        tool = await promtool.version(self.program)
        message = f"{self.scenario.name} cannot be proven: {tool} says {one_line(words, 400)}"
        return InconclusiveError(message)


def _told(failed: BaseException) -> BaseException:
    """Return the failure that a person is told, of several at once."""
    flat: list[BaseException] = []
    left = [failed]
    while left:
        error = left.pop(0)
        if isinstance(error, BaseExceptionGroup):
            left = [*error.exceptions, *left]
        else:
            flat.append(error)
    first = next((error for error in flat if isinstance(error, CockpitError)), flat[0])
    if isinstance(first, OSError):
        return InconclusiveError(
            f"nothing is proven, for its files cannot be written: {first.strerror or first}",
            remedy="free some space, or name another folder in TMPDIR",
        )
    return first
