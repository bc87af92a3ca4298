"""How the program ends when it is told to by a signal."""

import asyncio
import os
import signal
import threading

from cockpit.tui.navigation import Navigation

HANG_UP_WITHIN = 1.5
"""Seconds after SIGHUP in which the program ends, whatever its threads wait for."""


class Ends(Navigation):
    """Ends by signals, what was seen being remembered."""

    edits = False
    """Whether an editor has the terminal: its ctrl-C comes here as well."""

    def watch_signals(self) -> None:
        """SIGTERM and SIGINT restore the terminal and end; SIGHUP does not wait for one that is gone."""
        loop = asyncio.get_running_loop()
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._ended_by, number)
            loop.add_signal_handler(signal.SIGHUP, self._hung_up)
        except (NotImplementedError, RuntimeError, ValueError):
            return

    def _ended_by(self, number: int) -> None:
        if number == signal.SIGINT and self.edits:
            return
        self.attention.save()
        self.exit(128 + number)

    def _hung_up(self) -> None:
        """Leave, and do not wait long for threads that still write to a terminal that may be gone."""
        code = 128 + signal.SIGHUP
        self.attention.save()
        last = threading.Timer(HANG_UP_WITHIN, os._exit, (code,))
        last.daemon = True
        last.start()
        raise SystemExit(code)
