"""The drill file: phases with a limit each, what the machine verifies in them, what the operator is asked.

Durations are written as in Prometheus and are seconds here. Limits of what the machine verifies are those of
speed 1; a lab divides them by its speed. People's minutes are never divided. Nothing here reads a file
(cockpit.drills.files does).
"""

import re
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import core_schema

from cockpit.expression import parsed
from cockpit.scenarios.fields import (
    Labels,
    Model,
    Number,
    Positive,
    ScenarioName,
    Seconds,
    Text,
    file_name,
    refuse,
)

ALL = "all"
"""What `stop` says of every scenario that the drill plays."""

DrillName = Annotated[str, file_name("drill")]
Part = Literal["runbook", "summary"]


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _points(value: Any) -> Any:
    """Return the number that a key of JSON stands for."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


Texts = Annotated[tuple[Text, ...], BeforeValidator(_list)]


class Pushed(Model):
    """The series of the scenario `pushed` stand on the gateway, and Prometheus has scraped them so."""

    pushed: ScenarioName


class Firing(Model):
    """The alert `firing` fires; with `labels`, one that has at least these."""

    firing: Text
    labels: Labels = Field(default_factory=dict)


class Quiet(Model):
    """The alert `quiet` does not fire for as long as the phase lasts."""

    quiet: Text
    labels: Labels = Field(default_factory=dict)


class Notified(Model):
    """The receiver `notified` is told of `alert` (default: what fires in this phase) `within` of its firing.

    The message carries a link to the runbook, the alert's summary, or both.
    """

    notified: Text
    alert: Text | None = None
    within: Seconds | None = None
    carrying: Annotated[tuple[Part, ...], BeforeValidator(_list)] = ()


class Inhibited(Model):
    """The alert `inhibited` fires and is inhibited, by the alert `by` where it is given."""

    inhibited: Text
    by: Text | None = None


class Silenced(Model):
    """The alert `silenced` fires and a silence covers it. As a task the operator made it."""

    silenced: Text


class Resolved(Model):
    """The alert `resolved` fires no more, and whoever was told that it fires was told that it is over."""

    resolved: Text


class Leftovers(Model):
    """Nothing that was pushed is left on the gateway."""

    leftovers: Literal["none"]


class Compared(Model):
    """Every value of the PromQL `expr`, one at least, lies above or below a bound, or equals it."""

    expr: Text
    above: Number | None = None
    below: Number | None = None
    equals: Number | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.above is None and self.below is None and self.equals is None:
            raise refuse("it needs `above`, `below` or `equals`", "expr")
        if parsed(self.expr) is None:
            raise refuse("no PromQL that can be read", "expr")
        return self


class Opened(Model):
    """The operator opened the runbook `opened` (its name, without .md)."""

    opened: Text


class RanQuery(Model):
    """The operator asked Prometheus a query that bears on the alert: on its metrics or its runbook's."""

    ran_query: Literal[True]


class Copied(Model):
    """The operator copied a command of the runbook; nothing is executed."""

    copied: Literal[True]


class Asked(Model):
    """A question `answer` with its accepted answers, compared without case and punctuation."""

    answer: Text
    accept: Annotated[Texts, Field(min_length=1)]

    def accepts(self, text: str) -> bool:
        """Say whether `text` is one of the accepted answers."""
        return _plain(text) in {_plain(each) for each in self.accept}


class Decision(Model):
    """A decision, and why, in free text: written down, never executed."""

    decision: Text


class Choice(Model):
    """One of several: `choice` asks, `of` are the options, `accept` those that are right (default: any)."""

    choice: Text
    of: Annotated[tuple[Text, ...], Field(min_length=2, max_length=9)]
    accept: Texts = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        for index, each in enumerate(self.accept):
            if each not in self.of:
                raise refuse("it is none of the options in `of`", "accept", index)
        return self

    def accepts(self, text: str) -> bool:
        """Say whether `text` is a right option."""
        return text in (self.accept or self.of)


Condition = Pushed | Firing | Quiet | Notified | Inhibited | Silenced | Resolved | Leftovers | Compared
Task = Opened | RanQuery | Copied | Silenced | Asked | Decision | Choice


def verb_of(one: Model | type[Model]) -> str:
    """Return the verb of a condition or a task, which is the first of its keys: `firing`, `ran_query`."""
    return next(iter((one if isinstance(one, type) else type(one)).model_fields))


