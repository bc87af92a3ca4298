"""Where a user can go: the modes, and the screens on top of them, each imported when it is first opened."""

from collections.abc import Callable, Sequence
from functools import cached_property

from textual.app import App

from cockpit.alerts.model import Alert
from cockpit.runbooks.model import Runbook
from cockpit.tui.attention import Attention
from cockpit.tui.drills import Drills
from cockpit.tui.screens.alerts import AlertsScreen
from cockpit.tui.screens.base import BaseScreen


class Navigation(App[int]):
    """Goes to modes and opens screens. The app says which alerts screen is its first, and how it copies."""

    attention: Attention
    drills: Drills
    _alerts: AlertsScreen

    def copy(self, text: str, what: str) -> None:
        """Put `text` on the clipboard, and say so."""
        raise NotImplementedError

    def action_help(self) -> None:
        """Show the keys of the screen at hand."""
        if isinstance(self.screen, BaseScreen):
            from cockpit.tui.screens.help import HelpScreen

            self.push_screen(HelpScreen(self.screen))

    def action_doubts(self) -> None:
        """Show every reason that this is not an all-clear, and each source."""
        from cockpit.tui.screens.help import DoubtsScreen

        self.push_screen(DoubtsScreen())

    def action_mode(self, name: str) -> None:
        """Go to a mode."""
        {
            "alerts": self.show_alerts,
            "runbooks": self.show_runbooks,
            "scenarios": self.show_scenarios,
            "drills": self.show_drills,
            "contract": self.show_contract,
        }[name]()

    def show_alerts(self, *, filter_text: str | None = None, group_key: str | None = None) -> None:
        """Go to the alerts, filtered or grouped anew. Raises UsageError for a filter that cannot be read."""
        self._alerts.set_view(filter_text=filter_text, group_key=group_key)
        self._to_mode(self._alerts)

    @cached_property
    def _runbooks(self) -> BaseScreen:
        from cockpit.tui.screens.runbooks import RunbooksScreen

        screen = RunbooksScreen()
        self.install_screen(screen, "runbooks")
        return screen

    def show_runbooks(self) -> None:
        """Go to the runbook library."""
        self._to_mode(self._runbooks)

    @cached_property
    def _scenarios(self) -> BaseScreen:
        from cockpit.tui.screens.scenarios import ScenariosScreen

        screen = ScenariosScreen()
        self.install_screen(screen, "scenarios")
        return screen

    def show_scenarios(self) -> None:
        """Go to the scenario library."""
        self._to_mode(self._scenarios)

    def open_scenario(self, name: str) -> None:
        """Show one scenario: what it plays and expects and, while it plays, what comes of it."""
        from cockpit.tui.screens.scenario import ScenarioScreen

        self.push_screen(ScenarioScreen(name))

    @cached_property
    def _library(self) -> BaseScreen:
        from cockpit.tui.screens.drills import DrillsScreen

        screen = DrillsScreen()
        self.install_screen(screen, "drills")
        return screen

    def show_drills(self) -> None:
        """Go to the library of drills."""
        self._to_mode(self._library)

    def open_drill(self, name: str) -> None:
        """Show what a drill is, before it begins."""
        from cockpit.tui.screens.drills import AboutDrill

        self.push_screen(AboutDrill(name))

    @cached_property
    def _contract(self) -> BaseScreen:
        from cockpit.tui.screens.contract import ContractScreen

        screen = ContractScreen()
        self.install_screen(screen, "contract")
        return screen

    def show_contract(self) -> None:
        """Go to what no longer agrees in the files of the context."""
        self._to_mode(self._contract)

    @cached_property
    def _drill(self) -> BaseScreen:
        from cockpit.tui.screens.drill import DrillScreen

        screen = DrillScreen()
        self.install_screen(screen, "drill")
        return screen

    def action_drill(self) -> None:
        """Go to the drill that runs, or from it back to where one was; to the score card once it is over."""
        exercise = self.drills.exercise
        if not self.drills.runs and exercise is not None and exercise.is_over:
            self.show_score_card(exercise.id)
        elif not self.drills.runs:
            self.notify("no drill runs here: 4 lists them", severity="warning", markup=False, timeout=3)
        elif self._drill not in self.screen_stack:
            self.push_screen(self._drill)
        elif self.screen is self._drill:
            self.pop_screen()
        else:
            self._uncover(self._drill)

    def leave_drill(self) -> None:
        """Go back from the drill to where one was; elsewhere nothing changes."""
        if self._drill in self.screen_stack:
            self._uncover(self._drill)
            self.pop_screen()

    def show_score_card(self, exercise: str) -> None:
        """Show what came of the exercise with the id `exercise`."""
        from cockpit.tui.screens.score_card import ScoreCardScreen

        if not isinstance(self.screen, ScoreCardScreen):
            self.push_screen(ScoreCardScreen(exercise))

    def facilitate(self, exercise: str) -> None:
        """Show an exercise to its facilitator: what comes is on this screen, and not on the operator's."""
        from cockpit.tui.screens.facilitator import FacilitatorScreen

        self.push_screen(FacilitatorScreen(exercise))

    def show_rules(self) -> None:
        """Show the alerting rules that are loaded, those that do not fire as well."""
        from cockpit.tui.screens.rules import RulesScreen

        self.push_screen(RulesScreen())

    def show_why(self, text: str, name: str) -> None:
        """Show the ladder of what `text` means: an alert's name or fingerprint, or a rule's name."""
        from cockpit.tui.screens.why import WhyScreen

        self.push_screen(WhyScreen(text, name))

    def _uncover(self, screen: BaseScreen) -> None:
        """Leave what lies on `screen`."""
        while self.screen is not screen:
            self.pop_screen()

    def _to_mode(self, screen: BaseScreen) -> None:
        """Put `screen` on top of nothing but the default screen; what lies on it is left."""
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if self.screen is not screen:
            self.switch_screen(screen)

    def open_alert(self, alert: Alert) -> None:
        """Open the runbook of `alert` with its answers."""
        from cockpit.tui.screens.incident import IncidentScreen

        self.attention.look_at(alert.fingerprint)
        self.drills.observed("opened_alert", alert=alert.name)
        self.push_screen(IncidentScreen(alert))

    def open_runbook(self, runbook: Runbook) -> None:
        """Open a runbook without an alert."""
        from cockpit.tui.screens.incident import IncidentScreen

        self.push_screen(IncidentScreen(None, runbook))

    def open_query(self, expr: str) -> None:
        """Ask Prometheus `expr`, large."""
        from cockpit.tui.screens.query import QueryScreen, ad_hoc

        self.push_screen(QueryScreen(ad_hoc(expr)))

    def choose_why(self, names: Sequence[str]) -> None:
        """Show the ladder of one of `names`, chosen where there are several."""
        if len(names) == 1:
            self.show_why(names[0], names[0])
        elif names:
            items = [("", name, "") for name in names]
            self.pick("Why does it fire, or not?", items, lambda at: self.show_why(names[at], names[at]))

    def confirm(self, title: str, yes: str, detail: str, do: Callable[[], object]) -> None:
        """Ask `title`; `no` stands first, so that an enter too many does nothing."""
        items = [("n", "no, go back", ""), ("y", yes, detail)]
        self.pick(title, items, lambda at: do() if at == 1 else None)

    def show_links(self, title: str, links: tuple[tuple[str, str], ...]) -> None:
        """Show links to read and copy; none is opened."""
        items = [("", name, url) for name, url in links]
        self.pick(f"Links of {title}: enter copies", items, lambda at: self.copy(links[at][1], "the link"))

    def show_copies(
        self, title: str, items: Sequence[tuple[str, str, str]], copied: Callable[[int], object]
    ) -> None:
        """Choose something to copy; `copied` is told which."""

        def copy(at: int) -> None:
            self.copy(items[at][2], items[at][1])
            copied(at)

        self.pick(title, items, copy)

    def show_outline(self, runbook: Runbook, go_to: Callable[[str], None]) -> None:
        """Choose a section of `runbook` to go to."""
        sections = runbook.sections
        items = [("", "  " * (s.level - 1) + s.title, "") for s in sections]
        self.pick(f"Sections of {runbook.title}", items, lambda at: go_to(sections[at].anchor))

    def pick(
        self, title: str, items: Sequence[tuple[str, str, str]], chosen: Callable[[int], object]
    ) -> BaseScreen:
        """Let one of `items` be chosen; return the screen that asks."""
        from cockpit.tui.screens.pick import PickScreen

        screen = PickScreen(title, items, chosen)
        self.push_screen(screen)
        return screen
