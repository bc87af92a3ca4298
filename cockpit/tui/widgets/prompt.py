"""The one-line input at the foot of a screen: filter, command, search, or a value asked for."""

from collections.abc import Iterable

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from cockpit.text import clean, one_line


class CleanInput(Input):
    """An input whose pasted text is cleaned: a clipboard is somebody else's text too."""

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(one_line(event.text))

    async def action_submit(self) -> None:
        """Hand the text to the prompt it stands in."""
        self.query_ancestor(Prompt).submit()


class Prompt(Vertical):
    """Hidden until `ask` is called; then it has the focus until enter or escape."""

    class Changed(Message):
        """The text changed while typing."""

        def __init__(self, purpose: str, text: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    class Submitted(Message):
        """Enter was pressed."""

        def __init__(self, purpose: str, text: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    class Cancelled(Message):
        """Escape was pressed; `before` is the text that was there at first."""

        def __init__(self, purpose: str, before: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.before = before

    def __init__(self, *, id: str = "prompt") -> None:
        super().__init__(id=id)
        self._purpose = ""
        self._before = ""
        self.display = False

    def compose(self) -> ComposeResult:
        """What is wrong with the text, and below it a sign and the input."""
        yield Static("", markup=False, id="prompt-error")
        with Horizontal():
            yield Static("", markup=False, id="prompt-sign")
            yield CleanInput(compact=True, select_on_focus=False, id="prompt-input")

    def ask(self, purpose: str, sign: str, text: str = "", *, suggestions: Iterable[str] = ()) -> None:
        """Show the prompt for `purpose` with `text` to start from."""
        text = clean(text)
        self._purpose, self._before = purpose, text
        self.query_one("#prompt-sign", Static).update(clean(sign))
        self.complain("")
        field = self.query_one(CleanInput)
        field.suggester = SuggestFromList(list(suggestions)) if suggestions else None
        with field.prevent(Input.Changed):
            field.value = text
        self.display = True
        field.focus()
        self.call_after_refresh(field.action_end)

    @property
    def before(self) -> str:
        """The text that was there at first."""
        return self._before

    def complain(self, problem: str) -> None:
        """Show what is wrong with the text, for it to be mended; an empty problem takes it away."""
        if problem and not self.display:
            self.display = True
            self.query_one(CleanInput).focus()
        shown = self.query_one("#prompt-error", Static)
        shown.update(one_line(problem, 300))
        shown.display = bool(problem)

    def close(self) -> None:
        """Hide the prompt."""
        self.display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the screen."""
        event.stop()
        self.post_message(self.Changed(self._purpose, event.value))

    def submit(self) -> None:
        """Hide at once, so that a key right behind enter is no longer the prompt's, and tell the screen."""
        if self.display:
            self.display = False
            self.post_message(self.Submitted(self._purpose, self.query_one(CleanInput).value))

    def on_key(self, event: events.Key) -> None:
        """Escape gives up; tab takes what is suggested, and does not wander off."""
        if not self.display:
            return
        if event.key == "escape":
            event.stop()
            self.close()
            self.post_message(self.Cancelled(self._purpose, self._before))
        elif event.key in {"tab", "shift+tab"}:
            event.stop()
            event.prevent_default()
            self.query_one(CleanInput).action_cursor_right()
