"""What the workers of the alerts and incident screens bring them."""

from textual.message import Message

from cockpit.alerts.model import Board
from cockpit.runbooks.model import Runbook
from cockpit.triage.model import Answer
from cockpit.tui.alerts_view import View, ViewSpec
from cockpit.tui.preview import Detail


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
