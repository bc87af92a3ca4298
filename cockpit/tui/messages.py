"""What workers bring the app, and the alerts and incident screens."""

from textual.message import Message

from cockpit.alerts.group import Counts
from cockpit.alerts.model import Board
from cockpit.runbooks.model import Runbook
from cockpit.triage.model import Answer
from cockpit.tui.alerts_view import View, ViewSpec
from cockpit.tui.preview import Detail


class BoardArrived(Message):
    """A new board; an older one still in the queue is superseded."""

    def __init__(self, board: Board, counted: Counts) -> None:
        super().__init__()
        self.board, self.counts = board, counted

    def can_replace(self, message: Message) -> bool:
        """Only the latest board matters."""
        return isinstance(message, BoardArrived)


class DrillLooked(Message):
    """The exercise that runs here was looked at."""

    def can_replace(self, message: Message) -> bool:
        """One is as good as several."""
        return isinstance(message, DrillLooked)


class ContractChecked(Message):
    """A check of the contract has ended."""


class ViewBuilt(Message):
    """The rows for a board, or an older one's: then it is built again already."""

    def __init__(self, board: Board, spec: ViewSpec, view: View) -> None:
        super().__init__()
        self.board, self.spec, self.view = board, spec, view


class DetailArrived(Message):
    """What the preview says besides the board."""

    def __init__(self, fingerprint: str, detail: Detail) -> None:
        super().__init__()
        self.fingerprint, self.detail = fingerprint, detail


class FiredLast(Message):
    """What fired last, in words."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class Answered(Message):
    """A query's answer came."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Opened(Message):
    """The runbook was read; None where there is none."""

    def __init__(self, runbook: Runbook | None) -> None:
        super().__init__()
        self.runbook = runbook


class Fired(Message):
    """When the alert began to fire, in the last hours."""

    def __init__(self, starts: tuple[float, ...]) -> None:
        super().__init__()
        self.starts = starts
