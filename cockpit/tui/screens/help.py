"""Help for the screen at hand, and the page of everything that keeps the board from an all-clear."""

from cockpit.tui.commands import HELP
from cockpit.tui.keys import key_word
from cockpit.tui.lines import EMPTY, Line, Span, line, span
from cockpit.tui.screens.base import BaseScreen
from cockpit.tui.screens.page import PageScreen
from cockpit.units import short_duration

FILTERS = (
    ("severity=critical", "a label is; also != =~ !~"),
    ("provider=google action=~gmail.*", "several must all hold"),
    ("@state=pending", "pending, firing, silenced, inhibited, muted, undelivered, resolved"),
    ("@age>10m", "older than; also <"),
    ("@runbook=none", "alerts without a runbook"),
    ("@receiver=slack", "who is told"),
    ("disk", "a word in names, labels and annotations"),
)


class HelpScreen(PageScreen):
    """The keys of the screen it was called from, the commands, and the filter language."""

    def __init__(self, about: BaseScreen) -> None:
        super().__init__()
        self._about = about

    def page(self) -> tuple[Line, ...]:
        """Return keys, commands, filters."""
        rows: list[Line] = [line(Span(" Keys on this screen", "title")), EMPTY]
        taken: set[str] = set()
        for binding in self._about.all_bindings():
            keys = [k for k in self.keys_of(binding).split(",") if k not in taken]
            taken.update(keys)
            if not keys:
                continue
            shown = ", ".join(key_word(k) for k in keys)
            what = binding.tooltip or binding.description
            what = what[:1].upper() + what[1:]
            rows.append(
                line(span(f"  {shown:<18}", "key"), span(f"{what:<36}"), span(f" {binding.id}", "dim"))
            )
        rows += [EMPTY, line(Span(" Commands, after :", "title")), EMPTY]
        rows += [line(span(f"  {name:<32}", "key"), span(what)) for name, what in HELP]
        rows += [EMPTY, line(Span(" Filters, after /", "title")), EMPTY]
        rows += [line(span(f"  {text:<32}", "key"), span(what)) for text, what in FILTERS]
        rows += [
            EMPTY,
            line(span(" A key is changed in the config file: [ui.keys] with the name on the right", "dim")),
        ]
        return tuple(rows)


class DoubtsScreen(PageScreen):
    """Why this is no all-clear, and how each source stands."""

    def page(self) -> tuple[Line, ...]:
        """Return all doubts and all sources."""
        board, now = self.cockpit.board, self.cockpit.session.now()
        if board is None:
            return (EMPTY, line("  No answer yet."))
        rows: list[Line] = [line(Span(" What keeps this from an all-clear", "title")), EMPTY]
        rows += [line(Span("  - "), span(doubt, "warn")) for doubt in board.doubts]
        if not board.doubts:
            rows.append(line("  Nothing but the alerts that fire."))
        rows += [EMPTY, line(Span(" Sources", "title")), EMPTY]
        for source in board.sources:
            state = source.state(now, board.stale_after)
            age = (
                "never"
                if source.answered_at is None
                else f"{short_duration(max(0, now - source.answered_at))} ago"
            )
            word = "standby" if source.standby else state.value
            rows.append(
                line(
                    span(f"  {source.name}", "strong"),
                    span(f"  {source.kind}  {source.url}  {word}, answered {age}"),
                )
            )
            rows += [line(span(f"      {text}", "warn")) for text in (source.error, *source.warnings) if text]
            if source.remedy:
                rows.append(line(span(f"      {source.remedy}", "dim")))
        return tuple(rows)