CONDITIONS: dict[str, type[Model]] = {verb_of(kind): kind for kind in get_args(Condition)}
TASKS: dict[str, type[Model]] = {verb_of(kind): kind for kind in get_args(Task)}


class _OneOf:
    """Reads an entry as that model of `known` whose verb it has; `what` is said where it has none, or two."""

    def __init__(self, known: dict[str, type[Model]], what: str) -> None:
        self._known, self._what = known, what

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        models = {verb: handler.generate_schema(kind) for verb, kind in self._known.items()}
        union = core_schema.tagged_union_schema(models, lambda value: self._verbs(value)[0])
        return core_schema.no_info_before_validator_function(self._check, union)

    def _verbs(self, value: Any) -> list[str]:
        keys = [verb_of(value)] if isinstance(value, Model) else value if isinstance(value, dict) else ()
        return [key for key in keys if key in self._known]

    def _check(self, value: Any) -> Any:
        verbs = self._verbs(value)
        if not verbs:
            keys = [str(key) for key in value] if isinstance(value, dict) else []
            raise refuse(f"unknown verb: {self._what} is one of {', '.join(self._known)}", *keys[:1])
        if len(verbs) > 1:
            raise refuse(f"`{verbs[0]}` stands here already: one verb an entry", verbs[1])
        return value


AnyCondition = Annotated[Condition, _OneOf(CONDITIONS, "what is verified")]
AnyTask = Annotated[Task, _OneOf(TASKS, "what the operator does")]


class Phase(Model):
    """One phase, worth a point. `play` and `stop` happen when it begins.

    `brief` is what the operator is told then, each hint costs half a point, `debrief` is for the report.
    """

    name: Text
    limit: Seconds
    brief: Text | None = None
    play: ScenarioName | None = None
    stop: ScenarioName | None = None
    verify: tuple[AnyCondition, ...] = ()
    operator: tuple[AnyTask, ...] = ()
    hints: Texts = ()
    debrief: Text | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.verify and not self.operator:
            raise refuse("it needs `verify` or `operator`: nothing in it could be scored", "name")
        fires = any(isinstance(each, Firing) for each in self.verify)
        for index, each in enumerate(self.verify):
            if isinstance(each, Notified) and each.alert is None and not fires:
                raise refuse("it needs `alert`: nothing fires in this phase", "verify", index, "notified")
        return self

    def alert_told(self, notified: Notified) -> str:
        """Return the alert that `notified`, one of `verify`, is about."""
        firing = (each.firing for each in self.verify if isinstance(each, Firing))
        return notified.alert or next(firing)


class Drill(Model):
    """A drill file. `rubric` maps the points from which on a grade is given; `pass` is the mark in points."""

    name: DrillName
    title: Text
    brief: Text | None = None
    rubric: Annotated[dict[Annotated[Positive, BeforeValidator(_points)], Text], Field(min_length=1)]
    mark: Annotated[Positive, Field(alias="pass")]
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=50)]
    debrief: Text | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.mark > len(self.phases):
            raise refuse(f"there are {len(self.phases)} points only, one a phase", "pass")
        playing: set[str] = set()
        for index, phase in enumerate(self.phases):
            if phase.play and phase.play in (each.play for each in self.phases[:index]):
                raise refuse("it was played before: it plays once", "phases", index, "play")
            if phase.stop not in (None, ALL, *playing):
                raise refuse("it does not play by then", "phases", index, "stop")
            playing -= playing if phase.stop == ALL else {phase.stop or ""}
            playing |= {phase.play} if phase.play else set()
        return self

    def document(self) -> dict[str, Any]:
        """Return the drill as JSON has it; `model_validate` takes it back."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def grade(self, points: float) -> str:
        """Return the grade of the highest step of the rubric that `points` reach; empty below all."""
        reached = [step for step in self.rubric if step <= points]
        return self.rubric[max(reached)] if reached else ""

    @property
    def alerts(self) -> tuple[str, ...]:
        """The alerts that the drill verifies to fire, each once."""
        firing = (each.firing for phase in self.phases for each in phase.verify if isinstance(each, Firing))
        return tuple(dict.fromkeys(firing))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios that it plays, each once."""
        return tuple(dict.fromkeys(phase.play for phase in self.phases if phase.play))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
