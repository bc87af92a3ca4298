"""A walk through every screen, so that all that servers and runbooks say has been on the terminal."""

from collections.abc import Callable
from pathlib import Path

from tests.pty.hostile_drill import hostile_drills, hostile_exercise
from tests.pty.hostile_play import hostile_lab, hostile_scenarios
from tests.pty.payloads import ALL, hostile_runbooks, hostile_world
from tests.pty.servers import serving
from tests.pty.terminal import Terminal, terminal

ESCAPE = "\x1b"
PASTED = ALL.encode()


def leave(shown: Terminal, text: str, back_to: str) -> None:
    """Press escape until what it leaves is gone: a lone escape is told from a sequence by time alone."""
    shown.type(ESCAPE)
    shown.wait(lambda screen: text not in screen and back_to in screen, f"{back_to} after {text}")


def ask(shown: Terminal, key: str, sign: str) -> None:
    """Press a key that opens the prompt, and wait for it."""
    shown.type(key)
    shown.wait(lambda screen: screen.splitlines()[-2].startswith(sign), f"the prompt {sign}")


def until(shown: Terminal, key: str, text: str) -> None:
    """Press a key again and again until `text` is there: the focus may still be on its way."""
    for _ in range(20):
        shown.type(key)
        try:
            shown.see(text, within=1)
        except AssertionError:
            continue
        return
    shown.see(text)


def walk(shown: Terminal) -> None:
    """Go through all screens and back to the list."""
    shown.see("Main", "help")
    for _ in range(6):
        shown.type("j")
    shown.type("G")
    shown.type("g")
    shown.type("!")
    shown.see("What keeps this from an all-clear")
    shown.type("jjjjjjG")
    leave(shown, "What keeps this from", "ALERTS")
    shown.type("?")
    shown.see("Keys on this screen")
    leave(shown, "Keys on this screen", "ALERTS")
    shown.type("b")
    shown.see("by alertname")
    shown.type("bbbb")
    shown.gone(" by ")
    _prompts(shown)
    shown.type("g")
    _links(shown)
    _incident(shown)
    _library(shown)
    _why(shown)
    _scenarios(shown)
    _drills(shown)
    _contract(shown)
    _commands(shown)


def _prompts(shown: Terminal) -> None:
    ask(shown, "/", "/")
    shown.paste(b"pasted " + PASTED + b" pasted")
    shown.see("pasted")
    shown.type(ESCAPE)
    shown.gone("pasted")
    ask(shown, "/", "/")
    shown.type("@state=pending")
    shown.see("@state=pending")
    shown.type("\r")
    shown.see("10 of 32")
    shown.type(ESCAPE)
    shown.gone("@state=pending")


def _links(shown: Terminal) -> None:
    shown.type("o")
    shown.see("enter choose")
    leave(shown, "enter choose", "ALERTS")


def _incident(shown: Terminal) -> None:
    shown.type("\r")
    shown.see("Title")
    for _ in range(12):
        shown.type("]")
    shown.type("G")
    shown.type("g")
    shown.type("o")
    shown.see("enter choose")
    leave(shown, "enter choose", "Title")
    shown.type("t")
    shown.see("Sections of")
    leave(shown, "Sections of", "Title")
    ask(shown, "/", "/")
    shown.paste(b"Section\xc2\x9b2JPWNED50\x07")
    shown.see("PWNED50")
    shown.type(ESCAPE)
    shown.gone("PWNED50")
    shown.type("1")
    shown.see("Works")
    shown.type("\t")
    shown.type("\t")
    shown.type("2")
    shown.see("refused because")
    until(shown, "1", "1 Works")
    until(shown, "\r", "copy table")
    shown.see("series, worst first")
    shown.type("sG")
    ask(shown, "e", "promql")
    shown.type(ESCAPE)
    shown.gone("promql sum")
    leave(shown, "copy table", "pane")
    shown.type(ESCAPE)
    shown.see("ALERTS")


def _library(shown: Terminal) -> None:
    shown.type("2")
    shown.see("RUNBOOKS", "Named")
    for _ in range(8):
        shown.type("j")
    shown.type("G")
    shown.type("\r")
    shown.see("pane")
    shown.type(ESCAPE)
    shown.see("RUNBOOKS")
    shown.type("1")
    shown.see("ALERTS")


def _why(shown: Terminal) -> None:
    """The ladder of an alert, of one that is silenced, and of a rule."""
    shown.type("gw")
    shown.see("series present", "ago")
    shown.type("GjjgG")
    leave(shown, "series present", "ALERTS")
    ask(shown, ":", ":")
    shown.type("why Driven\r")
    shown.see("series present")
    leave(shown, "series present", "ALERTS")
    ask(shown, "/", "/")
    shown.type("Driven\r")
    shown.see("1 of 32")
    shown.type("w")
    shown.see("series present")
    shown.press("G", "notified")
    leave(shown, "notified", "ALERTS")
    shown.type(ESCAPE)
    shown.gone("1 of 32")
    ask(shown, ":", ":")
    shown.type("rules\r")
    shown.see("RULES", "33 of 33")
    shown.type("Gjkg")
    shown.type("\r")
    shown.see("series present", "ago")
    leave(shown, "series present", "RULES")
    leave(shown, "RULES", "ALERTS")


