"""What a measurement says, and the table of all of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """One line of the table. `budget` is in the unit of `value`, or of the ratio where `relative`."""

    what: str
    scale: str
    value: float
    unit: str
    reference: float | None = None
    against: str = ""
    budget: float | None = None
    relative: bool = False

    @property
    def ratio(self) -> float | None:
        """The value over the reference's."""
        return self.value / self.reference if self.reference else None

    @property
    def holds(self) -> bool | None:
        """Whether the budget holds; None without one."""
        measured = self.ratio if self.relative else self.value
        return None if self.budget is None or measured is None else measured <= self.budget

    def cells(self) -> tuple[str, ...]:
        """Return the line of the table."""
        reference = "" if self.reference is None else f"{number(self.reference)} {self.unit} ({self.against})"
        budget = ""
        if self.budget is not None:
            budget = f"{self.budget:g}x" if self.relative else f"{self.budget:g} {self.unit}"
        holds = {True: "yes", False: "**no**", None: ""}[self.holds]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}x"
        return self.what, self.scale, f"{number(self.value)} {self.unit}", reference, ratio, budget, holds


HEAD = ("what", "scale", "cockpit", "reference", "ratio", "budget", "holds")


def number(value: float) -> str:
    """Return three significant digits, never in exponent form."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def markdown(results: Iterable[Result]) -> str:
    """Return the table in Markdown, its columns aligned."""
    rows = [HEAD, *(result.cells() for result in results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (size + 2) for size in widths) + "|")
    return "\n".join(lines)


def interleaved(runs: int, *measures: Callable[[], float]) -> tuple[float, ...]:
    """Call the measures in turn, A B A B, `runs` times each; return the median of each."""
    values: list[list[float]] = [[] for _ in measures]
    for _ in range(runs):
        for each, kept in zip(measures, values, strict=True):
            kept.append(each())
    return tuple(median(kept) for kept in values)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
