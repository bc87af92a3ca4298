"""The ladder on the screen says what the command line prints."""

from cockpit.alerts.why.document import lines
from cockpit.alerts.why.model import Ladder, Rung, RungState
from cockpit.tui.ladder import ladder_lines


def test_the_screen_words_the_ladder_as_the_command_line_does() -> None:
    rungs = (
        Rung(name="series present", state=RungState.OK, evidence="x, 2 series", detail=("y is not there",)),
        Rung(name="expression true", state=RungState.UNKNOWN, evidence="could not be asked"),
        Rung(name="pending", state=RungState.WAITING, evidence="3m left", due=600.0),
        Rung(name="firing", state=RungState.LATER, evidence="then it fires", due=600.0),
        Rung(name="received", state=RungState.BROKEN, evidence="nobody has it"),
    )
    ladder = Ladder(alert="A", labels={}, severity="", rungs=rungs, asked_at=0.0, speed=60.0)
    printed = [" ".join(row.split()) for row in lines(ladder, 200)[1:]]
    shown = [" ".join("".join(part.text for part in row).split()) for row in ladder_lines(ladder, 200)]
    assert shown == printed
    assert "- firing then it fires, about 00:10:00Z" in shown