def _scenarios(shown: Terminal) -> None:
    """The library, what is wrong with a file, and the live view of what a journal says is playing."""
    shown.see("SYNTHETIC", "in lab:", "LEFT BEHIND")
    shown.type("3")
    shown.see("SCENARIOS", "broken", "hostile")
    shown.type("Gg")
    # What is wrong with the file is told in a corner for some seconds, wrapped anyhow.
    shown.type("\r")
    ask(shown, "/", "/")
    shown.type("hostile\r")
    shown.see("1 of 3", "of 15m")
    shown.type("\r")
    shown.see("SCENARIO hostile", "EXPECTED", "errors_total")
    shown.type("G")
    shown.see("NOTIFICATIONS  2")
    shown.type("v")
    until(shown, "G", ">> Quiet")
    shown.type("w")
    shown.see("enter choose")
    leave(shown, "enter choose", ">> Quiet")
    leave(shown, ">> Quiet", "SCENARIOS")
    shown.type(ESCAPE)
    shown.see("3 of 3")
    until(shown, "D", "501:")
    shown.type("1")
    shown.see("ALERTS")


def _drills(shown: Terminal) -> None:
    """The library, what a drill is, an exercise that is gone on with and aborted, and its score card."""
    shown.type("4")
    shown.see("DRILLS", "broken", "hostile", "1 interrupted")
    shown.type("Gg\r")
    ask(shown, "/", "/")
    shown.type("hostile\r")
    shown.see("1 of 3")
    shown.type("\r")
    shown.see("3 phases, a point each")
    leave(shown, "3 phases, a point each", "DRILLS")
    shown.type(ESCAPE)
    shown.see("3 of 3")
    shown.type("R")
    shown.see("Go on with which exercise?")
    shown.type("\r")
    shown.see("open the right runbook", "Which code?")
    shown.type("GgG")
    ask(shown, "a", "Which code?")
    shown.paste(b"pasted " + PASTED)
    shown.see("pasted")
    shown.type("\r")
    shown.see("not accepted")
    shown.type("0")
    shown.see("back to the drill")
    shown.type("0")
    shown.gone("back to the drill")
    shown.type("A")
    shown.see("Abort the drill?")
    shown.press("y", "ABORTED")
    score_card(shown)
    shown.type(ESCAPE)
    shown.gone("ABORTED")
    shown.type("1")
    shown.see("ALERTS")


def _contract(shown: Terminal) -> None:
    """What no longer agrees in hostile files, one finding with its lines, and the coverage."""
    shown.type("5")
    shown.see("CONTRACT", "checked", "ago in", "remedy:")
    shown.type("G")
    shown.type("g\r")
    shown.see("esc back", "remedy:")
    shown.type("G")
    shown.type("g")
    leave(shown, "esc back", "CONTRACT")
    shown.type("c")
    shown.see("Coverage", "DRILL")
    shown.type("G")
    leave(shown, "Coverage", "CONTRACT")
    shown.type("1")
    shown.see("ALERTS")


def score_card(shown: Terminal) -> None:
    """All that a score card says, each phase's evidence included."""
    shown.see("0.5 of 3 points")
    for _ in range(8):
        shown.type("\rj")
    shown.type("G")
    shown.see("debrief")
    shown.type("g")


def facilitate(shown: Terminal) -> None:
    """All that a facilitator sees of an exercise, and what is written there."""
    shown.see("FACILITATOR", "INTERRUPTED", "WAITING for the operator")
    for _ in range(4):
        shown.type("j")
    shown.type("Gg")
    ask(shown, "n", "note")
    shown.paste(b"pasted " + PASTED)
    shown.see("pasted")
    shown.type("\r")
    shown.see("note of the facilitator: pasted")


def _commands(shown: Terminal) -> None:
    ask(shown, ":", ":")
    shown.paste(b"pasted " + PASTED + b" pasted")
    shown.see("pasted")
    shown.type("\r")
    shown.see("there is no command")
    shown.type(ESCAPE)
    shown.gone("there is no command")
    ask(shown, ":", ":")
    shown.type("query refuse\r")
    shown.see("refused because")
    leave(shown, "refused because", "ALERTS")
    ask(shown, ":", ":")
    shown.type("runbook nothing\r")
    shown.see("there is no runbook")
    shown.type(ESCAPE)
    shown.gone("there is no runbook")
    shown.type("r")


def on_hostile_servers(
    command: Callable[..., list[str]],
    folder: Path,
    then: Callable[[Terminal], None],
    *,
    columns: int,
    rows: int,
) -> None:
    """Run the program on servers and runbooks full of payloads, and do `then`."""
    runbooks = hostile_runbooks(folder / "runbooks")
    scenarios = hostile_scenarios(folder / "scenarios")
    hostile_drills(scenarios)
    state = folder / "state"
    with (
        serving(hostile_world()) as servers,
        hostile_lab(state, servers) as gateway,
    ):
        hostile_exercise(state, gateway)
        with terminal(
            command("--context", "lab", "--runbooks", str(runbooks), "--scenarios", str(scenarios)),
            columns=columns,
            rows=rows,
            env={"COCKPIT_STATE_DIR": str(state)},
        ) as shown:
            then(shown)
