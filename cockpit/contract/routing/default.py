"""Which alerts no route but the default one takes: our own walk says which may be, amtool has the last word.

The configuration that amtool gets has the conditions of the routes and nothing else: no secrets, templates or
files; and each route has a receiver of its own, so that the answer says which of them took the alert.
"""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cockpit.alerts.routing import Matcher, Route, Routing
from cockpit.contract.repository import AlertmanagerEntry, Repository, RuleEntry
from cockpit.contract.routing.known import Known, known
from cockpit.promql import quote

VARIABLE = "COCKPIT_AMTOOL_BIN"
"""The environment variable that names the program; else it is the one on PATH."""

_DEFAULT = "default"
_MOST_ASKED = 15
_PATIENCE = 5.0


def with_routes(repository: Repository) -> list[AlertmanagerEntry]:
    """Return the configurations that have routes besides the default one."""
    return [each for each in repository.alertmanagers if each.routing and each.routing.root.routes]


def unrouted(repository: Repository) -> list[RuleEntry]:
    """Return the alerts that only the default route takes, in every configuration that has others.

    An alert of which a label is unknown that could make another route take it is not among them.
    """
    entries = with_routes(repository)
    left = list(known(repository)) if entries else []
    for entry in entries:
        if entry.routing is not None:
            left = _left(entry.routing, left)
    return [each.alert for each in left]


def _left(routing: Routing, alerts: Sequence[Known]) -> list[Known]:
    """Return those of `alerts` that only the root of `routing` takes."""
    names = sorted(set(_names(routing.root)))
    found: dict[tuple[str | None, ...], list[Known]] = {}
    for each in alerts:
        found.setdefault(tuple(map(each.value, names)), []).append(each)
    missed = {
        values: [each for each in several if not any(_may_take(r, each) for r in routing.root.routes)]
        for values, several in found.items()
    }
    missed = {values: several for values, several in missed.items() if several}
    with contextlib.ExitStack() as stack:
        amtool = stack.enter_context(_Amtool(routing)) if missed else None
        left = []
        for number, (values, several) in enumerate(missed.items()):
            labels = {name: value for name, value in zip(names, values, strict=True) if value}
            if number >= _MOST_ASKED or amtool is None or amtool.is_default(labels) is not False:
                left += several
        return left


def _names(route: Route) -> Iterator[str]:
    yield from (matcher.name for matcher in route.matchers)
    for child in route.routes:
        yield from _names(child)


def _may_take(route: Route, alert: Known) -> bool:
    return alert.meets_all(route.matchers) is not False


class _Amtool:
    """Asks amtool which routes take an alert."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._program = shutil.which(os.environ.get(VARIABLE) or "amtool")
        self._files = contextlib.ExitStack()
        self._config = Path()

    def __enter__(self) -> "_Amtool":
        try:
            folder = self._files.enter_context(tempfile.TemporaryDirectory(prefix="cockpit-routes-"))
            self._config = Path(folder) / "alertmanager.yml"
            self._config.write_text(json.dumps(reduced(self._routing)), encoding="utf-8")
        except OSError:
            self._program = None
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def is_default(self, labels: Mapping[str, str]) -> bool | None:
        """Say whether the default route alone takes an alert with `labels`; None where amtool cannot tell."""
        if self._program is None:
            return None
        arguments = [f"{name}={quote(value)}" for name, value in labels.items()]
        try:
            ran = subprocess.run(
                [
                    self._program,
                    "config",
                    "routes",
                    "test",
                    f"--config.file={self._config}",
                    "--",
                    *arguments,
                ],
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except (OSError, subprocess.SubprocessError, ValueError):
            self._program = None
            return None
        return ran.stdout.strip() == _DEFAULT if ran.returncode == 0 else None


def reduced(routing: Routing) -> dict[str, object]:
    """Return a configuration with the conditions of `routing`, and a receiver of its own for each route."""
    names = [_DEFAULT]

    def tree(route: Route) -> dict[str, object]:
        names.append(f"route{len(names)}")
        return {
            "receiver": names[-1],
            "continue": route.goes_on,
            "matchers": [_written(each) for each in route.matchers],
            "routes": [tree(child) for child in route.routes],
        }

    root = {"receiver": _DEFAULT, "routes": [tree(child) for child in routing.root.routes]}
    return {"route": root, "receivers": [{"name": name} for name in names]}


def _written(matcher: Matcher) -> str:
    return f"{matcher.name}{matcher.op}{quote(matcher.value)}"
