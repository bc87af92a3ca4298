"""The alerting rules that are loaded, with what each does now; enter says why."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.alerts.rules import Rule, RuleState, rules
from cockpit.errors import CockpitError
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span
from cockpit.tui.screens.base import MODES
from cockpit.tui.screens.listing import ListScreen
from cockpit.tui.widgets.pick_list import PickList
from cockpit.units import prometheus_duration

KINDS = {
    RuleState.BROKEN: "crit",
    RuleState.FIRING: "crit",
    RuleState.PENDING: "warn",
    RuleState.INACTIVE: "dim",
}


class RulesCame(Message):
    """The rules, or why there are none."""

    def __init__(self, rules: tuple[Rule, ...], problem: str = "") -> None:
        super().__init__()
        self.rules, self.problem = rules, problem


class RulesScreen(ListScreen):
    """All alerting rules; those that do not fire have their reason one key away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MODES,
        Binding("q", "leave", "back", id="rules.back"),
        Binding("w", "why", "why", id="rules.why", tooltip="Say why the rule fires or does not"),
    ]
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("rules.why", "why"),
        ("list.filter", "filter"),
        ("app.refresh", "refresh"),
    )
    LAST_KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("list.clear", "back"), ("app.help", "help"))

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[Rule, ...] | None = None
        self._shown: tuple[Rule, ...] = ()
        self._problem = ""

    def on_mount(self) -> None:
        """Ask for the rules."""
        super().on_mount()
        self._ask()

    @work(exclusive=True, group="rules", exit_on_error=False)
    async def _ask(self) -> None:
        try:
            self.post_message(RulesCame(await rules(self.cockpit.session)))
        except CockpitError as error:
            self.post_message(RulesCame((), str(error)))

    def on_rules_came(self, event: RulesCame) -> None:
        """Show them; the old ones stay where there are no new ones."""
        self._problem = event.problem
        if not event.problem:
            self._all = event.rules
        self.draw()

    def draw(self) -> None:
        """Show the rules that have the words of the filter."""
        known = self._all or ()
        self._shown = tuple(r for r in known if self.has_words(r.name, r.group, r.state, r.severity, r.expr))
        count = "" if self._all is None else f"{len(self._shown)} of {len(known)}"
        trouble = f"could not be asked: {self._problem}" if self._problem else ""
        columns = self._row("RULE", "STATE", "SEVERITY", "FOR", "EXPRESSION", "dim", "dim")
        rows = tuple(self._rule_row(rule) for rule in self._shown)
        self.show_list("RULES", count, trouble, columns, rows, self._nothing())

    def _rule_row(self, rule: Rule) -> Line:
        several = f" {rule.instances}" if rule.instances > 1 else ""
        held = prometheus_duration(rule.for_seconds) if rule.for_seconds else "-"
        expr = rule.error if rule.state is RuleState.BROKEN else rule.expr
        kind = KINDS[rule.state]
        return self._row(
            rule.name, f"{rule.state}{several}", rule.severity or "-", held, expr, "strong", kind
        )

    def _row(self, name: str, state: str, severity: str, held: str, expr: str, kind: str, of: str) -> Line:
        dots = self.glyphs.ellipsis
        wide = min(40, max(24, self.size.width // 3))
        return line(
            Span(" "),
            span(fit(name, wide - 1, ellipsis=dots) + " ", kind),
            span(fit(state, 12, ellipsis=dots), of),
            span(fit(severity, 10, ellipsis=dots), "plain" if kind == "strong" else kind),
            span(fit(held, 6, ellipsis=dots), "dim"),
            span(" ".join(expr.split()), "code" if kind == "strong" else kind),
        )

    def _nothing(self) -> tuple[Line, ...]:
        if self._problem:
            return (EMPTY, line(span(f"  {self._problem}", "crit")), EMPTY, line("  r asks again."))
        if self._all is None:
            return (EMPTY, line(span(f"  Asking Prometheus{self.glyphs.ellipsis}", "dim")))
        if self.words:
            return (EMPTY, line("  No rule has these words."), EMPTY, line("  esc clears the filter."))
        return (EMPTY, line("  Prometheus has no alerting rules loaded: nothing can fire."))

    def on_pick_list_picked(self, event: PickList.Picked) -> None:
        """Say why."""
        rule = self._shown[event.index]
        self.cockpit.show_why(rule.name, rule.name)

    def action_why(self) -> None:
        """Say why the rule under the cursor fires or does not."""
        self.query_one(PickList).action_pick()

    def action_refresh(self) -> None:
        """Ask again."""
        self._ask()
        super().action_refresh()

    def action_clear(self) -> None:
        """Clear the filter, or else go back."""
        if self.words:
            super().action_clear()
        else:
            self.dismiss()

    def action_leave(self) -> None:
        """Back to the screen below."""
        self.dismiss()
