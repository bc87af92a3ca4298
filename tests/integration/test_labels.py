"""The labels that results of expressions can have, against what Prometheus computes for thousands of them."""

import json
import random
import re
import subprocess
from pathlib import Path

import pytest

from cockpit.errors import CockpitError
from cockpit.expression import ANY, Labels, labels
from cockpit.scenarios.proof import promtool

pytestmark = pytest.mark.servers

SERIES = [
    {"__name__": "x", "job": "a", "pod": "p1"},
    {"__name__": "x", "job": "a", "pod": "p2"},
    {"__name__": "x", "job": "b"},
    {"__name__": "y", "job": "a", "node": "n"},
    {"__name__": "y", "job": "b", "node": "n"},
    {"__name__": "z", "job": "a", "pod": "p1", "zone": "z1"},
    {"__name__": "z", "job": "b", "pod": "p3", "zone": "z2"},
    {"__name__": "h", "job": "a", "le": "1"},
    {"__name__": "h", "job": "a", "le": "+Inf"},
]
METRICS = ["x", "y", "z", "h"]
NAMES = ["job", "pod", "node", "zone", "le", "new"]
VALUES = ["", "a", "b", "p1", "n", "z1"]
REGEXES = ["", ".*", ".+", "(.*)", "a", "a|b", "p.*", "a*", "a|", "^$"]

_SAMPLE = re.compile(r"\{(.*?)\} [^ ,]+")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Writer:
    """Writes expressions by chance."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def vector(self, depth: int) -> str:
        kinds = [self._selector] if depth == 0 else [self._aggregate, self._call, self._made, self._binary]
        return self._random.choice(kinds)(depth - 1)

    def _one(self, choices: list[str]) -> str:
        return self._random.choice(choices)

    def _some(self) -> list[str]:
        return self._random.sample(NAMES, self._random.randint(0, 2))

    def _selector(self, _depth: int) -> str:
        matchers = [
            f'{name}{op}"{self._one(REGEXES if "~" in op else VALUES)}"'
            for name in self._some()
            for op in [self._one(["=", "!=", "=~", "!~"])]
        ]
        return f"{self._one(METRICS)}{{{', '.join(matchers)}}}"

    def _aggregate(self, depth: int) -> str:
        # Of three labels of `count_values by` Prometheus 2.42 forgets one in a subquery.
        clause = self._one(["", f"by ({', '.join(self._some())})", f"without ({', '.join(self._some())})"])
        operation = self._one(
            ["sum (", "max (", "topk (1, ", "quantile (0.5, ", f'count_values ("{self._one(NAMES)}", ']
        )
        name, rest = operation.split(" ", 1)
        return f"{name} {clause} {rest}{self.vector(depth)})"

    def _call(self, depth: int) -> str:
        inside = self.vector(depth)
        return self._one(
            [
                f"abs({inside})",
                f"-({inside})",
                f"absent({inside})",
                f"absent({self._selector(0)})",
                f"absent_over_time({self._selector(0)}[5m])",
                f"last_over_time({inside}[3m:1m])",
                f"max_over_time({self._selector(0)}[3m])",
                f"histogram_quantile(0.9, {inside})",
                "vector(1)",
                "hour()",
                "scalar(vector(1)) + time()",
            ]
        )

    def _made(self, depth: int) -> str:
        inside, made = self.vector(depth), self._one(NAMES)
        if self._random.random() < 0.3:
            sources = "".join(f', "{name}"' for name in self._some())
            return f'label_join({inside}, "{made}", "{self._one(["", "-"])}"{sources})'
        source, regex = self._one([*NAMES, ""]), self._one(REGEXES)
        return (
            f'label_replace({inside}, "{made}", "{self._one(["", "v", "$1", "a"])}", "{source}", "{regex}")'
        )

    def _binary(self, depth: int) -> str:
        left, right = self.vector(depth), self.vector(depth)
        kind, on = self._one(["set", "one", "one", "group", "number"]), self._one(["on", "ignoring"])
        named, op = self._some(), self._one(["*", "==", "<= bool", "!="])
        matching = f"{on} ({', '.join(named)})"
        if kind == "number":
            return self._one([f"(2 {op} {left})", f"({left} {op} 2)"])
        if kind == "set":
            return f"({left} {self._one(['and', 'or', 'unless'])} {self._one(['', matching])} {right})"
        if kind == "one":
            return f"({left} {op} {self._one(['', matching])} {right})"
        taken = ", ".join(name for name in self._some() if on == "ignoring" or name not in named)
        return f"({left} {op} {matching} {self._one(['group_left', 'group_right'])} ({taken}) {right})"


def computed(expressions: list[str], folder: Path) -> list[tuple[str, dict[str, str]]]:
    """Return the series of the results, each with its expression: promtool says how they differ from none."""
    series = [
        {
            "series": json.dumps(each).replace('": "', '="').replace(', "', ", ").replace('{"', "{"),
            "values": f"{n}x9",
        }
        for n, each in enumerate(SERIES, 1)
    ]
    asked = [{"expr": expr, "eval_time": "5m", "exp_samples": []} for expr in expressions]
    test = {"interval": "1m", "input_series": series, "promql_expr_test": asked}
    file = folder / "labels_test.yml"
    file.write_text(json.dumps({"evaluation_interval": "1m", "tests": [test]}))
    ran = subprocess.run(
        [promtool.find(), "test", "rules", str(file)], capture_output=True, text=True, check=False
    )
    results, expr = [], ""
    for line in ran.stdout.splitlines() + ran.stderr.splitlines():
        if line.startswith('    expr: "'):
            expr, _ = json.JSONDecoder().raw_decode(line.removeprefix("    expr: "))
        elif line.startswith("        got: "):
            results += [(expr, dict(_LABEL.findall(sample))) for sample in _SAMPLE.findall(line)]
    return results


def of_series(name: str) -> Labels:
    found = [
        {n: v for n, v in each.items() if n != "__name__"} for each in SERIES if each["__name__"] == name
    ]
    names = {label for each in found for label in each}
    values = {label: {each[label] for each in found if label in each} for label in names}
    return Labels(
        frozenset(names),
        is_open=False,
        values={label: each.pop() for label, each in values.items() if len(each) == 1},
        surely=frozenset(label for label in names if all(label in each for each in found)),
    )


def wrong(said: Labels, of: dict[str, str]) -> list[str]:
    of = {name: value for name, value in of.items() if name != "__name__"}
    return [
        *(f"can have {name}" for name in of if not said.can_have(name)),
        *(f"lacks {name}" for name in said.surely if name not in of),
        *(f"has another {name}" for name, value in said.values.items() if of.get(name, value) != value),
    ]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_no_result_has_other_labels_than_its_expression_can_have(depth: int, tmp_path: Path) -> None:
    try:
        promtool.find()
    except CockpitError as error:
        pytest.skip(str(error))
    writer = Writer(depth)
    results = computed([writer.vector(depth) for _ in range(1000)], tmp_path)
    assert len({expr for expr, _ in results}) > 200
    for of_metric in (of_series, lambda name: ANY):
        false = [(expr, of, wrong(labels(expr, of_metric), of)) for expr, of in results]
        assert [each for each in false if each[2]] == []
