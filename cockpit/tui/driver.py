"""Input from the terminal: bytes that are no UTF-8, and pastes with escape sequences, do no harm."""

import os
import selectors
from codecs import getincrementaldecoder

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

START, END = "\x1b[200~", "\x1b[201~"
"""Around a bracketed paste."""


class PasteGuard:
    """Makes every ESC inside a bracketed paste visible; Textual would take what follows it for keys."""

    def __init__(self) -> None:
        self._inside = False
        self._before = ""
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the next piece of input; the markers themselves may be cut between pieces."""
        text, self._held = self._held + text, ""
        out: list[str] = []
        while text:
            piece, text = self._paste(text) if self._inside else self._keys(text)
            out.append(piece)
        return "".join(out)

    def _keys(self, text: str) -> tuple[str, str]:
        seen = self._before + text
        at = seen.find(START)
        if at < 0:
            self._before = seen[1 - len(START) :]
            return text, ""
        end = at + len(START) - len(self._before)
        self._inside, self._before = True, ""
        return text[:end], text[end:]

    def _paste(self, text: str) -> tuple[str, str]:
        at = text.find(END)
        if at >= 0:
            self._inside = False
            return _visible(text[:at]) + END, text[at + len(END) :]
        cut = next((n for n in range(len(END) - 1, 0, -1) if text.endswith(END[:n])), 0)
        whole = len(text) - cut
        self._held = text[whole:]
        return _visible(text[:whole]), ""


def _visible(text: str) -> str:
    return text.replace("\x1b", "\u241b")


class Driver(LinuxDriver):
    """Textual's driver, which ends the program at the first byte that is no UTF-8, without that."""

    def run_input_thread(self) -> None:
        """Read keys until the program ends, or the terminal is gone."""
        parser, guard = XTermParser(self._debug), PasteGuard()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        return
                    if not data:
                        return
                    for event in parser.feed(guard.feed(decode(data))):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
