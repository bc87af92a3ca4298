"""Input from the terminal: bytes that are no UTF-8, and pastes with escape sequences, do no harm."""

import asyncio
import os
import selectors
import threading
from codecs import getincrementaldecoder

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message_pump import MessagePump

START, END = "\x1b[200~", "\x1b[201~"
"""Around a bracketed paste."""

MOST_WAIT = 1.0
"""Seconds for which a key waits for the one before, at most."""


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
                        if isinstance(event, (Key, Paste)):
                            self._wait_until_handled()
                for event in parser.tick():
                    self.process_message(event)

    def _wait_until_handled(self) -> None:
        """Wait until the key has had its effect: over a slow line `/` and what follows come as one.

        Textual gives a key to what has the focus when it comes, which may be about to change.
        """
        handled = threading.Event()
        asyncio.run_coroutine_threadsafe(self._follow(handled), self._loop)
        handled.wait(MOST_WAIT)

    async def _follow(self, handled: threading.Event) -> None:
        """Go the way of a key, from the app to what has the focus and up again, always behind it."""
        app = self._app

        def up(node: MessagePump | None) -> None:
            if node is None or node is app:
                app.call_later(app.call_later, handled.set)
            elif not node.call_later(up, node._parent):
                handled.set()

        app.call_later(lambda: up(app.focused or app.screen))
