"""The servers of a lab: where their programs are, how each is called, and what it last said."""

import http.client
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cockpit.errors import CockpitError, UsageError
from cockpit.text import one_line
from cockpit.units import prometheus_duration

LOOPBACK = "127.0.0.1"

_PROGRAMS = {
    "prometheus": ("prometheus",),
    "alertmanager": ("prometheus-alertmanager", "alertmanager"),
    "pushgateway": ("prometheus-pushgateway", "pushgateway"),
}
_PACKAGES = {
    "prometheus": "prometheus",
    "alertmanager": "prometheus-alertmanager",
    "pushgateway": "prometheus-pushgateway",
}
NAMES = tuple(_PROGRAMS)
"""The three servers, by the names that LabFile uses for them."""


@dataclass(frozen=True)
class Child:
    """A process to start: its name, its command line, its log, and where it is ready (None: at once)."""

    name: str
    argv: tuple[str, ...]
    log: Path
    url: str | None = None


def find(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the program of each server: COCKPIT_PROMETHEUS_BIN and so on, else the first found on PATH.

    Raises UsageError for a variable that names no program, CockpitError for servers that are not installed.
    """
    found: dict[str, str] = {}
    for name, programs in _PROGRAMS.items():
        variable = f"COCKPIT_{name.upper()}_BIN"
        if chosen := env.get(variable):
            program = shutil.which(chosen, path=env.get("PATH"))
            if program is None:
                raise UsageError(f"{variable}={one_line(chosen, 300)}: there is no such program")
            found[name] = program
        elif program := next(filter(None, (shutil.which(p, path=env.get("PATH")) for p in programs)), None):
            found[name] = program
    missing = [name for name in NAMES if name not in found]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise CockpitError(f"{' and '.join(missing)} {verb} not installed", remedy=how_to_install(missing))
    return found


def how_to_install(missing: Iterable[str], platform: str = sys.platform, *, apt: bool | None = None) -> str:
    """Return how to install the servers `missing` on `platform`; `apt` says whether apt-get is there."""
    names = list(missing)
    has_apt = shutil.which("apt-get") is not None if apt is None else apt
    if platform == "linux" and has_apt:
        return f"install with `sudo apt-get install {' '.join(_PACKAGES[n] for n in names)}`"
    variables = ", ".join(f"COCKPIT_{n.upper()}_BIN" for n in names)
    upstream = f"unpack the release from prometheus.io/download and put it on PATH, or set {variables}"
    if platform == "darwin" and "prometheus" in names:
        rest = f"; for the others, {upstream}" if len(names) > 1 else ""
        return f"install with `brew install prometheus`{rest}"
    return upstream


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports that nothing listens on at this moment."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]


def commands(
    programs: Mapping[str, str], ports: Mapping[str, int], folder: Path, *, speed: float
) -> tuple[Child, ...]:
    """Return the sink and the three servers, with data, configuration and logs under `folder`.

    `ports` is by name. How long Prometheus waits before it sends an alert again is divided by `speed` too,
    but not below a second, or a busy machine makes alerts end.
    """
    again = prometheus_duration(max(1.0, 60 / speed))
    flags: dict[str, tuple[str, ...]] = {
        "prometheus": (
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            "--storage.tsdb.retention.time=24h",
            f"--rules.alert.resend-delay={again}",
        ),
        "alertmanager": (
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'alertmanager'}",
            "--cluster.listen-address=",
        ),
        "pushgateway": (f"--persistence.file={folder / 'pushgateway.data'}",),
    }
    children = [_sink(ports["sink"], folder)]
    for name in NAMES:
        address = f"{LOOPBACK}:{ports[name]}"
        web = (f"--web.listen-address={address}", f"--web.external-url=http://{address}")
        argv = (programs[name], *flags[name], *web)
        children.append(Child(name, argv, folder / f"{name}.log", f"http://{address}"))
    return tuple(children)


def _sink(port: int, folder: Path) -> Child:
    script = Path(__file__).with_name("sink.py")
    argv = (
        sys.executable,
        "-I",
        str(script),
        "--port",
        str(port),
        "--file",
        str(folder / "notifications.jsonl"),
    )
    return Child("sink", argv, folder / "sink.log", f"http://{LOOPBACK}:{port}")


def get(url: str, path: str, *, timeout: float) -> bytes | None:
    """Return the body of a GET to a server of the lab, or None without a 200 within `timeout` seconds."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if response.status == 200 else None


def is_ready(url: str) -> bool:
    """Return whether the server at `url` says that it is ready."""
    return get(url, "/-/ready", timeout=1.0) is not None


_VERSIONS = {
    "prometheus": ("/api/v1/status/buildinfo", ("data", "version")),
    "alertmanager": ("/api/v2/status", ("versionInfo", "version")),
    "pushgateway": ("/api/v1/status", ("data", "build_information", "version")),
}


def version(name: str, url: str) -> str:
    """Return the version that the server `name` at `url` gives of itself, or `unknown`."""
    path, keys = _VERSIONS[name]
    try:
        value: Any = json.loads(get(url, path, timeout=2.0) or b"{}")
        for key in keys:
            value = value[key]
    except (ValueError, KeyError, TypeError):
        return "unknown"
    return one_line(str(value), 40)


_ERROR = re.compile(r"\blevel=(?:error|fatal|crit)\b|\berror:|\bfatal\b|\bpanic:|Traceback", re.IGNORECASE)
_TAIL = 20
"""Lines in which a failure is told, however many lines it takes."""
_FIELD = re.compile(r'\b(?:err|error)=("(?:\\.|[^"\\])*"|\S+)')
_MESSAGE = re.compile(r'\bmsg=("(?:\\.|[^"\\])*"|\S+)')


def last_words(log: Path, limit: int = 400) -> str:
    """Return what a server that failed said of it, cleaned and on one line; empty when it said nothing.

    That is the first error of its last lines, for what follows is what came of it; without one the last line.
    Of a logfmt line only message and error are kept.
    """
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    except OSError:
        return ""
    errors = [each for each in lines[-_TAIL:] if _ERROR.search(each)][:1]
    errors += [each for each in reversed(lines) if _ERROR.search(each)][:1]
    line = next(iter([*errors, *lines[-1:]]), "")
    if "level=" in line:
        parts = [_unquoted(match[1]) for match in (_MESSAGE.search(line), _FIELD.search(line)) if match]
        line = ": ".join(parts) or line
    return one_line(line, limit)


def _unquoted(text: str) -> str:
    if text.startswith('"'):
        try:
            return str(json.loads(text, strict=False))
        except ValueError:
            return text.strip('"')
    return text
